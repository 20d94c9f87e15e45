internal import CLinux
internal import Glibc
internal import SystemPackage

/// A file descriptor with one owner; closed when the value ends.
package struct OwnedDescriptor: ~Copyable, Sendable {
    /// Valid as long as this value lives.
    package let raw: Int32

    deinit { _ = close(raw) }

    /// A file in memory, which programs that this one starts can open as `/proc/PROCESS/fd/NUMBER` while it is held here
    /// (memfd_create(2), proc(5)).
    package static func inMemory(_ bytes: [UInt8]) throws(SystemCallError) -> OwnedDescriptor {
        let file = distill_memory_file("distill")
        guard file >= 0 else { throw SystemCallError("memfd_create", "") }
        let descriptor = OwnedDescriptor(raw: file)
        try descriptor.write(bytes)
        return descriptor
    }

    /// Reads up to the buffer's size at the current offset; 0 at the end of the file.
    package func read(into buffer: UnsafeMutableRawBufferPointer) throws(SystemCallError) -> Int {
        while true {
            let count = Glibc.read(raw, buffer.baseAddress, buffer.count)
            if count >= 0 { return count }
            if errno != EINTR { throw SystemCallError("read", "") }
        }
    }

    /// Reads at a place in the file: fewer bytes than asked for at its end, none behind it.
    package func read(at offset: Int64, count: Int) throws(SystemCallError) -> [UInt8] {
        // No file reaches so far, and the kernel refuses such a place.
        guard offset <= .max - Int64(count) else { return [] }
        var failure: SystemCallError?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count, let base = buffer.baseAddress {
                let result = pread(raw, base + filled, count - filled, off_t(offset) + off_t(filled))
                if result > 0 {
                    filled += result
                } else if result == 0 {
                    break
                } else if errno != EINTR {
                    failure = SystemCallError("pread", "")
                    break
                }
            }
        }
        if let failure { throw failure }
        return bytes
    }

    /// Writes all bytes at the current offset.
    package func write(_ bytes: UnsafeRawBufferPointer) throws(SystemCallError) {
        var rest = bytes
        while let base = rest.baseAddress, rest.count > 0 {
            let count = Glibc.write(raw, base, rest.count)
            if count < 0 {
                if errno == EINTR { continue }
                throw SystemCallError("write", "")
            }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    package func write(_ bytes: [UInt8]) throws(SystemCallError) {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                buffer.baseAddress.map { Glibc.write(raw, $0 + written, buffer.count - written) } ?? -1
            }
            if count > 0 {
                written += count
            } else if errno != EINTR {
                throw SystemCallError("write", "")
            }
        }
    }

    /// Waits until the file's bytes are on the disk.
    package func synchronize() throws(SystemCallError) {
        guard fdatasync(raw) == 0 else { throw SystemCallError("fdatasync", "") }
    }

    package func setOwner(user: UInt32, group: UInt32) throws(SystemCallError) {
        guard fchown(raw, user, group) == 0 else { throw SystemCallError("fchown", "") }
    }

    package func setMode(_ mode: UInt32) throws(SystemCallError) {
        guard fchmod(raw, mode) == 0 else { throw SystemCallError("fchmod", "") }
    }

    /// Sets the times of access and of modification.
    package func setModified(_ time: FileTime) throws(SystemCallError) {
        let value = timespec(tv_sec: Int(time.seconds), tv_nsec: Int(time.nanoseconds))
        guard futimens(raw, [value, value]) == 0 else { throw SystemCallError("futimens", "") }
    }

    /// Goes to a place in the file, in bytes from its beginning.
    package func seek(to offset: Int64) throws(SystemCallError) {
        guard lseek(raw, off_t(offset), SEEK_SET) >= 0 else { throw SystemCallError("lseek", "") }
    }

    package func status() throws(SystemCallError) -> FileStatus {
        var status = stat()
        guard fstat(raw, &status) == 0 else { throw SystemCallError("fstat", "") }
        return FileStatus(status)
    }

    /// Reads the file from its current offset in pieces of at most 256 KiB.
    package func forEachPiece<Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 4096)
        defer { buffer.deallocate() }
        while true {
            let count = try read(into: buffer)
            if count == 0 { return }
            try body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
    }

    /// The rest of the file in memory, refused above `limit` bytes.
    package func readAll(limit: Int) throws(SystemCallError) -> [UInt8] {
        var result: [UInt8] = []
        let status = try status()
        let step = max(4096, min(Int(clamping: status.size) + 1, 1 << 20))
        while true {
            let start = result.count
            result.append(contentsOf: repeatElement(0, count: step))
            var count = -1
            repeat {
                count = result.withUnsafeMutableBytes { buffer in
                    buffer.baseAddress.map { Glibc.read(raw, $0 + start, step) } ?? 0
                }
            } while count < 0 && errno == EINTR
            guard count >= 0 else { throw SystemCallError("read", "") }
            result.removeLast(step - count)
            guard result.count <= limit else { throw SystemCallError(call: "read", path: "", errno: .fileTooLarge) }
            // A file with a size gives all that was asked for but at its end; those of proc have none.
            if count == 0 || (count < step && status.kind == .regular && status.size > 0) { return result }
        }
    }

    /// Copies everything from `source`'s current offset to here, in the kernel where it can.
    ///
    /// - Returns: the number of bytes.
    @discardableResult
    package func copyContents(of source: borrowing OwnedDescriptor, limit: Int64 = .max) throws(SystemCallError)
        -> Int64
    {
        var total: Int64 = 0
        while true {
            if total == limit { return total }
            let count = distill_copy_file_range(raw, source.raw, Int(min(1 << 30, limit - total)))
            if count > 0 {
                total += Int64(count)
                continue
            }
            if count == 0, total > 0 { return total }
            if count < 0, errno == EINTR { continue }
            // Some file systems (proc, some overlays) answer 0 or refuse: read and write instead.
            return total + (try copyThroughMemory(source, limit: limit - total))
        }
    }

    private func copyThroughMemory(_ source: borrowing OwnedDescriptor, limit: Int64) throws(SystemCallError) -> Int64 {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 4096)
        defer { buffer.deallocate() }
        var total: Int64 = 0
        while true {
            let count = min(try source.read(into: buffer), Int(clamping: limit - total))
            if count == 0 { return total }
            try write(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            total += Int64(count)
        }
    }
}

extension OwnedDescriptor {
    /// Empties the file and goes to its beginning.
    package func truncate() throws(SystemCallError) {
        guard ftruncate(raw, 0) == 0, lseek(raw, 0, SEEK_SET) == 0 else { throw SystemCallError("ftruncate", "") }
    }
}
