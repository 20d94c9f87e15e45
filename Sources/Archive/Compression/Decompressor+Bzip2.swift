internal import CCompression

/// libbz2, stream after stream.
final class Bzip2Decoder: StreamDecoder {
    private let stream: UnsafeMutablePointer<bz_stream>
    private var boundary = StreamBoundary.inside
    private(set) var hasPendingOutput = false

    init() throws(DecompressionError) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: bz_stream())
        guard BZ2_bzDecompressInit(stream, 0, 0) == BZ_OK else { throw .outOfMemory(.bzip2) }
    }

    deinit {
        BZ2_bzDecompressEnd(stream)
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
        switch boundary.decide(input, first: UInt8(ascii: "B")) {
        case .decode: break
        case .beginStream:
            BZ2_bzDecompressEnd(stream)
            stream.pointee = bz_stream()
            guard BZ2_bzDecompressInit(stream, 0, 0) == BZ_OK else { throw .outOfMemory(.bzip2) }
        case .skip(let count): return (count, 0)
        case .refuse: throw .trailingBytes(.bzip2)
        }
        stream.pointee.next_in = UnsafeMutablePointer(mutating: input.bindMemory(to: CChar.self).baseAddress)
        stream.pointee.avail_in = UInt32(input.count)
        stream.pointee.next_out = output.bindMemory(to: CChar.self).baseAddress
        stream.pointee.avail_out = UInt32(output.count)
        let status = BZ2_bzDecompress(stream)
        let consumed = input.count - Int(stream.pointee.avail_in)
        let produced = output.count - Int(stream.pointee.avail_out)
        hasPendingOutput = status == BZ_OK && produced == output.count
        switch status {
        case BZ_STREAM_END: boundary = .between
        case BZ_OK: break
        case BZ_MEM_ERROR: throw .outOfMemory(.bzip2)
        default: throw .corrupt(.bzip2)
        }
        return (consumed, produced)
    }
}
