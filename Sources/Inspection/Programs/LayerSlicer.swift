internal import Archive
package import OCI

/// Copies a layer's archive without some of its paths. What stays has the bytes that it had.
package struct LayerSlicer {
    private let dropped: Set<ImagePath>
    private var reader = TarReader()
    private var isCopying = false
    private var padding = 0

    package init(dropping dropped: Set<ImagePath>) { self.dropped = dropped }

    /// Takes the next piece of the archive.
    ///
    /// - Throws: ``Archive/TarError``, and what `write` throws.
    package mutating func consume(_ piece: UnsafeRawBufferPointer, _ write: (UnsafeRawBufferPointer) throws -> Void)
        throws
    {
        var rest = piece
        while let event = try reader.next(&rest) {
            switch event {
            case .entry(let header):
                isCopying = ImagePath(header.name).map { !dropped.contains($0) } ?? true
                guard isCopying else { continue }
                padding = TarWriter.padding(after: header.size)
                try TarWriter.encode(header).withUnsafeBytes { try write($0) }
            case .content(let bytes): if isCopying { try write(bytes) }
            // Whole in the copy, as its header says.
            case .hole(let count): if isCopying { try Zeros.forEachPiece(count, write) }
            case .endOfEntry:
                guard isCopying, padding > 0 else { continue }
                try [UInt8](repeating: 0, count: padding).withUnsafeBytes { try write($0) }
            case .end: continue
            }
        }
    }

    /// Ends the archive.
    package mutating func finish(_ write: (UnsafeRawBufferPointer) throws -> Void) throws {
        try reader.finish()
        try TarWriter.end.withUnsafeBytes { try write($0) }
    }
}
