package import OCI

extension Store {
    /// Stores an image whose layers are here, unpacked or as blobs, after making sure that they are the config's layers.
    ///
    /// - Throws: what ``verify(_:)`` throws.
    package func adopt(_ image: Image) throws {
        try verify(image)
        // Whoever removes an image of the same content waits.
        try withNames { try put(image) }
    }

    /// Stores an image as it came from elsewhere: its blobs have the digests that its manifest names.
    ///
    /// Whether they are the layers that its config names is found out when they are first unpacked; until then nothing
    /// is kept under those layers' names (docs/decisions/0005). For use in ``withNames(_:)``.
    package func keepFetched(_ image: Image) throws {
        for layer in image.layers where try !layers.hasFiles(layer.diffID) {
            guard try layer.blobs.contains(where: { try has($0) }) else { throw layers.missing(layer.diffID) }
        }
        try put(image)
    }

    /// For use in ``withNames(_:)``.
    func put(_ image: Image) throws {
        let sizes = try image.layers.map { try layers.facts($0.diffID)?.size }
        let isKnown = !sizes.contains(nil)
        try images.put(image, size: isKnown ? sizes.reduce(0) { $0 + ($1 ?? 0) } : nil)
    }

    /// Makes sure that an image's layers are those of its config.
    ///
    /// - Throws: ``StorageError/layerMismatch(expected:actual:)``, ``StorageError/invalidLayer(_:entry:reason:)`` or
    ///   ``StorageError/layerMissing(_:)``.
    package func verify(_ image: Image) throws {
        for layer in image.layers { try verify(layer) }
    }

    /// Whether a blob is here, which must have the size that is told of it.
    private func has(_ blob: Descriptor) throws -> Bool {
        guard let size = try content.size(of: blob.digest) else { return false }
        guard size == blob.size else { throw ContentError.sizeMismatch(expected: blob.size, actual: size) }
        return true
    }

    private func verify(_ layer: Image.Layer) throws {
        guard let blob = try layer.blobs.first(where: { try has($0) }) else {
            guard try layers.hasFiles(layer.diffID) else { throw layers.missing(layer.diffID) }
            return
        }
        if try layers.isVerified(blob.digest, layer.diffID), try layers.facts(layer.diffID) != nil { return }
        _ = try probe(layer)
    }

    /// Checks a layer's blob against its diffID and remembers what it holds.
    func probe(_ layer: Image.Layer) throws -> LayerDirectory.Facts {
        guard let blob = try layer.blobs.first(where: { try content.has($0.digest) }) else {
            throw layers.missing(layer.diffID)
        }
        let facts = try examine(blob, layer.diffID)
        try layers.record(facts)
        try layers.rememberVerified(blob, of: layer.diffID)
        return facts
    }

    /// Checks a blob against a diffID.
    func examine(_ blob: Descriptor, _ layer: DiffID) throws -> LayerDirectory.Facts {
        try LayerProbe(layer: layer).probe { body in try content.forEachPiece(of: blob.digest, body) }
    }

    /// Makes every blob that an image, or a list of images with what is said about them, needs elsewhere.
    ///
    /// - Parameter observer: gets the layers that are packed for it.
    /// - Returns: the manifest, or the index of a list.
    package func publish(
        _ id: Digest, _ compression: LayerCompression = .gzip, observer: PackingObserver? = nil
    ) throws -> Descriptor {
        let members = try images.members(of: id)
        let statements = try images.statements(of: id)
        let notes = try images.notes(of: id)
        var (manifests, attestations): ([Descriptor], [Descriptor]) = ([], [])
        for member in members {
            let manifest = try publish(images.single(member), compression, notes: notes, observer: observer).manifest
            manifests.append(manifest)
            guard let said = statements[member] else { continue }
            let attestation = AttestationManifest(said, about: manifest.digest)
            for document in attestation.documents { try content.put(document) }
            attestations.append(attestation.descriptor)
        }
        if members == [id], let manifest = manifests.first { return manifest }
        let index = Index(manifests: manifests + attestations, annotations: notes.values(.index)).bytes
        return Descriptor(mediaType: .index, digest: try content.put(index), size: Int64(index.count))
    }

    /// Makes every blob that an image needs elsewhere, compressed once and remembered in the image's record.
    ///
    /// - Returns: the image with its blobs, and its manifest, which the store has too.
    package func publish(
        _ image: Image, _ compression: LayerCompression = .gzip, notes: ImageAnnotations = ImageAnnotations(),
        observer: PackingObserver? = nil
    ) throws -> (image: Image, manifest: Descriptor) {
        let packed = try pack(image, compression, notes: notes, observer: observer)
        for layer in packed.layers { try keepBlob(layer) }
        try content.put(packed.manifestBytes)
        let published = try Image(manifestBytes: packed.manifestBytes, configBytes: packed.configBytes)
        // What was packed here was checked then, and what was packed before goes out as it came.
        try withNames { try put(published) }
        return (published, packed.manifest)
    }
}
