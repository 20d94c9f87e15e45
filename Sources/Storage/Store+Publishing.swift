internal import Archive
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

    /// Makes every blob that an image needs elsewhere, compressed once and remembered in the image's record.
    ///
    /// - Returns: the image with its blobs, and its manifest, which the store has too.
    public func publish(_ image: Image) throws -> (image: Image, manifest: Descriptor) {
        var layers: [Image.Layer] = []
        for layer in image.layers {
            if try layer.blobs.contains(where: { try content.has($0.digest) }) {
                layers.append(layer)
            } else {
                layers.append(Image.Layer(diffID: layer.diffID, blobs: [try compress(layer.diffID)]))
            }
        }
        let manifestBytes = try image.manifestBytes ?? manifest(image, layers)
        let manifest = Descriptor(
            mediaType: try Manifest(bytes: manifestBytes).mediaType, digest: try content.put(manifestBytes),
            size: Int64(manifestBytes.count), platform: image.config.platform)
        let published = try Image(manifestBytes: manifestBytes, configBytes: image.configBytes)
        try adopt(published)
        return (published, manifest)
    }

    private func manifest(_ image: Image, _ layers: [Image.Layer]) throws -> [UInt8] {
        let descriptors = try layers.map { layer in
            guard let blob = try layer.blobs.first(where: { try content.has($0.digest) }) else {
                throw StorageError.layerMissing(layer.diffID)
            }
            return blob
        }
        let config = Descriptor(mediaType: .config, digest: image.id, size: Int64(image.configBytes.count))
        return Manifest(config: config, layers: descriptors).bytes
    }

    private func compress(_ layer: DiffID) throws -> Descriptor {
        let writer = try content.makeWriter()
        let compressor = try GzipCompressor()
        try layers.writeArchive(layer) { bytes in try compressor.compress(bytes) { try writer.write($0) } }
        try compressor.finish { try writer.write($0) }
        let (digest, size) = try writer.commit(expecting: nil)
        return Descriptor(mediaType: .layerGzip, digest: digest, size: size)
    }
}
