package import OCI

/// How images are laid out in an archive file.
package enum ImageArchiveFormat: String, Sendable, CaseIterable {
    /// An OCI image layout (OCI image specification, image-layout.md).
    case oci
    /// What `docker save` writes and `docker load` reads: `manifest.json` beside the blobs.
    case docker
}

/// What an archive has under one set of names: an image, or one for each of several platforms.
package struct ArchivedImage: Sendable {
    package let images: [PackedImage]
    package let names: [ImageReference]
    /// What is noted beside them; what manifests and their entries have is in the images already.
    package let notes: ImageAnnotations

    package init(_ images: [PackedImage], names: [ImageReference], notes: ImageAnnotations = ImageAnnotations()) {
        (self.images, self.names, self.notes) = (images, names, notes)
    }

    /// The index of several images, or of images that something is said about or noted on an index; nil for one alone.
    package var index: Index? {
        let attestations = images.compactMap(\.attestation?.descriptor)
        guard images.count != 1 || !attestations.isEmpty || notes.needIndex else { return nil }
        return Index(manifests: images.map(\.manifest) + attestations, annotations: notes.values(.index))
    }

    /// The images alone, for what has no place for more.
    var withoutStatements: ArchivedImage {
        let bare = images.map { image in
            var image = image
            image.statements = []
            return image
        }
        return ArchivedImage(bare, names: names, notes: notes)
    }

    /// What the names stand for.
    package var root: Descriptor? {
        guard let bytes = index?.bytes else { return images.first?.manifest }
        return Descriptor(mediaType: .index, digest: Digest(sha256: bytes), size: Int64(bytes.count))
    }
}

/// Writes images as a layout.
package struct ImageArchiveWriter {
    private let store: Store
    private let format: ImageArchiveFormat
    private let sink: any LayoutSink
    private var written: Set<Digest> = []
    private var folders: Set<Digest.Algorithm> = []

    package init(_ store: Store, format: ImageArchiveFormat, sink: any LayoutSink) {
        (self.store, self.format, self.sink) = (store, format, sink)
    }

    /// Writes the whole layout.
    package mutating func write(_ archived: [ArchivedImage]) throws {
        try file("oci-layout", JSON.object(["imageLayoutVersion": .string("1.0.0")]).bytes)
        try sink.directory("blobs/")
        try makeFolder(.sha256)
        var descriptors: [Descriptor] = []
        // docker's list has no place for what is said about an image.
        let archived = format == .docker ? archived.map(\.withoutStatements) : archived
        for entry in archived {
            for image in entry.images { try write(image) }
            if let index = entry.index { try blob(index.bytes) }
            guard let root = entry.root else { continue }
            let named = entry.names.isEmpty ? [root] : entry.names.map { Self.named(root, $0) }
            descriptors += named.map { $0.adding(annotations: entry.notes.values(.indexDescriptor)) }
        }
        try file("index.json", Index(manifests: descriptors).bytes)
        if format == .docker { try file("manifest.json", JSON.array(archived.compactMap(Self.dockerEntry)).bytes) }
        try sink.end()
    }

    private mutating func write(_ image: PackedImage) throws {
        for layer in image.layers where written.insert(layer.descriptor.digest).inserted {
            try makeFolder(layer.descriptor.digest.algorithm)
            try sink.file(Self.path(layer.descriptor.digest), size: layer.descriptor.size) { body in
                try store.read(layer, body)
            }
        }
        try blob(image.configBytes)
        // A kept manifest may name it by another algorithm.
        try blob(image.configBytes, as: Manifest(bytes: image.manifestBytes).config.digest)
        try blob(image.manifestBytes)
        for document in image.attestation?.documents ?? [] { try blob(document) }
    }

    private static func named(_ descriptor: Descriptor, _ name: ImageReference) -> Descriptor {
        // containerd's annotation holds the whole name, the specification's only the tag (annotations.md).
        descriptor.adding(annotations: [
            "io.containerd.image.name": name.description, "org.opencontainers.image.ref.name": name.tag ?? "latest",
        ])
    }

    /// docker's list knows one platform an image: this machine's, else the first.
    private static func dockerEntry(_ entry: ArchivedImage) -> JSON? {
        let host = entry.images.first { $0.manifest.platform.map { $0.serves(.host) } ?? false }
        guard let image = host ?? entry.images.first else { return nil }
        return .object([
            "Config": .string(path(image.configDigest)), "RepoTags": .strings(entry.names.map(\.familiar)),
            "Layers": .strings(image.layers.map { path($0.descriptor.digest) }),
        ])
    }

    private mutating func blob(_ bytes: [UInt8]) throws { try blob(bytes, as: Digest(sha256: bytes)) }

    private mutating func blob(_ bytes: [UInt8], as digest: Digest) throws {
        guard written.insert(digest).inserted else { return }
        try makeFolder(digest.algorithm)
        try file(Self.path(digest), bytes)
    }

    private mutating func makeFolder(_ algorithm: Digest.Algorithm) throws {
        if folders.insert(algorithm).inserted { try sink.directory("blobs/\(algorithm.rawValue)/") }
    }

    private static func path(_ digest: Digest) -> String { "blobs/\(digest.algorithm.rawValue)/\(digest.hex)" }

    private func file(_ name: String, _ bytes: [UInt8]) throws {
        try sink.file(name, size: Int64(bytes.count)) { body in try bytes.withUnsafeBytes(body) }
    }
}
