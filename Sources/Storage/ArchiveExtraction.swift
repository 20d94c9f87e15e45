internal import Archive
internal import LinuxSystem
internal import OCI

/// Puts an archive's files below a directory; no name leads out of it.
final class ArchiveExtraction {
    private let assembler: LayerAssembler
    private let destination: ImagePath
    private let owner: (user: UInt32, group: UInt32)?
    private var decompressor: Decompressor?
    private var reader = TarReader()
    private var entry: TarHeader?
    private var content: ExtractedFile?

    /// - Parameter owner: of everything; nil leaves it to the archive.
    init(assembler: LayerAssembler, destination: ImagePath, owner: (user: UInt32, group: UInt32)?) {
        (self.assembler, self.destination, self.owner) = (assembler, destination, owner)
    }

    /// Takes the archive's next bytes, compressed or not.
    func consume(_ bytes: UnsafeRawBufferPointer) throws {
        let active = try decompressor ?? Decompressor(Compression.detect(bytes))
        decompressor = active
        try active.decompress(bytes) { plain in
            var rest = plain
            while let event = try reader.next(&rest) { try handle(event) }
        }
    }

    /// Call at the end of the archive.
    func finish() throws {
        try decompressor?.finish()
        try reader.finish()
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
