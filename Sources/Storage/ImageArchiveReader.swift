internal import Archive
public import OCI

/// Reads images from an archive: an OCI image layout or what `docker save` writes, compressed or not.
public final class ImageArchiveReader {
    private let store: Store
    private var decompressor: Decompressor?
    private var reader = TarReader()
    /// Files that are read at the end: JSON documents outside of `blobs`.
    private var documents: [String: [UInt8]] = [:]
    /// The blobs that files and links of the archive came to.
    private var blobs: [String: (digest: Digest, size: Int64)] = [:]
    private var links: [String: String] = [:]
    private var current: (name: String, target: Target)?

    private enum Target {
        case document([UInt8])
        case blob(BlobWriter, expecting: Digest?)
    }

    /// Bytes of a document outside of `blobs`.
    private static let documentLimit = 16 << 20

    public init(_ store: Store) { self.store = store }

    /// Takes the archive's next bytes.
    public func consume(_ bytes: UnsafeRawBufferPointer) throws {
        let active = try decompressor ?? Decompressor(Compression.detect(bytes))
        decompressor = active
        try active.decompress(bytes) { plain in
            var rest = plain
            while let event = try reader.next(&rest) { try handle(event) }
        }
    }

    /// Ends the archive and stores its images under their names.
    ///
    /// - Returns: the images with their names, those for other platforms left out where there is a choice.
    /// - Throws: ``ImageArchiveError`` and the codecs' errors; nothing has a name then that it had not before.
    public func finish() throws -> [(image: Image, names: [ImageReference])] {
        try decompressor?.finish()
        try reader.finish()
        let images = try documents["manifest.json"].map { try dockerImages($0) } ?? layoutImages()
        for (image, names) in images {
            try store.adopt(image)
            for name in names { try store.images.tag(image.id, name) }
        }
        return images
    }

    private func handle(_ event: TarEvent) throws {
        switch event {
        case .entry(let header):
            let name = ImagePath(header.name)?.description.dropFirst().description ?? ""
            switch header.kind {
            case .regular: current = (name, try target(name))
            case .symbolicLink:
                links[name] = ImagePath(header.name)?.parent.resolving(String(decoding: header.linkName, as: UTF8.self))?
                    .description.dropFirst().description
            case .hardLink: links[name] = ImagePath(header.linkName)?.description.dropFirst().description
            default: break
            }
        case .content(let bytes):
            guard let (name, target) = current else { return }
            switch target {
            case .document(let text):
                guard text.count + bytes.count <= Self.documentLimit else { throw ImageArchiveError.documentTooLarge(name) }
                current = (name, .document(text + bytes))
            case .blob(let writer, _): try writer.write(bytes)
            }
        case .endOfEntry:
            guard let (name, target) = current else { return }
            current = nil
            switch target {
            case .document(let text): documents[name] = text
            case .blob(let writer, let expected): blobs[name] = try writer.commit(expecting: expected)
            }
        case .end: break
        }
    }

    private func target(_ name: String) throws -> Target {
        let parts = name.split(separator: "/")
        if parts.count == 3, parts[0] == "blobs", let algorithm = Digest.Algorithm(rawValue: String(parts[1])) {
            return .blob(try store.content.makeWriter(), expecting: try Digest(algorithm: algorithm, hex: String(parts[2])))
        }
        let isDocument = name.hasSuffix(".json") || name == "oci-layout" || name == "repositories" || name.hasSuffix("/json")
        return isDocument ? .document([]) : .blob(try store.content.makeWriter(), expecting: nil)
    }

    // MARK: Formats

    private func dockerImages(_ bytes: [UInt8]) throws -> [(image: Image, names: [ImageReference])] {
        guard let entries = try? JSON.parse(bytes).array else { throw ImageArchiveError.invalid("manifest.json") }  // told as such
        return try entries.map { entry in
            guard let configName = entry["Config"]?.string, let layerNames = entry["Layers"]?.strings else {
                throw ImageArchiveError.invalid("manifest.json")
            }
            let configBytes = try documents[configName] ?? store.content.bytes(of: blob(configName).digest)
            let config = try ImageConfig(bytes: configBytes)
            guard config.layers.count == layerNames.count else {
                throw ImageFormatError.layerCountMismatch(manifest: layerNames.count, config: config.layers.count)
            }
            let layers = try zip(config.layers, layerNames).map { diffID, name in
                let (digest, size) = try blob(name)
                let type: MediaType = digest == diffID.digest ? .layer : .layerGzip
                return Image.Layer(diffID: diffID, blobs: [Descriptor(mediaType: type, digest: digest, size: size)])
            }
            let names = (entry["RepoTags"]?.strings ?? []).compactMap { try? ImageReference($0) }  // unusable names are left out
            return (try Image(configBytes: configBytes, layers: layers), names)
        }
    }

    private func blob(_ name: String) throws -> (digest: Digest, size: Int64) {
        var name = ImagePath(name)?.description.dropFirst().description ?? name
        for _ in 0..<8 {
            if let blob = blobs[name] { return blob }
            guard let next = links[name] else { break }
            name = next
        }
        throw ImageArchiveError.missing(name)
    }

    private func layoutImages() throws -> [(image: Image, names: [ImageReference])] {
        guard documents["oci-layout"] != nil, let bytes = documents["index.json"] else {
            throw ImageArchiveError.noImages
        }
        var result: [(image: Image, names: [ImageReference])] = []
        for descriptor in try Index(bytes: bytes).manifests {
            guard let image = try image(descriptor, depth: 0) else { continue }
            let name = descriptor.annotations["io.containerd.image.name"]
                ?? descriptor.annotations["org.opencontainers.image.ref.name"]
            let reference = name.flatMap { try? ImageReference($0).withDefaultTag }  // an annotation that is no name
            if let index = result.firstIndex(where: { $0.image.id == image.id }) {
                result[index].names += [reference].compactMap { $0 }
            } else {
                result.append((image, [reference].compactMap { $0 }))
            }
        }
        guard !result.isEmpty else { throw ImageArchiveError.noImages }
        return result
    }

    /// The image of a manifest, or of this machine's platform in an index.
    private func image(_ descriptor: Descriptor, depth: Int) throws -> Image? {
        guard try store.content.has(descriptor.digest) else { throw ImageArchiveError.missing(descriptor.digest.description) }
        let bytes = try store.content.bytes(of: descriptor.digest)
        if descriptor.mediaType.isIndex, depth < 4 {
            let index = try Index(bytes: bytes)
            let chosen = index.manifest(for: .host) ?? (index.images.count == 1 ? index.images.first : nil)
            return try chosen.flatMap { try image($0, depth: depth + 1) }
        }
        guard descriptor.mediaType.isManifest else { return nil }
        let manifest = try Manifest(bytes: bytes)
        return try Image(manifestBytes: bytes, configBytes: try store.content.bytes(of: manifest.config.digest))
    }
}

/// Why an archive holds no image that can be loaded.
public enum ImageArchiveError: Error, Hashable, Sendable {
    case noImages
    case invalid(String)
    case missing(String)
    case documentTooLarge(String)
}
