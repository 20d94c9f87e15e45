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
        for selection in archives {
            let extraction = ArchiveExtraction(assembler: self, destination: destination, owner: owner)
            try extraction.run(selection.node)
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

/// Puts an archive's files where ADD wants them.
private final class ArchiveExtraction {
    private let assembler: LayerAssembler
    private let destination: ImagePath
    private let owner: (user: UInt32, group: UInt32)?
    private var decompressor: Decompressor?
    private var reader = TarReader()
    private var entry: TarHeader?
    private var content: ExtractedFile?

    init(assembler: LayerAssembler, destination: ImagePath, owner: (user: UInt32, group: UInt32)?) {
        (self.assembler, self.destination, self.owner) = (assembler, destination, owner)
    }

    func run(_ node: FileTree.Node) throws {
        _ = try assembler.makeDirectory(destination)
        try node.open().forEachPiece { try consume($0) }
        try decompressor?.finish()
        try reader.finish()
    }

    private func consume(_ bytes: UnsafeRawBufferPointer) throws {
        let active = try decompressor ?? Decompressor(Compression.detect(bytes))
        decompressor = active
        try active.decompress(bytes) { plain in
            var rest = plain
            while let event = try reader.next(&rest) { try handle(event) }
        }
    }

    private func handle(_ event: TarEvent) throws {
        switch event {
        case .entry(let header):
            entry = header
            content = try assembler.extract(header, to: path(header.name), linkTarget: path(header.linkName), owner: owner)
        case .content(let bytes): try content?.descriptor.write(bytes)
        case .endOfEntry:
            if let content, let entry { try assembler.finishFile(content, entry, owner: owner) }
            (content, entry) = (nil, nil)
        case .end: break
        }
    }

    /// Names are cleaned before they are put below the destination: `..` leads nowhere.
    private func path(_ name: [UInt8]) -> ImagePath {
        let inner = ImagePath(name)?.bytes ?? []
        return ImagePath(destination.bytes + inner) ?? destination
    }
}
