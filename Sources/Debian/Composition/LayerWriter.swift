internal import Archive
internal import OCI

/// Writes a layer's tar into the content store, a block at a time.
struct LayerWriter {
    private static let bufferSize = 256 << 10

    private let content: any ContentWriter
    private var buffer: [UInt8] = []
    private var padding = 0

    init(_ content: any ContentWriter) {
        self.content = content
        buffer.reserveCapacity(Self.bufferSize + 4096)
    }

    /// Starts an entry; as many bytes as its header says must follow, then ``endEntry()``.
    mutating func begin(_ header: TarHeader) throws {
        buffer += TarWriter.encode(header)
        padding = TarWriter.padding(after: header.size)
        try flush(above: Self.bufferSize)
    }

    mutating func write(_ bytes: UnsafeRawBufferPointer) throws {
        if bytes.count >= Self.bufferSize {
            try flush(above: 0)
            try content.write(bytes)
        } else {
            buffer.append(contentsOf: bytes)
            try flush(above: Self.bufferSize)
        }
    }

    mutating func endEntry() { buffer.append(contentsOf: repeatElement(0, count: padding)) }

    mutating func write(_ header: TarHeader, _ bytes: [UInt8]) throws {
        try begin(header)
        try bytes.withUnsafeBytes { try write($0) }
        endEntry()
    }

    /// Ends the archive and publishes it.
    mutating func commit() throws -> (digest: Digest, size: Int64) {
        buffer += TarWriter.end
        try flush(above: 0)
        return try content.commit(expecting: nil)
    }

    private mutating func flush(above limit: Int) throws {
        guard buffer.count > limit else { return }
        try buffer.withUnsafeBytes { try content.write($0) }
        buffer.removeAll(keepingCapacity: true)
    }
}
