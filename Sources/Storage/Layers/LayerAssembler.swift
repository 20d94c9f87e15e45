internal import Archive
package import LinuxSystem
package import OCI

/// Makes a layer without a mount: directories and files are put where a process in the tree below would put them.
package final class LayerAssembler {
    private let root: Directory
    let base: FileTree
    /// The base with what has been made so far on top.
    let combined: FileTree
    /// The first copy of each file that has several names, within one selected file or directory: names that are selected
    /// one by one become files of their own (fsutil/copy, one copier each).
    var copiedFiles: [FileIdentity: Copy] = [:]
    /// Directories' times are set at the end, for every entry made in one changes them.
    private var directoryTimes: [(path: ImagePath, parent: Directory, name: [UInt8], time: FileTime)] = []
    /// What layer the files are, as far as they are written.
    var identity = LayerIdentity()
    /// What is known of the sources' files, and learnt while they are copied; nil for sources that are not remembered.
    var digests: ContextDigests?
    /// Whether a file was copied that is not what ``digests`` said of it.
    var copiedOtherFiles = false
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 4096)
    let now = FileTime.now
    /// The time of what has none of its own, such as a here-document.
    let made: FileTime
    /// Whether directories on the way to a copy have that time too, and not its source's.
    private let isFixed: Bool
    /// The time of directories that are made on the way.
    private var timeOnTheWay: FileTime
    /// Who owns what this process makes.
    let creator = (user: ProcessFacts.effectiveUser, group: ProcessFacts.effectiveGroup)

    struct Copy {
        let directory: Directory
        let name: [UInt8]
        let path: ImagePath
        let value: ContextDigests.Value
    }

    struct FileIdentity: Hashable { let device: UInt64, inode: UInt64 }

    /// - Parameters:
    ///   - root: an empty directory that becomes the layer's files.
    ///   - base: what the layer stands on.
    ///   - digests: what is known of the sources' files, if that is kept.
    ///   - made: the time of what has none of its own, in seconds since 1970: one moment gives the same layer whenever it is
    ///     made. For nil it is now, and directories on the way to a copy have its source's time.
    package init(root: Directory, base: FileTree, digests: ContextDigests? = nil, made: Int64? = 0) {
        self.root = root
        self.base = base
        self.digests = digests
        // Whole seconds, as archives have them: a layer that was packed and unpacked is the same.
        self.made = FileTime(seconds: made ?? now.seconds)
        (isFixed, timeOnTheWay) = (made != nil, self.made)
        combined = FileTree(layers: base.layers.reversed() + [root])
    }

    deinit { buffer.deallocate() }

    /// Who owns what is copied, and with what mode.
    package struct Attributes: Sendable {
        /// nil leaves it to the source.
        package var owner: (user: UInt32, group: UInt32)?
        /// Of directories that have to be made on the way to the destination.
        package var newDirectoryMode: UInt32 = 0o755
        /// Makes a new mode from a file's own.
        package var mode: @Sendable (_ mode: UInt32, _ isDirectory: Bool) -> UInt32
        /// Later times of modification become this one; nil leaves them.
        package var latest: FileTime?
        /// The time of modification of everything; nil leaves it to the source.
        package var fixed: FileTime?

        package init(
            owner: (user: UInt32, group: UInt32)? = nil,
            mode: @escaping @Sendable (_ mode: UInt32, _ isDirectory: Bool) -> UInt32 = { mode, _ in mode }
        ) {
            (self.owner, self.mode) = (owner, mode)
        }

        func time(_ time: FileTime) -> FileTime { fixed ?? latest.map { min($0, time) } ?? time }
    }

    /// Copies a source. What exists at the destination is replaced file by file; directories are merged.
    ///
    /// - Parameters:
    ///   - intoDirectory: the destination is a directory even if it does not exist yet.
    ///   - unpacks: whether a selected file that is an archive is unpacked into the destination, as ADD does.
    package func copy(
        _ source: CopySource, to destination: ImagePath, intoDirectory: Bool, attributes: Attributes,
        unpacks: Bool = false
    ) throws {
        switch source.kind {
        case .inline(let name, let content):
            return try writeInline(content, to: try target(destination, intoDirectory, name: name), attributes)
        case .emptyRoot:
            let target = try combined.resolve(destination, links: .followAll)
            if let node = target.node, !node.isDirectory { throw StorageError.notADirectory(destination) }
            _ = try ensureDirectory(target.path, attributes)
            return
        case .path, .matching: break
        }
        for selection in try source.selections() {
            copiedFiles = [:]
            if unpacks, try unpack(selection, into: destination, owner: attributes.owner) { continue }
            begin(selection)
            let job = Job(source: source, selection: selection, attributes: attributes)
            if case .underParents(let depth) = source.placement {
                try copy(selection, to: destination, dropping: depth, job)
            } else if selection.node.isDirectory {
                let target = try combined.resolve(destination, links: .followAll)
                if let node = target.node, !node.isDirectory { throw StorageError.notADirectory(destination) }
                // What is in the directory is copied, not the directory: its own attributes stay behind.
                let directory = try ensureDirectory(target.path, attributes)
                try copyEntries(of: selection.node, selection.path, into: AwaitedPlace(directory), job)
            } else {
                let target = try target(destination, intoDirectory, name: selection.name)
                try copyFile(selection.node, from: selection.path, to: target, job)
            }
        }
    }

    /// From here on directories on the way are a source's: the same files give the same layer at another time. One of a time that
    /// archives do not know, or of the future, is none to go by.
    func begin(_ selection: CopySource.Selection) {
        let time = selection.node.status.modified.seconds
        let isUsable = !isFixed && Self.isKnownToArchives(time, at: now.seconds)
        timeOnTheWay = isUsable ? FileTime(seconds: time) : made
    }

    /// A clock may stand at 1970, where no time is one to go by.
    static func isKnownToArchives(_ time: Int64, at now: Int64) -> Bool { time >= firstTimeOfArchives && time <= now }

    /// 2 January 1980: zip knows no time before the day before, in any time zone (PKWARE's APPNOTE, 4.4.6).
    private static let firstTimeOfArchives: Int64 = 315_619_200

    /// Copies a file or directory to its own path below the destination; its parents look as they do in the source.
    private func copy(_ selection: CopySource.Selection, to destination: ImagePath, dropping depth: Int, _ job: Job)
        throws
    {
        var target = try combined.resolve(destination, links: .followAll).path
        _ = try ensureDirectory(target, job.attributes)
        var source = ImagePath.root
        for (index, name) in selection.path.components.enumerated() {
            source = source.appending(name)
            if index < depth { continue }
            let isLast = index == selection.path.components.count - 1
            if isLast, !selection.node.isDirectory {
                return try copyFile(selection.node, from: selection.path, to: target.appending(name), job)
            }
            target = target.appending(name)
            if let node = try combined.lookUp(target, links: .keepLast)?.node, !node.isDirectory {
                throw StorageError.notADirectory(target)
            }
            let model = try selection.tree.lookUp(source, links: .keepLast)?.node.status
            let directory =
                try model.map { try ensureDirectory(target, like: $0, job) } ?? ensureDirectory(target, job.attributes)
            if isLast { try copyEntries(of: selection.node, source, into: AwaitedPlace(directory), job) }
        }
        if selection.path.components.count <= depth, selection.node.isDirectory {
            let directory = try ensureDirectory(target, job.attributes)
            try copyEntries(of: selection.node, selection.path, into: AwaitedPlace(directory), job)
        }
    }

    /// Makes a directory and its parents, 0755, where they are missing.
    ///
    /// - Returns: whether anything was made.
    package func makeDirectory(_ path: ImagePath, owner: (user: UInt32, group: UInt32)? = nil) throws -> Bool {
        let (real, node) = try combined.resolve(path, links: .followAll)
        if let node {
            guard node.isDirectory else { throw StorageError.notADirectory(path) }
            return false
        }
        _ = try ensureDirectory(real, Attributes(owner: owner))
        return true
    }

    /// Sets what could not be set while the layer was being made. Call it last.
    ///
    /// - Returns: what layer this is; nil if the files have to be read to know it.
    package func finish() throws -> LayerDirectory.Facts? {
        for entry in directoryTimes { try entry.parent.setModified(entry.name, entry.time) }
        directoryTimes = []
        return identity.finish()
    }

    func setLater(_ time: FileTime, _ path: ImagePath, _ name: [UInt8], in parent: Directory) {
        directoryTimes.append((path, parent, name, time))
    }

    /// Takes back what was noted about a directory that was removed, and about those below it.
    func forget(_ path: ImagePath) { directoryTimes.removeAll { $0.path.hasPrefix(path) } }

    /// The directory of this layer that holds a path's last component, made where it is missing; nil for the root.
    func place(_ path: ImagePath) throws -> (parent: Directory, name: [UInt8])? {
        let parent = try combined.resolve(path.parent, links: .followAll).path
        guard let name = path.name else { return nil }
        return (try ensureDirectory(parent).directory, name)
    }

    // MARK: Places

    /// A directory of the layer.
    struct Place {
        let directory: Directory
        let path: ImagePath
        /// What the base and this layer had here before; nil when nothing was there and only this walk puts something in.
        let existing: FileTree.Node?

        var isNew: Bool { existing == nil }
    }

    struct Job {
        let source: CopySource
        let selection: CopySource.Selection
        let attributes: Attributes

        func owner(_ status: FileStatus) -> (user: UInt32, group: UInt32) {
            if let owner = attributes.owner { return owner }
            return source.ownership == .kept ? (status.user, status.group) : (0, 0)
        }
    }

    /// Where a file goes: the destination, or the destination and the file's name if that is a directory. A link is followed
    /// where it is the destination; what is in the directory by the file's name is replaced, a link too.
    func target(_ destination: ImagePath, _ intoDirectory: Bool, name: [UInt8]) throws -> ImagePath {
        let (real, node) = try combined.resolve(destination, links: .followAll)
        guard intoDirectory || node?.isDirectory == true else { return real }
        if let node, !node.isDirectory { throw StorageError.notADirectory(destination) }
        return real.appending(name)
    }

    /// The layer's own directory at a real path, made with its parents: those that the base has look as they do there.
    func ensureDirectory(_ path: ImagePath, _ attributes: Attributes = Attributes()) throws -> Place {
        let new = DirectoryAttributes(attributes, timeOnTheWay)
        return try ensureDirectory(path, parents: new, last: new)
    }

    /// - Parameter model: what a last component that is new looks like.
    private func ensureDirectory(_ path: ImagePath, like model: FileStatus, _ job: Job) throws -> Place {
        let last = DirectoryAttributes(
            mode: job.attributes.mode(model.mode, true), owner: job.owner(model),
            modified: job.attributes.time(model.modified))
        return try ensureDirectory(path, parents: DirectoryAttributes(job.attributes, timeOnTheWay), last: last)
    }

    private func ensureDirectory(_ path: ImagePath, parents: DirectoryAttributes, last: DirectoryAttributes) throws
        -> Place
    {
        var directory = root
        var current = ImagePath.root
        var isNew = false
        for (index, component) in path.components.enumerated() {
            current = current.appending(component)
            isNew = false
            switch try directory.status(component)?.kind {
            case .directory: break
            case nil:
                let below = try base.lookUp(current, links: .keepLast)?.node
                if let below, below.isDirectory {
                    try copyUp(below, component, in: directory, current)
                } else {
                    if below != nil { throw StorageError.notADirectory(current) }
                    try directory.makeDirectory(component, mode: 0o755)
                    try set(index == path.components.count - 1 ? last : parents, component, in: directory, current)
                    isNew = true
                }
            default: throw StorageError.notADirectory(current)
            }
            directory = try directory.openDirectory(component)
        }
        return Place(
            directory: directory, path: path, existing: isNew ? nil : try combined.lookUp(path, links: .keepLast)?.node)
    }

    /// What a directory looks like.
    private struct DirectoryAttributes {
        var mode: UInt32
        var owner: (user: UInt32, group: UInt32)
        var modified: FileTime
        var extended: [(name: [UInt8], value: [UInt8])] = []

        init(
            mode: UInt32, owner: (user: UInt32, group: UInt32), modified: FileTime,
            extended: [(name: [UInt8], value: [UInt8])] = []
        ) {
            (self.mode, self.owner, self.modified, self.extended) = (mode, owner, modified, extended)
        }

        /// A directory that is made on the way.
        init(_ attributes: Attributes, _ made: FileTime) {
            self.init(mode: attributes.newDirectoryMode, owner: attributes.owner ?? (0, 0), modified: made)
        }
    }

    private func set(_ attributes: DirectoryAttributes, _ name: [UInt8], in parent: Directory, _ path: ImagePath) throws
    {
        try parent.setOwner(name, user: attributes.owner.user, group: attributes.owner.group)
        try parent.setMode(name, attributes.mode)
        for attribute in attributes.extended {
            try parent.setExtendedAttribute(attribute.name, attribute.value, of: name)
        }
        setLater(attributes.modified, path, name, in: parent)
        var header = TarHeader(name: path.relativeBytes, kind: .directory, mode: attributes.mode)
        header.setOwner(attributes.owner)
        header.modified = TarTimestamp(seconds: attributes.modified.seconds)
        header.setExtendedAttributes(attributes.extended)
        identity.directory(path, header)
    }

    private func copyUp(_ node: FileTree.Node, _ name: [UInt8], in parent: Directory, _ path: ImagePath) throws {
        let status = node.status
        try parent.makeDirectory(name, mode: status.mode)
        let attributes = DirectoryAttributes(
            mode: status.mode, owner: (status.user, status.group), modified: status.modified,
            extended: try node.extendedAttributes())
        try set(attributes, name, in: parent, path)
    }

    // MARK: Files

    private func copyEntries(of node: FileTree.Node, _ path: ImagePath, into place: AwaitedPlace, _ job: Job) throws {
        for (name, child) in try job.selection.tree.entries(of: node) {
            let childPath = path.appending(name)
            switch job.source.verdict(childPath, child.isDirectory, in: job.selection) {
            case .exclude: continue
            case .descend:
                guard child.isDirectory else { continue }
                let directory = AwaitedPlace { try self.ensureDirectory(for: child, name, in: try place.get(), job) }
                try copyEntries(of: child, childPath, into: directory, job)
            case .include:
                let parent = try place.get()
                guard child.isDirectory else {
                    try write(child, from: childPath, name, in: parent, job)
                    continue
                }
                try copyEntries(
                    of: child, childPath, into: AwaitedPlace(try ensureDirectory(for: child, name, in: parent, job)),
                    job)
            }
        }
    }

    /// A directory that is made when something is put into it.
    private final class AwaitedPlace {
        private let make: () throws -> Place
        private var place: Place?

        init(_ place: Place) {
            make = { place }
            self.place = place
        }

        init(_ make: @escaping () throws -> Place) { self.make = make }

        func get() throws -> Place {
            if let place { return place }
            let made = try make()
            place = made
            return made
        }
    }

    /// A directory below the one that is copied takes the source's attributes even where it exists.
    private func ensureDirectory(for node: FileTree.Node, _ name: [UInt8], in parent: Place, _ job: Job) throws -> Place
    {
        if parent.isNew {
            let path = parent.path.appending(name)
            try parent.directory.makeDirectory(name, mode: 0o755)
            try apply(node, name, in: parent.directory, path, job)
            return Place(directory: try parent.directory.openDirectory(name), path: path, existing: nil)
        }
        // A link stays what it is, and is in the way: nothing is written through it (fsutil/copy, copyDirectory).
        let target = parent.path.appending(name)
        if let existing = try combined.lookUp(target, links: .keepLast)?.node, !existing.isDirectory {
            throw StorageError.notADirectory(target)
        }
        let place = try ensureDirectory(target, like: node.status, job)
        try apply(node, name, in: parent.directory, target, job)
        return place
    }

    private func apply(
        _ node: FileTree.Node, _ name: [UInt8], in parent: Directory, _ path: ImagePath, _ job: Job
    ) throws {
        let attributes = DirectoryAttributes(
            mode: job.attributes.mode(node.status.mode, true), owner: job.owner(node.status),
            modified: job.attributes.time(node.status.modified), extended: try node.extendedAttributes())
        try set(attributes, name, in: parent, path)
    }

    private func copyFile(_ node: FileTree.Node, from source: ImagePath, to target: ImagePath, _ job: Job) throws {
        guard let name = target.name else { throw StorageError.notADirectory(target) }
        try write(node, from: source, name, in: try ensureDirectory(target.parent, job.attributes), job)
    }

    func makeRoom(_ name: [UInt8], in place: Place) throws {
        guard let existing = place.existing, let node = try combined.child(name, of: existing) else { return }
        if node.isDirectory { throw StorageError.notADirectory(place.path.appending(name)) }
        try place.directory.removeFile(name)
    }
}
