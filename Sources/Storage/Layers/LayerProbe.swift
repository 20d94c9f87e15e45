internal import Archive
internal import OCI

/// Reads a layer's blob without unpacking it: is it what its config says, and how large are its files?
final class LayerProbe {
    private let layer: DiffID
    private let decompressor = DetectingDecompressor()
    private var reader = TarReader()
    private var hasher = ContentHasher()
    private var content = TimelessIdentity()
    private var size: Int64 = 0
    private var archiveSize: Int64 = 0

    init(layer: DiffID) { self.layer = layer }

    /// - Throws: ``StorageError/layerMismatch(expected:actual:)`` or ``StorageError/invalidLayer(_:entry:reason:)``.
    func probe(_ pieces: ((UnsafeRawBufferPointer) throws -> Void) throws -> Void) throws -> LayerDirectory.Facts {
        try ArchiveFault.told({ StorageError.invalidLayer(layer, entry: "", $0) }) {
            try pieces { try decompressor.decompress($0, consume) }
            try decompressor.finish(consume)
            try reader.finish()
        }
        let actual = DiffID(hasher.finalize())
        guard actual == layer else { throw StorageError.layerMismatch(expected: layer, actual: actual) }
        return LayerDirectory.Facts(
            diffID: layer, content: content.finalize(), size: size, archiveSize: archiveSize)
    }

    private func consume(_ plain: UnsafeRawBufferPointer) throws {
        hasher.update(plain)
        archiveSize += Int64(plain.count)
        var rest = plain
        while let event = try reader.next(&rest) {
            switch event {
            case .entry(let header): content.add(header)
            case .content(let bytes):
                content.update(bytes)
                size += Int64(bytes.count)
            case .hole(let count):
                Zeros.forEachPiece(count) { content.update($0) }
                size += count
            case .endOfEntry, .end: break
            }
        }
    }
}
