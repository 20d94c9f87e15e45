internal import CCompression

/// Unpacks a stream piece by piece in bounded memory.
///
/// Several gzip members, zstd frames, xz or bzip2 streams in a row are one stream, as their programs treat them. How
/// much may come out of how little is the caller's to bound.
package final class Decompressor {
    /// Bytes that a stream's window may take.
    package static let memoryLimit: UInt64 = 128 << 20
    /// Bytes that are handed over at a time.
    static let outputSize = 128 << 10

    package let compression: Compression
    private let decoder: (any StreamDecoder)?
    private let output: UnsafeMutableRawBufferPointer

    /// - Throws: ``DecompressionError/outOfMemory(_:)``.
    package init(_ compression: Compression) throws(DecompressionError) {
        self.compression = compression
        decoder =
            switch compression {
            case .none: nil
            case .gzip: try GzipDecoder()
            case .zstd: try ZstandardDecoder()
            case .xz: try XZDecoder()
            case .bzip2: try Bzip2Decoder()
            }
        output = .allocate(byteCount: decoder == nil ? 0 : Self.outputSize, alignment: 16)
    }

    deinit { output.deallocate() }

    /// Unpacks the next piece; what comes out is handed over in pieces that live until `body` returns.
    ///
    /// - Throws: ``DecompressionError``, and what `body` throws.
    package func decompress(_ input: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        guard let decoder else {
            if !input.isEmpty { try body(input) }
            return
        }
        var rest = input
        while !rest.isEmpty || decoder.hasPendingOutput {
            // The C interfaces count in 32 bits.
            let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(1 << 30))
            let step = try decoder.step(piece, output)
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(step.consumed))
            if step.produced > 0 { try body(UnsafeRawBufferPointer(rebasing: output.prefix(step.produced))) }
            if step.consumed == 0, step.produced == 0 { break }
        }
    }

    /// Call at the end of the input.
    ///
    /// - Throws: ``DecompressionError/truncated(_:)`` when the stream is not complete.
    package func finish() throws(DecompressionError) {
        guard let decoder else { return }
        guard try decoder.isComplete() else { throw .truncated(compression) }
    }
}

/// One of the C libraries behind ``Decompressor``.
protocol StreamDecoder: AnyObject {
    /// Whether the last step filled the output, so that more may come without more input.
    var hasPendingOutput: Bool { get }

    func step(
        _ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer
    ) throws(DecompressionError) -> (consumed: Int, produced: Int)

    /// Whether the input may end here.
    func isComplete() throws(DecompressionError) -> Bool
}

/// What may stand between two streams of a format that its library does not join by itself.
enum StreamBoundary {
    case inside
    /// A stream ended; another may begin.
    case between
    /// Zeros after the end, which tape drives and some writers leave.
    case padding

    enum Decision {
        case decode
        case beginStream
        case skip(Int)
        case refuse
    }

    /// What to do with the next bytes, `first` being the first byte of a stream's magic number.
    mutating func decide(_ input: UnsafeRawBufferPointer, first: UInt8) -> Decision {
        switch self {
        case .inside: return .decode
        case .between where input.first == first:
            self = .inside
            return .beginStream
        case .between, .padding:
            let zeros = input.prefix { $0 == 0 }.count
            guard zeros == input.count else { return .refuse }
            self = .padding
            return .skip(zeros)
        }
    }
}
