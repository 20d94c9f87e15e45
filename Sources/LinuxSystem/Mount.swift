internal import CLinux
internal import Glibc
public import SystemPackage

/// Mounts in this process's mount namespace.
public enum Mount {
    /// Gives this process a mount namespace of its own, in which nothing that it mounts is seen outside.
    ///
    /// Everything mounted afterwards vanishes with the last process of the namespace, however that ends. It must be
    /// called before the process has a second thread, for the namespace belongs to the calling thread and its children.
    ///
    /// - Throws: `.notPermitted` without CAP_SYS_ADMIN.
    public static func enterPrivateNamespace() throws(SystemCallError) {
        guard distill_unshare_mount_namespace() == 0 else { throw SystemCallError("unshare", "CLONE_NEWNS") }
        guard mount("none", "/", nil, UInt(MS_REC) | UInt(MS_PRIVATE), nil) == 0 else {
            throw SystemCallError("mount", "/")
        }
    }

    /// Hides `/sys/fs/cgroup` behind an empty tmpfs when it is neither cgroup v2 nor absent.
    ///
    /// crun refuses the hybrid layout (a tmpfs with v1 hierarchies beside `unified`) even when cgroups are disabled.
    public static func maskHybridControlGroups() throws(SystemCallError) {
        let path = "/sys/fs/cgroup"
        let cgroup2: Int = 0x6367_7270
        let type = distill_file_system_type(path)
        guard type >= 0, type != cgroup2 else { return }
        guard mount("tmpfs", path, "tmpfs", UInt(MS_NOSUID | MS_NODEV | MS_NOEXEC), "size=0,mode=755") == 0 else {
            throw SystemCallError("mount", path)
        }
    }

    /// Mounts an overlay whose lower directories are given from the highest to the lowest.
    ///
    /// `redirect_dir`, `metacopy` and `index` are off, so that the upper directory alone holds the whole difference; in a
    /// user namespace, where marks are attributes of `user`, the first two are off by themselves and may not be named;
    /// `volatile` spares the disk every fsync inside, for an upper directory that is void if we are interrupted.
    /// - Parameter upper: the upper and the work directory, on one file system; nil for a read-only view.
    public static func overlay(lower: [FilePath], upper: (content: FilePath, work: FilePath)?, at target: FilePath)
        throws(SystemCallError)
    {
        let context = distill_fsopen("overlay")
        guard context >= 0 else { throw SystemCallError("fsopen", "overlay") }
        let descriptor = OwnedDescriptor(raw: context)
        func set(_ key: String, _ value: String) throws(SystemCallError) {
            guard distill_fsconfig_string(descriptor.raw, key, value) == 0 else {
                throw SystemCallError("fsconfig", "\(key)=\(value)")
            }
        }
        try set("source", "distill")
        if lower.count == 1 || !supportsAppendedLayers(lower, descriptor) {
            try set("lowerdir", lower.map { escaped($0.string) }.joined(separator: ":"))
        }
        if let upper {
            try set("upperdir", upper.content.string)
            try set("workdir", upper.work.string)
            // Absent before Linux 5.10; only speed is lost then.
            _ = distill_fsconfig_flag(descriptor.raw, "volatile")
        }
        let isInitial = UserNamespace.isInitial
        if !isInitial, distill_fsconfig_flag(descriptor.raw, "userxattr") != 0 { throw SystemCallError("fsconfig", "userxattr") }
        for option in (isInitial ? ["redirect_dir", "metacopy"] : []) + ["index", "xino"] { try set(option, "off") }
        guard distill_fsconfig_create(descriptor.raw) == 0 else { throw SystemCallError("fsconfig", "overlay") }
        let mounted = distill_fsmount(descriptor.raw, 0)
        guard mounted >= 0 else { throw SystemCallError("fsmount", "overlay") }
        let mount = OwnedDescriptor(raw: mounted)
        guard target.withPlatformString({ distill_move_mount(mount.raw, $0) }) == 0 else {
            throw SystemCallError("move_mount", target.string)
        }
    }

    /// Adds layers one by one (Linux 6.5); the value of one option is limited to 255 bytes, that of all is not.
    private static func supportsAppendedLayers(_ lower: [FilePath], _ context: borrowing OwnedDescriptor) -> Bool {
        for (index, layer) in lower.enumerated() {
            if layer.withPlatformString({ distill_fsconfig_string(context.raw, "lowerdir+", $0) }) != 0 {
                return index > 0
            }
        }
        return true
    }

    private static func escaped(_ path: String) -> String {
        path.replacing("\\", with: "\\\\").replacing(":", with: "\\:")
    }

    /// Mounts a file or a directory with everything below it at another place.
    public static func bind(_ source: FilePath, at target: FilePath) throws(SystemCallError) {
        guard mount(source.string, target.string, nil, UInt(MS_BIND) | UInt(MS_REC), nil) == 0 else {
            throw SystemCallError("mount", target.string)
        }
    }

    /// Mounts an empty file system that lives in memory.
    public static func memory(at target: FilePath) throws(SystemCallError) {
        guard mount("tmpfs", target.string, "tmpfs", UInt(MS_NOSUID | MS_NODEV | MS_NOEXEC), "size=16m,mode=711") == 0 else {
            throw SystemCallError("mount", target.string)
        }
    }

    /// Removes a mount now, and its file system when its last user is gone.
    public static func detach(_ target: FilePath) throws(SystemCallError) {
        guard umount2(target.string, Int32(MNT_DETACH)) == 0 else {
            throw SystemCallError("umount2", target.string)
        }
    }
}
