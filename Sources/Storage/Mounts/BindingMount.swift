internal import LinuxSystem
internal import OCI
internal import SystemPackage

/// Bindings that are ready to be mounted by the runtime, and what they need for as long as the process runs.
struct BindingMounts {
    private let scope: MountScope
    private let store: Store
    private let directory: Directory
    private let path: FilePath

    /// - Parameters:
    ///   - directory: an empty directory of the scope's.
    ///   - scope: has the mounts, and ends them.
    init(_ directory: Directory, _ path: FilePath, scope: MountScope, store: Store) {
        (self.directory, self.path, self.scope, self.store) = (directory, path, scope, store)
    }

    /// Makes a binding ready.
    ///
    /// - Parameter number: a number of its own.
    func prepare(_ binding: Binding, number: Int) throws -> BindMount {
        let source: FilePath
        var hasDevices = false
        switch binding.source {
        case .host(let path):
            source = FilePath(path)
            hasDevices = Self.isHarmlessDevice(source)
        case .secret(let bytes, let mode, let user, let group):
            source = try writeSecret(bytes, mode, user, group, number)
        case .socket(let make, let mode, let user, let group):
            let (target, handle) = try makeDirectory(number, "socket")
            let name = Array("socket".utf8)
            source = target.appending("socket")
            scope.hold(try make(source))
            try handle.setOwner(name, user: user, group: group)
            try handle.setMode(name, mode)
        case .cache(let cache, let seed):
            let lease = try store.cacheMounts.lease(cache) { directory in
                guard let seed else { return nil }
                let tree = try store.layers.tree(seed.layers)
                // A directory that is asked for by its path is the cache, with its owner and mode; else the options say them.
                let root = seed.path.isRoot ? nil : try tree.lookUp(seed.path, links: .followAll)?.node
                try Self.copy(CopySource(kind: .path(tree, seed.path), ownership: .kept), into: directory)
                return root.flatMap { $0.isDirectory ? $0.status : nil }
            }
            scope.hold(lease)
            source = lease.path
        case .layers(let layers, let path): source = try mount(layers, path, binding.access, number)
        case .files(let tree, let filter, let path):
            let (target, handle) = try makeDirectory(number, "files")
            // A context has no owners: what is seen of it is the same on every machine, as what COPY takes of it.
            let context = CopySource(kind: .path(tree, path), ownership: .root, filter: filter)
            source = try Self.copy(context, into: handle).map { target.appending($0) } ?? target
        }
        return BindMount(
            source: source.string, target: binding.target, isReadOnly: binding.access == .readOnly,
            hasDevices: hasDevices)
    }

    /// Whether a path is one of the devices that every container has: `/dev/null` over a file hides it. Others cannot be
    /// opened in what is mounted; docker's list of devices comes to the same.
    private static func isHarmlessDevice(_ path: FilePath) -> Bool {
        // What is not there is told by the runtime.
        guard let name = path.lastComponent, let directory = try? Directory(opening: path.removingLastComponent()),
            let status = try? directory.status(Array(name.string.utf8)), status.kind == .characterDevice
        else { return false }
        return status.deviceMajor == 1 && [3, 5, 7, 8, 9].contains(status.deviceMinor)
            || status.deviceMajor == 5 && status.deviceMinor == 0
    }

    private func makeDirectory(_ number: Int, _ kind: String) throws -> (FilePath, Directory) {
        let name = "\(kind)-\(number)"
        try directory.makeDirectory(Array(name.utf8))
        return (path.appending(name), try directory.openDirectory(Array(name.utf8)))
    }

    private func mount(
        _ layers: [DiffID], _ inner: ImagePath, _ access: Binding.Access, _ number: Int
    ) throws -> FilePath {
        let (target, _) = try makeDirectory(number, "layers")
        if layers.isEmpty {
            // `scratch` is an empty directory; overlayfs wants something to lie over.
            guard inner.isRoot else { throw StorageError.noSuchFile(inner) }
            return target
        }
        let (empty, _) = try makeDirectory(number, "empty")
        let (content, _) = try makeDirectory(number, "upper")
        let (work, _) = try makeDirectory(number, "work")
        let (links, _) = try makeDirectory(number, "links")
        let overlay = Mount.Overlay(
            lower: store.layers.overlayPaths(layers) + [empty],
            upper: access == .readWrite ? (content: content, work: work) : nil, links: links)
        try scope.mount(at: target) { try store.mount(overlay, at: $0) }
        guard let (real, _) = try store.layers.tree(layers).lookUp(inner, links: .followAll) else {
            if inner.isRoot { return target }
            throw StorageError.noSuchFile(inner)
        }
        return real.isRoot ? target : FilePath(target.string + real.description)
    }

    /// A secret lies on a file system in memory that only this process's namespace has.
    private func writeSecret(
        _ bytes: [UInt8], _ mode: UInt32, _ user: UInt32, _ group: UInt32, _ number: Int
    ) throws -> FilePath {
        let (target, _) = try makeDirectory(number, "secret")
        try scope.mount(at: target) {
            try Mount.memory(at: $0)
            return nil
        }
        let directory = try Directory(opening: target)
        let name = Array("secret".utf8)
        try directory.createFile(name, mode: 0o600).write(bytes)
        try directory.setOwner(name, user: user, group: group)
        try directory.setMode(name, mode)
        return target.appending("secret")
    }

    /// Copies what a source's path holds into a directory.
    ///
    /// - Returns: the name in it when the path is a file; nil for a directory's entries.
    @discardableResult
    static func copy(_ source: CopySource, into directory: Directory) throws -> String? {
        guard let selection = try source.selections().first else { return nil }
        let assembler = LayerAssembler(root: directory, base: FileTree(layers: []))
        guard selection.node.isDirectory else {
            guard let target = ImagePath("/file") else { return nil }
            try assembler.copy(source, to: target, intoDirectory: false, attributes: .init())
            return "file"
        }
        try assembler.copy(source, to: .root, intoDirectory: true, attributes: .init())
        _ = try assembler.finish()
        return nil
    }
}
