import OCI
import Synchronization

/// A store in memory that, like the real one, keeps what was committed and nothing else.
final class MemoryContent: PiecewiseContent {
    private let blobs: Mutex<[Digest: [UInt8]]>

    init(_ contents: [[UInt8]] = []) {
        blobs = Mutex(Dictionary(contents.map { (Digest(sha256: $0), $0) }) { first, _ in first })
    }

    var digests: Set<Digest> { blobs.withLock { Set($0.keys) } }

    func bytes(_ digest: Digest) -> [UInt8]? { blobs.withLock { $0[digest] } }

    func contains(_ digest: Digest) async throws -> Bool { bytes(digest) != nil }

    func read(_ digest: Digest, _ body: (UnsafeRawBufferPointer) throws -> Void) async throws {
        guard let bytes = bytes(digest) else { throw ContentError.missing(digest) }
        try bytes.withUnsafeBytes(body)
    }

    func writer() async throws -> any ContentWriter { Writer(self) }

    func reader(of digest: Digest) async throws -> any ContentReader {
        guard let bytes = bytes(digest) else { throw ContentError.missing(digest) }
        return Reader(rest: bytes[...])
    }

    private final class Writer: ContentWriter {
        private let content: MemoryContent
        private var bytes: [UInt8] = []

        init(_ content: MemoryContent) { self.content = content }

        func write(_ piece: UnsafeRawBufferPointer) { bytes += piece }

        func commit(expecting: Digest?) throws -> (digest: Digest, size: Int64) {
            let digest = Digest(sha256: bytes)
            if let expecting, expecting != digest {
                throw ContentError.digestMismatch(expected: expecting, actual: digest)
            }
            content.blobs.withLock { $0[digest] = bytes }
            return (digest, Int64(bytes.count))
        }
    }

    private final class Reader: ContentReader {
        private var rest: ArraySlice<UInt8>

        init(rest: ArraySlice<UInt8>) { self.rest = rest }

        func next() -> [UInt8]? {
            let piece = Array(rest.prefix(10_000))
            rest = rest.dropFirst(10_000)
            return piece.isEmpty ? nil : piece
        }
    }
}
