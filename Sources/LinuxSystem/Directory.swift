internal import CLinux
internal import Glibc
public import SystemPackage

/// A handle on a directory. Names are looked up below it, never through the process's working directory.
///
/// Methods that take a `name` take one path component or a path of components that is already known to hold no
/// symbolic link; ``open(inRoot:)`` resolves links as if the directory were the root.
public final class Directory: Sendable {
    private let descriptor: OwnedDescriptor

    /// The descriptor, valid as long as this object lives.
    public var raw: Int32 { descriptor.raw }

    init(_ descriptor: consuming OwnedDescriptor) { self.descriptor = descriptor }

    public convenience init(opening path: FilePath) throws(SystemCallError) {
        let raw = path.withPlatformString { distill_openat(AT_FDCWD, $0, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0) }
        guard raw >= 0 else { throw SystemCallError("open", path.string) }
        self.init(OwnedDescriptor(raw: raw))
    }

    /// A path that names this directory for calls that take no descriptor, valid as long as this object lives.
    public var descriptorPath: String { "/proc/self/fd/\(raw)" }

    // MARK: Opening

    public func openDirectory(_ name: [UInt8]) throws(SystemCallError) -> Directory {
        Directory(try open(name, flags: O_RDONLY | O_DIRECTORY | O_NOFOLLOW))
    }

    public func openFile(_ name: [UInt8]) throws(SystemCallError) -> OwnedDescriptor {
        try open(name, flags: O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    }

    /// Opens a path relative to this directory, with links resolved as if this directory were `/`.
    public func openDirectory(inRoot path: [UInt8]) throws(SystemCallError) -> Directory {
        let raw = withCString(path.isEmpty ? [UInt8(ascii: ".")] : path) {
            distill_openat2_in_root(self.raw, $0, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
        }
        guard raw >= 0 else { throw SystemCallError("openat2", path) }
        return Directory(OwnedDescriptor(raw: raw))
    }

    public func openFile(inRoot path: [UInt8]) throws(SystemCallError) -> OwnedDescriptor {
        let raw = withCString(path) {
            distill_openat2_in_root(self.raw, $0, O_RDONLY | O_NONBLOCK | O_CLOEXEC, 0)
        }
        guard raw >= 0 else { throw SystemCallError("openat2", path) }
        return OwnedDescriptor(raw: raw)
    }

    /// Makes a new file; it is an error if the name exists.
    public func createFile(_ name: [UInt8], mode: UInt32 = 0o644) throws(SystemCallError) -> OwnedDescriptor {
        try open(name, flags: O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: mode)
    }

    /// Makes a new file for reading and writing; it is an error if the name exists.
    public func createReadableFile(_ name: [UInt8], mode: UInt32) throws(SystemCallError) -> OwnedDescriptor {
        try open(name, flags: O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, mode: mode)
    }

    /// Opens a file for reading and writing, made if it is missing.
    public func openOrCreateFile(_ name: [UInt8], mode: UInt32 = 0o644) throws(SystemCallError) -> OwnedDescriptor {
        try open(name, flags: O_RDWR | O_CREAT | O_NOFOLLOW, mode: mode)
    }

    private func open(_ name: [UInt8], flags: Int32, mode: UInt32 = 0) throws(SystemCallError) -> OwnedDescriptor {
        let raw = withCString(name) { distill_openat(self.raw, $0, flags | O_CLOEXEC, mode) }
        guard raw >= 0 else { throw SystemCallError("openat", name) }
        return OwnedDescriptor(raw: raw)
    }

    /// The content of a small file, refused above `limit` bytes; nil if it is missing.
    public func read(_ name: [UInt8], limit: Int = 64 << 20) throws(SystemCallError) -> [UInt8]? {
        do {
            let file = try openFile(name)
            return try file.readAll(limit: limit)
        } catch where error.errno == .noSuchFileOrDirectory {
            return nil
        } catch {
            throw SystemCallError(call: error.call, path: String(decoding: name, as: UTF8.self), errno: error.errno)
        }
    }

    // MARK: Looking

    /// lstat(2); nil if the name is missing.
    public func status(_ name: [UInt8]) throws(SystemCallError) -> FileStatus? {
        var status = stat()
        if withCString(name, { fstatat(raw, $0, &status, AT_SYMLINK_NOFOLLOW) }) == 0 { return FileStatus(status) }
        if errno == ENOENT || errno == ENOTDIR { return nil }
        throw SystemCallError("fstatat", name)
    }

    public func status() throws(SystemCallError) -> FileStatus { try descriptor.status() }

    /// The names in the directory but `.` and `..`, sorted by their bytes.
    public func names() throws(SystemCallError) -> [[UInt8]] {
        let copy = distill_openat(raw, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
        guard copy >= 0 else { throw SystemCallError("openat", ".") }
        guard let stream = fdopendir(copy) else {
            let error = SystemCallError("fdopendir", ".")
            _ = close(copy)
            throw error
        }
        defer { closedir(stream) }
        var names: [[UInt8]] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else { break }
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: UInt8.self, capacity: 256) { bytes in
                    Array(UnsafeBufferPointer(start: bytes, count: strnlen(UnsafePointer<CChar>(OpaquePointer(bytes)), 256)))
                }
            }
            if name != [0x2E] && name != [0x2E, 0x2E] { names.append(name) }
        }
        if errno != 0 { throw SystemCallError("readdir", ".") }
        names.sort { $0.lexicographicallyPrecedes($1) }
        return names
    }

    public func readLink(_ name: [UInt8]) throws(SystemCallError) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = withCString(name) { name in
            buffer.withUnsafeMutableBytes { buffer in
                buffer.baseAddress.map { readlinkat(raw, name, $0, buffer.count) } ?? -1
            }
        }
        guard count >= 0 else { throw SystemCallError("readlinkat", name) }
        return Array(buffer[..<count])
    }

    // MARK: Making

    public func makeDirectory(_ name: [UInt8], mode: UInt32 = 0o755) throws(SystemCallError) {
        guard withCString(name, { mkdirat(raw, $0, mode) }) == 0 else { throw SystemCallError("mkdirat", name) }
    }

    /// Makes a directory, or accepts one that is there.
    public func ensureDirectory(_ name: [UInt8], mode: UInt32 = 0o755) throws(SystemCallError) {
        do { try makeDirectory(name, mode: mode) } catch where error.errno == .fileExists {
            guard try status(name)?.kind == .directory else { throw error }
        }
    }

    public func makeSymbolicLink(_ name: [UInt8], to target: [UInt8]) throws(SystemCallError) {
        let result = withCString(target) { target in withCString(name) { symlinkat(target, raw, $0) } }
        guard result == 0 else { throw SystemCallError("symlinkat", name) }
    }

    public func makeHardLink(_ name: [UInt8], to other: [UInt8], in directory: Directory) throws(SystemCallError) {
        let result = withCString(other) { other in withCString(name) { linkat(directory.raw, other, raw, $0, 0) } }
        guard result == 0 else { throw SystemCallError("linkat", name) }
    }

    /// Makes a device, a FIFO or a socket's name.
    public func makeNode(_ name: [UInt8], kind: FileStatus.Kind, mode: UInt32, major: UInt32 = 0, minor: UInt32 = 0)
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
        guard withCString(name, { mknodat(raw, $0, type | mode, distill_make_device(major, minor)) }) == 0 else {
            throw SystemCallError("mknodat", name)
        }
    }

    /// overlayfs' mark that a name of a lower layer is gone.
    public func makeWhiteout(_ name: [UInt8]) throws(SystemCallError) {
        try makeNode(name, kind: .characterDevice, mode: 0)
    }

    // MARK: Changing

    public func setOwner(_ name: [UInt8], user: UInt32, group: UInt32) throws(SystemCallError) {
        guard withCString(name, { fchownat(raw, $0, user, group, AT_SYMLINK_NOFOLLOW) }) == 0 else {
            throw SystemCallError("fchownat", name)
        }
    }

    /// The name must not be a symbolic link.
    public func setMode(_ name: [UInt8], _ mode: UInt32) throws(SystemCallError) {
        guard withCString(name, { fchmodat(raw, $0, mode, 0) }) == 0 else { throw SystemCallError("fchmodat", name) }
    }

    public func setModified(_ name: [UInt8], _ time: FileTime) throws(SystemCallError) {
        let value = timespec(tv_sec: Int(time.seconds), tv_nsec: Int(time.nanoseconds))
        let times = [value, value]
        guard withCString(name, { utimensat(raw, $0, times, AT_SYMLINK_NOFOLLOW) }) == 0 else {
            throw SystemCallError("utimensat", name)
        }
    }

    /// Moves a name; an existing file of the new name is replaced.
    public func rename(_ name: [UInt8], to other: [UInt8], in directory: Directory) throws(SystemCallError) {
        let result = withCString(name) { name in withCString(other) { renameat(raw, name, directory.raw, $0) } }
        guard result == 0 else { throw SystemCallError("renameat", other) }
    }

    /// Moves a name where the new name does not exist yet.
    ///
    /// - Returns: false if the new name exists; nothing has changed then.
    public func renameIfAbsent(_ name: [UInt8], to other: [UInt8], in directory: Directory) throws(SystemCallError) -> Bool {
        let result = withCString(name) { name in
            withCString(other) { distill_renameat2(raw, name, directory.raw, $0, distill_rename_noreplace) }
        }
        if result == 0 { return true }
        if errno == EEXIST || errno == ENOTEMPTY { return false }
        throw SystemCallError("renameat2", other)
    }

    /// Removes a name that is not a directory; a missing one is fine.
    public func removeFile(_ name: [UInt8]) throws(SystemCallError) {
        guard withCString(name, { unlinkat(raw, $0, 0) }) == 0 || errno == ENOENT else {
            throw SystemCallError("unlinkat", name)
        }
    }

    /// Removes a name and everything below it, without following links; a missing one is fine.
    public func removeTree(_ name: [UInt8]) throws(SystemCallError) {
        if withCString(name, { unlinkat(raw, $0, 0) }) == 0 || errno == ENOENT { return }
        guard errno == EISDIR || errno == EPERM else { throw SystemCallError("unlinkat", name) }
        // Depth is bounded by descriptors that the kernel gives; each level holds one.
        let directory = try openDirectory(name)
        for child in try directory.names() { try directory.removeTree(child) }
        guard withCString(name, { unlinkat(raw, $0, AT_REMOVEDIR) }) == 0 || errno == ENOENT else {
            throw SystemCallError("unlinkat", name)
        }
    }
}
