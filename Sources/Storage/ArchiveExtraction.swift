internal import Archive
internal import LinuxSystem
internal import OCI

/// Puts an archive's files below a directory; an archive with a name that leads out of it is refused.
final class ArchiveExtraction {
    private let assembler: LayerAssembler
    private let destination: ImagePath
    private let owner: (user: UInt32, group: UInt32)?
    private var decompressor: Decompressor?
    private var reader = TarReader()
    private var entry: (header: TarHeader, path: ImagePath)?
    private var content: ExtractedFile?

    /// - Parameters:
    ///   - destination: a real path; links in the archive's paths do not lead out of it.
    ///   - owner: of everything; nil leaves it to the archive.
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
            let path = try path(header.name)
            // `./` is what the archive lands on, which keeps its mode and owner (moby/go-archive, Unpack).
            if path == destination { return }
            let real = try assembler.way(to: path, below: destination)
            entry = (header, real)
            let target = header.kind == .hardLink ? try assembler.way(to: self.path(header.linkName), below: destination) : .root
            content = try assembler.extract(header, to: real, linkTarget: target, owner: owner)
        case .content(let bytes): try content?.descriptor.write(bytes)
        case .endOfEntry:
            if let content, let entry { try assembler.finishFile(content, entry.header, entry.path, owner: owner) }
            (content, entry) = (nil, nil)
        case .end: break
        }
    }

    /// - Throws: ``StorageError/entryLeadsOut(name:)`` where `..` would leave the destination, as docker refuses it.
    private func path(_ name: [UInt8]) throws -> ImagePath {
        var depth = 0
        for part in name.split(separator: UInt8(ascii: "/")) where !part.elementsEqual(".".utf8) {
            depth += part.elementsEqual("..".utf8) ? -1 : 1
            guard depth >= 0 else { throw StorageError.entryLeadsOut(name: String(decoding: name, as: UTF8.self)) }
        }
        let inner = ImagePath(name)?.bytes ?? []
        return ImagePath(destination.bytes + inner) ?? destination
    }
}
