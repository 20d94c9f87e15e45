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

    /// What an archive has under one set of names: an image, or a list of them.
    public struct Loaded: Sendable {
        /// Of the image or of the list.
        public let id: Digest
        public let images: [Image]
        public let names: [ImageReference]
    }

    /// Images that have their names together, with what is said about them, before they are stored.
    private struct Entry {
        var images: [Image]
        /// By the images' IDs.
        var statements: [Digest: [Statement]] = [:]
        var names: [ImageReference] = []
        /// What their index has.
        var notes = ImageAnnotations()
    }

    /// Ends the archive and stores its images under their names.
    ///
    /// Of an index every image that is whole in the archive is kept, as a list if there are several.
    /// - Throws: ``ImageArchiveError`` and the codecs' errors; nothing has a name then that it had not before.
    public func finish() throws -> [Loaded] {
        try decompressor?.finish()
        try reader.finish()
        return try entries().map { entry in
            for image in entry.images { try store.adopt(image) }
            let packed = try entry.images.map { image in
                var packed = try store.pack(image, nil, notes: entry.notes)
                packed.statements = entry.statements[image.id] ?? []
                return packed
            }
            let id = try store.withNames {
                try store.record(entry.images)
                let list = ArchivedImage(packed, names: [], notes: entry.notes)
                guard let id = try store.images.putList(list) ?? entry.images.first?.id else { throw ImageArchiveError.noImages }
                for name in entry.names { try store.images.tag(id, name) }
                return id
            }
            return Loaded(id: id, images: entry.images, names: entry.names)
        }
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

    /// docker's list knows one platform of an image: where the archive is a layout too and has more, that counts.
    private func entries() throws -> [Entry] {
        if let list = documents["manifest.json"], try !hasIndex() { return try dockerImages(list) }
        return try layoutImages()
    }

    private func hasIndex() throws -> Bool {
        guard documents["oci-layout"] != nil, let bytes = documents["index.json"] else { return false }
        return try Index(bytes: bytes).manifests.contains(where: \.mediaType.isIndex)
    }

    private func dockerImages(_ bytes: [UInt8]) throws -> [Entry] {
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
            return Entry(images: [try Image(configBytes: configBytes, layers: layers)], names: names)
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

    private func layoutImages() throws -> [Entry] {
        guard documents["oci-layout"] != nil, let bytes = documents["index.json"] else {
            throw ImageArchiveError.noImages
        }
        var entries: [(root: Digest, entry: Entry)] = []
        for descriptor in try Index(bytes: bytes).images {
            let name = descriptor.annotations["io.containerd.image.name"]
                ?? descriptor.annotations["org.opencontainers.image.ref.name"]
            let names = [name.flatMap { try? ImageReference($0).withDefaultTag }].compactMap { $0 }  // an annotation that is no name
            if let index = entries.firstIndex(where: { $0.root == descriptor.digest }) {
                entries[index].entry.names += names
            } else if var entry = try entry(descriptor) {
                entry.names = names
                entries.append((descriptor.digest, entry))
            }
        }
        guard !entries.isEmpty else { throw ImageArchiveError.noImages }
        return entries.map(\.entry)
    }

    /// The image of a manifest, or those of an index; nil for what is neither.
    private func entry(_ descriptor: Descriptor) throws -> Entry? {
        guard descriptor.mediaType.isIndex else {
            return try image(descriptor).map { Entry(images: [$0]) }
        }
        var entry = Entry(images: [])
        entry.notes = ImageAnnotations(on: try Index(bytes: bytes(of: descriptor)))
        var ids: [Digest: Digest] = [:]
        let manifests = try manifests(in: descriptor, depth: 0).filter(\.mediaType.isManifest)
        for manifest in manifests where manifest.subject == nil {
            guard try isWhole(manifest), let image = try image(manifest) else { continue }
            ids[manifest.digest] = image.id
            entry.images.append(image)
        }
        guard !entry.images.isEmpty else { throw ImageArchiveError.missing(manifests.first?.digest.description ?? "an image") }
        for manifest in manifests {
            guard let id = manifest.subject.flatMap({ ids[$0] }), try isWhole(manifest) else { continue }
            let layers = try Manifest(bytes: store.content.bytes(of: manifest.digest)).layers
            entry.statements[id, default: []] += try layers.map { try Statement(bytes: store.content.bytes(of: $0.digest)) }
        }
        return entry
    }

    /// The manifests of an index and of those in it.
    private func manifests(in descriptor: Descriptor, depth: Int) throws -> [Descriptor] {
        guard descriptor.mediaType.isIndex, depth < 4 else { return [descriptor] }
        return try Index(bytes: bytes(of: descriptor)).manifests.flatMap { try manifests(in: $0, depth: depth + 1) }
    }

    private func bytes(of descriptor: Descriptor) throws -> [UInt8] {
        guard try store.content.has(descriptor.digest) else { throw ImageArchiveError.missing(descriptor.digest.description) }
        return try store.content.bytes(of: descriptor.digest)
    }

    /// Whether all blobs of a manifest are there: one of a list may be in the archive in name only.
    private func isWhole(_ descriptor: Descriptor) throws -> Bool {
        guard try store.content.has(descriptor.digest) else { return false }
        let manifest = try Manifest(bytes: store.content.bytes(of: descriptor.digest))
        return try ([manifest.config.digest] + manifest.layers.map(\.digest)).allSatisfy { try store.content.has($0) }
    }

    private func image(_ descriptor: Descriptor) throws -> Image? {
        guard descriptor.mediaType.isManifest else { return nil }
        let bytes = try bytes(of: descriptor)
        let manifest = try Manifest(bytes: bytes)
        return try Image(manifestBytes: bytes, configBytes: store.content.bytes(of: manifest.config.digest))
    }
}

/// Why an archive holds no image that can be loaded.
public enum ImageArchiveError: Error, Hashable, Sendable {
    case noImages
    case invalid(String)
    case missing(String)
    case documentTooLarge(String)
}
