internal import CLinux
internal import Glibc
internal import Synchronization
package import SystemPackage

/// A handle on a directory. Names are looked up below it, never through the process's working directory.
///
/// A handle that was opened by a host path keeps its descriptor. One that was reached from there by a name may lose its
/// own while others are in use, and opens it again by the same names, without following links, when it is needed: a
/// program can hold any number of handles, and few of them are open.
///
/// Methods that take a `name` take one path component or a path of components that is already known to hold no
/// symbolic link; ``open(inRoot:)`` resolves links as if the directory were the root.
package final class Directory: Sendable {
    /// The directory that stays open, and the way from it to here; empty for that directory itself.
    private let anchor: OpenDirectory
    private let path: [UInt8]
    private let state: Mutex<OpenDirectory?>

    /// A handle that keeps its descriptor.
    init(_ descriptor: consuming OwnedDescriptor) {
        anchor = OpenDirectory(descriptor)
        path = []
        state = Mutex(nil)
    }

    private init(_ anchor: OpenDirectory, _ path: [UInt8], open: OpenDirectory?) {
        (self.anchor, self.path) = (anchor, path)
        state = Mutex(open)
    }

    package convenience init(opening path: FilePath) throws(SystemCallError) {
        let raw = path.withPlatformString { distill_openat(AT_FDCWD, $0, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0) }
        guard raw >= 0 else { throw SystemCallError("open", path.string) }
        self.init(OwnedDescriptor(raw: raw))
    }

    /// Runs a call on the directory's descriptor.
    func withRaw<Result: ~Copyable>(_ body: (Int32) -> Result) throws(SystemCallError) -> Result {
        let open = try opened()
        return withExtendedLifetime(open) { body(open.descriptor.raw) }
    }

    /// Runs a function with a path that names this directory for calls that take no descriptor.
    package func withDescriptorPath<Result>(_ body: (String) -> Result) throws(SystemCallError) -> Result {
        try withRaw { body("/proc/self/fd/\($0)") }
    }

    func opened() throws(SystemCallError) -> OpenDirectory {
        if path.isEmpty { return anchor }
        if let open = state.withLock({ $0 }) { return open }
        let reopened = OpenDirectory(try Self.open(path, below: anchor.descriptor.raw))
        state.withLock { $0 = reopened }
        DescriptorPool.shared.add(self)
        return reopened
    }

    /// Gives up the descriptor; the next use opens the directory again.
    fileprivate func close() { state.withLock { $0 = nil } }

    /// The longest path that is given to one call, below the kernel's limit (PATH_MAX, 4,096 bytes with its end).
    private static let longestPath = 4000

    /// Opens a directory by a path of any length in which no component is a symbolic link.
    private static func open(_ path: [UInt8], below anchor: Int32) throws(SystemCallError) -> OwnedDescriptor {
        var rest = path[...]
        var current: OwnedDescriptor?
        while true {
            let start = current?.raw ?? anchor
            var end = rest.endIndex
            if rest.count > longestPath {
                // A component has at most 255 bytes, so there is a slash.
                end = rest.prefix(longestPath).lastIndex(of: UInt8(ascii: "/")) ?? rest.endIndex
            }
            let piece = Array(rest[rest.startIndex..<end])
            let raw = withCString(piece) { distill_open_directory_beneath(start, $0) }
            guard raw >= 0 else { throw SystemCallError("openat2", path) }
            let next = OwnedDescriptor(raw: raw)
            if end == rest.endIndex { return next }
            current = consume next
            rest = rest[(end + 1)...]
        }
    }

    // MARK: Opening

    package func openDirectory(_ name: [UInt8]) throws(SystemCallError) -> Directory {
        let open = OpenDirectory(try open(name, flags: O_RDONLY | O_DIRECTORY | O_NOFOLLOW))
        let directory = Directory(anchor, path + (path.isEmpty ? [] : [UInt8(ascii: "/")]) + name, open: open)
        DescriptorPool.shared.add(directory)
        return directory
    }

    /// A handle on a directory that is known to be there; it is opened at its first use.
    package func directory(_ name: [UInt8]) -> Directory {
        Directory(anchor, path + (path.isEmpty ? [] : [UInt8(ascii: "/")]) + name, open: nil)
    }

    /// A handle that keeps its descriptor, for a walk that has few of them.
    func openKept(_ name: [UInt8]) throws(SystemCallError) -> Directory {
        Directory(try open(name, flags: O_RDONLY | O_DIRECTORY | O_NOFOLLOW))
    }

    package func openFile(_ name: [UInt8]) throws(SystemCallError) -> OwnedDescriptor {
        try open(name, flags: O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    }

    /// Opens a path relative to this directory, with links resolved as if this directory were `/`.
    package func openDirectory(inRoot path: [UInt8]) throws(SystemCallError) -> Directory {
        let raw = try withRaw { raw in
            withCString(path.isEmpty ? [UInt8(ascii: ".")] : path) {
                distill_openat2_in_root(raw, $0, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
            }
        }
        guard raw >= 0 else { throw SystemCallError("openat2", path) }
        return Directory(OwnedDescriptor(raw: raw))
    }

    package func openFile(inRoot path: [UInt8]) throws(SystemCallError) -> OwnedDescriptor {
        let raw = try withRaw { raw in
            withCString(path) { distill_openat2_in_root(raw, $0, O_RDONLY | O_NONBLOCK | O_CLOEXEC, 0) }
        }
        guard raw >= 0 else { throw SystemCallError("openat2", path) }
        return OwnedDescriptor(raw: raw)
    }

    /// Makes a new file with exactly this mode; it is an error if the name exists.
    package func createFile(_ name: [UInt8], mode: UInt32 = 0o644) throws(SystemCallError) -> OwnedDescriptor {
        try create(name, flags: O_WRONLY, mode)
    }

    /// Makes a new file for reading and writing, with exactly this mode; it is an error if the name exists.
    package func createReadableFile(_ name: [UInt8], mode: UInt32) throws(SystemCallError) -> OwnedDescriptor {
        try create(name, flags: O_RDWR, mode)
    }

    private func create(_ name: [UInt8], flags: Int32, _ mode: UInt32) throws(SystemCallError) -> OwnedDescriptor {
        let file = try open(name, flags: flags | O_CREAT | O_EXCL | O_NOFOLLOW, mode: mode)
        if mode & ProcessFacts.fileModeMask != 0 { try file.setMode(mode) }
        return file
    }

    /// Makes a new file for a person, who may read and write it, and others as the caller's umask says.
    func createOutput(_ name: [UInt8]) throws(SystemCallError) -> OwnedDescriptor {
        try open(name, flags: O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o666)
    }

    /// Opens a file for reading and writing, made if it is missing.
    package func openOrCreateFile(_ name: [UInt8], mode: UInt32 = 0o644) throws(SystemCallError) -> OwnedDescriptor {
        try open(name, flags: O_RDWR | O_CREAT | O_NOFOLLOW, mode: mode)
    }

    private func open(_ name: [UInt8], flags: Int32, mode: UInt32 = 0) throws(SystemCallError) -> OwnedDescriptor {
        let raw = try withRaw { raw in withCString(name) { distill_openat(raw, $0, flags | O_CLOEXEC, mode) } }
        guard raw >= 0 else { throw SystemCallError("openat", name) }
        return OwnedDescriptor(raw: raw)
    }

    /// The content of a small file, refused above `limit` bytes; nil if it is missing.
    package func read(_ name: [UInt8], limit: Int = 64 << 20) throws(SystemCallError) -> [UInt8]? {
        do {
            let file = try openFile(name)
            return try file.readAll(limit: limit)
        } catch  where error.errno == .noSuchFileOrDirectory {
            return nil
        } catch {
            throw SystemCallError(call: error.call, path: String(decoding: name, as: UTF8.self), errno: error.errno)
        }
    }

    // MARK: Looking

    /// lstat(2); nil if the name is missing.
    package func status(_ name: [UInt8]) throws(SystemCallError) -> FileStatus? {
        var status = stat()
        let result = try withRaw { raw in withCString(name) { fstatat(raw, $0, &status, AT_SYMLINK_NOFOLLOW) } }
        if result == 0 { return FileStatus(status) }
        if errno == ENOENT || errno == ENOTDIR { return nil }
        throw SystemCallError("fstatat", name)
    }

    package func status() throws(SystemCallError) -> FileStatus { try opened().descriptor.status() }

    /// Whether it lies on a file system, or below a mount, that nobody can write to.
    package var isReadOnly: Bool {
        get throws(SystemCallError) { try withRaw { faccessat($0, ".", W_OK, AT_EACCESS) } != 0 && errno == EROFS }
    }

    /// The names in the directory but `.` and `..`, sorted by their bytes.
    package func names() throws(SystemCallError) -> [[UInt8]] {
        let copy = try withRaw { distill_openat($0, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0) }
        guard copy >= 0 else { throw SystemCallError("openat", ".") }
        guard let stream = fdopendir(copy) else {
            let error = SystemCallError("fdopendir", ".")
            _ = Glibc.close(copy)
            throw error
        }
        defer { closedir(stream) }
        var names: [[UInt8]] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else { break }
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: UInt8.self, capacity: 256) { bytes in
                    Array(
                        UnsafeBufferPointer(
                            start: bytes, count: strnlen(UnsafePointer<CChar>(OpaquePointer(bytes)), 256)))
                }
            }
            if name != [0x2E] && name != [0x2E, 0x2E] { names.append(name) }
        }
        if errno != 0 { throw SystemCallError("readdir", ".") }
        names.sort { $0.lexicographicallyPrecedes($1) }
        return names
    }

    package func readLink(_ name: [UInt8]) throws(SystemCallError) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = try withRaw { raw in
            withCString(name) { name in
                buffer.withUnsafeMutableBytes { buffer in
                    buffer.baseAddress.map { readlinkat(raw, name, $0, buffer.count) } ?? -1
                }
            }
        }
        guard count >= 0 else { throw SystemCallError("readlinkat", name) }
        return Array(buffer[..<count])
    }

    // MARK: Making

    /// Makes a directory for a person, as the caller's umask says.
    func makeOutputDirectory(_ name: [UInt8]) throws(SystemCallError) {
        guard try withRaw({ raw in withCString(name) { mkdirat(raw, $0, 0o777) } }) == 0 else {
            throw SystemCallError("mkdirat", name)
        }
    }

    /// Makes a directory with exactly this mode.
    package func makeDirectory(_ name: [UInt8], mode: UInt32 = 0o755) throws(SystemCallError) {
        guard try withRaw({ raw in withCString(name) { mkdirat(raw, $0, mode) } }) == 0 else {
            throw SystemCallError("mkdirat", name)
        }
        if mode & ProcessFacts.fileModeMask != 0 { try setMode(name, mode) }
    }

    /// Makes a directory, or accepts one that is there.
    package func ensureDirectory(_ name: [UInt8], mode: UInt32 = 0o755) throws(SystemCallError) {
        do { try makeDirectory(name, mode: mode) } catch  where error.errno == .fileExists {
            guard try status(name)?.kind == .directory else { throw error }
        }
    }

    package func makeSymbolicLink(_ name: [UInt8], to target: [UInt8]) throws(SystemCallError) {
        let result = try withRaw { raw in
            withCString(target) { target in withCString(name) { symlinkat(target, raw, $0) } }
        }
        guard result == 0 else { throw SystemCallError("symlinkat", name) }
    }

    package func makeHardLink(_ name: [UInt8], to other: [UInt8], in directory: Directory) throws(SystemCallError) {
        let source = try directory.opened()
        let result = try withRaw { raw in
            withCString(other) { other in withCString(name) { linkat(source.descriptor.raw, other, raw, $0, 0) } }
        }
        guard result == 0 else { throw SystemCallError("linkat", name) }
    }

    /// Makes a device, a FIFO or a socket's name.
    package func makeNode(_ name: [UInt8], kind: FileStatus.Kind, mode: UInt32, major: UInt32 = 0, minor: UInt32 = 0)
        throws(SystemCallError)
    {
        let type: mode_t =
            switch kind {
            case .characterDevice: S_IFCHR
            case .blockDevice: S_IFBLK
            case .fifo: S_IFIFO
            case .socket: S_IFSOCK
            case .regular, .directory, .symbolicLink: S_IFREG
            }
        let device = distill_make_device(major, minor)
        let status = try withRaw { raw in withCString(name) { mknodat(raw, $0, type | mode, device) } }
        guard status == 0 else { throw SystemCallError("mknodat", name) }
        if mode & ProcessFacts.fileModeMask != 0 { try setMode(name, mode) }
    }

    /// overlayfs' mark that a name of a lower layer is gone.
    package func makeWhiteout(_ name: [UInt8]) throws(SystemCallError) {
        try makeNode(name, kind: .characterDevice, mode: 0)
    }

    // MARK: Changing

    package func setOwner(_ name: [UInt8], user: UInt32, group: UInt32) throws(SystemCallError) {
        guard try withRaw({ raw in withCString(name) { fchownat(raw, $0, user, group, AT_SYMLINK_NOFOLLOW) } }) == 0
        else {
            throw SystemCallError("fchownat", name)
        }
    }

    /// The name must not be a symbolic link.
    package func setMode(_ name: [UInt8], _ mode: UInt32) throws(SystemCallError) {
        guard try withRaw({ raw in withCString(name) { fchmodat(raw, $0, mode, 0) } }) == 0 else {
            throw SystemCallError("fchmodat", name)
        }
    }

    package func setModified(_ name: [UInt8], _ time: FileTime) throws(SystemCallError) {
        let value = timespec(tv_sec: Int(time.seconds), tv_nsec: Int(time.nanoseconds))
        let times = [value, value]
        guard try withRaw({ raw in withCString(name) { utimensat(raw, $0, times, AT_SYMLINK_NOFOLLOW) } }) == 0 else {
            throw SystemCallError("utimensat", name)
        }
    }

    /// Moves a name; an existing file of the new name is replaced.
    package func rename(_ name: [UInt8], to other: [UInt8], in directory: Directory) throws(SystemCallError) {
        let target = try directory.opened()
        let result = try withRaw { raw in
            withCString(name) { name in withCString(other) { renameat(raw, name, target.descriptor.raw, $0) } }
        }
        guard result == 0 else { throw SystemCallError("renameat", other) }
    }

    /// Removes a name that is not a directory; a missing one is fine.
    package func removeFile(_ name: [UInt8]) throws(SystemCallError) {
        guard try withRaw({ raw in withCString(name) { unlinkat(raw, $0, 0) } }) == 0 || errno == ENOENT else {
            throw SystemCallError("unlinkat", name)
        }
    }

    /// Removes an empty directory; a missing one is fine.
    func removeDirectory(_ name: [UInt8]) throws(SystemCallError) {
        guard try withRaw({ raw in withCString(name) { unlinkat(raw, $0, AT_REMOVEDIR) } }) == 0 || errno == ENOENT
        else {
            throw SystemCallError("unlinkat", name)
        }
    }

    /// Removes a name and everything below it, at any depth, without following links; a missing one is fine.
    package func removeTree(_ name: [UInt8]) throws(SystemCallError) {
        if try !removeUnlessDirectory(name) {
            var walk = try DirectoryWalk(try openKept(name))
            while let step = try walk.next() {
                switch step {
                case .entry(let name): if try !walk.current.removeUnlessDirectory(name) { try walk.enter(name) }
                case .left(let name): try walk.current.removeDirectory(name)
                }
            }
            try removeDirectory(name)
        }
    }

    /// Removes a name and everything below it, so that no half of it is ever seen under its name: it gets another first, and
    /// what an end of this process leaves of that is for ``sweepDiscarded()``.
    package func discardTree(_ name: [UInt8]) throws(SystemCallError) {
        let discarded = Self.discardedPrefix + Array("\(ProcessFacts.identifier)-\(UInt32.random(in: 0 ... .max))".utf8)
        do { try rename(name, to: discarded, in: self) } catch  where error.errno == .noSuchFileOrDirectory { return }
        try removeTree(discarded)
    }

    /// Removes what was discarded by processes that did not finish.
    package func sweepDiscarded() throws(SystemCallError) {
        for name in try names() where name.starts(with: Self.discardedPrefix) { try removeTree(name) }
    }

    private static let discardedPrefix = Array(".discarded-".utf8)

    /// - Returns: false for a directory, which stays.
    private func removeUnlessDirectory(_ name: [UInt8]) throws(SystemCallError) -> Bool {
        if try withRaw({ raw in withCString(name) { unlinkat(raw, $0, 0) } }) == 0 || errno == ENOENT { return true }
        let reason = errno
        // POSIX has EPERM, Linux EISDIR; EPERM is also the answer for a file that may not be removed.
        if reason == EISDIR { return false }
        if reason == EPERM, try status(name)?.kind == .directory { return false }
        throw SystemCallError(
            call: "unlinkat", path: String(decoding: name, as: UTF8.self), errno: Errno(rawValue: reason))
    }
}

/// The descriptor of a directory, shared by those who use it at the moment.
final class OpenDirectory: Sendable {
    let descriptor: OwnedDescriptor

    init(_ descriptor: consuming OwnedDescriptor) { self.descriptor = descriptor }
}

/// The handles whose descriptors are open: the oldest gives way to a new one.
private final class DescriptorPool: Sendable {
    static let shared = DescriptorPool()
    static let capacity = 40

    private struct Entry: Sendable { weak var directory: Directory? }

    private struct Ring: Sendable {
        var entries: [Entry] = []
        var next = 0
    }

    private let ring = Mutex(Ring())

    func add(_ directory: Directory) {
        let oldest = ring.withLock { ring -> Directory? in
            guard ring.entries.count == Self.capacity else {
                ring.entries.append(Entry(directory: directory))
                return nil
            }
            let oldest = ring.entries[ring.next].directory
            ring.entries[ring.next].directory = directory
            ring.next = (ring.next + 1) % Self.capacity
            return oldest
        }
        if let oldest, oldest !== directory { oldest.close() }
    }
}
