internal import Archive
package import OCI

extension Store {
    /// Bytes of a layer's archive without some of its paths, as it is and as gzip packs it for a push.
    ///
    /// - Parameter left: paths from the root on, cleaned, without a slash in front.
    package func sizes(of layer: Image.Layer, without left: Set<[UInt8]>) throws -> (archive: Int64, packed: Int64) {
        var (archive, packed): (Int64, Int64) = (0, 0)
        let compressor = StreamCompressor(.gzip, level: BlockCompressor.Format.gzip.usualLevel) {
            packed += Int64($0.count)
        }
        var filter = ArchiveFilter(left) { bytes in
            archive += Int64(bytes.count)
            try compressor.write(bytes)
        }
        try ArchiveFault.told({ StorageError.invalidLayer(layer.diffID, entry: "", $0) }) {
            try readArchive(of: layer) { try filter.update($0) }
            try filter.finish()
        }
        try compressor.finish()
        return (archive, packed)
    }
}

/// Writes an archive anew without some of its entries.
private struct ArchiveFilter {
    private let left: Set<[UInt8]>
    private let output: (UnsafeRawBufferPointer) throws -> Void
    private var reader = TarReader()
    private var isKept = false
    private var padding = 0

    init(_ left: Set<[UInt8]>, _ output: @escaping (UnsafeRawBufferPointer) throws -> Void) {
        (self.left, self.output) = (left, output)
    }

    mutating func update(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes
        while let event = try reader.next(&rest) {
            switch event {
            case .entry(let header): try begin(header)
            case .content(let piece): if isKept { try output(piece) }
            case .hole(let count): if isKept { try Zeros.forEachPiece(count) { try output($0) } }
            case .endOfEntry: try end()
            case .end: break
            }
        }
    }

    mutating func finish() throws {
        try reader.finish()
        try TarWriter.end.withUnsafeBytes(output)
    }

    private mutating func begin(_ header: TarHeader) throws {
        isKept = ImagePath(header.name).map { !left.contains($0.relativeBytes) } ?? true
        padding = 0
        guard isKept else { return }
        try TarWriter.encode(header).withUnsafeBytes(output)
        switch header.kind {
        case .regular, .unknown: padding = TarWriter.padding(after: max(0, header.size))
        case .hardLink, .symbolicLink, .characterDevice, .blockDevice, .directory, .fifo: break
        }
    }

    private mutating func end() throws {
        if isKept { try [UInt8](repeating: 0, count: padding).withUnsafeBytes(output) }
        (isKept, padding) = (false, 0)
    }
}
