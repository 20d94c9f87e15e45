internal import Archive
public import OCI

/// How images are laid out in an archive file.
public enum ImageArchiveFormat: String, Sendable, CaseIterable {
    /// An OCI image layout (OCI image specification, image-layout.md).
    case oci
    /// What `docker save` writes and `docker load` reads: `manifest.json` beside the blobs.
    case docker
}

/// Writes images into one tar.
public struct ImageArchiveWriter {
    private let store: Store
    private let format: ImageArchiveFormat
    private let output: (UnsafeRawBufferPointer) throws -> Void
    private var written: Set<Digest> = []

    public init(_ store: Store, format: ImageArchiveFormat, output: @escaping (UnsafeRawBufferPointer) throws -> Void) {
        (self.store, self.format, self.output) = (store, format, output)
    }

    /// Writes the archive.
    ///
    /// - Parameter images: each with the names that it has in the archive.
    public mutating func write(_ images: [(image: Image, names: [ImageReference])]) throws {
        try file("oci-layout", JSON.object(["imageLayoutVersion": .string("1.0.0")]).bytes)
        try directory("blobs/")
        try directory("blobs/sha256/")
        var descriptors: [Descriptor] = []
        var dockerManifest: [JSON] = []
        for (image, names) in images {
            let layers = try image.layers.map { try writeLayer($0) }
            try blob(image.configBytes)
            let manifest = image.manifestBytes ?? Self.manifest(image, layers).bytes
            try blob(manifest)
            let descriptor = Descriptor(
                mediaType: try Manifest(bytes: manifest).mediaType, digest: Digest(sha256: manifest),
                size: Int64(manifest.count), platform: image.config.platform)
            descriptors += names.isEmpty ? [descriptor] : names.map { Self.named(descriptor, $0) }
            dockerManifest.append(Self.dockerEntry(image, names, layers))
        }
        try file("index.json", Index(manifests: descriptors).bytes)
        if format == .docker { try file("manifest.json", JSON.array(dockerManifest).bytes) }
        try emit(TarWriter.end)
    }

    private static func manifest(_ image: Image, _ layers: [Descriptor]) -> Manifest {
        let config = Descriptor(mediaType: .config, digest: image.id, size: Int64(image.configBytes.count))
        return Manifest(config: config, layers: layers)
    }

    private static func named(_ descriptor: Descriptor, _ name: ImageReference) -> Descriptor {
        // containerd's annotation holds the whole name, the specification's only the tag (annotations.md).
        Descriptor(
            mediaType: descriptor.mediaType, digest: descriptor.digest, size: descriptor.size,
            platform: descriptor.platform,
            annotations: [
                "io.containerd.image.name": name.description,
                "org.opencontainers.image.ref.name": name.tag ?? "latest",
            ])
    }

    private static func dockerEntry(_ image: Image, _ names: [ImageReference], _ layers: [Descriptor]) -> JSON {
        .object([
            "Config": .string("blobs/sha256/\(image.id.hex)"), "RepoTags": .strings(names.map(\.familiar)),
            "Layers": .strings(layers.map { "blobs/sha256/\($0.digest.hex)" }),
        ])
    }

    /// Writes a layer's blob, made from its files when none is kept.
    private mutating func writeLayer(_ layer: Image.Layer) throws -> Descriptor {
        for blob in layer.blobs {
            guard let size = try store.content.size(of: blob.digest) else { continue }
            if written.insert(blob.digest).inserted {
                try header("blobs/sha256/\(blob.digest.hex)", size: size)
                try store.content.forEachPiece(of: blob.digest, output)
                try pad(size)
            }
            return blob
        }
        guard let facts = try store.layers.facts(layer.diffID) else { throw StorageError.layerMissing(layer.diffID) }
        let digest = layer.diffID.digest
        if written.insert(digest).inserted {
            try header("blobs/sha256/\(digest.hex)", size: facts.archiveSize)
            try store.layers.writeArchive(layer.diffID, output)
            try pad(facts.archiveSize)
        }
        return Descriptor(mediaType: .layer, digest: digest, size: facts.archiveSize)
    }

    private mutating func blob(_ bytes: [UInt8]) throws {
        let digest = Digest(sha256: bytes)
        if written.insert(digest).inserted { try file("blobs/sha256/\(digest.hex)", bytes) }
    }

    private func file(_ name: String, _ bytes: [UInt8]) throws {
        try header(name, size: Int64(bytes.count))
        try emit(bytes)
        try pad(Int64(bytes.count))
    }

    private func directory(_ name: String) throws {
        try emit(TarWriter.encode(TarHeader(name: Array(name.utf8), kind: .directory, mode: 0o755)))
    }

    private func header(_ name: String, size: Int64) throws {
        try emit(TarWriter.encode(TarHeader(name: Array(name.utf8), kind: .regular, mode: 0o644, size: size)))
    }

    private func pad(_ size: Int64) throws { try emit([UInt8](repeating: 0, count: TarWriter.padding(after: size))) }

    private func emit(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try output($0) } }
}
