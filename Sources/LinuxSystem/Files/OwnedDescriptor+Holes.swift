internal import Glibc

/// Files with holes: places that nobody wrote, which are zeros and take no room.
extension OwnedDescriptor {
    /// Leaves out so many bytes from the current offset on. The file does not grow by that: see ``setSize(_:)``.
    package func skip(_ count: Int64) throws(SystemCallError) {
        guard lseek(raw, off_t(count), SEEK_CUR) >= 0 else { throw SystemCallError("lseek", "") }
    }

    /// Cuts the file off, or lets it end in a hole.
    ///
    /// - Parameter size: bytes.
    package func setSize(_ size: Int64) throws(SystemCallError) {
        guard ftruncate(raw, off_t(size)) == 0 else { throw SystemCallError("ftruncate", "") }
    }
}
