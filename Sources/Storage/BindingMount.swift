internal import LinuxSystem
internal import OCI
internal import Synchronization
internal import SystemPackage

/// Bindings that are ready to be mounted by the runtime, and what they need for as long as the process runs.
final class BindingMounts: Sendable {
    private struct Held {
        var leases: [CacheMountDirectory.Lease] = []
        var mounted: [FilePath] = []
    }

    private let held = Mutex(Held())
    private let store: Store
    private let directory: Directory
    private let path: FilePath

    /// - Parameter directory: an empty directory of a workspace.
    init(_ directory: Directory, _ path: FilePath, store: Store) {
        (self.directory, self.path, self.store) = (directory, path, store)
    }

    /// Makes a binding ready.
    ///
    /// - Parameter number: a number of its own.
    func prepare(_ binding: Binding, number: Int) throws -> ProcessSpec.BindMount {
        let source: FilePath
        var hasDevices = false
        switch binding.source {
        case .host(let path):
            source = FilePath(path)
            hasDevices = Self.isHarmlessDevice(source)
        case .secret(let bytes, let mode, let user, let group):
            source = try writeSecret(bytes, mode, user, group, number)
        case .cache(let cache, let seed):
            let lease = try store.cacheMounts.lease(cache) { directory in
                guard let seed else { return }
                let source = CopySource(kind: .path(try store.layers.tree(seed.layers), seed.path), ownership: .kept)
                try Self.copy(source, into: directory)
            }
            held.withLock { $0.leases.append(lease) }
            source = lease.path
        case .layers(let layers, let path): source = try mount(layers, path, binding.access, number)
        case .files(let tree, let filter, let path):
            let (target, handle) = try makeDirectory(number, "files")
            // A context has no owners: what is seen of it is the same on every machine, as what COPY takes of it.
            let context = CopySource(kind: .path(tree, path), ownership: .root, filter: filter)
            source = try Self.copy(context, into: handle).map { target.appending($0) } ?? target
        }
        return ProcessSpec.BindMount(
            source: source.string, target: binding.target, isReadOnly: binding.access == .readOnly, hasDevices: hasDevices)
    }

    /// Whether a path is one of the devices that every container has: `/dev/null` over a file hides it. Others cannot be
    /// opened in what is mounted; docker's list of devices comes to the same.
    private static func isHarmlessDevice(_ path: FilePath) -> Bool {
        // What is not there is told by the runtime.
        guard let name = path.lastComponent, let directory = try? Directory(opening: path.removingLastComponent()),
            let status = try? directory.status(Array(name.string.utf8)), status.kind == .characterDevice
        else { return false }
        return status.deviceMajor == 1 && [3, 5, 7, 8, 9].contains(status.deviceMinor) || status.deviceMajor == 5 && status.deviceMinor == 0
    }

    /// Gives up what is held. The mounts are gone for new processes at once.
    func release() {
        let mounted = held.withLock { held in
            defer { held = Held() }
            return held.mounted
        }
        for path in mounted.reversed() {
            // What stays goes with the mount namespace.
            try? Mount.detach(path)
        }
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
        try store.mount(overlay, at: target)
        held.withLock { $0.mounted.append(target) }
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
        try Mount.memory(at: target)
        held.withLock { $0.mounted.append(target) }
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
