internal import LinuxSystem
package import OCI
package import SystemPackage

/// A directory that holds images in the standard's own layout (OCI image specification, image-layout.md).
package struct ImageLayout: Sendable {
    private let root: Directory
    private let store: Store

    /// Which of the layout's images is meant.
    package enum Selection: Hashable, Sendable {
        /// The only one, or the one that is called `latest`.
        case unnamed
        /// By the annotation `org.opencontainers.image.ref.name`.
        case tag(String)
        case digest(Digest)
    }

    /// - Throws: ``ImageArchiveError/noImages`` if the directory is no layout.
    package init(opening path: FilePath, _ store: Store) throws {
        self.store = store
        root = try Directory(opening: path)
        guard try root.read(Array("oci-layout".utf8)) != nil else { throw ImageArchiveError.noImages }
    }

    /// Brings an image's blobs into the store and gives the image, which has no name there.
    ///
    /// - Throws: ``ImageArchiveError`` and ``ContentError``.
    package func image(_ selection: Selection, for platform: Platform) throws -> Image {
        guard let bytes = try root.read(Array("index.json".utf8), limit: DocumentLimit.manifest) else {
            throw ImageArchiveError.missing("index.json")
        }
        return try image(try select(selection, in: Index(bytes: bytes).manifests), platform, depth: 0)
    }

    /// What is said about an image in the index that names it, of one type; nil where nothing is.
    ///
    /// - Parameter image: one that ``image(_:for:)`` gave for the same selection.
    package func statement(_ type: String, about image: Image, _ selection: Selection) throws -> Statement? {
        guard let bytes = try root.read(Array("index.json".utf8), limit: DocumentLimit.manifest),
            let subject = image.manifestBytes.map({ Digest(sha256: $0) })
        else { return nil }
        let top = try Index(bytes: bytes)
        let chosen = try select(selection, in: top.manifests)
        let index = chosen.mediaType.isIndex ? try Index(bytes: document(chosen.digest)) : top
        guard let entry = index.manifests.first(where: { $0.subject == subject }),
            let said = try Manifest(bytes: document(entry.digest)).statement(type)
        else { return nil }
        return try Statement(bytes: document(said.digest, limit: DocumentLimit.statement))
    }

    private func select(_ selection: Selection, in manifests: [Descriptor]) throws -> Descriptor {
        func named(_ tag: String) -> Descriptor? {
            manifests.first { $0.annotations["org.opencontainers.image.ref.name"] == tag }
        }
        let found: Descriptor?
        switch selection {
        case .unnamed: found = manifests.count == 1 ? manifests[0] : named("latest")
        case .tag(let tag): found = named(tag)
        // A manifest may stand below an index of the layout.
        case .digest(let digest): found = try manifests.first { $0.digest == digest } ?? manifest(digest)
        }
        guard let found else { throw ImageArchiveError.noImages }
        return found
    }

    private func manifest(_ digest: Digest) throws -> Descriptor? {
        guard let size = try root.status(Self.path(digest))?.size else { return nil }
        let bytes = try document(digest)
        let type = try JSON.parse(bytes)["mediaType"]?.string.map { MediaType(rawValue: $0) } ?? .manifest
        return Descriptor(mediaType: type, digest: digest, size: size)
    }

    private func image(_ descriptor: Descriptor, _ platform: Platform, depth: Int) throws -> Image {
        let bytes = try document(descriptor.digest)
        if descriptor.mediaType.isIndex, depth < 4 {
            let index = try Index(bytes: bytes)
            guard
                let chosen = try index.manifest(for: platform) ?? undescribed(in: index, platform)
                    ?? (index.images.count == 1 ? index.images.first : nil)
            else { throw ImageArchiveError.noImages }
            return try image(chosen, platform, depth: depth + 1)
        }
        guard descriptor.mediaType.isManifest else { throw ImageArchiveError.noImages }
        let manifest = try Manifest(bytes: bytes)
        let config = try document(manifest.config.digest, limit: DocumentLimit.config)
        for layer in manifest.layers {
            try adopt(layer.digest)
            let size = try store.content.size(of: layer.digest) ?? 0
            guard size == layer.size else { throw ContentError.sizeMismatch(expected: layer.size, actual: size) }
        }
        return try Image(manifestBytes: bytes, configBytes: config)
    }

    /// The entry that does not say for which platform it is, and whose image is nearest; nil where none serves.
    private func undescribed(in index: Index, _ platform: Platform) throws -> Descriptor? {
        var nearest: (descriptor: Descriptor, distance: Int)?
        var seen: Set<Digest> = []
        for descriptor in index.images where descriptor.platform == nil {
            // One that is not whole in this layout serves nobody.
            guard let distance = try? distance(of: descriptor, platform, &seen) else { continue }
            if nearest.map({ distance < $0.distance }) ?? true { nearest = (descriptor, distance) }
        }
        return nearest?.descriptor
    }

    /// - Parameter seen: documents that were looked into; at most 64, for an index may name itself or thousands.
    private func distance(of descriptor: Descriptor, _ platform: Platform, _ seen: inout Set<Digest>) throws -> Int? {
        guard seen.count < 64, seen.insert(descriptor.digest).inserted else { return nil }
        let bytes = try document(descriptor.digest)
        guard descriptor.mediaType.isIndex else {
            let config = try Manifest(bytes: bytes).config.digest
            return try ImageConfig(bytes: document(config, limit: DocumentLimit.config)).platform.distance(to: platform)
        }
        let index = try Index(bytes: bytes)
        if let found = index.manifest(for: platform) { return found.platform?.distance(to: platform) }
        var nearest: Int?
        for inner in index.images where inner.platform == nil {
            guard let distance = try distance(of: inner, platform, &seen) else { continue }
            nearest = min(distance, nearest ?? distance)
        }
        return nearest
    }

    private static func path(_ digest: Digest) -> [UInt8] {
        Array("blobs/\(digest.algorithm.rawValue)/\(digest.hex)".utf8)
    }

    /// The bytes of a JSON document, now in the store.
    private func document(_ digest: Digest, limit: Int = DocumentLimit.manifest) throws -> [UInt8] {
        guard let size = try root.status(Self.path(digest))?.size else {
            throw ImageArchiveError.missing(digest.description)
        }
        guard size <= Int64(limit) else { throw ImageArchiveError.documentTooLarge(digest.description, limit: limit) }
        try adopt(digest)
        return try store.content.bytes(of: digest, limit: limit)
    }

    private func adopt(_ digest: Digest) throws {
        if try store.content.has(digest) { return }
        // told here
        guard let file = try? root.openFile(inRoot: Self.path(digest)) else {
            throw ImageArchiveError.missing(digest.description)
        }
        let writer = try store.content.makeWriter()
        try file.forEachPiece { try writer.write($0) }
        _ = try writer.commit(expecting: digest)
    }
}
