internal import Glibc

/// A lock of flock(2) on a file: it ends with the object, or with the process however that ends.
public final class FileLock: Sendable {
    public enum Mode: Sendable {
        case shared, exclusive
    }

    private let descriptor: OwnedDescriptor

    private init(_ descriptor: consuming OwnedDescriptor) { self.descriptor = descriptor }

    deinit {
        // A program that is just being started may still share the descriptor; the lock ends now all the same.
        _ = flock(descriptor.raw, LOCK_UN)
    }

    /// Waits for the lock on a file, which is made if it is missing.
    public static func wait(_ name: [UInt8], in directory: Directory, mode: Mode) throws(SystemCallError) -> FileLock {
        let descriptor = try directory.openOrCreateFile(name, mode: 0o600)
        while flock(descriptor.raw, mode == .shared ? LOCK_SH : LOCK_EX) != 0 {
            guard errno == EINTR else { throw SystemCallError("flock", name) }
        }
        return FileLock(descriptor)
    }

    /// Takes the lock if nobody holds it against us; nil when somebody does.
    public static func attempt(_ name: [UInt8], in directory: Directory, mode: Mode) throws(SystemCallError) -> FileLock? {
        let descriptor = try directory.openOrCreateFile(name, mode: 0o600)
        if flock(descriptor.raw, (mode == .shared ? LOCK_SH : LOCK_EX) | LOCK_NB) == 0 { return FileLock(descriptor) }
        if errno == EWOULDBLOCK { return nil }
        throw SystemCallError("flock", name)
    }
}
