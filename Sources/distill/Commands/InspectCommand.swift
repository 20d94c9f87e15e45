import ArgumentParser
import LinuxSystem
import OCI
import Storage

struct InspectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "inspect", abstract: "Show what is known of images, as JSON.")
    @Option(name: [.short, .long], help: ArgumentHelp("'json', or a template of {{.Field}}.", valueName: "format"))
    var format: String?
    @Argument(help: ArgumentHelp("Names or IDs of images.", valueName: "IMAGE"))
    var images: [String]

    func run() async throws {
        let store = try StoreLocation.open()
        var documents: [JSON] = []
        var failure: (any Error)?
        for text in images {
            do { documents.append(try ImageDocument.inspect(text, store)) } catch { failure = failure ?? error }
        }
        if let format, format != "json" {
            let template = try GoTemplate(parsing: format)
            for document in documents { StandardStream.output.write(try template.render(document) + "\n") }
        } else if format == "json" {
            StandardStream.output.write(JSON.array(documents).text + "\n")
        } else {
            StandardStream.output.write(JSON.array(documents).indentedText + "\n")
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
        let summarySize = try image.layers.reduce(Int64(0)) { try $0 + (store.layers.facts($1.diffID)?.size ?? 0) }
        var repositoryDigests: [String] = []
        if let manifest = image.manifestBytes {
            let digest = Digest(sha256: manifest)
            repositoryDigests = Set(names.map(\.familiarName)).sorted().map { "\($0)@\(digest)" }
        }
        var object: JSONObject = [
            "Id": .string(id.description),
            "RepoTags": .strings(names.map(\.familiar).sorted()),
            "RepoDigests": .strings(repositoryDigests),
            "Comment": .string(image.config.history.last?.comment ?? ""),
            "Created": .string(image.config.created ?? ""),
            "Author": .string(image.config.author ?? ""),
            "Config": config(image.config.container),
            "Architecture": .string(image.config.platform.architecture),
        ]
        if let variant = image.config.platform.variant { object["Variant"] = .string(variant) }
        object["Os"] = .string(image.config.platform.os)
        object["Size"] = .integer(summarySize)
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
