internal import LinuxSystem
package import OCI
package import SystemPackage

/// A stack of layers, mounted with a fresh layer on top for a process to write into.
///
/// It is ended by ``commit()`` or ``discard()``, or with this value; a process that is killed leaves neither mount nor layer
/// behind.
package final class RootFileSystem: Sendable {
    /// The host path of the mounted root.
    package let path: String
    /// An empty directory for the OCI runtime's files. It lies in memory: they tell the environment, with secrets in it.
    package let bundle: FilePath
    /// What must be mounted inside, from directories that live as long as this value.
    package let mounts: [BindMount]
    private let workspace: Workspace
    private let scope: MountScope
    private let layers: LayerDirectory
    /// What lies below, where a program serves the mount, whose marks must be made overlayfs'.
    private let served: FileTree?

    /// A file that every process sees in place of the image's own.
    package struct HostFile: Sendable {
        package let target: ImagePath
        package let content: [UInt8]
        package let mode: UInt32

        package init(target: ImagePath, content: [UInt8], mode: UInt32 = 0o644) {
            (self.target, self.content, self.mode) = (target, content, mode)
        }
    }

    /// What a process finds at its root.
    package enum Form: Sendable {
        /// All layers as one file system.
        case mounted
        /// An empty directory for what is written: for a runtime that mounts nothing.
        case written
    }

    /// What is seen of a stack of layers, and where.
    struct View {
        let files: [HostFile]
        let bindings: [Binding]
        let directories: [ImagePath]
        let form: Form
    }

    init(_ stack: [DiffID], _ view: View, store: Store) throws {
        workspace = try store.workspace()
        layers = store.layers
        let scope = try MountScope(in: workspace)
        self.scope = scope
        let (path, directory) = (scope.path, scope.directory)
        self.path = path.appending(view.form == .mounted ? "merged" : "fs").string
        bundle = path.appending("bundle")
        for name in ["fs", "work", "merged", "bundle", "host", "stubs", "bindings", "links"] {
            try directory.makeDirectory(Array(name.utf8))
        }
        if view.form == .mounted {
            try scope.mount(at: bundle) {
                try Mount.memory(at: $0)
                return nil
            }
        }
        let prepared = BindingMounts(
            try directory.openDirectory(Array("bindings".utf8)), path.appending("bindings"), scope: scope, store: store)
        let binds = try view.bindings.enumerated().map { try prepared.prepare($1, number: $0) }
        mounts =
            try Self.write(view.files, into: directory.openDirectory(Array("host".utf8)), path.appending("host"))
            + binds
        guard view.form == .mounted else {
            served = nil
            return
        }
        let stubs = try directory.openDirectory(Array("stubs".utf8))
        try Self.makeStubs(for: mounts, in: stubs)
        for path in view.directories { _ = try Self.makeDirectory(path, in: stubs) }
        let overlay = Mount.Overlay(
            lower: store.layers.overlayPaths(stack) + [path.appending("stubs")],
            upper: (content: path.appending("fs"), work: path.appending("work")), links: path.appending("links"))
        let program = try scope.mount(at: path.appending("merged")) { try store.mount(overlay, at: $0) }
        served = program == nil ? nil : try store.layers.tree(stack)
    }

    /// Unmounts, and makes the layer that was written one of the store's.
    package func commit() throws -> LayerDirectory.Facts {
        try scope.unmount()
        let files = scope.path.appending("fs")
        if let served { try OverlayProgramMarks(below: served).translate(Directory(opening: files)) }
        let facts = try layers.commit(files, in: workspace)
        try scope.end()
        return facts
    }

    /// Unmounts, and drops what was written.
    package func discard() {
        // What stays goes with the mount namespace and the workspace.
        try? scope.end()
    }

    private static func write(_ files: [HostFile], into host: Directory, _ path: FilePath) throws -> [BindMount] {
        try files.enumerated().map { index, file in
            let name = Array(String(index).utf8)
            try host.createFile(name, mode: file.mode).write(file.content)
            try host.setMode(name, file.mode)
            return BindMount(
                source: path.appending(String(index)).string, target: file.target, isReadOnly: false)
        }
    }

    /// Fills the layer below all others, so that the runtime never has to make a place for a mount in the layer that is
    /// written: the kernel's file systems, and each target as an empty file or directory.
    private static func makeStubs(for mounts: [BindMount], in root: Directory) throws {
        let systems = ["proc", "sys", "dev"]
        for system in systems { try root.makeDirectory(Array(system.utf8)) }
        for mount in mounts {
            guard let first = mount.target.components.first, !systems.contains(String(decoding: first, as: UTF8.self)),
                let last = mount.target.name
            else { continue }
            let parent = try makeDirectory(mount.target.parent, in: root)
            if try isDirectory(FilePath(mount.source)) {
                try parent.ensureDirectory(last)
            } else {
                _ = try parent.openOrCreateFile(last)
            }
        }
    }

    private static func isDirectory(_ path: FilePath) throws -> Bool {
        do {
            _ = try Directory(opening: path)
            return true
        } catch {
            switch error.errno {
            // A file cannot be opened as a directory.
            case .notDirectory, .noSuchFileOrDirectory: return false
            // That comes first: it is one that we may not read.
            case .permissionDenied: return true
            default: throw error
            }
        }
    }

    private static func makeDirectory(_ path: ImagePath, in root: Directory) throws -> Directory {
        var directory = root
        for component in path.components {
            try directory.ensureDirectory(component)
            directory = try directory.openDirectory(component)
        }
        return directory
    }
}
