import Distribution
package import OCI
package import Storage

/// An image as docker's Engine API describes it (`ImageInspect`).
package enum ImageDocument {
    package static func inspect(_ text: String, _ store: Store) throws -> JSON {
        let id = try store.images.resolve(text)
        let image = try store.images.image(id)
        let names = try store.images.names().filter { $0.id == id }.map(\.reference)
        let size = try image.layers.reduce(Int64(0)) { try $0 + store.size(of: $1) }
        return document(
            image, id: id, names: names, manifest: image.manifestBytes.map { Digest(sha256: $0) }, size: size)
    }

    /// An image that is not in the store: its manifest and config are fetched, its layers are not.
    package static func inspectRemote(
        _ text: String, _ platform: Platform, _ store: Store, _ registries: RegistryAccess
    ) async throws -> JSON {
        let (reference, remote) = try await registries.asMeant(ImageReference(text).withDefaultTag) { meaning in
            try await registries.withClient {
                (meaning, try await $0.image(meaning, platform: platform, keptIn: store.content))
            }
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
