internal import CCompression

/// Packs the blocks of a stream one by one, each as a whole of its own: a gzip member (RFC 1952) or a zstd frame
/// (RFC 8878). The packed blocks in a row are the packed stream, and the same blocks always give the same bytes, whoever
/// packs them.
///
/// A value is used by one thread at a time.
package final class BlockCompressor {
    /// What blocks become.
    package enum Format: String, Hashable, Sendable {
        case gzip, zstd

        /// Bytes of a block: larger ones pack a little better, and take as much memory for each thread.
        package var blockSize: Int { self == .gzip ? 1 << 20 : 2 << 20 }

        /// From fast to small.
        package var levels: ClosedRange<Int> { self == .gzip ? 0...9 : 1...22 }

        /// docs/decisions/0004 has the measurements behind it.
        package var usualLevel: Int { self == .gzip ? 4 : 3 }

        /// How many blocks may be worked on at once; high levels of zstd take very much memory.
        package func parallelism(at level: Int) -> Int { self == .zstd && level > 15 ? 2 : 16 }
    }

    private enum Encoder {
        case gzip(OpaquePointer)
        case zstd(OpaquePointer)
    }

    private let encoder: Encoder

    /// - Parameter level: one of the format's levels; the nearest is taken for others.
    /// - Throws: ``CompressionError/outOfMemory``.
    package init(_ format: Format, level: Int) throws(CompressionError) {
        let level = Int32(min(format.levels.upperBound, max(format.levels.lowerBound, level)))
        switch format {
        case .gzip:
            guard let compressor = libdeflate_alloc_compressor(level) else { throw .outOfMemory }
            encoder = .gzip(compressor)
        case .zstd:
            guard let context = ZSTD_createCCtx() else { throw .outOfMemory }
            encoder = .zstd(context)
            for (parameter, value) in [(ZSTD_c_compressionLevel, level), (ZSTD_c_checksumFlag, 1)] {
                guard ZSTD_isError(ZSTD_CCtx_setParameter(context, parameter, value)) == 0 else { throw .outOfMemory }
            }
        }
    }

    deinit {
        switch encoder {
        case .gzip(let compressor): libdeflate_free_compressor(compressor)
        case .zstd(let context): ZSTD_freeCCtx(context)
        }
    }

    /// Packs one block, which may be empty.
    ///
    /// - Throws: ``CompressionError/outOfMemory``.
    package func compress(_ block: UnsafeRawBufferPointer) throws -> [UInt8] {
        switch encoder {
        case .gzip(let compressor):
            let bound = libdeflate_gzip_compress_bound(compressor, block.count)
            return try [UInt8](unsafeUninitializedCapacity: bound) { output, count in
                count = libdeflate_gzip_compress(
                    compressor, block.baseAddress, block.count, output.baseAddress, output.count)
                guard count > 0 else { throw CompressionError.outOfMemory }
            }
        case .zstd(let context):
            return try [UInt8](unsafeUninitializedCapacity: ZSTD_compressBound(block.count)) { output, count in
                let result = ZSTD_compress2(context, output.baseAddress, output.count, block.baseAddress, block.count)
                guard ZSTD_isError(result) == 0 else { throw CompressionError.outOfMemory }
                count = result
            }
        }
    }
}

/// Why bytes cannot be packed.
package enum CompressionError: Error, Hashable, Sendable {
    case outOfMemory
}
