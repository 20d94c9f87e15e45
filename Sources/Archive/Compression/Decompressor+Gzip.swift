internal import CCompression

/// zlib's inflate with gzip's header and trailer.
final class GzipDecoder: StreamDecoder {
    /// zlib's state points back at the stream, so its address must stay.
    private let stream: UnsafeMutablePointer<z_stream>
    private var boundary = StreamBoundary.inside
    private(set) var hasPendingOutput = false

    init() throws(DecompressionError) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let status = inflateInit2_(stream, MAX_WBITS + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard status == Z_OK else { throw .outOfMemory(.gzip) }
    }

    deinit {
        inflateEnd(stream)
        stream.deinitialize(count: 1)
        stream.deallocate()
    }

    func isComplete() -> Bool {
        switch boundary {
        case .between, .padding: true
        case .inside: false
        }
    }

    func step(
        _ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer
    ) throws(DecompressionError) -> (consumed: Int, produced: Int) {
        switch boundary.decide(input, first: 0x1F) {
        case .decode: break
        case .beginStream: inflateReset(stream)
        case .skip(let count): return (count, 0)
        case .refuse: throw .trailingBytes(.gzip)
        }
        stream.pointee.next_in = UnsafeMutablePointer(mutating: input.bindMemory(to: UInt8.self).baseAddress)
        stream.pointee.avail_in = UInt32(input.count)
        stream.pointee.next_out = output.bindMemory(to: UInt8.self).baseAddress
        stream.pointee.avail_out = UInt32(output.count)
        let status = inflate(stream, Z_NO_FLUSH)
        let consumed = input.count - Int(stream.pointee.avail_in)
        let produced = output.count - Int(stream.pointee.avail_out)
        hasPendingOutput = status == Z_OK && produced == output.count
        switch status {
        case Z_STREAM_END: boundary = .between
        case Z_OK, Z_BUF_ERROR: break
        case Z_MEM_ERROR: throw .outOfMemory(.gzip)
        default: throw .corrupt(.gzip)
        }
        return (consumed, produced)
    }
}
