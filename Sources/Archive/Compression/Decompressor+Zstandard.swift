internal import CCompression

/// libzstd, frame after frame.
final class ZstandardDecoder: StreamDecoder {
    /// Log2 of ``Decompressor/memoryLimit``, the greatest window that the zstd program accepts without being told.
    private static let windowLimit: Int32 = 27

    private let context: OpaquePointer
    /// Zero when a frame ended with the bytes that were read so far.
    private var missing = 1
    private(set) var hasPendingOutput = false

    init() throws(DecompressionError) {
        guard let context = ZSTD_createDCtx() else { throw .outOfMemory(.zstd) }
        self.context = context
        guard ZSTD_isError(ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, Self.windowLimit)) == 0 else {
            throw .outOfMemory(.zstd)
        }
    }

    deinit { ZSTD_freeDCtx(context) }

    func isComplete() -> Bool { missing == 0 }

    func step(
        _ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer
    ) throws(DecompressionError) -> (consumed: Int, produced: Int) {
        var source = ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
        var target = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
        let result = ZSTD_decompressStream(context, &target, &source)
        if ZSTD_isError(result) != 0 {
            switch ZSTD_getErrorCode(result) {
            case ZSTD_error_memory_allocation: throw .outOfMemory(.zstd)
            case ZSTD_error_frameParameter_windowTooLarge: throw .memoryLimit(.zstd)
            default: throw .corrupt(.zstd)
            }
        }
        // Flushing with nothing to flush would look like the start of a new frame.
        if source.pos > 0 || target.pos > 0 { missing = result }
        hasPendingOutput = result != 0 && target.pos == target.size
        return (source.pos, target.pos)
    }
}
