public import LinuxSystem
public import OCI
internal import SystemPackage

/// Makes a layer without a mount: directories and files are put where a process in the tree below would put them.
public final class LayerAssembler {
    private let root: Directory
    private let base: FileTree
    /// The base with what has been made so far on top.
    private let combined: FileTree
    private var copiedFiles: [FileIdentity: (directory: Directory, name: [UInt8])] = [:]
    /// Directories' times are set at the end, for every entry made in one changes them.
    private var directoryTimes: [(parent: Directory, name: [UInt8], time: FileTime)] = []

    private struct FileIdentity: Hashable { let device: UInt64, inode: UInt64 }

    /// - Parameters:
    ///   - root: an empty directory that becomes the layer's files.
    ///   - base: what the layer stands on.
    public init(root: Directory, base: FileTree) {
        self.root = root
        self.base = base
        combined = FileTree(layers: base.layers.reversed() + [root])
    }

    /// Who owns what is copied, and with what mode.
    public struct Attributes: Sendable {
        /// nil leaves it to the source.
        public var owner: (user: UInt32, group: UInt32)?
        /// Makes a new mode from a file's own.
        public var mode: @Sendable (_ mode: UInt32, _ isDirectory: Bool) -> UInt32
        /// Later times of modification become this one; nil leaves them.
        public var latest: FileTime?

        public init(
            owner: (user: UInt32, group: UInt32)? = nil,
            mode: @escaping @Sendable (_ mode: UInt32, _ isDirectory: Bool) -> UInt32 = { mode, _ in mode }
        ) {
            (self.owner, self.mode) = (owner, mode)
        }

        func time(_ time: FileTime) -> FileTime { latest.map { min($0, time) } ?? time }
    }

    /// The time of what has none of its own, such as a directory that COPY makes: the same input gives the same layer.
    private static let noTime = FileTime(seconds: 0)

    /// Copies a source. What exists at the destination is replaced file by file; directories are merged.
    ///
    /// - Parameter intoDirectory: the destination is a directory even if it does not exist yet.
    public func copy(
        _ source: CopySource, to destination: ImagePath, intoDirectory: Bool, attributes: Attributes
    ) throws {
        if case .inline(let name, let content) = source.kind {
            try writeInline(content, to: try target(destination, intoDirectory, name: name), attributes)
            return
        }
        for selection in try source.selections() {
            let job = Job(source: source, tree: selection.tree, attributes: attributes)
            if case .underParents(let depth) = source.placement {
                try copy(selection, to: destination, dropping: depth, job)
            } else if selection.node.isDirectory {
                let target = try combined.resolve(destination, links: .followAll)
                if let node = target.node, !node.isDirectory { throw StorageError.notADirectory(destination) }
                let directory = try ensureDirectory(target.path, like: selection.node.status, job)
                try copyEntries(of: selection.node, selection.path, into: directory, target.path, job)
            } else {
                let target = try target(destination, intoDirectory, name: selection.path.name ?? [])
                try copyFile(selection.node, to: target, job)
            }
        }
    }

    /// Copies a file or directory to its own path below the destination; its parents look as they do in the source.
    private func copy(_ selection: CopySource.Selection, to destination: ImagePath, dropping depth: Int, _ job: Job) throws {
        var target = try combined.resolve(destination, links: .followAll).path
        _ = try ensureDirectory(target, like: nil, job)
        var source = ImagePath.root
        for (index, name) in selection.path.components.enumerated() {
            source = source.appending(name)
            if index < depth { continue }
            target = try combined.resolve(target.appending(name), links: .followAll).path
            let isLast = index == selection.path.components.count - 1
            if isLast, !selection.node.isDirectory { return try copyFile(selection.node, to: target, job) }
            let model = try selection.tree.lookUp(source, links: .keepLast)?.node.status
            let directory = try ensureDirectory(target, like: model, job)
            if isLast { try copyEntries(of: selection.node, source, into: directory, target, job) }
        }
        if selection.path.components.count <= depth, selection.node.isDirectory {
            let directory = try ensureDirectory(target, like: nil, job)
            try copyEntries(of: selection.node, selection.path, into: directory, target, job)
        }
    }

    /// Makes a directory and its parents, 0755 and owned by root, where they are missing.
    ///
    /// - Returns: whether anything was made.
    public func makeDirectory(_ path: ImagePath) throws -> Bool {
        let (real, node) = try combined.resolve(path, links: .followAll)
        if let node {
            guard node.isDirectory else { throw StorageError.notADirectory(path) }
            return false
        }
        _ = try ensureDirectory(real, like: nil, nil)
        return true
    }

    /// Sets what could not be set while the layer was being made. Call it last.
    public func finish() throws {
        for entry in directoryTimes.reversed() { try entry.parent.setModified(entry.name, entry.time) }
        directoryTimes = []
    }

    func setLater(_ time: FileTime, _ name: [UInt8], in parent: Directory) { directoryTimes.append((parent, name, time)) }

    /// The directory of this layer that holds a path's last component, made where it is missing; nil for the root.
    func place(_ path: ImagePath, makingRoom: Bool) throws -> (parent: Directory, name: [UInt8])? {
        let parent = try combined.resolve(path.parent, links: .followAll).path
        guard let name = path.name else { return nil }
        let directory = try ensureDirectory(parent, like: nil, nil)
        if makingRoom { try makeRoom(name, in: directory, parent.appending(name)) }
        return (directory, name)
    }

    // MARK: Places

    private struct Job {
        let source: CopySource
        let tree: FileTree
        let attributes: Attributes

        func owner(_ status: FileStatus) -> (user: UInt32, group: UInt32) {
            if let owner = attributes.owner { return owner }
            return source.ownership == .kept ? (status.user, status.group) : (0, 0)
        }
    }

    /// Where a file goes: the destination, or the destination and the file's name if that is a directory.
    private func target(_ destination: ImagePath, _ intoDirectory: Bool, name: [UInt8]) throws -> ImagePath {
        let (real, node) = try combined.resolve(destination, links: .followAll)
        guard intoDirectory || node?.isDirectory == true else { return real }
        if let node, !node.isDirectory { throw StorageError.notADirectory(destination) }
        let file = real.appending(name)
        return try combined.resolve(file, links: .followAll).path
    }

    /// The layer's own directory at a real path, made with its parents: those that the base has look as they do there.
    ///
    /// - Parameter model: gives a last component that is new its mode, and its owner by `job`.
    private func ensureDirectory(_ path: ImagePath, like model: FileStatus?, _ job: Job?) throws -> Directory {
        var directory = root
        var current = ImagePath.root
        for (index, component) in path.components.enumerated() {
            current = current.appending(component)
            switch try directory.status(component)?.kind {
            case .directory: break
            case nil:
                let below = try base.lookUp(current, links: .keepLast)?.node
                if let below, below.isDirectory {
                    try copyUp(below, component, in: directory)
                } else {
                    if below != nil { throw StorageError.notADirectory(current) }
                    let isLast = index == path.components.count - 1
                    try makeNew(component, in: directory, like: isLast ? model : nil, job)
                }
            default: throw StorageError.notADirectory(current)
            }
            directory = try directory.openDirectory(component)
        }
        return directory
    }

    private func copyUp(_ node: FileTree.Node, _ name: [UInt8], in parent: Directory) throws {
        try parent.makeDirectory(name, mode: node.status.mode)
        try parent.setOwner(name, user: node.status.user, group: node.status.group)
        try parent.setMode(name, node.status.mode)
        for attribute in try node.extendedAttributes() {
            try parent.setExtendedAttribute(attribute.name, attribute.value, of: name)
        }
        directoryTimes.append((parent, name, node.status.modified))
    }

    private func makeNew(_ name: [UInt8], in parent: Directory, like model: FileStatus?, _ job: Job?) throws {
        try parent.makeDirectory(name, mode: 0o755)
        var mode: UInt32 = 0o755
        var owner: (user: UInt32, group: UInt32) = job?.attributes.owner ?? (0, 0)
        if let model, let job {
            mode = job.attributes.mode(model.mode, true)
            owner = job.owner(model)
            directoryTimes.append((parent, name, job.attributes.time(model.modified)))
        } else {
            directoryTimes.append((parent, name, Self.noTime))
        }
        try parent.setOwner(name, user: owner.user, group: owner.group)
        try parent.setMode(name, mode)
    }

    // MARK: Files

    private func copyEntries(
        of node: FileTree.Node, _ path: ImagePath, into directory: Directory, _ target: ImagePath, _ job: Job
    ) throws {
        for (name, child) in try job.tree.entries(of: node) {
            let childPath = path.appending(name)
            switch job.source.filter.verdict(childPath.relativeBytes, child.isDirectory) {
            case .exclude: continue
            case .descend where !child.isDirectory: continue
            case .descend, .include: break
            }
            guard child.isDirectory else {
                try write(child, name, in: directory, target.appending(name), job)
                continue
            }
            let childTarget = try combined.resolve(target.appending(name), links: .followAll)
            if let existing = childTarget.node, !existing.isDirectory {
                throw StorageError.notADirectory(childTarget.path)
            }
            let childDirectory = try ensureDirectory(childTarget.path, like: child.status, job)
            try applyDirectory(child, at: childTarget.path, job)
            try copyEntries(of: child, childPath, into: childDirectory, childTarget.path, job)
        }
    }

    /// A directory below the one that is copied takes the source's attributes even where it exists.
    private func applyDirectory(_ node: FileTree.Node, at path: ImagePath, _ job: Job) throws {
        guard let name = path.name else { return }
        let parent = try ensureDirectory(path.parent, like: nil, nil)
        let owner = job.owner(node.status)
        try parent.setOwner(name, user: owner.user, group: owner.group)
        try parent.setMode(name, job.attributes.mode(node.status.mode, true))
        for attribute in try node.extendedAttributes() {
            try parent.setExtendedAttribute(attribute.name, attribute.value, of: name)
        }
        directoryTimes.append((parent, name, job.attributes.time(node.status.modified)))
    }

    private func copyFile(_ node: FileTree.Node, to target: ImagePath, _ job: Job) throws {
        guard let name = target.name else { throw StorageError.notADirectory(target) }
        let parent = try ensureDirectory(target.parent, like: nil, job)
        try write(node, name, in: parent, target, job)
    }

    private func makeRoom(_ name: [UInt8], in parent: Directory, _ path: ImagePath) throws {
        if try combined.lookUp(path, links: .keepLast)?.node.isDirectory == true { throw StorageError.notADirectory(path) }
        try parent.removeFile(name)
    }

    private func write(
        _ node: FileTree.Node, _ name: [UInt8], in parent: Directory, _ path: ImagePath, _ job: Job
    ) throws {
        try makeRoom(name, in: parent, path)
        let status = node.status
        let owner = job.owner(status)
        switch status.kind {
        case .regular:
            let identity = FileIdentity(device: status.device, inode: status.inode)
            if status.links > 1, let first = copiedFiles[identity] {
                try parent.makeHardLink(name, to: first.name, in: first.directory)
                return
            }
            let file = try parent.createFile(name, mode: 0o600)
            let count = try file.copyContents(of: try node.open())
            guard count == status.size else { throw StorageError.changedWhileRead(path) }
            if status.links > 1 { copiedFiles[identity] = (parent, name) }
        case .symbolicLink: try parent.makeSymbolicLink(name, to: try node.readLink())
        case .characterDevice, .blockDevice, .fifo:
            try parent.makeNode(
                name, kind: status.kind, mode: 0o600, major: status.deviceMajor, minor: status.deviceMinor)
        case .socket, .directory: return
        }
        if owner != (ProcessFacts.effectiveUser, ProcessFacts.effectiveGroup) {
            try parent.setOwner(name, user: owner.user, group: owner.group)
        }
        if status.kind != .symbolicLink { try parent.setMode(name, job.attributes.mode(status.mode, false)) }
        for attribute in try node.extendedAttributes() {
            try parent.setExtendedAttribute(attribute.name, attribute.value, of: name)
        }
        try parent.setModified(name, job.attributes.time(status.modified))
    }

    private func writeInline(_ content: [UInt8], to target: ImagePath, _ attributes: Attributes) throws {
        guard let name = target.name else { throw StorageError.notADirectory(target) }
        let parent = try ensureDirectory(target.parent, like: nil, nil)
        try makeRoom(name, in: parent, target)
        let file = try parent.createFile(name, mode: 0o600)
        try file.write(content)
        if let owner = attributes.owner { try parent.setOwner(name, user: owner.user, group: owner.group) }
        try parent.setMode(name, attributes.mode(0o644, false))
        try parent.setModified(name, Self.noTime)
    }
}
