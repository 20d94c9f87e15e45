internal import Archive
public import OCI

/// An image as it leaves the store: its documents, and where the bytes of each layer come from.
public struct PackedImage: Sendable {
    public let configBytes: [UInt8]
    public let manifestBytes: [UInt8]
    /// Of the manifest, with the platform.
    public let manifest: Descriptor
    /// From the lowest to the highest.
    public let layers: [PackedLayer]
    /// What is said about it.
    public var statements: [Statement] = []

    /// The manifest that holds what is said about it; nil if nothing is.
    public var attestation: AttestationManifest? {
        statements.isEmpty ? nil : AttestationManifest(statements, about: manifest.digest)
    }

    public var configDigest: Digest { Digest(sha256: configBytes) }
}

/// A layer as it leaves the store.
public struct PackedLayer: Sendable {
    public let descriptor: Descriptor
    let source: Source

    enum Source: Sendable {
        /// A blob as it is.
        case blob
        /// The archive of a layer's files.
        case files(DiffID)
        /// A packed blob, unpacked on the way.
        case unpacked(Digest, DiffID)
    }
}

extension Store {
    /// Decides how an image leaves the store, and packs the layers that must be.
    ///
    /// - Parameters:
    ///   - compression: nil takes packed layers as they are and leaves the others unpacked.
    ///   - notes: annotations that the manifest and its entry in an index get, beside those that it has.
    ///   - observer: gets the layers that are packed now.
    public func pack(
        _ image: Image, _ compression: LayerCompression?, notes: ImageAnnotations = ImageAnnotations(),
        observer: PackingObserver? = nil
    ) throws -> PackedImage {
        let layers = try image.layers.map { try pack($0, compression, observer) }
        let kept = try image.manifestBytes.map { try Manifest(bytes: $0) }
        let platform = image.config.platform
        let annotations = (kept?.annotations ?? [:]).merging(notes.values(.manifest, platform)) { _, new in new }
        var manifestBytes = image.manifestBytes
        if kept?.layers.map(\.digest) != layers.map(\.descriptor.digest) || kept?.annotations != annotations { manifestBytes = nil }
        let config = Descriptor(mediaType: .config, digest: image.id, size: Int64(image.configBytes.count))
        let bytes = manifestBytes ?? Manifest(config: config, layers: layers.map(\.descriptor), annotations: annotations).bytes
        let manifest = Descriptor(
            mediaType: try Manifest(bytes: bytes).mediaType, digest: Digest(sha256: bytes), size: Int64(bytes.count),
            platform: platform, annotations: notes.values(.manifestDescriptor, platform))
        return PackedImage(configBytes: image.configBytes, manifestBytes: bytes, manifest: manifest, layers: layers)
    }

    /// Decides how an image, or every image of a list with what is said about it, leaves the store.
    ///
    /// - Parameters:
    ///   - compression: as for a single image.
    ///   - names: what it is called where it goes.
    public func pack(_ id: Digest, _ compression: LayerCompression?, names: [ImageReference]) throws -> ArchivedImage {
        let statements = try images.statements(of: id)
        let notes = try images.notes(of: id)
        let packed = try images.members(of: id).map { member in
            var packed = try pack(images.single(member), compression, notes: notes)
            packed.statements = statements[member] ?? []
            return packed
        }
        return ArchivedImage(packed, names: names, notes: notes)
    }

    /// Reads a layer's bytes as they leave the store.
    public func read(_ layer: PackedLayer, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        switch layer.source {
        case .blob: try content.forEachPiece(of: layer.descriptor.digest, body)
        case .files(let id): try layers.writeArchive(id, body)
        case .unpacked(let blob, let id): try unpacked(blob, as: id, body)
        }
    }

    /// - Throws: ``StorageError/layerMismatch(expected:actual:)`` at the end when the blob does not hold the layer.
    private func unpacked(_ blob: Digest, as layer: DiffID, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        var decompressor: Decompressor?
        var hasher = ContentHasher()
        do {
            try content.forEachPiece(of: blob) { bytes in
                let active = try decompressor ?? Decompressor(Compression.detect(bytes))
                decompressor = active
                try active.decompress(bytes) { plain in
                    hasher.update(plain)
                    try body(plain)
                }
            }
            try decompressor?.finish()
        } catch let error as DecompressionError {
            throw StorageError.invalidLayer(layer, entry: "", reason: "\(error)")
        }
        let actual = DiffID(hasher.finalize())
        guard actual == layer else { throw StorageError.layerMismatch(expected: layer, actual: actual) }
    }

    /// Makes sure that a packed layer is a blob of the content store.
    func keepBlob(_ layer: PackedLayer) throws {
        guard try !content.has(layer.descriptor.digest) else { return }
        let writer = try content.makeWriter()
        try read(layer) { try writer.write($0) }
        _ = try writer.commit(expecting: layer.descriptor.digest)
    }

    func pack(_ layer: Image.Layer, _ compression: LayerCompression?, _ observer: PackingObserver? = nil) throws -> PackedLayer {
        let kept = try layer.blobs.first { try content.has($0.digest) }
        if let kept, compression.map({ !$0.isForced || $0.fits(kept.mediaType) }) ?? true {
            return PackedLayer(descriptor: kept, source: .blob)
        }
        if let compression, compression.format != nil {
            return PackedLayer(descriptor: try packedBlob(of: layer, kept, compression, observer), source: .blob)
        }
        let facts = try layers.facts(layer.diffID) ?? probe(layer)
        let descriptor = Descriptor(mediaType: .layer, digest: layer.diffID.digest, size: facts.archiveSize)
        if try layers.hasFiles(layer.diffID) { return PackedLayer(descriptor: descriptor, source: .files(layer.diffID)) }
        guard let kept else { throw StorageError.layerMissing(layer.diffID) }
        return PackedLayer(descriptor: descriptor, source: .unpacked(kept.digest, layer.diffID))
    }

    /// The blob of a layer packed in a certain way, made if it is not there.
    private func packedBlob(
        of layer: Image.Layer, _ kept: Descriptor?, _ compression: LayerCompression, _ observer: PackingObserver?
    ) throws -> Descriptor {
        guard let format = compression.format, let name = compression.name else { throw StorageError.layerMissing(layer.diffID) }
        if let known = try layers.packed(layer.diffID, name), try content.size(of: known.digest) == known.size { return known }
        let writer = try content.makeWriter(.recoverable)
        let growing = try observer.map { _ in GrowingBlob(try writer.reader()) }
        if let growing { observer?(growing) }
        do {
            let compressor = StreamCompressor(format, level: compression.level) {
                try writer.write($0)
                growing?.grew(to: writer.written)
            }
            if try layers.hasFiles(layer.diffID) {
                try layers.writeArchive(layer.diffID) { try compressor.write($0) }
            } else if let kept {
                try unpacked(kept.digest, as: layer.diffID) { try compressor.write($0) }
            } else {
                throw StorageError.layerMissing(layer.diffID)
            }
            try compressor.finish()
            let (digest, size) = try writer.commit(expecting: nil)
            let descriptor = Descriptor(mediaType: compression.mediaType, digest: digest, size: size)
            growing?.end(descriptor)
            try layers.remember(descriptor, of: layer.diffID, name)
            return descriptor
        } catch {
            growing?.end(nil)
            throw error
        }
    }
}
