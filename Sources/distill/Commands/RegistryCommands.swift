import ArgumentParser
import Bases
import Distribution
import Engine
import LinuxSystem
import OCI
import Rendering
import Storage
import Synchronization

struct PullCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "pull", abstract: "Fetch an image from a registry.")
    @Option(help: ArgumentHelp("The image's platform.", valueName: "os/arch[/variant]"))
    var platform: String?
    @Flag(name: [.short, .long], help: "Print the image's name and nothing else.")
    var quiet = false
    @Argument(help: ArgumentHelp("The image's name.", valueName: "NAME[:TAG|@DIGEST]"))
    var name: String

    func run() async throws {
        let reference = try ImageReference(name).withDefaultTag
        if CatalogBases.ownName(of: reference) != nil {
            throw UsageError.catalogName(name)
        }
        let platform = try platform.map { try Platform(parsing: $0) } ?? .host
        let store = try StoreLocation.open(.ofProcess())
        defer { store.close() }
        let observer = TransferLines.observer(isQuiet: quiet)
        let manifest = try await RegistryAccess(.ofProcess()).withClient {
            try await $0.pull(reference, .one(platform), into: store.content, observer: observer)
        }
        let image = try Image(
            manifestBytes: manifest.bytes,
            configBytes: store.content.bytes(of: Manifest(bytes: manifest.bytes).config.digest))
        try await store.perform {
            try store.withNames {
                try store.keepFetched(image)
                try store.images.tag(image.id, reference)
            }
            SeenBlobs.remember([image.id] + image.layers.flatMap(\.blobs).map(\.digest), in: reference, store)
        }
        StandardStream.output.show(quiet ? "\(reference)\n" : "Digest: \(manifest.descriptor.digest)\n\(reference.description)\n")
    }
}

struct PushCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "push", abstract: "Send an image to a registry.")
    @Flag(name: [.short, .long], help: "Print nothing.")
    var quiet = false
    @Option(help: ArgumentHelp("How layers are packed: gzip, zstd or uncompressed; without it those that are packed stay so.", valueName: "kind"))
    var compression: String?
    @Option(help: ArgumentHelp("The compression's level.", valueName: "number"))
    var compressionLevel: Int?
    @Argument(help: ArgumentHelp("The image's name, which says where it goes.", valueName: "NAME[:TAG]"))
    var name: String

    func run() async throws {
        let reference = try ImageReference(name).withDefaultTag
        let engine = try Engine.open(.ofProcess())
        defer { engine.close() }
        let store = engine.store
        let id = try store.images.resolve(name)
        let packing = OutputSpecification.Packing(name: compression, level: compressionLevel, isForced: compression != nil)
        let form = try packing.compression {
            .invalidOption(name: "--compression", value: compression ?? "gzip", reason: $0)
        }
        let progress = TransferLines.observer(isQuiet: quiet)
        let (manifest, early) = try await EarlyUpload.run(to: reference, of: engine.registries, observer: progress) { observer in
            try await store.perform { try store.publish(id, form ?? .gzip, observer: observer) }
        }
        try await engine.push(manifest, to: reference, early: early, observer: progress)
        if !quiet { StandardStream.output.show("\(reference.tag ?? ""): digest: \(manifest.digest) size: \(manifest.size)\n") }
    }
}

struct LoginCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "login", abstract: "Log in to a registry.")
    @Option(name: [.short, .long], help: ArgumentHelp("The user.", valueName: "name"))
    var username: String?
    @Option(name: [.short, .long], help: ArgumentHelp("The password; --password-stdin keeps it out of the shell's history.", valueName: "password"))
    var password: String?
    @Flag(help: "Read the password from standard input.")
    var passwordStdin = false
    @Argument(help: ArgumentHelp("The registry. (default: docker.io)", valueName: "SERVER"))
    var server: String = "docker.io"

    func run() async throws {
        guard let user = username ?? ask("Username: ") else { throw UsageError.nobodyToAsk }
        var secret = password
        if passwordStdin {
            let text = String(decoding: try StandardStream.input.readAll(limit: 1 << 20), as: UTF8.self)
            secret = String(text.prefix { !$0.isNewline })
        }
        guard let secret = secret ?? Terminal.readSecret(prompt: { StandardStream.error.show("Password: ") }) else { throw UsageError.nobodyToAsk }
        let registry = Self.registry(server)
        let credential = Credential.password(name: user, password: secret)
        try await RegistryAccess(.ofProcess()).withClient(given: [registry: credential]) { try await $0.checkLogin(to: registry) }
        let file = try await RegistryAccess(.ofProcess()).credentialFile().remembering(credential, for: registry, helpers: CredentialPrograms())
        try RegistryAccess(.ofProcess()).write(file)
        StandardStream.output.show("Login Succeeded\n")
    }

    private func ask(_ prompt: ShownText) -> String? {
        guard Terminal.isTerminal(0), !passwordStdin else { return nil }
        StandardStream.error.show(prompt)
        return readLine()
    }

    static func registry(_ text: String) -> String {
        var name = text
        for scheme in ["https://", "http://"] where name.hasPrefix(scheme) { name.removeFirst(scheme.count) }
        name = String(name.prefix { $0 != "/" })
        return ["index.docker.io", "registry-1.docker.io"].contains(name) ? "docker.io" : name
    }
}

struct LogoutCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "logout", abstract: "Forget a registry's credentials.")
    @Argument(help: ArgumentHelp("The registry. (default: docker.io)", valueName: "SERVER"))
    var server: String = "docker.io"

    func run() async throws {
        let registry = LoginCommand.registry(server)
        let file = try RegistryAccess(.ofProcess()).credentialFile()
        guard file.mentions(registry) else {
            StandardStream.output.show("Not logged in to \(registry)\n")
            return
        }
        try RegistryAccess(.ofProcess()).write(try await file.forgetting(registry, helpers: CredentialPrograms()))
        StandardStream.output.show("Removing login credentials for \(registry)\n")
    }
}
