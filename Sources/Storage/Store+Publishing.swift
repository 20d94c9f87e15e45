public import OCI

extension Store {
    /// Stores an image whose layers are here, unpacked or as blobs; what is not known of a layer is found out.
    public func adopt(_ image: Image) throws {
        var size: Int64 = 0
        for layer in image.layers {
            let facts = try layers.facts(layer.diffID) ?? probe(layer)
            size += facts.size
        }
        try images.put(image, size: size)
    }

    /// Checks a layer's blob against its diffID and remembers what it holds.
    func probe(_ layer: Image.Layer) throws -> LayerDirectory.Facts {
        guard let blob = try layer.blobs.first(where: { try content.has($0.digest) }) else {
            throw StorageError.layerMissing(layer.diffID)
        }
        let facts = try LayerProbe(layer: layer.diffID).probe { body in try content.forEachPiece(of: blob.digest, body) }
        try layers.record(facts)
        return facts
    }

    /// Makes every blob that an image, or a list of images with what is said about them, needs elsewhere.
    ///
    /// - Returns: the manifest, or the index of a list.
    public func publish(_ id: Digest, _ compression: LayerCompression = .gzip) throws -> Descriptor {
        let members = try images.members(of: id)
        let statements = try images.statements(of: id)
        var (manifests, attestations): ([Descriptor], [Descriptor]) = ([], [])
        for member in members {
            let manifest = try publish(images.single(member), compression).manifest
            manifests.append(manifest)
            guard let said = statements[member] else { continue }
            let attestation = AttestationManifest(said, about: manifest.digest)
            for document in attestation.documents { try content.put(document) }
            attestations.append(attestation.descriptor)
        }
        if members == [id], let manifest = manifests.first { return manifest }
        let index = Index(manifests: manifests + attestations).bytes
        return Descriptor(mediaType: .index, digest: try content.put(index), size: Int64(index.count))
    }

    /// Makes every blob that an image needs elsewhere, compressed once and remembered in the image's record.
    ///
    /// - Returns: the image with its blobs, and its manifest, which the store has too.
    public func publish(
        _ image: Image, _ compression: LayerCompression = .gzip
    ) throws -> (image: Image, manifest: Descriptor) {
        let packed = try pack(image, compression)
        for layer in packed.layers { try keepBlob(layer) }
        try content.put(packed.manifestBytes)
        let published = try Image(manifestBytes: packed.manifestBytes, configBytes: packed.configBytes)
        try adopt(published)
        return (published, packed.manifest)
    }
}
