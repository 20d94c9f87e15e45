internal import CLinux
package import SystemPackage

/// The kinds of file systems that people meet, by the number that statfs(2) gives (its manual page, "f_type").
package enum FileSystemKind: String, Sendable, CaseIterable {
    case ext4, xfs, btrfs, tmpfs, zfs, nfs, vfat, exfat, cifs, fuse, ecryptfs
    case overlay = "overlayfs"
    case plan9 = "9p"

    private var number: Int {
        switch self {
        case .ext4: 0xEF53
        case .xfs: 0x5846_5342
        case .btrfs: 0x9123_683E
        case .tmpfs: 0x0102_1994
        case .zfs: 0x2FC1_2FC1
        case .nfs: 0x6969
        case .vfat: 0x4D44
        case .exfat: 0x2011_BAB0
        case .cifs: 0xFE53_4D42
        case .fuse: 0x6573_5546
        case .ecryptfs: 0xF15F
        case .overlay: 0x794C_7630
        case .plan9: 0x0102_1997
        }
    }

    /// The kind of the file system that holds a path; nil for others, and where nothing is there.
    package static func of(_ path: FilePath) -> FileSystemKind? {
        let number = distill_file_system_type(path.string)
        return allCases.first { $0.number == number }
    }
}
