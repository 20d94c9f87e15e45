internal import LinuxSystem
internal import OCI

/// The blobs that hold a layer: which one was made by which compression, and which came from elsewhere.
extension LayerDirectory {
    private static let packedName = Array("blobs".utf8)
    /// What the names of blobs begin with that a build cache brought.
    private static let claimed = "imported-"

    /// A layer's blob by the name of its compression; it may have been removed meanwhile.
    func packed(_ layer: DiffID, _ name: String) throws -> Descriptor? {
        try packedBlobs(layer).first { $0.name == name }?.blob
    }

    /// Every blob of a layer that was ever there.
    func packedBlobs(_ layer: DiffID) throws -> [(name: String, blob: Descriptor)] {
        let path = Array(layer.digest.hex.utf8) + [UInt8(ascii: "/")] + Self.packedName
        // damaged: none
        guard let bytes = try directory.read(path, limit: 1 << 20), let json = try? JSON.parse(bytes) else { return [] }
        return (json.object?.members ?? []).compactMap { member in
            (try? Descriptor(member.value)).map { (member.key, $0) }  // damaged: as if it were not there
        }
    }

    /// Whether it is known that a blob holds a layer, because it was unpacked once or made here of the layer's files.
    ///
    /// What an image or a build cache from elsewhere says is not enough: a config may name any layer beside any blob.
    func isVerified(_ blob: Digest, _ layer: DiffID) throws -> Bool {
        if blob == layer.digest { return true }
        return try packedBlobs(layer).contains { $0.blob.digest == blob && !$0.name.hasPrefix(Self.claimed) }
    }

    /// The blobs that may be unpacked to a layer, those that were unpacked once first. One whose digest is the layer's is
    /// its plain archive.
    func sources(_ layer: DiffID) throws -> [Descriptor] {
        let known = try packedBlobs(layer)
        let plain = Descriptor(mediaType: .layer, digest: layer.digest, size: try facts(layer)?.archiveSize ?? 0)
        return [plain] + known.filter { !$0.name.hasPrefix(Self.claimed) }.map(\.blob)
            + known.filter { $0.name.hasPrefix(Self.claimed) }.map(\.blob)
    }

    /// Remembers that a blob, unpacked, is a layer.
    func rememberVerified(_ blob: Descriptor, of layer: DiffID) throws {
        if try !isVerified(blob.digest, layer) {
            try remember(blob, of: layer, "verified-\(blob.digest.hex.prefix(16))")
        }
    }

    /// Remembers that somebody says that a blob, unpacked, is a layer.
    func rememberClaimed(_ blob: Descriptor, of layer: DiffID) throws {
        try remember(blob, of: layer, "\(Self.claimed)\(blob.digest.short)")
    }

    /// - Parameter name: of the compression, or where the blob came from.
    func remember(_ blob: Descriptor, of layer: DiffID, _ name: String) throws {
        let directoryName = Array(layer.digest.hex.utf8)
        try directory.ensureDirectory(directoryName)
        var object = JSONObject()
        for (name, blob) in try packedBlobs(layer) { object[name] = blob.json }
        object[name] = blob.json
        try directory.openDirectory(directoryName).replaceFile(
            Self.packedName, with: JSON.object(object).bytes, .recoverable)
    }
}
