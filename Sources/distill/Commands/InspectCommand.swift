import ArgumentParser
import Distribution
import Engine
import LinuxSystem
import OCI
import Rendering
import Storage

struct InspectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "Show what is known of images, as JSON.")
    @Option(name: [.short, .long], help: ArgumentHelp("'json', or a template of {{.Field}}.", valueName: "format"))
    var format: String?
    @Flag(help: "Ask the images' registries, and fetch no layer; sizes are those of the packed layers.")
    var remote = false
    @Option(help: ArgumentHelp("With --remote, the image's platform.", valueName: "os/arch[/variant]"))
    var platform: String?
    @Argument(help: ArgumentHelp("Names or IDs of images.", valueName: "IMAGE"))
    var images: [String]

    func run() async throws {
        let store = try StoreLocation.open(.ofProcess())
        defer { store.close() }
        let platform = try platform.map { try Platform(parsing: $0) } ?? .host
        var documents: [JSON] = []
        var failure: (any Error)?
        for text in images {
            do {
                documents.append(
                    remote
                        ? try await ImageDocument.inspectRemote(text, platform, store)
                        : try ImageDocument.inspect(text, store))
            } catch { failure = failure ?? error }
        }
        if let format, format != "json" {
            let template = try GoTemplate(parsing: format)
            for document in documents { StandardStream.output.pass(try template.render(document) + "\n") }
        } else if format == "json" {
            StandardStream.output.show("\(ShownText(json: JSON.array(documents).text))\n")
        } else {
            StandardStream.output.show("\(ShownText(json: JSON.array(documents).indentedText))\n")
        }
        if let failure { throw failure }
    }
}

/// An image as docker's Engine API describes it (`ImageInspect`).
enum ImageDocument {
    static func inspect(_ text: String, _ store: Store) throws -> JSON {
        let id = try store.images.resolve(text)
        let image = try store.images.image(id)
        let names = try store.images.names().filter { $0.id == id }.map(\.reference)
        let size = try image.layers.reduce(Int64(0)) { try $0 + store.size(of: $1) }
        return document(
            image, id: id, names: names, manifest: image.manifestBytes.map { Digest(sha256: $0) }, size: size)
    }

    /// An image that is not in the store: its manifest and config are fetched, its layers are not.
    static func inspectRemote(_ text: String, _ platform: Platform, _ store: Store) async throws -> JSON {
        let reference = try ImageReference(text).withDefaultTag
        let remote = try await RegistryAccess.ofProcess().withClient {
            try await $0.image(reference, platform: platform, keptIn: store.content)
        }
        let size = remote.image.layers.flatMap(\.blobs).reduce(Int64(0)) { $0 + $1.size }
        return document(remote.image, id: remote.image.id, names: [reference], manifest: remote.root.digest, size: size)
    }

    private static func document(_ image: Image, id: Digest, names: [ImageReference], manifest: Digest?, size: Int64)
        -> JSON
    {
        var repositoryDigests: [String] = []
        if let manifest { repositoryDigests = Set(names.map(\.familiarName)).sorted().map { "\($0)@\(manifest)" } }
        var object: JSONObject = [
            "Id": .string(id.description),
            "RepoTags": .strings(names.filter { $0.digest == nil }.map(\.familiar).sorted()),
            "RepoDigests": .strings(repositoryDigests),
            "Comment": .string(image.config.history.last?.comment ?? ""),
            "Created": .string(image.config.created ?? ""),
            "Author": .string(image.config.author ?? ""),
            "Config": config(image.config.container),
            "Architecture": .string(image.config.platform.architecture),
        ]
        if let variant = image.config.platform.variant { object["Variant"] = .string(variant) }
        object["Os"] = .string(image.config.platform.os)
        object["Size"] = .integer(size)
        object["RootFS"] = .object([
            "Type": .string("layers"), "Layers": .strings(image.layers.map(\.diffID.description)),
        ])
        return .object(object)
    }

    /// The config with the members that docker always shows, for templates that name them.
    private static func config(_ container: ContainerConfig) -> JSON {
        let written = container.json
        var object: JSONObject = [
            "User": .string(container.user), "ExposedPorts": .object([:]), "Env": .strings(container.environment),
            "Cmd": .null, "Volumes": .null, "WorkingDir": .string(container.workingDirectory), "Entrypoint": .null,
            "OnBuild": .null, "Labels": .null,
        ]
        if container.exposedPorts.isEmpty { object["ExposedPorts"] = .null }
        for member in written.object?.members ?? [] { object[member.key] = member.value }
        return .object(object)
    }
}
