internal import LinuxSystem
internal import OCI

/// The digests of a context's files, each valid as long as the file's identity is what it was.
package struct ContextDigests: Sendable {
    let name: [UInt8]
    private var known = Entries()
    /// What files were when they were copied, though they are something else since.
    private var pinned: [[UInt8]: Value] = [:]
    /// Whether there is something to write.
    private(set) var isChanged = false
    /// Whether nobody but this program writes to the files: they are what they were then, whatever names they were given since.
    private let areOwn: Bool

    /// What is known of a file's content.
    struct Value: Hashable, Sendable {
        let digest: FileDigest
        let hasExtendedAttributes: Bool
        let mode: UInt32
    }

    private struct Entry: Sendable {
        let identity: Identity
        let value: Value
        let trust: Trust
    }

    /// What is known by path. The table itself is small: its free places, and the old one while it grows, would otherwise take more
    /// than all that is known.
    private struct Entries: Sendable {
        private var places: [[UInt8]: Int32] = [:]
        /// That of a path that is no longer known stays.
        private var entries: [Entry] = []

        var count: Int { places.count }
        var paths: some Sequence<[UInt8]> { places.keys }

        subscript(path: [UInt8]) -> Entry? { places[path].map { entries[Int($0)] } }

        mutating func set(_ entry: Entry, at path: [UInt8]) {
            if let place = places[path] {
                entries[Int(place)] = entry
            } else {
                places[path] = Int32(entries.count)
                entries.append(entry)
            }
        }

        mutating func forget(_ path: [UInt8]) { places[path] = nil }

        mutating func reserve(_ count: Int) {
            places.reserveCapacity(count)
            entries.reserveCapacity(count)
        }

        mutating func merge(_ other: Entries) {
            for (path, entry) in other.all { set(entry, at: path) }
        }

        var all: some Sequence<(path: [UInt8], entry: Entry)> {
            places.lazy.map { (path: $0.key, entry: entries[Int($0.value)]) }
        }
    }

    private enum Trust {
        case always
        /// For this build alone: the file changed so lately that a further change might not show in its times.
        case thisBuild
        /// Only to tell what changed since.
        case never
    }

    /// A change of the content or of the extended attributes changes the time of change.
    private struct Identity: Hashable, Sendable {
        let size: Int64, modified: FileTime, changed: FileTime, inode: UInt64

        init(_ status: FileStatus) {
            (size, modified, changed, inode) = (status.size, status.modified, status.changed, status.inode)
        }

        init(size: Int64, modified: FileTime, changed: FileTime, inode: UInt64) {
            (self.size, self.modified, self.changed, self.inode) = (size, modified, changed, inode)
        }
    }

    init(name: [UInt8], areOwn: Bool = false) { (self.name, self.areOwn) = (name, areOwn) }

    private func identity(_ status: FileStatus) -> Identity {
        // A further name is a change of the file as well.
        areOwn
            ? Identity(
                size: status.size, modified: status.modified, changed: FileTime(seconds: 0), inode: status.inode)
            : Identity(status)
    }

    /// Nothing is remembered: for files that will not be there the next time.
    package static let none = ContextDigests(name: [])

    package var isEmpty: Bool { known.count == 0 }

    /// What is remembered of a file; nil if it is not known or the file has changed.
    func value(of path: [UInt8], _ status: FileStatus) -> Value? {
        if !pinned.isEmpty, let value = pinned[path] { return value }
        guard let entry = known[path], entry.trust != .never, entry.identity == identity(status) else { return nil }
        return entry.value
    }

    /// Remembers a file; it is trusted beyond this build only if it did not change within the last two seconds.
    mutating func remember(_ value: Value, of path: [UInt8], _ status: FileStatus, now: FileTime) {
        let isFresh = !areOwn && max(status.modified, status.changed).seconds + 2 >= now.seconds
        known.set(
            Entry(identity: identity(status), value: value, trust: isFresh ? .thisBuild : .always), at: path)
        isChanged = true
    }

    /// Notes what was copied of a file that changes all the while: it is that, whatever is there now.
    mutating func pin(_ value: Value, of path: [UInt8]) {
        pinned[path] = value
        known.forget(path)
    }

    /// What was known of a file the last time, whatever it is now.
    func lastValue(of path: [UInt8]) -> Value? { known[path]?.value }

    /// The paths of all files that are known.
    var paths: some Sequence<[UInt8]> { known.paths }

    /// Adds what others learnt of other files.
    package mutating func merge(_ other: ContextDigests) {
        guard other.isChanged else { return }
        if !isChanged, known.count <= other.known.count {
            self = other
            // They belong to one copy.
            pinned = [:]
            return
        }
        known.merge(other.known)
        isChanged = true
    }

    // MARK: On disk

    /// Version, then for each file: bytes of the path, size, mtime, ctime, inode, mode and flags, SHA-256, path.
    private static let version = Array("context 3\n".utf8)
    private static let fixedSize = 8 * 8 + FileDigest.size

    var encoded: [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(known.count * 150)
        encode { result += $0 }
        return result
    }

    /// The same in pieces, none of which is large.
    func encode<Failure>(_ write: ([UInt8]) throws(Failure) -> Void) throws(Failure) {
        var piece = Self.version
        for (path, entry) in known.all {
            let identity = entry.identity
            piece.add(UInt64(path.count))
            for value in [
                identity.size, identity.modified.seconds, identity.modified.nanoseconds, identity.changed.seconds,
                identity.changed.nanoseconds, Int64(bitPattern: identity.inode),
                entry.value.flags << 1 | (entry.trust == .always ? 1 : 0),
            ] { piece.add(UInt64(bitPattern: value)) }
            piece += entry.value.digest.bytes
            piece += path
            if piece.count > 1 << 16 {
                try write(piece)
                piece.removeAll(keepingCapacity: true)
            }
        }
        try write(piece)
    }

    /// Reads what ``encoded`` wrote; whatever else it is given is as if it were not there.
    mutating func read(_ bytes: [UInt8]) {
        guard bytes.starts(with: Self.version) else { return }
        known.reserve(bytes.count / 150)
        bytes.withUnsafeBytes { bytes in
            var rest = UnsafeRawBufferPointer(rebasing: bytes.dropFirst(Self.version.count))
            while rest.count >= Self.fixedSize {
                func number(_ index: Int) -> Int64 {
                    Int64(littleEndian: rest.loadUnaligned(fromByteOffset: 8 * index, as: Int64.self))
                }
                let length = number(0)
                guard length >= 0, length <= rest.count - Self.fixedSize,
                    let digest = FileDigest(UnsafeRawBufferPointer(rebasing: rest[64..<Self.fixedSize]))
                else { return }
                let end = Self.fixedSize + Int(length)
                let identity = Identity(
                    size: number(1), modified: FileTime(seconds: number(2), nanoseconds: number(3)),
                    changed: FileTime(seconds: number(4), nanoseconds: number(5)), inode: UInt64(bitPattern: number(6)))
                let entry = Entry(
                    identity: identity, value: Value(digest: digest, flags: number(7) >> 1),
                    trust: number(7) & 1 == 1 ? .always : .never)
                known.set(entry, at: Array(rest[Self.fixedSize..<end]))
                rest = UnsafeRawBufferPointer(rebasing: rest[end...])
            }
        }
    }
}

extension ContextDigests.Value {
    init(digest: FileDigest, flags: Int64) {
        self.init(digest: digest, hasExtendedAttributes: flags & 1 != 0, mode: UInt32(truncatingIfNeeded: flags >> 1))
    }

    fileprivate var flags: Int64 { Int64(mode) << 1 | (hasExtendedAttributes ? 1 : 0) }
}
