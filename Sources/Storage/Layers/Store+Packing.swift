internal import Archive
package import OCI

/// An image as it leaves the store: its documents, and where the bytes of each layer come from.
package struct PackedImage: Sendable {
    package let configBytes: [UInt8]
    package let manifestBytes: [UInt8]
    /// Of the manifest, with the platform.
    package let manifest: Descriptor
    /// From the lowest to the highest.
    package let layers: [PackedLayer]
    /// What is said about it.
    package var statements: [Statement] = []

    /// The manifest that holds what is said about it; nil if nothing is.
    package var attestation: AttestationManifest? {
        statements.isEmpty ? nil : AttestationManifest(statements, about: manifest.digest)
    }

    package var configDigest: Digest { Digest(sha256: configBytes) }
}

/// A layer as it leaves the store.
package struct PackedLayer: Sendable {
    package let descriptor: Descriptor
    let source: Source

    enum Source: Sendable {
        /// A blob as it is.
        case blob(Digest)
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
    package func pack(
        _ image: Image, _ compression: LayerCompression?, notes: ImageAnnotations = ImageAnnotations(),
        observer: PackingObserver? = nil
    ) throws -> PackedImage {
        let layers = try image.layers.map { try pack($0, compression?.applied(to: $0, of: image), observer) }
        let kept = try image.manifestBytes.map { try Manifest(bytes: $0) }
        let platform = image.config.platform
        let annotations = (kept?.annotations ?? [:]).merging(notes.values(.manifest, platform)) { _, new in new }
        var manifestBytes = image.manifestBytes
        if kept?.layers.map(\.digest) != layers.map(\.descriptor.digest) || kept?.annotations != annotations {
            manifestBytes = nil
        }
        let config = Descriptor(mediaType: .config, digest: image.id, size: Int64(image.configBytes.count))
        let bytes =
            manifestBytes ?? Manifest(config: config, layers: layers.map(\.descriptor), annotations: annotations).bytes
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
    package func pack(_ id: Digest, _ compression: LayerCompression?, names: [ImageReference]) throws -> ArchivedImage {
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
    package func read(_ layer: PackedLayer, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        try read(layer.source, body)
    }

    /// Reads a layer's archive, not packed, from wherever it is here.
    ///
    /// - Parameter isChecked: whether an archive that is made of unpacked files must have the layer's digest at its end.
    package func readArchive(
        of layer: Image.Layer, isChecked: Bool = true, _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        try read(archive(of: layer), isChecked: isChecked, body)
    }

    private func read(
        _ source: PackedLayer.Source, isChecked: Bool = true, _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        switch source {
        case .blob(let digest): try content.forEachPiece(of: digest, body)
        case .files(let id): try layers.writeArchive(id, isChecked: isChecked, body)
        case .unpacked(let blob, let id): try unpacked(blob, as: id, body)
        }
    }

    /// - Throws: ``StorageError/layerMismatch(expected:actual:)`` at the end when the blob does not hold the layer.
    private func unpacked(_ blob: Digest, as layer: DiffID, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        let decompressor = DetectingDecompressor()
        var hasher = ContentHasher()
        func take(_ plain: UnsafeRawBufferPointer) throws {
            hasher.update(plain)
            try body(plain)
        }
        try ArchiveFault.told({ StorageError.invalidLayer(layer, entry: "", $0) }) {
            try content.forEachPiece(of: blob) { try decompressor.decompress($0, take) }
            try decompressor.finish(take)
        }
        let actual = DiffID(hasher.finalize())
        guard actual == layer else { throw StorageError.layerMismatch(expected: layer, actual: actual) }
    }

    /// Makes sure that a packed layer is a blob of the content store.
    func keepBlob(_ layer: PackedLayer, _ pace: PackingPace? = nil) throws {
        guard try !content.has(layer.descriptor.digest) else { return }
        let writer = try content.makeWriter()
        try read(layer) {
            _ = try pace?()
            try writer.write($0)
        }
        _ = try writer.commit(expecting: layer.descriptor.digest)
    }

    func pack(
        _ layer: Image.Layer, _ compression: LayerCompression?, _ observer: PackingObserver? = nil,
        pace: PackingPace? = nil
    ) throws -> PackedLayer {
        let kept = try layer.blobs.first { try content.has($0.digest) } ?? foreignBlob(of: layer.diffID)
        if let kept, compression.map({ !$0.isForced || $0.fits(kept.mediaType) }) ?? true {
            return PackedLayer(descriptor: kept, source: .blob(kept.digest))
        }
        if let compression, compression.format != nil {
            let blob = try packedBlob(of: layer, compression, observer, pace)
            return PackedLayer(descriptor: blob, source: .blob(blob.digest))
        }
        let facts = try layers.facts(layer.diffID) ?? probe(layer)
        let descriptor = Descriptor(mediaType: .layer, digest: layer.diffID.digest, size: facts.archiveSize)
        return PackedLayer(descriptor: descriptor, source: try archive(of: layer))
    }

    /// Where a layer's archive comes from: its files where we wrote it, else a blob, for only that has its bytes.
    func archive(of layer: Image.Layer) throws -> PackedLayer.Source {
        let hasFiles = try layers.hasFiles(layer.diffID)
        if hasFiles, try layers.author(layer.diffID) == .ourselves { return .files(layer.diffID) }
        let blobs = try (layer.blobs + layers.sources(layer.diffID)).filter { try content.has($0.digest) }
        if let blob = try blobs.first(where: { try layers.isVerified($0.digest, layer.diffID) }) ?? blobs.first {
            return .unpacked(blob.digest, layer.diffID)
        }
        guard hasFiles else { throw layers.missing(layer.diffID) }
        return .files(layer.diffID)
    }

    /// A packed blob of a layer that somebody else may have written; nil for our own, which are packed as is asked for.
    private func foreignBlob(of layer: DiffID) throws -> Descriptor? {
        guard try layers.author(layer) == .unknown else { return nil }
        return try layers.sources(layer).first {
            try $0.digest != layer.digest && layers.isVerified($0.digest, layer) && content.has($0.digest)
        }
    }

    /// The blob of a layer packed in a certain way, made if it is not there.
    private func packedBlob(
        of layer: Image.Layer, _ compression: LayerCompression, _ observer: PackingObserver?, _ pace: PackingPace?
    ) throws -> Descriptor {
        guard let format = compression.format, let name = compression.name else { throw layers.missing(layer.diffID) }
        if let known = try layers.packed(layer.diffID, name), try content.size(of: known.digest) == known.size {
            return known
        }
        let archive = try archive(of: layer)
        let writer = try content.makeWriter(.recoverable)
        let growing = try observer.map { _ in GrowingBlob(try writer.reader()) }
        if let growing { observer?(growing) }
        do {
            let compressor = StreamCompressor(format, level: compression.level, isUnhurried: pace) {
                _ = try pace?()
                try writer.write($0)
                growing?.grew(to: writer.written)
            }
            try read(archive) { try compressor.write($0) }
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
