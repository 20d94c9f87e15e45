internal import Archive
internal import LinuxSystem
internal import OCI

/// Puts an archive's files below a directory; an archive with a name that leads out of it is refused.
final class ArchiveExtraction {
    private let assembler: LayerAssembler
    private let destination: ImagePath
    private let owner: (user: UInt32, group: UInt32)?
    /// What the archive is called; nil for a build context.
    private let name: String?
    private let decompressor = DetectingDecompressor()
    private var reader = TarReader()
    private var entry: (header: TarHeader, path: ImagePath)?
    private var content: ExtractedFile?
    private var hasHoles = false

    /// - Parameters:
    ///   - destination: a real path; links in the archive's paths do not lead out of it.
    ///   - owner: of everything; nil leaves it to the archive.
    ///   - name: for people.
    init(assembler: LayerAssembler, destination: ImagePath, owner: (user: UInt32, group: UInt32)?, name: String? = nil)
    {
        (self.assembler, self.destination, self.owner, self.name) = (assembler, destination, owner, name)
    }

    /// Takes the archive's next bytes, compressed or not.
    ///
    /// - Throws: the codecs' errors, ``StorageError/invalidArchive(name:entry:_:)`` for an entry that cannot be made, and this
    ///   machine's.
    func consume(_ bytes: UnsafeRawBufferPointer) throws { try decompressor.decompress(bytes, read) }

    private func read(_ plain: UnsafeRawBufferPointer) throws {
        var rest = plain
        while let event = try reader.next(&rest) { try handle(event) }
    }

    /// Call at the end of the archive.
    func finish() throws {
        try decompressor.finish(read)
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
            do { content = try extract(header, to: real) } catch let error as SystemCallError where error.isFaultOfEntry
            {
                throw fault(header, .entry(error.errno))
            }
        case .content(let bytes): try content?.descriptor.write(bytes)
        case .hole(let count):
            try content?.descriptor.skip(count)
            hasHoles = true
        case .endOfEntry:
            if hasHoles, let entry { try content?.descriptor.setSize(entry.header.size) }
            hasHoles = false
            if let content, let entry { try assembler.finishFile(content, entry.header, entry.path, owner: owner) }
            (content, entry) = (nil, nil)
        case .end: break
        }
    }

    private func extract(_ header: TarHeader, to path: ImagePath) throws -> ExtractedFile? {
        if header.isVolumeName { return nil }
        if case .unknown(let flag) = header.kind { throw fault(header, .unknownType(flag)) }
        let target =
            header.kind == .hardLink ? try assembler.way(to: self.path(header.linkName), below: destination) : .root
        // A file that was named twice is a link to itself the second time.
        if header.kind == .hardLink, target == path { return nil }
        return try assembler.extract(header, to: path, linkTarget: target, owner: owner)
    }

    private func fault(_ header: TarHeader, _ fault: ArchiveFault) -> StorageError {
        .invalidArchive(name: name, entry: String(decoding: header.name, as: UTF8.self), fault)
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
