internal import Archive
internal import OCI

/// A build context that comes as an archive or, when it is none, as the text of a Dockerfile.
public final class ContextArchive {
    /// What the bytes turned out to be.
    public enum Content {
        /// An archive, unpacked for as long as the directory lives.
        case directory(TemporaryDirectory)
        case dockerfile([UInt8])
    }

    private let store: Store
    private var head: [UInt8] = []
    private var unpacking: (directory: TemporaryDirectory, assembler: LayerAssembler, extraction: ArchiveExtraction)?

    /// Bytes that tell an archive from a text: a tar's first block.
    private static let headLength = 512
    private static let dockerfileLimit = 16 << 20

    public init(_ store: Store) { self.store = store }

    /// Takes the next bytes.
    public func consume(_ bytes: UnsafeRawBufferPointer) throws {
        if let unpacking { return try unpacking.extraction.consume(bytes) }
        head += bytes
        guard head.count >= Self.headLength else { return }
        if Self.isArchive(head) {
            try begin()
        } else if head.count > Self.dockerfileLimit {
            throw ContextArchiveError.neitherArchiveNorDockerfile
        }
    }

    /// - Throws: ``ContextArchiveError`` when the bytes are neither kind.
    public func finish() throws -> Content {
        if unpacking == nil, Self.isArchive(head) { try begin() }
        guard let unpacking else {
            guard !head.isEmpty, !head.contains(0) else { throw ContextArchiveError.neitherArchiveNorDockerfile }
            return .dockerfile(head)
        }
        do { try unpacking.extraction.finish() } catch is TarError { throw ContextArchiveError.damaged } catch is DecompressionError {
            throw ContextArchiveError.damaged
        }
        _ = try unpacking.assembler.finish()
        return .directory(unpacking.directory)
    }

    private static func isArchive(_ head: [UInt8]) -> Bool {
        if Compression.detect(head) != .none { return true }
        var reader = TarReader()
        return head.withUnsafeBytes { bytes in
            var rest = bytes
            // A first header with a good checksum; anything else is no tar.
            return ((try? reader.next(&rest)) ?? nil) != nil
        }
    }

    private func begin() throws {
        let directory = try store.makeTemporaryDirectory()
        let assembler = LayerAssembler(root: directory.directory, base: FileTree(layers: []))
        let extraction = ArchiveExtraction(assembler: assembler, destination: .root, owner: nil)
        unpacking = (directory, assembler, extraction)
        try head.withUnsafeBytes { try extraction.consume($0) }
        head = []
    }
}

public enum ContextArchiveError: Error, Hashable, Sendable {
    case neitherArchiveNorDockerfile
    case damaged
}
