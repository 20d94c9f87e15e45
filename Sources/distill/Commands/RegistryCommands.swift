import ArgumentParser
import Bases
import Diagnosis
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
    @OptionGroup var credentials: CredentialOptions
    @Argument(help: ArgumentHelp("The image's name.", valueName: "NAME[:TAG|@DIGEST]"))
    var name: String

    func run() async throws {
        let engine = try credentials.engine()
        defer { engine.close() }
        try await ShownPull(isQuiet: quiet).run(
            name, for: platform.map { try Platform(parsing: $0) } ?? .host, on: engine)
    }
}

/// A pull that a person looks at.
struct ShownPull {
    let isQuiet: Bool
    /// Where it says what came: that of services is theirs alone.
    var stream = StandardStream.output

    /// - Throws: ``UsageError`` for a name of the catalog.
    func run(_ name: String, for platform: Platform, on engine: Engine) async throws {
        let written = try ImageReference(name).withDefaultTag
        guard CatalogBases.ownName(of: written) == nil else { throw UsageError.catalogName(name) }
        let (reference, manifest) = try await engine.pull(
            written, for: platform, observer: TransferLines.observer(isQuiet: isQuiet))
        stream.show(
            isQuiet ? "\(reference)\n" : "Digest: \(manifest.descriptor.digest)\n\(reference.description)\n")
        if !isQuiet {
            NextStep.pulled.tell(
                "distill run \(reference.familiar) runs it, distill image check \(reference.familiar) tells whether it can start",
                in: engine.store)
        }
    }
}

struct PushCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "push", abstract: "Send an image to a registry.")
    @Flag(name: [.short, .long], help: "Print nothing.")
    var quiet = false
    @Option(
        help: ArgumentHelp(
            "How layers are packed: gzip, zstd or uncompressed; without it those that are packed stay so.",
            valueName: "kind"))
    var compression: String?
    @Option(help: ArgumentHelp("The compression's level.", valueName: "number"))
    var compressionLevel: Int?
    @OptionGroup var gate: SecretOptions
    @OptionGroup var credentials: CredentialOptions
    @Argument(help: ArgumentHelp("The image's name, which says where it goes.", valueName: "NAME[:TAG]"))
    var name: String

    func run() async throws {
        let reference = try ImageReference(name).withDefaultTag
        let engine = try credentials.engine()
        defer { engine.close() }
        let store = engine.store
        let id = try store.images.resolve(name)
        let packing = OutputSpecification.Packing(
            name: compression, level: compressionLevel, isForced: compression != nil)
        let form = try packing.compression {
            InvalidOption(name: "--compression", value: compression ?? "gzip", reason: $0)
        }
        try await gate.check(id, name, on: engine, pushes: true)
        let progress = TransferLines.observer(isQuiet: quiet)
        let (manifest, early) = try await EarlyUpload.run(to: reference, of: engine.registries, observer: progress) {
            observer in
            try await store.perform { try store.publish(id, form ?? .gzip, observer: observer) }
        }
        try await engine.push(manifest, to: reference, early: early, observer: progress)
        if !quiet {
            StandardStream.output.show("\(reference.tag ?? ""): digest: \(manifest.digest) size: \(manifest.size)\n")
        }
    }
}

struct LoginCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "login", abstract: "Log in to a registry.")
    @Option(name: [.short, .long], help: ArgumentHelp("The user.", valueName: "name"))
    var username: String?
    @Option(
        name: [.short, .long],
        help: ArgumentHelp("The password; --password-stdin keeps it out of the shell's history.", valueName: "password")
    )
    var password: String?
    @Flag(help: "Read the password from standard input.")
    var passwordStdin = false
    @Option(
        help: ArgumentHelp(
            "The file that credentials are written to. (default: the one that has some, else docker's)",
            valueName: "file"))
    var authfile: String?
    @Argument(help: ArgumentHelp("The registry. (default: docker.io)", valueName: "SERVER"))
    var server: String = "docker.io"

    func run() async throws {
        guard let user = username ?? ask("Username: ") else { throw UsageError.nobodyToAsk }
        var secret = password
        if passwordStdin {
            secret = try Self.password(in: StandardStream.input.readAll(limit: 1 << 20))
        }
        guard let secret = secret ?? Terminal.readSecret(prompt: { StandardStream.error.show("Password: ") }) else {
            throw UsageError.nobodyToAsk
        }
        let registry = Self.registry(server)
        let credential = Credential.password(name: user, password: secret)
        let registries = RegistryAccess.ofProcess(authfile)
        try await registries.withClient(given: [registry: credential]) { try await $0.checkLogin(to: registry) }
        try await registries.remember(credential, for: registry)
        StandardStream.output.show("Login Succeeded\n")
    }

    /// All of it but the line end behind its last line: a key file has several.
    static func password(in bytes: [UInt8]) throws -> String {
        var rest = bytes[...]
        if rest.last == 0x0A {
            rest.removeLast()
            if rest.last == 0x0D { rest.removeLast() }
        }
        guard !rest.isEmpty, let text = String(validating: rest, as: UTF8.self) else {
            throw UsageError.unreadableFile(
                path: "standard input", reason: rest.isEmpty ? "it holds no password" : "it is no UTF-8")
        }
        return text
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
    @Option(
        help: ArgumentHelp(
            "The one file that credentials are removed from. (default: all that have some)", valueName: "file"))
    var authfile: String?
    @Argument(help: ArgumentHelp("The registry. (default: docker.io)", valueName: "SERVER"))
    var server: String = "docker.io"

    func run() async throws {
        let registry = LoginCommand.registry(server)
        guard try await RegistryAccess.ofProcess(authfile).forget(registry) else {
            StandardStream.output.show("Not logged in to \(registry)\n")
            return
        }
        StandardStream.output.show("Removing login credentials for \(registry)\n")
    }
}
