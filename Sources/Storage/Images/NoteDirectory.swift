internal import LinuxSystem
package import OCI

/// What was found out about layers or images, one file each under a digest. It can be found out again: what cannot be written
/// is not kept, and the directory is made with the first note.
package struct NoteDirectory: Sendable {
    /// Bytes of a note.
    private static let limit = 512 << 20

    private let root: Directory
    private let name: [UInt8]

    init(_ name: String, in root: Directory) { (self.root, self.name) = (root, Array(name.utf8)) }

    /// - Returns: nil for what is not there or cannot be read.
    package func load(_ digest: Digest) -> [UInt8]? {
        // What cannot be read is made again.
        try? root.openDirectory(name).read(Array(digest.hex.utf8), limit: Self.limit)
    }

    package func keep(_ bytes: [UInt8], under digest: Digest) {
        // A full disk, or a medium that cannot be written: it is made again the next time.
        try? write(bytes, digest)
    }

    private func write(_ bytes: [UInt8], _ digest: Digest) throws {
        guard bytes.count <= Self.limit else { return }
        try root.ensureDirectory(name, mode: 0o700)
        try root.openDirectory(name).replaceFile(Array(digest.hex.utf8), with: bytes, .recoverable)
    }

    /// Removes all notes but those of some digests.
    func retain(_ digests: Set<Digest>) throws {
        guard try root.status(name) != nil else { return }
        let directory = try root.openDirectory(name)
        let kept = Set(digests.map(\.hex))
        for file in try directory.names() where !kept.contains(String(decoding: file, as: UTF8.self)) {
            try directory.removeFile(file)
        }
    }
}

extension Store {
    /// What the archives of layers say, by diffID.
    package var records: NoteDirectory { NoteDirectory("records", in: root) }

    /// What builds knew of their images, by image ID.
    package var buildNotes: NoteDirectory { NoteDirectory("image-builds", in: root) }

    /// Whether a layer's bytes are here, packed or not.
    package func has(_ layer: Image.Layer) throws -> Bool {
        if try layers.hasFiles(layer.diffID) { return true }
        return try layer.blobs.contains { try content.has($0.digest) } || !blobs(of: layer.diffID).isEmpty
    }

    /// Bytes of a layer as it was packed; nil where it never was.
    package func packedSize(of layer: Image.Layer) throws -> Int64? {
        if let blob = layer.blobs.first { return blob.size }
        return try layers.packedBlobs(layer.diffID).map(\.blob).first { $0.digest != layer.diffID.digest }?.size
    }
}
