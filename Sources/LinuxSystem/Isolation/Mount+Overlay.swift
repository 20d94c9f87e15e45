internal import CLinux
internal import Glibc
package import SystemPackage

extension Mount {
    /// A stack of directories that overlayfs shows as one (Linux kernel, filesystems/overlayfs.rst).
    package struct Overlay: Sendable {
        /// From the highest to the lowest: at most 999, see ``Mount/largestStack``.
        package var lower: [FilePath]
        /// The upper and the work directory, on one file system; nil for a read-only view.
        package var upper: (content: FilePath, work: FilePath)?
        /// An empty directory of the caller's, where links to the layers are made if the kernel needs short names, and
        /// where the lowest layers are mounted if there are too many for one overlay.
        package var links: FilePath

        package init(lower: [FilePath], upper: (content: FilePath, work: FilePath)?, links: FilePath) {
            (self.lower, self.upper, self.links) = (lower, upper, links)
        }
    }

    /// Mounts an overlay; device nodes in it cannot be opened.
    ///
    /// `redirect_dir`, `metacopy` and `index` are off, so that the upper directory alone holds the whole difference; in a
    /// user namespace, where marks are attributes of `user`, the first two are off by themselves and may not be named;
    /// `volatile` spares the disk every fsync inside, for an upper directory that is void if we are interrupted.
    ///
    /// Layers are given one by one where the kernel takes them so (Linux 6.8). Before 6.5 overlayfs takes any option in
    /// silence and refuses all of them at the end, and one option has at most 255 bytes: there mount(2) is used, whose
    /// options fit a page, with links of one to three digits for names.
    package static func overlay(_ overlay: Overlay, at target: FilePath) throws(SystemCallError) {
        guard overlay.lower.count > largestStack else { return try mountOne(overlay, at: target) }
        // The lowest layers become one by an overlay of their own, which the other keeps alive when its name is gone.
        let directory = try Directory(opening: overlay.links)
        for name in ["lowest", "lowest-links"] { try directory.makeDirectory(Array(name.utf8)) }
        let lowest = overlay.links.appending("lowest")
        var highest = overlay
        highest.lower = overlay.lower.prefix(largestStack - 1) + [lowest]
        let rest = Array(overlay.lower.dropFirst(largestStack - 1))
        try mountOne(Overlay(lower: rest, upper: nil, links: overlay.links.appending("lowest-links")), at: lowest)
        do { try mountOne(highest, at: target) } catch {
            // The first error is the one to tell.
            try? detach(lowest)
            throw error
        }
        try detach(lowest)
    }

    /// How many lower directories one overlay has at most (`OVL_MAX_STACK` in the kernel's fs/overlayfs/params.c).
    static let largestStack = 500

    private static func mountOne(_ overlay: Overlay, at target: FilePath) throws(SystemCallError) {
        if let context = try contextThatTakesLayers(overlay.lower) {
            try mount(overlay, context, at: target)
        } else {
            try mountByNames(overlay, at: target)
        }
    }

    private static func options(_ overlay: Overlay) -> [(key: String, value: String?)] {
        var result: [(key: String, value: String?)] = []
        if let upper = overlay.upper {
            result += [("upperdir", upper.content.string), ("workdir", upper.work.string), ("volatile", nil)]
        }
        let isInitial = UserNamespace.isInitial
        if !isInitial { result.append(("userxattr", nil)) }
        return result + ((isInitial ? ["redirect_dir", "metacopy"] : []) + ["index", "xino"]).map { ($0, "off") }
    }

    /// A file system that has the layers already; nil if the kernel cannot be given them one by one.
    ///
    /// Whether it can is asked with an option that is wrong: a kernel that knows `lowerdir+` refuses its path, an older
    /// one either does not know the name (EINVAL) or takes it without looking at it.
    private static func contextThatTakesLayers(_ lower: [FilePath]) throws(SystemCallError) -> OwnedDescriptor? {
        guard try knowsAppendedLayers() else { return nil }
        let context = try openContext()
        for layer in lower {
            guard layer.withPlatformString({ distill_fsconfig_string(context.raw, "lowerdir+", $0) }) == 0 else {
                throw SystemCallError("fsconfig", "lowerdir+=\(layer)")
            }
        }
        return context
    }

    private static func openContext() throws(SystemCallError) -> OwnedDescriptor {
        let context = distill_fsopen("overlay")
        guard context >= 0 else { throw SystemCallError("fsopen", "overlay") }
        return OwnedDescriptor(raw: context)
    }

    private static func knowsAppendedLayers() throws(SystemCallError) -> Bool {
        let context = distill_fsopen("overlay")
        if context < 0 {
            // Some filters of system calls know mount(2) alone.
            if errno == ENOSYS || errno == EPERM { return false }
            throw SystemCallError("fsopen", "overlay")
        }
        let descriptor = OwnedDescriptor(raw: context)
        return distill_fsconfig_string(descriptor.raw, "lowerdir+", "/proc/self/no-such-layer") != 0 && errno != EINVAL
    }

    private static func mount(_ overlay: Overlay, _ context: borrowing OwnedDescriptor, at target: FilePath)
        throws(SystemCallError)
    {
        func set(_ key: String, _ value: String?) throws(SystemCallError) {
            let result =
                value.map { distill_fsconfig_string(context.raw, key, $0) } ?? distill_fsconfig_flag(context.raw, key)
            guard result == 0 else { throw SystemCallError("fsconfig", key) }
        }
        try set("source", "distill")
        for (key, value) in options(overlay) { try set(key, value) }
        guard distill_fsconfig_create(context.raw) == 0 else { throw SystemCallError("fsconfig", "overlay") }
        let mounted = distill_fsmount(context.raw, distill_mount_attribute_nodev)
        guard mounted >= 0 else { throw SystemCallError("fsmount", "overlay") }
        let mount = OwnedDescriptor(raw: mounted)
        guard target.withPlatformString({ distill_move_mount(mount.raw, $0) }) == 0 else {
            throw SystemCallError("move_mount", target.string)
        }
    }

    static func mountByNames(_ overlay: Overlay, at target: FilePath) throws(SystemCallError) {
        let links = try Directory(opening: overlay.links)
        var words = try linkedDirectories(overlay, links)
        for (key, value) in options(overlay) where key != "upperdir" && key != "workdir" {
            words.append(value.map { "\(key)=\($0)" } ?? key)
        }
        let text = words.joined(separator: ",")
        guard text.utf8.count < 4096 else {
            throw SystemCallError(call: "mount", path: target.string, errno: .argListTooLong)
        }
        let result = try links.withRaw { raw in
            target.withPlatformString { distill_mount_overlay_in(raw, $0, UInt(MS_NODEV), text) }
        }
        guard result == 0 else { throw SystemCallError("mount", target.string) }
    }

    /// The options that name directories, by links in a directory: their names are short and have no comma and no colon.
    static func linkedDirectories(_ overlay: Overlay, _ links: Directory) throws(SystemCallError) -> [String] {
        var names: [String] = []
        for (number, layer) in overlay.lower.enumerated() {
            // With 36 digits 500 layers have names of at most two.
            let name = String(number, radix: 36)
            try links.makeSymbolicLink(Array(name.utf8), to: Array(layer.string.utf8))
            names.append(name)
        }
        var words = ["lowerdir=" + names.joined(separator: ":")]
        guard let upper = overlay.upper else { return words }
        for (key, path) in [("upperdir", upper.content), ("workdir", upper.work)] {
            try links.makeSymbolicLink(Array(key.utf8), to: Array(path.string.utf8))
            words.append("\(key)=\(key)")
        }
        return words
    }
}
