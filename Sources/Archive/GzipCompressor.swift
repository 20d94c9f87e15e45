internal import CCompression

/// Packs a stream as gzip (RFC 1952), piece by piece, with the same bytes for the same input everywhere.
public final class GzipCompressor {
    private let stream: UnsafeMutablePointer<z_stream>
    private let header: UnsafeMutablePointer<gz_header>
    private let output: UnsafeMutableRawBufferPointer

    /// - Parameter level: 1, fast, to 9, small.
    /// - Throws: ``CompressionError/outOfMemory``.
    public init(level: Int = 6) throws(CompressionError) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        header = .allocate(capacity: 1)
        header.initialize(to: gz_header())
        output = .allocate(byteCount: Decompressor.outputSize, alignment: 16)
        let status = deflateInit2_(
            stream, Int32(min(9, max(1, level))), Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        guard status == Z_OK else { throw .outOfMemory }
        // No name, no time; the operating system is "unknown" (RFC 1952, 2.3.1).
        header.pointee.os = 255
        deflateSetHeader(stream, header)
    }

    deinit {
        deflateEnd(stream)
        stream.deinitialize(count: 1)
        stream.deallocate()
        header.deinitialize(count: 1)
        header.deallocate()
        output.deallocate()
    }

    /// Packs the next piece; what is ready is handed over in pieces that live until `body` returns.
    public func compress(_ input: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        var rest = input
        while !rest.isEmpty {
            // The C interface counts in 32 bits.
            let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(1 << 30))
            try run(piece, Z_NO_FLUSH, body)
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(piece.count))
        }
    }

    /// Writes what is left, and the trailer. Call once, at the end.
    public func finish(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        try run(UnsafeRawBufferPointer(start: nil, count: 0), Z_FINISH, body)
    }

    private func run(
        _ input: UnsafeRawBufferPointer, _ flush: Int32, _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        stream.pointee.next_in = UnsafeMutablePointer(mutating: input.bindMemory(to: UInt8.self).baseAddress)
        stream.pointee.avail_in = UInt32(input.count)
        var produced: Int
        repeat {
            stream.pointee.next_out = output.bindMemory(to: UInt8.self).baseAddress
            stream.pointee.avail_out = UInt32(output.count)
            deflate(stream, flush)
            produced = output.count - Int(stream.pointee.avail_out)
            if produced > 0 { try body(UnsafeRawBufferPointer(rebasing: output.prefix(produced))) }
        } while produced == output.count
    }
}

/// Why bytes cannot be packed.
public enum CompressionError: Error, Hashable, Sendable {
    case outOfMemory
}
