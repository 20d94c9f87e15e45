internal import Archive
internal import OCI

/// Makes the record of a layer out of its archive's bytes as they pass by.
package struct LayerRecorder {
    /// Headers in a layer, more than which nobody accounts for.
    package static let entryLimit = 2_000_000

    private var reader = TarReader()
    private var record = LayerRecord()
    /// Where each regular file of the layer is, for hard links.
    private var files: [[UInt8]: Int] = [:]
    private var current: Current?
    private var keptBytes = 0

    /// Why a layer cannot be accounted for.
    package enum Fault: Error, Hashable, Sendable {
        case tooManyEntries(limit: Int)
    }

    /// The regular file whose bytes come.
    private struct Current {
        let entry: Int
        var hasher = ContentHasher()
        var evidence: EvidenceCollector?
    }

    package init() {}

    /// Takes the next bytes of the uncompressed archive.
    ///
    /// - Throws: ``Archive/TarError`` and ``Fault``.
    package mutating func update(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes
        while let event = try reader.next(&rest) {
            switch event {
            case .entry(let header): try begin(header)
            case .content(let piece):
                current?.hasher.update(piece)
                current?.evidence?.update(piece)
            case .hole(let count): skip(count)
            case .endOfEntry: end()
            case .end: break
            }
        }
    }

    /// - Throws: ``Archive/TarError`` where the archive ends within a file.
    package consuming func finish() throws -> LayerRecord {
        try reader.finish()
        return record
    }

    private mutating func begin(_ header: TarHeader) throws {
        current = nil
        guard !header.isVolumeName, let path = ImagePath(header.name), let entry = entry(header, path) else { return }
        guard record.entries.count < Self.entryLimit else { throw Fault.tooManyEntries(limit: Self.entryLimit) }
        let place = record.entries.count
        record.entries.append(entry)
        guard entry.kind == .file else {
            if entry.kind != .hardLink { files[entry.path] = nil }
            return
        }
        files[entry.path] = place
        let evidence = EvidenceCollector(of: entry, budget: EvidenceCollector.layerLimit - keptBytes)
        current = Current(entry: place, evidence: evidence)
        // A file without bytes has no end of its own.
        if header.size == 0 { end() }
    }

    private func entry(_ header: TarHeader, _ path: ImagePath) -> LayerRecord.Entry? {
        if let name = path.name, let mark = Whiteout(name: name) {
            switch mark {
            case .opaque: return LayerRecord.Entry(path: path.parent.relativeBytes, kind: .opaque)
            case .entry(let hidden):
                return LayerRecord.Entry(path: path.parent.appending(hidden).relativeBytes, kind: .whiteout)
            case .reserved: return nil
            }
        }
        var entry = LayerRecord.Entry(path: path.relativeBytes, kind: Self.kind(header.kind))
        guard !path.isRoot || entry.kind == .directory else { return nil }
        entry.mode = header.mode & 0o7777
        (entry.user, entry.group) = (header.uid, header.gid)
        entry.modified = header.modified.seconds
        entry.attributes = Self.attributes(header)
        switch entry.kind {
        case .file: entry.size = max(0, header.size)
        case .symbolicLink: entry.link = header.linkName
        case .hardLink:
            entry.link = ImagePath(header.linkName)?.relativeBytes ?? []
            entry.head = files[entry.link]
            if let head = entry.head {
                let file = record.entries[head]
                (entry.mode, entry.user, entry.group) = (file.mode, file.user, file.group)
                (entry.modified, entry.attributes) = (file.modified, file.attributes)
            }
        case .characterDevice, .blockDevice: entry.link = Array("\(header.deviceMajor):\(header.deviceMinor)".utf8)
        case .directory, .fifo, .whiteout, .opaque: break
        }
        return entry
    }

    private static func kind(_ kind: TarHeader.Kind) -> LayerRecord.Entry.Kind {
        switch kind {
        // What nobody knows is unpacked as a file (POSIX.1-2017 pax, "ustar Interchange Format").
        case .regular, .unknown: .file
        case .hardLink: .hardLink
        case .symbolicLink: .symbolicLink
        case .characterDevice: .characterDevice
        case .blockDevice: .blockDevice
        case .directory: .directory
        case .fifo: .fifo
        }
    }

    private static func attributes(_ header: TarHeader) -> [UInt8] {
        guard !header.extendedAttributes.isEmpty else { return [] }
        var hasher = ContentHasher()
        for attribute in header.extendedAttributes {
            hasher.update(
                Array("\(attribute.name.utf8.count):\(attribute.name)=\(attribute.value.count):".utf8) + attribute.value
            )
        }
        return Array(hasher.finalizedBytes.prefix(16))
    }

    private mutating func skip(_ count: Int64) {
        guard current != nil else { return }
        var rest = count
        while rest > 0 {
            let piece = Self.zeros[..<Int(min(rest, Int64(Self.zeros.count)))]
            piece.withUnsafeBytes { current?.hasher.update($0) }
            rest -= Int64(piece.count)
        }
        current?.evidence = nil
    }

    private static let zeros = [UInt8](repeating: 0, count: 64 << 10)

    private mutating func end() {
        guard let done = current else { return }
        current = nil
        record.entries[done.entry].content = done.hasher.finalizedBytes
        guard let bytes = done.evidence?.finish() else { return }
        keptBytes += bytes.count
        record.evidence.append(LayerRecord.Evidence(entry: done.entry, bytes: bytes))
    }
}
