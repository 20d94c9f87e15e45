package import Debian
import Inspection
package import OCI
package import Storage

/// `slice: runtime`: the image of a recipe without what nothing in it needs.
package struct BaseSlice {
    package let store: Store
    package let recipe: BaseRecipe

    package struct Result {
        package let image: Image
        /// Sorted, with their bytes.
        package let dropped: [(path: ImagePath, size: Int64)]
    }

    package func run(_ image: Image) throws -> Result {
        let layers = try image.layers.map { layer in
            guard let blob = layer.blobs.first else { throw StorageError.layerMissing(layer.diffID) }
            return try TarLayer(BlobBytes(slices: store.content.slices(of: blob.digest)))
        }
        let hardLinks = layers.reduce(into: [ImagePath: ImagePath]()) { $0.merge($1.hardLinks) { _, last in last } }
        // The packages' own words stay whatever is dropped of them: scanners look there.
        let kept = PathFilter(
            (recipe.keptPatterns + ["/var/lib/dpkg/*"] + recipe.paths.map(\.path)).map { .exclude($0) })
        let slice = try RuntimeSlice(ImageTree(layers: layers), image.config, hardLinks: hardLinks) {
            kept.excludes($0)
        }
        guard !slice.dropped.isEmpty else { return Result(image: image, dropped: []) }
        let paths = Set(slice.dropped.keys)
        var sliced: [Image.Layer] = []
        for layer in image.layers { sliced.append(try copy(layer, without: paths)) }
        var config = image.config
        config.layers = sliced.map(\.diffID)
        let result = Image(config: config, layers: sliced)
        try store.adopt(result)
        return Result(image: result, dropped: slice.dropped.map { ($0.key, $0.value) }.sorted { $0.0 < $1.0 })
    }

    private func copy(_ layer: Image.Layer, without paths: Set<ImagePath>) throws -> Image.Layer {
        guard let blob = layer.blobs.first else { throw StorageError.layerMissing(layer.diffID) }
        let writer = try store.content.makeWriter()
        var slicer = LayerSlicer(dropping: paths)
        try store.content.forEachPiece(of: blob.digest) { piece in try slicer.consume(piece) { try writer.write($0) } }
        try slicer.finish { try writer.write($0) }
        let (digest, size) = try writer.commit(expecting: nil)
        return Image.Layer(diffID: DiffID(digest), blobs: [Descriptor(mediaType: .layer, digest: digest, size: size)])
    }
}
