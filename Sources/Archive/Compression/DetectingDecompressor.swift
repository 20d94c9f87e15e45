/// Unpacks a stream whose first bytes tell how it is packed, however few of them come at a time.
package final class DetectingDecompressor {
    private var decompressor: Decompressor?
    /// What came before there was enough to tell.
    private var head: [UInt8] = []

    package init() {}

    /// Unpacks the next piece.
    ///
    /// - Throws: ``DecompressionError``, and what `body` throws.
    package func decompress(_ input: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        if let decompressor { return try decompressor.decompress(input, body) }
        if head.isEmpty, input.count >= Compression.detectionLength { return try begin(input, body) }
        head += input
        if head.count >= Compression.detectionLength { try beginWithHead(body) }
    }

    /// Call at the end of the input.
    ///
    /// - Throws: ``DecompressionError/truncated(_:)`` when the stream is not complete, and what `body` throws.
    package func finish(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        if decompressor == nil, !head.isEmpty { try beginWithHead(body) }
        try decompressor?.finish()
    }

    private func beginWithHead(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        let bytes = head
        head = []
        try bytes.withUnsafeBytes { try begin($0, body) }
    }

    private func begin(_ input: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        let made = try Decompressor(Compression.detect(input))
        decompressor = made
        try made.decompress(input, body)
    }
}
