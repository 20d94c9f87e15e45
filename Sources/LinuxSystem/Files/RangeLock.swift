internal import Glibc
internal import SystemPackage

/// A lock on one number of a file that stands for many: it ends with the object, or with the process however that ends.
///
/// It is a lock of an open file description on one byte (fcntl(2), "Open file description locks"), so that objects of
/// one process exclude each other too. The file stays empty.
package final class RangeLock: Sendable {
    private let descriptor: OwnedDescriptor

    private init(_ descriptor: consuming OwnedDescriptor) { self.descriptor = descriptor }

    deinit {
        // A program that is just being started may still share the descriptor; the lock ends now all the same.
        _ = Self.set(F_UNLCK, descriptor.raw, at: 0, length: 0)
    }

    /// Takes the lock if nobody holds it; nil when somebody does.
    ///
    /// - Parameters:
    ///   - number: only its lower 62 bits count.
    ///   - name: the file, which is made if it is missing.
    package static func attempt(_ number: UInt64, of name: [UInt8], in directory: Directory) throws(SystemCallError)
        -> RangeLock?
    {
        let descriptor = try directory.openOrCreateFile(name, mode: 0o600)
        if set(F_WRLCK, descriptor.raw, at: off_t(number & (1 << 62 - 1)), length: 1) { return RangeLock(descriptor) }
        if errno == EAGAIN || errno == EACCES { return nil }
        throw SystemCallError("fcntl", name)
    }

    /// Whether somebody holds the lock, which is not taken to find that out.
    package static func isHeld(_ number: UInt64, of name: [UInt8], in directory: Directory) throws(SystemCallError)
        -> Bool
    {
        let descriptor: OwnedDescriptor
        do { descriptor = try directory.openFile(name) } catch  where error.errno == .noSuchFileOrDirectory {
            return false
        }
        var range = Glibc.flock()
        range.l_type = Int16(F_WRLCK)
        range.l_whence = Int16(SEEK_SET)
        (range.l_start, range.l_len) = (off_t(number & (1 << 62 - 1)), 1)
        guard fcntl(descriptor.raw, query, &range) == 0 else { throw SystemCallError("fcntl", name) }
        return range.l_type != Int16(F_UNLCK)
    }

    /// F_OFD_GETLK, which is hidden in the same way.
    private static let query: Int32 = 36
    /// F_OFD_SETLK, which the importer hides behind _GNU_SOURCE (include/uapi/asm-generic/fcntl.h).
    private static let setWithoutWaiting: Int32 = 37

    private static func set(_ kind: Int32, _ descriptor: Int32, at start: off_t, length: off_t) -> Bool {
        var range = flock()
        range.l_type = Int16(kind)
        range.l_whence = Int16(SEEK_SET)
        (range.l_start, range.l_len) = (start, length)
        return fcntl(descriptor, setWithoutWaiting, &range) == 0
    }
}
