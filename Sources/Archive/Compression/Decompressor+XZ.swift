internal import CCompression

/// liblzma's decoder of .xz files, which joins streams and checks padding by itself.
final class XZDecoder: StreamDecoder {
    /// `LZMA_CONCATENATED`, whose definition Swift cannot read.
    private static let concatenated: UInt32 = 0x08

    private let stream: UnsafeMutablePointer<lzma_stream>
    private var isAtEnd = false
    private(set) var hasPendingOutput = false

    init() throws(DecompressionError) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: lzma_stream())
        let status = lzma_stream_decoder(stream, Decompressor.memoryLimit, Self.concatenated)
        guard status == LZMA_OK else { throw .outOfMemory(.xz) }
    }

    deinit {
        lzma_end(stream)
        stream.deinitialize(count: 1)
        stream.deallocate()
    }

    /// Only the decoder knows, once it is told that nothing follows.
    func isComplete() throws(DecompressionError) -> Bool {
        guard !isAtEnd else { return true }
        stream.pointee.next_in = nil
        stream.pointee.avail_in = 0
        stream.pointee.next_out = nil
        stream.pointee.avail_out = 0
        return lzma_code(stream, LZMA_FINISH) == LZMA_STREAM_END
    }

    func step(
        _ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer
    ) throws(DecompressionError) -> (consumed: Int, produced: Int) {
        stream.pointee.next_in = input.bindMemory(to: UInt8.self).baseAddress.map { UnsafePointer($0) }
        stream.pointee.avail_in = input.count
        stream.pointee.next_out = output.bindMemory(to: UInt8.self).baseAddress
        stream.pointee.avail_out = output.count
        let status = lzma_code(stream, LZMA_RUN)
        let consumed = input.count - stream.pointee.avail_in
        let produced = output.count - stream.pointee.avail_out
        hasPendingOutput = status == LZMA_OK && produced == output.count
        switch status {
        case LZMA_STREAM_END: isAtEnd = true
        case LZMA_OK, LZMA_BUF_ERROR: break
        case LZMA_MEM_ERROR: throw .outOfMemory(.xz)
        case LZMA_MEMLIMIT_ERROR: throw .memoryLimit(.xz)
        default: throw .corrupt(.xz)
        }
        return (consumed, produced)
    }
}
