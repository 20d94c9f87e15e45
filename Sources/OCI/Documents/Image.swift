/// The value that every producer returns and every exporter takes: one image for one platform.
package struct Image: Hashable, Sendable {
    /// The config's bytes exactly as they are digested; foreign bytes are never written anew.
    package let configBytes: [UInt8]
    package let config: ImageConfig
    /// From the lowest to the highest; as many as `config.layers`.
    package let layers: [Layer]
    /// The manifest as it was received, for an image that came from elsewhere.
    package let manifestBytes: [UInt8]?

    /// A layer and where its bytes can come from.
    package struct Layer: Hashable, Sendable {
        package let diffID: DiffID
        /// Blobs that hold this layer, compressed or not; none when it exists as a snapshot only.
        package let blobs: [Descriptor]

        package init(diffID: DiffID, blobs: [Descriptor] = []) { (self.diffID, self.blobs) = (diffID, blobs) }
    }

    package init(config: ImageConfig, layers: [Layer]) {
        configBytes = config.bytes
        self.config = config
        self.layers = layers
        manifestBytes = nil
    }

    /// An image from elsewhere.
    ///
    /// - Throws: when the config cannot be read or does not fit the manifest.
    package init(manifestBytes: [UInt8], configBytes: [UInt8]) throws(ImageFormatError) {
        let manifest = try Manifest(bytes: manifestBytes)
        config = try ImageConfig(bytes: configBytes)
        guard manifest.layers.count == config.layers.count else {
            throw .layerCountMismatch(manifest: manifest.layers.count, config: config.layers.count)
        }
        layers = zip(config.layers, manifest.layers).map { Layer(diffID: $0, blobs: [$1]) }
        self.configBytes = configBytes
        self.manifestBytes = manifestBytes
    }

    /// An image whose config came as bytes, without a manifest: a docker archive.
    package init(configBytes: [UInt8], layers: [Layer]) throws(ImageFormatError) {
        config = try ImageConfig(bytes: configBytes)
        guard layers.count == config.layers.count else {
            throw .layerCountMismatch(manifest: layers.count, config: config.layers.count)
        }
        self.configBytes = configBytes
        self.layers = layers
        manifestBytes = nil
    }

    /// The image ID: the config's digest.
    package var id: Digest { Digest(sha256: configBytes) }
}
