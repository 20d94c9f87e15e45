internal import CLinux
internal import Glibc

/// What a file is, as lstat(2) tells.
package struct FileStatus: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case regular, directory, symbolicLink, characterDevice, blockDevice, fifo, socket
    }

    package let kind: Kind
    /// Permission, set-id and sticky bits, 07777.
    package let mode: UInt32
    package let user: UInt32
    package let group: UInt32
    /// Bytes.
    package let size: Int64
    package let links: UInt64
    package let device: UInt64
    package let inode: UInt64
    package let deviceMajor: UInt32
    package let deviceMinor: UInt32
    package let modified: FileTime
    package let changed: FileTime

    /// What tells a file from all others that are there at the same time.
    struct Identity: Hashable, Sendable { let device: UInt64, inode: UInt64 }

    var identity: Identity { Identity(device: device, inode: inode) }

    init(_ status: stat) {
        kind =
            switch status.st_mode & S_IFMT {
            case S_IFDIR: .directory
            case S_IFLNK: .symbolicLink
            case S_IFCHR: .characterDevice
            case S_IFBLK: .blockDevice
            case S_IFIFO: .fifo
            case S_IFSOCK: .socket
            default: .regular
            }
        mode = status.st_mode & 0o7777
        user = status.st_uid
        group = status.st_gid
        size = Int64(status.st_size)
        links = UInt64(status.st_nlink)
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        deviceMajor = distill_device_major(status.st_rdev)
        deviceMinor = distill_device_minor(status.st_rdev)
        modified = FileTime(seconds: Int64(status.st_mtim.tv_sec), nanoseconds: Int64(status.st_mtim.tv_nsec))
        changed = FileTime(seconds: Int64(status.st_ctim.tv_sec), nanoseconds: Int64(status.st_ctim.tv_nsec))
    }

    /// overlayfs' mark of a deleted name: a character device 0/0 (Documentation/filesystems/overlayfs.rst, "whiteouts").
    package var isWhiteout: Bool { kind == .characterDevice && deviceMajor == 0 && deviceMinor == 0 }
}

/// A point in time as file systems keep it, since 1970-01-01T00:00:00Z.
package struct FileTime: Hashable, Comparable, Sendable {
    package let seconds: Int64
    package let nanoseconds: Int64

    package init(seconds: Int64, nanoseconds: Int64 = 0) { (self.seconds, self.nanoseconds) = (seconds, nanoseconds) }

    package static func < (left: FileTime, right: FileTime) -> Bool {
        (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
    }

    /// The current time of the system's clock.
    package static var now: FileTime {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return FileTime(seconds: Int64(time.tv_sec), nanoseconds: Int64(time.tv_nsec))
    }
}
