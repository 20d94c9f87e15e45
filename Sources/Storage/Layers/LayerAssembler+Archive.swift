internal import Archive
internal import LinuxSystem
internal import OCI

extension LayerAssembler {
    /// Unpacks a selected file of ADD if it is an archive, by its content and not by its name (Dockerfile reference, ADD,
    /// "Adding local tar archives").
    ///
    /// - Returns: false if it is anything else; nothing has been done then.
    func unpack(_ selection: CopySource.Selection, into destination: ImagePath, owner: (user: UInt32, group: UInt32)?)
        throws -> Bool
    {
        guard selection.node.status.kind == .regular, try Self.isArchive(selection.node) else { return false }
        // An archive names its files in any order.
        identity.invalidate()
        begin(selection)
        _ = try makeDirectory(destination, owner: owner)
        let name = String(decoding: selection.name, as: UTF8.self)
        let real = try combined.resolve(destination, links: .followAll).path
        let extraction = ArchiveExtraction(assembler: self, destination: real, owner: owner, name: name)
        try ArchiveFault.told({ StorageError.invalidArchive(name: name, entry: "", $0) }) {
            try selection.node.open().forEachPiece { try extraction.consume($0) }
            try extraction.finish()
        }
        return true
    }

    /// Whether a file is a tar, plain or compressed: its first block must be a header, whatever else stands in it, for what
    /// cannot be unpacked then is told and not copied. A file of nothing but zeros is none, as for docker.
    private static func isArchive(_ node: FileTree.Node) throws -> Bool {
        struct Enough: Error {}
        var head: [UInt8] = []
        func take(_ plain: UnsafeRawBufferPointer) throws {
            head += plain.prefix(TarReader.blockSize - head.count)
            if head.count == TarReader.blockSize { throw Enough() }
        }
        let decompressor = DetectingDecompressor()
        do {
            try node.open().forEachPiece { try decompressor.decompress($0, take) }
            try decompressor.finish(take)
        } catch is Enough {} catch let error as DecompressionError {
            switch error {
            // Packed bytes that end too soon or are something else: a file like any other.
            case .corrupt, .truncated, .trailingBytes: return false
            case .memoryLimit, .outOfMemory: throw error
            }
        }
        return TarReader.isHeader(head)
    }
}
