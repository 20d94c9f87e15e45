internal import Archive
internal import OCI

/// A build context that comes as an archive or, when it is none, as the text of a Dockerfile.
package final class ContextArchive {
    /// What the bytes turned out to be.
    package enum Content {
        /// An archive, unpacked for as long as the directory lives.
        case directory(TemporaryDirectory)
        case dockerfile([UInt8])
    }

    private let store: Store
    private var head: [UInt8] = []
    private var unpacking: (directory: TemporaryDirectory, assembler: LayerAssembler, extraction: ArchiveExtraction)?

    private static let dockerfileLimit = 16 << 20

    package init(_ store: Store) { self.store = store }

    /// Takes the next bytes.
    package func consume(_ bytes: UnsafeRawBufferPointer) throws {
        if let unpacking { return try Self.told { try unpacking.extraction.consume(bytes) } }
        head += bytes
        guard head.count >= TarReader.blockSize else { return }
        if Self.isArchive(head) {
            try begin()
        } else if head.count > Self.dockerfileLimit {
            throw ContextArchiveError.neitherArchiveNorDockerfile
        }
    }

    /// - Throws: ``ContextArchiveError`` when the bytes are neither kind.
    package func finish() throws -> Content {
        if unpacking == nil, Self.isArchive(head) { try begin() }
        guard let unpacking else {
            guard !head.isEmpty, !head.contains(0) else { throw ContextArchiveError.neitherArchiveNorDockerfile }
            return .dockerfile(head)
        }
        try Self.told { try unpacking.extraction.finish() }
        _ = try unpacking.assembler.finish()
        return .directory(unpacking.directory)
    }

    private static func isArchive(_ head: [UInt8]) -> Bool {
        Compression.detect(head) != .none || TarReader.isHeader(head.prefix(TarReader.blockSize))
    }

    private static func told<Result>(_ body: () throws -> Result) throws -> Result {
        try ArchiveFault.told({ StorageError.invalidArchive(name: nil, entry: "", $0) }, body)
    }

    private func begin() throws {
        let directory = try store.makeTemporaryDirectory()
        let assembler = LayerAssembler(root: directory.directory, base: FileTree(layers: []))
        let extraction = ArchiveExtraction(assembler: assembler, destination: .root, owner: nil)
        unpacking = (directory, assembler, extraction)
        try Self.told { try head.withUnsafeBytes { try extraction.consume($0) } }
        head = []
    }
}

package enum ContextArchiveError: Error, Hashable, Sendable {
    case neitherArchiveNorDockerfile
}
