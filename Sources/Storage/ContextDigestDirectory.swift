internal import LinuxSystem
internal import OCI

/// Remembered digests of files in build contexts, so that an unchanged context costs one stat a file.
public final class ContextDigestDirectory: Sendable {
    private let directory: Directory

    init(directory: Directory) { self.directory = directory }

    /// Reads what is known of a context.
    ///
    /// - Parameter context: the real path of its directory.
    public func load(context: String) throws -> ContextDigests {
        let name = Array(Digest(sha256: context.utf8).hex.utf8)
        var digests = ContextDigests(name: name)
        guard let bytes = try directory.read(name) else { return digests }
        for line in bytes.split(separator: 0) { digests.read(line) }
        return digests
    }

    /// Writes what was learnt; nothing if nothing was.
    public func save(_ digests: ContextDigests) throws {
        guard digests.isChanged else { return }
        try directory.replaceFile(digests.name, with: digests.encoded)
    }
}

/// The digests of a context's files, each valid as long as the file's identity is what it was.
public struct ContextDigests: Sendable {
    fileprivate let name: [UInt8]
    private var known: [[UInt8]: (identity: Identity, digest: [UInt8])] = [:]
    fileprivate private(set) var isChanged = false

    private struct Identity: Hashable {
        let size: Int64, modified: FileTime, changed: FileTime, inode: UInt64

        init(_ status: FileStatus) {
            (size, modified, changed, inode) = (status.size, status.modified, status.changed, status.inode)
        }

        init?(_ fields: ArraySlice<Int64>) {
            guard fields.count == 6 else { return nil }
            let values = Array(fields)
            size = values[0]
            modified = FileTime(seconds: values[1], nanoseconds: values[2])
            changed = FileTime(seconds: values[3], nanoseconds: values[4])
            inode = UInt64(bitPattern: values[5])
        }

        var text: String {
            "\(size) \(modified.seconds) \(modified.nanoseconds) \(changed.seconds) \(changed.nanoseconds) \(Int64(bitPattern: inode))"
        }
    }

    fileprivate init(name: [UInt8]) { self.name = name }

    /// Nothing is remembered: for files that will not be there the next time.
    public static let none = ContextDigests(name: [])

    /// The remembered digest of a file; nil if it is not known or the file has changed.
    mutating func digest(of path: [UInt8], _ status: FileStatus) -> [UInt8]? {
        guard let entry = known[path], entry.identity == Identity(status) else { return nil }
        return entry.digest
    }

    /// Remembers a file's digest, unless the file changed so lately that a further change might not show in its times.
    mutating func remember(_ digest: [UInt8], of path: [UInt8], _ status: FileStatus, now: FileTime) {
        let latest = max(status.modified, status.changed)
        guard latest.seconds + 2 < now.seconds else { return }
        known[path] = (Identity(status), digest)
        isChanged = true
    }

    /// Lines of `size mtime ctime inode hex path`, ended by NUL.
    fileprivate var encoded: [UInt8] {
        var result: [UInt8] = []
        for (path, entry) in known.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            result += Array(entry.identity.text.utf8) + [0x20] + entry.digest + [0x20] + path + [0]
        }
        return result
    }

    fileprivate mutating func read(_ line: ArraySlice<UInt8>) {
        let fields = line.split(separator: 0x20, maxSplits: 7, omittingEmptySubsequences: false)
        guard fields.count == 8 else { return }
        let numbers = fields[..<6].compactMap { Int64(String(decoding: $0, as: UTF8.self)) }
        guard let identity = Identity(numbers[...]) else { return }
        known[Array(fields[7])] = (identity, Array(fields[6]))
    }
}
