internal import Archive
package import OCI

/// Reads images from an archive: an OCI image layout or what `docker save` writes, compressed or not.
package final class ImageArchiveReader {
    private let store: Store
    private let decompressor = DetectingDecompressor()
    private var reader = TarReader()
    /// Files that are read at the end: JSON documents outside of `blobs`.
    private var documents: [String: [UInt8]] = [:]
    /// The blobs that files and links of the archive came to.
    private var blobs: [String: (digest: Digest, size: Int64)] = [:]
    private var links: [String: String] = [:]
    private var current: (name: String, target: Target)?
    private var budget = DocumentBudget()
    private var entryCount = 0
    private var statementValues = DocumentLimit.statementValues

    private enum Target {
        case document(Document)
        case blob(BlobWriter, expecting: Digest?)
    }

    private final class Document {
        var bytes: [UInt8] = []
    }

    /// How many files and links an archive may have.
    private static let entryLimit = 1 << 20

    package init(_ store: Store) { self.store = store }

    /// Takes the archive's next bytes.
    package func consume(_ bytes: UnsafeRawBufferPointer) throws {
        try decompressor.decompress(bytes, read)
    }

    private func read(_ plain: UnsafeRawBufferPointer) throws {
        var rest = plain
        while let event = try reader.next(&rest) { try handle(event) }
    }

    /// What an archive has under one set of names: an image, or a list of them.
    package struct Loaded: Sendable {
        /// Of the image or of the list.
        package let id: Digest
        package let images: [Image]
        package let names: [ImageReference]
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
    package func finish() throws -> [Loaded] {
        try decompressor.finish(read)
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
                guard let id = try store.images.putList(list) ?? entry.images.first?.id else {
                    throw ImageArchiveError.noImages
                }
                for name in entry.names { try store.images.tag(id, name) }
                return id
            }
            return Loaded(id: id, images: entry.images, names: entry.names)
        }
    }

    private func handle(_ event: TarEvent) throws {
        switch event {
        case .entry(let header):
            entryCount += 1
            guard entryCount <= Self.entryLimit else { throw ImageArchiveError.tooManyEntries(limit: Self.entryLimit) }
            let name = ImagePath(header.name)?.description.dropFirst().description ?? ""
            switch header.kind {
            case .regular: current = (name, try target(name))
            case .symbolicLink:
                links[name] =
                    ImagePath(header.name)?.parent.resolving(String(decoding: header.linkName, as: UTF8.self))?
                    .description.dropFirst().description
            case .hardLink: links[name] = ImagePath(header.linkName)?.description.dropFirst().description
            default: break
            }
        case .content(let bytes):
            guard let (name, target) = current else { return }
            try append(bytes, to: target, name)
        case .hole(let count):
            guard let (name, target) = current else { return }
            try Zeros.forEachPiece(count) { try append($0, to: target, name) }
        case .endOfEntry:
            guard let (name, target) = current else { return }
            current = nil
            switch target {
            case .document(let document): documents[name] = document.bytes
            case .blob(let writer, let expected): blobs[name] = try writer.commit(expecting: expected)
            }
        case .end: break
        }
    }

    private func append(_ bytes: UnsafeRawBufferPointer, to target: Target, _ name: String) throws {
        switch target {
        case .document(let document):
            try budget.keep(bytes.count, of: name, alreadyKept: document.bytes.count)
            document.bytes += bytes
        case .blob(let writer, _): try writer.write(bytes)
        }
    }

    private func target(_ name: String) throws -> Target {
        let parts = name.split(separator: "/")
        if parts.count == 3, parts[0] == "blobs", let algorithm = Digest.Algorithm(rawValue: String(parts[1])) {
            return .blob(
                try store.content.makeWriter(), expecting: try Digest(algorithm: algorithm, hex: String(parts[2])))
        }
        let isDocument =
            name.hasSuffix(".json") || name == "oci-layout" || name == "repositories" || name.hasSuffix("/json")
        return isDocument ? .document(Document()) : .blob(try store.content.makeWriter(), expecting: nil)
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
        // told as such
        guard let entries = try? JSON.parse(bytes).array else { throw ImageArchiveError.invalid("manifest.json") }
        return try entries.map { entry in
            guard let configName = entry["Config"]?.string, let layerNames = entry["Layers"]?.strings else {
                throw ImageArchiveError.invalid("manifest.json")
            }
            let configBytes =
                try documents[configName] ?? self.bytes(of: blob(configName).digest, limit: DocumentLimit.config)
            let config = try ImageConfig(bytes: configBytes)
            guard config.layers.count == layerNames.count else {
                throw ImageFormatError.layerCountMismatch(manifest: layerNames.count, config: config.layers.count)
            }
            let layers = try zip(config.layers, layerNames).map { diffID, name in
                let (digest, size) = try blob(name)
                return Image.Layer(diffID: diffID, blobs: [try self.layer(digest, size, of: diffID)])
            }
            // Unusable names are left out; one without a tag has docker's.
            let names = (entry["RepoTags"]?.strings ?? []).compactMap { try? ImageReference($0).withDefaultTag }
            return Entry(images: [try Image(configBytes: configBytes, layers: layers)], names: names)
        }
    }

    /// A layer's blob as what it is. Of packings that no media type stands for, the plain archive is kept.
    private func layer(_ digest: Digest, _ size: Int64, of layer: DiffID) throws -> Descriptor {
        if digest == layer.digest { return Descriptor(mediaType: .layer, digest: digest, size: size) }
        let type: MediaType
        switch Compression.detect(try store.content.slices(of: digest).read(at: 0, count: Compression.detectionLength))
        {
        case .none: type = .layer
        case .gzip: type = .layerGzip
        case .zstd: type = .layerZstd
        case .xz, .bzip2:
            let writer = try store.content.makeWriter()
            let plain = PackedLayer(
                descriptor: Descriptor(mediaType: .layer, digest: digest, size: size), source: .unpacked(digest, layer))
            try store.read(plain) { try writer.write($0) }
            let (digest, size) = try writer.commit(expecting: layer.digest)
            return Descriptor(mediaType: .layer, digest: digest, size: size)
        }
        return Descriptor(mediaType: type, digest: digest, size: size)
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
        var entries: [Entry] = []
        var places: [Digest: Int] = [:]
        for descriptor in try Index(bytes: bytes).images {
            let name =
                descriptor.annotations["io.containerd.image.name"]
                ?? descriptor.annotations["org.opencontainers.image.ref.name"]
            // an annotation that is no name
            let names = [name.flatMap { try? ImageReference($0).withDefaultTag }].compactMap { $0 }
            if let place = places[descriptor.digest] {
                entries[place].names += names
            } else if var entry = try entry(descriptor) {
                entry.names = names
                places[descriptor.digest] = entries.count
                entries.append(entry)
            }
        }
        guard !entries.isEmpty else { throw ImageArchiveError.noImages }
        return entries
    }

    /// The image of a manifest, or those of an index; nil for what is neither.
    private func entry(_ descriptor: Descriptor) throws -> Entry? {
        guard descriptor.mediaType.isIndex else {
            return try image(descriptor).map { Entry(images: [$0]) }
        }
        var entry = Entry(images: [])
        entry.notes = ImageAnnotations(on: try Index(bytes: bytes(of: descriptor)))
        var ids: [Digest: Digest] = [:]
        var seen: Set<Digest> = []
        let manifests = try manifests(in: descriptor, depth: 0, &seen).filter(\.mediaType.isManifest)
        for manifest in manifests where manifest.subject == nil {
            guard try isWhole(manifest), let image = try image(manifest) else { continue }
            ids[manifest.digest] = image.id
            entry.images.append(image)
        }
        guard !entry.images.isEmpty else {
            throw ImageArchiveError.missing(manifests.first?.digest.description ?? "an image")
        }
        for manifest in manifests {
            guard let id = manifest.subject.flatMap({ ids[$0] }), try isWhole(manifest) else { continue }
            let layers = try Manifest(bytes: bytes(of: manifest)).layers
            for layer in layers {
                let said = try Statement(
                    bytes: bytes(of: layer.digest, limit: DocumentLimit.statement), &statementValues)
                entry.statements[id, default: []].append(said)
            }
        }
        return entry
    }

    /// The manifests of an index and of those in it, each once.
    private func manifests(in descriptor: Descriptor, depth: Int, _ seen: inout Set<Digest>) throws -> [Descriptor] {
        guard seen.insert(descriptor.digest).inserted else { return [] }
        guard descriptor.mediaType.isIndex, depth < 4 else { return [descriptor] }
        return try Index(bytes: bytes(of: descriptor)).manifests.flatMap {
            try manifests(in: $0, depth: depth + 1, &seen)
        }
    }

    /// A manifest or an index among the blobs.
    private func bytes(of descriptor: Descriptor) throws -> [UInt8] {
        try bytes(of: descriptor.digest, limit: DocumentLimit.manifest)
    }

    /// A document among the blobs.
    private func bytes(of digest: Digest, limit: Int) throws -> [UInt8] {
        guard let size = try store.content.size(of: digest) else { throw ImageArchiveError.missing(digest.description) }
        try budget.take(Int(clamping: size), of: digest.description, limit: limit)
        return try store.content.bytes(of: digest, limit: limit)
    }

    /// Whether all blobs of a manifest are there: one of a list may be in the archive in name only.
    private func isWhole(_ descriptor: Descriptor) throws -> Bool {
        guard try store.content.has(descriptor.digest) else { return false }
        let manifest = try Manifest(bytes: bytes(of: descriptor))
        return try ([manifest.config.digest] + manifest.layers.map(\.digest)).allSatisfy { try store.content.has($0) }
    }

    private func image(_ descriptor: Descriptor) throws -> Image? {
        guard descriptor.mediaType.isManifest else { return nil }
        let bytes = try self.bytes(of: descriptor)
        let manifest = try Manifest(bytes: bytes)
        return try Image(
            manifestBytes: bytes, configBytes: self.bytes(of: manifest.config.digest, limit: DocumentLimit.config))
    }
}

/// How much of an archive may be documents, which are read into memory.
private struct DocumentBudget {
    private var taken = 0
    private var kept = 0

    /// Bytes of all that are read, one at a time.
    private static let limit = 256 << 20
    /// Bytes of all outside of `blobs`, which wait for the archive's end together.
    private static let keptLimit = 32 << 20

    mutating func take(_ count: Int, of name: String, limit documentLimit: Int) throws(ImageArchiveError) {
        guard count <= documentLimit else { throw .documentTooLarge(name, limit: documentLimit) }
        guard count <= Self.limit - taken else { throw .documentsTooLarge(limit: Self.limit) }
        taken += count
    }

    /// - Parameter alreadyKept: bytes of the same document.
    mutating func keep(_ count: Int, of name: String, alreadyKept: Int) throws(ImageArchiveError) {
        guard count <= DocumentLimit.config - alreadyKept else {
            throw .documentTooLarge(name, limit: DocumentLimit.config)
        }
        guard count <= Self.keptLimit - kept else { throw .documentsTooLarge(limit: Self.keptLimit) }
        kept += count
    }
}

/// Why an archive holds no image that can be loaded.
package enum ImageArchiveError: Error, Hashable, Sendable {
    case noImages
    case invalid(String)
    case missing(String)
    case documentTooLarge(String, limit: Int)
    /// All documents together, in bytes.
    case documentsTooLarge(limit: Int)
    case tooManyEntries(limit: Int)
}
