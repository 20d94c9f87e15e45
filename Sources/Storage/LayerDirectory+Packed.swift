internal import LinuxSystem
internal import OCI

/// The blobs that hold a layer: which one was made by which compression, and which came from elsewhere.
extension LayerDirectory {
    private static let packedName = Array("blobs".utf8)

    /// A layer's blob by the name of its compression; it may have been removed meanwhile.
    func packed(_ layer: DiffID, _ name: String) throws -> Descriptor? {
        try packedBlobs(layer).first { $0.name == name }?.blob
    }

    /// Every blob of a layer that was ever there.
    func packedBlobs(_ layer: DiffID) throws -> [(name: String, blob: Descriptor)] {
        let path = Array(layer.digest.hex.utf8) + [UInt8(ascii: "/")] + Self.packedName
        guard let bytes = try directory.read(path, limit: 1 << 20), let json = try? JSON.parse(bytes) else { return [] }  // damaged: none
        return (json.object?.members ?? []).compactMap { member in
            (try? Descriptor(member.value)).map { (member.key, $0) }  // damaged: as if it were not there
        }
    }

    /// - Parameter name: of the compression, or where the blob came from.
    func remember(_ blob: Descriptor, of layer: DiffID, _ name: String) throws {
        let directoryName = Array(layer.digest.hex.utf8)
        try directory.ensureDirectory(directoryName)
        var object = JSONObject()
        for (name, blob) in try packedBlobs(layer) { object[name] = blob.json }
        object[name] = blob.json
        try directory.openDirectory(directoryName).replaceFile(Self.packedName, with: JSON.object(object).bytes, .recoverable)
    }
}
