internal import Archive
internal import LinuxSystem
package import OCI
internal import SystemPackage

extension Store {
    /// An image none of whose own files is younger than a moment: what a build wrote no longer tells when it was built.
    ///
    /// - Parameters:
    ///   - latest: seconds since 1970; later times of files become this one.
    ///   - firstLayer: the layers below this one are a base's and stay as they are.
    package func clamping(_ image: Image, latest: Int64, from firstLayer: Int) throws -> Image {
        var layers = image.layers
        for index in layers.indices where index >= firstLayer {
            let layer = layers[index]
            let clamped = try clamped(layer, latest)
            if clamped != layer.diffID { layers[index] = Image.Layer(diffID: clamped) }
        }
        guard layers != image.layers else { return image }
        var config = image.config
        config.layers = layers.map(\.diffID)
        return Image(config: config, layers: layers)
    }

    private func clamped(_ layer: Image.Layer, _ latest: Int64) throws -> DiffID {
        try unpack(layer)
        let files = try layers.openFiles(layer.diffID)
        if let known = try layers.clamped(layer.diffID, latest), try layers.hasFiles(known) { return known }
        guard try LayerTimes.hasLater(than: latest, in: files) else { return layer.diffID }
        let directory = try makeTemporaryDirectory()
        let name = Array("fs".utf8)
        try directory.directory.makeDirectory(name)
        let unpacker = LayerUnpacker(root: try directory.directory.openDirectory(name), madeOf: layer.diffID)
        let facts = try unpacker.unpack { body in try LayerArchive.write(files, latest: latest, body) }
        try layers.publish(directory.path.appending("fs"), in: try workspace(), facts, by: .ourselves)
        try layers.rememberClamped(facts.diffID, of: layer.diffID, latest)
        return facts.diffID
    }
}

/// The times of a layer's files.
private enum LayerTimes {
    static func hasLater(than limit: Int64, in directory: Directory) throws -> Bool {
        var walk = try DirectoryWalk(directory)
        while let step = try walk.next() {
            guard case .entry(let name) = step, let status = try walk.current.status(name), !status.isWhiteout else {
                continue
            }
            if status.modified.seconds > limit { return true }
            if status.kind == .directory { try walk.enter(name) }
        }
        return false
    }
}

extension LayerDirectory {
    private static func clampedName(_ layer: DiffID, _ latest: Int64) -> [UInt8] {
        Array("\(layer.digest.hex)/clamped-\(latest)".utf8)
    }

    /// The layer that another one became.
    fileprivate func clamped(_ layer: DiffID, _ latest: Int64) throws -> DiffID? {
        guard let bytes = try directory.read(Self.clampedName(layer, latest), limit: 4096) else { return nil }
        return (try? Digest(String(decoding: bytes, as: UTF8.self))).map(DiffID.init)  // damaged: made anew
    }

    fileprivate func rememberClamped(_ clamped: DiffID, of layer: DiffID, _ latest: Int64) throws {
        let owner = try directory.openDirectory(Array(layer.digest.hex.utf8))
        try owner.replaceFile(Array("clamped-\(latest)".utf8), with: Array(clamped.description.utf8), .recoverable)
    }
}
