internal import CLinux
internal import Glibc

/// What a file is, as lstat(2) tells.
public struct FileStatus: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        case regular, directory, symbolicLink, characterDevice, blockDevice, fifo, socket
    }

    public let kind: Kind
    /// Permission, set-id and sticky bits, 07777.
    public let mode: UInt32
    public let user: UInt32
    public let group: UInt32
    /// Bytes.
    public let size: Int64
    public let links: UInt64
    public let device: UInt64
    public let inode: UInt64
    public let deviceMajor: UInt32
    public let deviceMinor: UInt32
    public let modified: FileTime
    public let changed: FileTime

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
    public var isWhiteout: Bool { kind == .characterDevice && deviceMajor == 0 && deviceMinor == 0 }
}

/// A point in time as file systems keep it, since 1970-01-01T00:00:00Z.
public struct FileTime: Hashable, Comparable, Sendable {
    public let seconds: Int64
    public let nanoseconds: Int64

    public init(seconds: Int64, nanoseconds: Int64 = 0) { (self.seconds, self.nanoseconds) = (seconds, nanoseconds) }

    public static func < (left: FileTime, right: FileTime) -> Bool {
        (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
    }

    /// The current time of the system's clock.
    public static var now: FileTime {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return FileTime(seconds: Int64(time.tv_sec), nanoseconds: Int64(time.tv_nsec))
    }
}
