internal import CLinux
internal import Glibc
package import SystemPackage

/// Mounts in this process's mount namespace.
package enum Mount {
    /// Gives this process a mount namespace of its own, in which nothing that it mounts is seen outside.
    ///
    /// Everything mounted afterwards vanishes with the last process of the namespace, however that ends. It must be
    /// called before the process has a second thread, for the namespace belongs to the calling thread and its children.
    ///
    /// - Throws: `.notPermitted` without CAP_SYS_ADMIN.
    package static func enterPrivateNamespace() throws(SystemCallError) {
        guard distill_unshare_mount_namespace() == 0 else { throw SystemCallError("unshare", "CLONE_NEWNS") }
        guard mount("none", "/", nil, UInt(MS_REC) | UInt(MS_PRIVATE), nil) == 0 else {
            throw SystemCallError("mount", "/")
        }
    }

    /// Hides `/sys/fs/cgroup` behind an empty tmpfs when it is neither cgroup v2 nor absent.
    ///
    /// crun refuses the hybrid layout (a tmpfs with v1 hierarchies beside `unified`) even when cgroups are disabled.
    package static func maskHybridControlGroups() throws(SystemCallError) {
        let path = "/sys/fs/cgroup"
        let cgroup2: Int = 0x6367_7270
        let type = distill_file_system_type(path)
        guard type >= 0, type != cgroup2 else { return }
        ControlGroup.remember()
        guard mount("tmpfs", path, "tmpfs", UInt(MS_NOSUID | MS_NODEV | MS_NOEXEC), "size=0,mode=755") == 0 else {
            throw SystemCallError("mount", path)
        }
    }

    /// Mounts a file or a directory with everything below it at another place.
    package static func bind(_ source: FilePath, at target: FilePath) throws(SystemCallError) {
        guard mount(source.string, target.string, nil, UInt(MS_BIND) | UInt(MS_REC), nil) == 0 else {
            throw SystemCallError("mount", target.string)
        }
    }

    /// Mounts an empty file system that lives in memory, and never in swap where the kernel can promise that: from 6.4 on, to
    /// root outside of all namespaces (Linux kernel, filesystems/tmpfs.rst).
    package static func memory(at target: FilePath) throws(SystemCallError) {
        for options in ["size=16m,mode=711,noswap", "size=16m,mode=711"] {
            if mount("tmpfs", target.string, "tmpfs", UInt(MS_NOSUID | MS_NODEV | MS_NOEXEC), options) == 0 { return }
        }
        throw SystemCallError("mount", target.string)
    }

    /// Removes a mount now, and its file system when its last user is gone.
    package static func detach(_ target: FilePath) throws(SystemCallError) {
        guard umount2(target.string, Int32(MNT_DETACH)) == 0 else {
            throw SystemCallError("umount2", target.string)
        }
    }
}
