internal import Glibc
internal import SystemPackage

/// A lock of flock(2) on a file: it ends with the object, or with the process however that ends.
package final class FileLock: Sendable {
    package enum Mode: Sendable {
        case shared, exclusive
    }

    private let descriptor: OwnedDescriptor

    private init(_ descriptor: consuming OwnedDescriptor) { self.descriptor = descriptor }

    deinit {
        // A program that is just being started may still share the descriptor; the lock ends now all the same.
        _ = flock(descriptor.raw, LOCK_UN)
    }

    /// Waits for the lock on a file, which is made if it is missing.
    package static func wait(_ name: [UInt8], in directory: Directory, mode: Mode) throws(SystemCallError) -> FileLock {
        let descriptor = try open(name, in: directory)
        while flock(descriptor.raw, mode == .shared ? LOCK_SH : LOCK_EX) != 0 {
            guard errno == EINTR else { throw SystemCallError("flock", name) }
        }
        return FileLock(descriptor)
    }

    /// Takes the lock if nobody holds it against us; nil when somebody does.
    package static func attempt(_ name: [UInt8], in directory: Directory, mode: Mode) throws(SystemCallError)
        -> FileLock?
    {
        let descriptor = try open(name, in: directory)
        if flock(descriptor.raw, (mode == .shared ? LOCK_SH : LOCK_EX) | LOCK_NB) == 0 { return FileLock(descriptor) }
        if errno == EWOULDBLOCK { return nil }
        throw SystemCallError("flock", name)
    }

    /// Takes the lock of a directory itself if nobody holds it; nil when somebody does.
    package static func attempt(on directory: Directory) throws(SystemCallError) -> FileLock? {
        let descriptor = try directory.openFile([UInt8(ascii: ".")])
        if flock(descriptor.raw, LOCK_EX | LOCK_NB) == 0 { return FileLock(descriptor) }
        if errno == EWOULDBLOCK { return nil }
        throw SystemCallError("flock", [UInt8(ascii: ".")])
    }

    private static func open(_ name: [UInt8], in directory: Directory) throws(SystemCallError) -> OwnedDescriptor {
        do { return try directory.openOrCreateFile(name, mode: 0o600) } catch {
            guard error.errno == .readOnlyFileSystem else { throw error }
        }
        // A medium on which nothing changes. Where the file is missing, the directory does as well.
        if try directory.status(name) != nil { return try directory.openFile(name) }
        return try directory.openFile([UInt8(ascii: ".")])
    }
}
