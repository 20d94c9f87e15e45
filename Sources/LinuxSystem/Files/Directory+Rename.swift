internal import CLinux
internal import Glibc

extension Directory {
    /// Moves a name where the new name does not exist yet.
    ///
    /// - Returns: false if the new name exists; nothing has changed then.
    package func renameIfAbsent(_ name: [UInt8], to other: [UInt8], in directory: Directory) throws(SystemCallError)
        -> Bool
    {
        let target = try directory.opened()
        let result = try withRaw { raw in
            withCString(name) { name in
                withCString(other) { distill_renameat2(raw, name, target.descriptor.raw, $0, distill_rename_noreplace) }
            }
        }
        if result == 0 { return true }
        switch errno {
        case EEXIST, ENOTEMPTY: return false
        // File systems that do not know the flag, such as NFS (rename(2), "EINVAL"), and filters that do not know the call.
        case EINVAL, ENOSYS, EPERM: return try renameUnderLock(name, to: other, in: directory)
        default: throw SystemCallError("renameat2", other)
        }
    }

    /// The same in two steps, between which nobody else does it: all who meet such a file system take the lock, which is one
    /// on the directory of the new name.
    func renameUnderLock(_ name: [UInt8], to other: [UInt8], in directory: Directory) throws(SystemCallError) -> Bool {
        // Of its own: locks of one descriptor do not exclude each other.
        let lock = try directory.openKept([UInt8(ascii: ".")])
        while try lock.withRaw({ flock($0, LOCK_EX) }) != 0 {
            guard errno == EINTR else { throw SystemCallError("flock", other) }
        }
        defer { withExtendedLifetime(lock) {} }
        guard try directory.status(other) == nil else { return false }
        try rename(name, to: other, in: directory)
        return true
    }
}
