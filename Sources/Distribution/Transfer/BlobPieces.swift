import NIOCore
import OCI

/// A blob's bytes on their way, piece after piece as the taker asks for them.
struct BlobPieces: AsyncSequence, Sendable {
    enum Origin: Sendable {
        case response(HTTPBody, host: String, RegistrySession)
        case content(any PiecewiseContent, Digest)
    }

    let origin: Origin
    /// Bytes at the beginning that are not handed out.
    var skipped: Int64 = 0
    /// Told of the bytes handed out so far.
    var observer: (@Sendable (Int64) -> Void)?
    /// What the bytes must be, where they go on unseen.
    var expected: (descriptor: Descriptor, target: RegistryTarget)?

    func makeAsyncIterator() -> Iterator { Iterator(self) }

    struct Iterator: AsyncIteratorProtocol {
        private let pieces: BlobPieces
        private var response: HTTPBody.AsyncIterator?
        private var reader: (any ContentReader)?
        private var toSkip: Int64
        private var handedOut: Int64 = 0
        private var hasher = ContentHasher()

        init(_ pieces: BlobPieces) {
            self.pieces = pieces
            toSkip = pieces.skipped
        }

        mutating func next() async throws -> ByteBuffer? {
            while var piece = try await received() {
                let skip = Int(Swift.min(toSkip, Int64(piece.readableBytes)))
                toSkip -= Int64(skip)
                piece.moveReaderIndex(forwardBy: skip)
                guard piece.readableBytes > 0 else { continue }
                handedOut += Int64(piece.readableBytes)
                if pieces.expected != nil { piece.withUnsafeReadableBytes { hasher.update($0) } }
                try checkLength()
                pieces.observer?(handedOut)
                return piece
            }
            try checkEnd()
            return nil
        }

        private mutating func received() async throws -> ByteBuffer? {
            switch pieces.origin {
            case .response(let body, let host, let session):
                do {
                    if response == nil { response = body.makeAsyncIterator() }
                    return try await response?.next(isolation: #isolation)
                } catch {
                    throw try session.interruption(error, host: host)
                }
            case .content(let content, let digest):
                if reader == nil { reader = try await content.reader(of: digest) }
                return try reader?.next().map { ByteBuffer(bytes: $0) }
            }
        }

        private func checkLength() throws {
            guard let (descriptor, target) = pieces.expected, handedOut > descriptor.size else { return }
            throw RegistryError.sizeMismatch(target, expected: descriptor.size, actual: handedOut)
        }

        private func checkEnd() throws {
            guard let (descriptor, target) = pieces.expected else { return }
            guard handedOut == descriptor.size else {
                throw Interruption(
                    error: .truncated(target, expected: descriptor.size, received: handedOut))
            }
            let digest = hasher.finalize()
            guard digest == descriptor.digest else {
                throw RegistryError.digestMismatch(target, expected: descriptor.digest, actual: digest)
            }
        }
    }
}
