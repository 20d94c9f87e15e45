internal import Archive
package import OCI

/// A layer in an uncompressed archive, of which only the headers are read until a file is wanted.
package struct TarLayer: LayerFiles {
    /// Bytes that are read at a time while looking for headers.
    private static let window = 8 << 10

    private struct Member: Sendable {
        var entry: LayerEntry
        /// Nil for a directory that only follows from what is in it.
        var access: FileAccess?
        /// Of the content, in the archive.
        var offset: Int64
    }

    private let source: any ByteSource
    private var members: [ImagePath: Member] = [:]
    private var children: [ImagePath: [[UInt8]]] = [:]
    /// Which file each hard link stands for.
    package private(set) var hardLinks: [ImagePath: ImagePath] = [:]

    /// Reads the archive's headers.
    ///
    /// - Throws: ``Archive/TarError``, of which ``Archive/TarError/Reason/sparseFile`` says that the archive must be unpacked;
    ///   and what the source throws.
    package init(_ source: any ByteSource) throws {
        self.source = source
        members[.root] = Member(entry: .directory(isOpaque: false), offset: 0)
        var reader = TarReader()
        var offset: Int64 = 0
        while true {
            let piece = try source.read(at: offset, count: Self.window)
            if piece.isEmpty { break }
            let skipped = try piece.withUnsafeBytes { try scan($0, at: offset, &reader) }
            let (next, isTooLarge) = (offset + Int64(piece.count)).addingReportingOverflow(skipped)
            if isTooLarge { break }
            offset = next
        }
    }

    /// Reads the headers in a piece of the archive.
    ///
    /// - Returns: bytes behind the piece that need not be looked at.
    private mutating func scan(_ bytes: UnsafeRawBufferPointer, at start: Int64, _ reader: inout TarReader) throws
        -> Int64
    {
        var rest = bytes
        while let event = try reader.next(&rest) {
            guard case .entry(let header) = event else { continue }
            // Its bytes do not stand together, so none can be read at its place.
            guard !reader.isInSparseFile else { throw TarError(offset: start, reason: .sparseFile) }
            add(header, at: start + Int64(bytes.count - rest.count))
            let count = reader.skipContent()
            guard count <= Int64(rest.count) else { return count - Int64(rest.count) }
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(Int(count)))
        }
        return 0
    }

    private mutating func add(_ header: TarHeader, at offset: Int64) {
        guard let path = ImagePath(header.name), let name = path.name else { return }
        switch Whiteout(name: name) {
        case .opaque:
            let access = members[path.parent]?.access
            return insert(path.parent, Member(entry: .directory(isOpaque: true), access: access, offset: 0))
        case .entry(let hidden): return insert(path.parent.appending(hidden), Member(entry: .whiteout, offset: 0))
        case .reserved: return
        case nil: break
        }
        let access = FileAccess(
            mode: header.mode & 0o7777, user: header.uid, group: header.gid)
        switch header.kind {
        case .regular:
            insert(path, Member(entry: .file(mode: access.mode, size: header.size), access: access, offset: offset))
        case .directory:
            var isOpaque = false
            if case .directory(isOpaque: true) = members[path]?.entry { isOpaque = true }
            insert(path, Member(entry: .directory(isOpaque: isOpaque), access: access, offset: 0))
        case .symbolicLink: insert(path, Member(entry: .symbolicLink(target: header.linkName), offset: 0))
        case .hardLink:
            guard let target = ImagePath(header.linkName), let member = members[target] else { return }
            hardLinks[path] = hardLinks[target] ?? target
            insert(path, member)
        case .characterDevice, .blockDevice, .fifo, .unknown: insert(path, Member(entry: .other, offset: 0))
        }
    }

    /// Remembers an entry and the directories above it, which an archive need not name.
    private mutating func insert(_ path: ImagePath, _ member: Member) {
        var isNew = members.updateValue(member, forKey: path) == nil
        var current = path
        while isNew, let name = current.name {
            let parent = current.parent
            children[parent, default: []].append(name)
            isNew = members[parent] == nil
            if isNew { members[parent] = Member(entry: .directory(isOpaque: false), offset: 0) }
            current = parent
        }
    }

    package func entry(at path: ImagePath) -> LayerEntry? {
        guard let member = members[path] else { return nil }
        return member.entry
    }

    package func access(at path: ImagePath) -> FileAccess? { members[path].flatMap(\.access) }

    package func names(in directory: ImagePath) -> [[UInt8]] {
        (children[directory] ?? []).filter { members[directory.appending($0)]?.entry != .whiteout }
    }

    package func read(_ path: ImagePath, at offset: Int64, count: Int) throws -> [UInt8] {
        guard let member = members[path], case .file(_, let size) = member.entry, (0..<size).contains(offset) else {
            return []
        }
        // A header may tell of more bytes than there can be.
        let (place, isTooLarge) = member.offset.addingReportingOverflow(offset)
        return isTooLarge ? [] : try source.read(at: place, count: Int(min(Int64(count), size - offset)))
    }
}
