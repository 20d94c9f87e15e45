internal import Archive
internal import LinuxSystem
public import OCI

extension LayerAssembler {
    /// Unpacks a source of ADD if it is one file that is an archive, by its content and not by its name (Dockerfile
    /// reference, ADD, "Adding local tar archives").
    ///
    /// - Returns: false if it is anything else; nothing has been done then.
    public func unpackArchives(_ source: CopySource, into destination: ImagePath, owner: (user: UInt32, group: UInt32)?)
        throws -> Bool
    {
        if case .inline = source.kind { return false }
        let archives = try source.selections()
        guard !archives.isEmpty else { return false }
        for selection in archives {
            guard selection.node.status.kind == .regular, try Self.isArchive(selection.node) else { return false }
        }
        // An archive names its files in any order.
        identity.invalidate()
        for selection in archives {
            begin(selection)
            _ = try makeDirectory(destination, owner: owner)
            let extraction = ArchiveExtraction(assembler: self, destination: destination, owner: owner)
            try selection.node.open().forEachPiece { try extraction.consume($0) }
            try extraction.finish()
        }
        return true
    }

    /// Whether a file is a tar, plain or compressed: its first header must be one.
    private static func isArchive(_ node: FileTree.Node) throws -> Bool {
        struct Found: Error {}
        do {
            let file = try node.open()
            var decompressor: Decompressor?
            var reader = TarReader()
            try file.forEachPiece { bytes in
                let active = try decompressor ?? Decompressor(Compression.detect(bytes))
                decompressor = active
                try active.decompress(bytes) { plain in
                    var rest = plain
                    if try reader.next(&rest) != nil { throw Found() }
                }
            }
            return false
        } catch is Found {
            return true
        } catch is TarError {
            return false
        } catch is DecompressionError {
            return false
        }
    }
}
