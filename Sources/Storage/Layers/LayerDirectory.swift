internal import Archive
package import LinuxSystem
package import OCI
internal import Synchronization
package import SystemPackage

/// Layers on disk: what is known of each by its diffID, and its files as a directory that overlayfs can stack.
package final class LayerDirectory: Sendable {
    let directory: Directory
    let content: ContentDirectory
    /// Where the lock lies under which files are verified.
    let root: Directory
    /// The boot of the machine that this process lives in; nil where that cannot be told.
    let boot: String?
    private let path: FilePath
    /// Layers that this process found damaged and took away.
    let damaged = Mutex<Set<DiffID>>([])
    /// Layers that this process verified where nothing can be noted.
    let verified = Mutex<Set<DiffID>>([])

    static let filesName = Array("fs".utf8)

    init(directory: Directory, path: FilePath, root: Directory, content: ContentDirectory, boot: String?) {
        (self.directory, self.path, self.root, self.content, self.boot) = (directory, path, root, content, boot)
    }

    /// What is known of a layer without reading it.
    package struct Facts: Hashable, Sendable {
        package let diffID: DiffID
        /// The identity of the layer's files without their times of modification.
        package let content: Digest
        /// Bytes in its regular files, hard links counted once.
        package let size: Int64
        /// Bytes of the layer's uncompressed archive.
        package let archiveSize: Int64

        package init(diffID: DiffID, content: Digest, size: Int64, archiveSize: Int64) {
            (self.diffID, self.content, self.size, self.archiveSize) = (diffID, content, size, archiveSize)
        }
    }

    func name(_ layer: DiffID) -> [UInt8] { Array(layer.digest.hex.utf8) }

    /// The host path of a layer's files.
    package func path(of layer: DiffID) -> FilePath { path.appending(layer.digest.hex).appending("fs") }

    /// The directories of a stack for an overlay, the highest first.
    ///
    /// A layer that stands twice is named once, at its highest place: overlayfs refuses a directory that it has already,
    /// and what the lower one holds is hidden by the same files above.
    func overlayPaths(_ stack: [DiffID]) -> [FilePath] {
        var seen: Set<DiffID> = []
        return stack.reversed().filter { seen.insert($0).inserted }.map { path(of: $0) }
    }

    package func openFiles(_ layer: DiffID) throws -> Directory {
        do { return try directory.openDirectory(name(layer) + [UInt8(ascii: "/")] + Self.filesName) } catch
            where error.errno == .noSuchFileOrDirectory
        {
            throw missing(layer)
        }
    }

    /// What is known of a layer; nil if it was never seen.
    package func facts(_ layer: DiffID) throws -> Facts? { try info(layer)?.facts }

    /// Who wrote a layer's archive.
    enum Author {
        /// Our own writer: the archive of its files is the layer.
        case ourselves
        /// Perhaps another program: the order of names, parents that are not listed and records that we don't write make other
        /// bytes of the same files.
        case unknown
    }

    /// Who wrote a layer's archive, as far as that is known.
    func author(_ layer: DiffID) throws -> Author { try info(layer)?.author ?? .unknown }

    /// What its files were, without times, when they were last compared with its archive; nil if they never were.
    func comparedContent(_ layer: DiffID) throws -> Digest? { try info(layer)?.comparedContent }

    /// Remembers what is known of a layer.
    package func record(_ facts: Facts) throws { try record(facts, by: author(facts.diffID)) }

    /// - Parameters:
    ///   - files: what its files are without times, where they were compared with its archive.
    ///   - origin: nil leaves what is noted of that.
    func record(
        _ facts: Facts, by author: Author, comparedContent files: Digest? = nil, origin: LayerInfo.Origin? = nil
    ) throws {
        let known = try info(facts.diffID)
        let compared = files ?? (author == .unknown ? known?.comparedContent : nil)
        // Files of which nothing is known are never taken for whole unseen.
        let origin = origin ?? known?.origin ?? .unknown
        try write(LayerInfo(facts: facts, author: author, comparedContent: compared, origin: origin))
    }

    /// Takes a directory in overlayfs' format out of a workspace and makes it the files of a layer.
    ///
    /// - Parameters:
    ///   - files: the directory; it is gone afterwards.
    ///   - expected: what it must be; nil for a layer that was made here.
    package func commit(_ files: FilePath, in workspace: Workspace, expecting expected: DiffID? = nil) throws -> Facts {
        let handle = try Directory(opening: files)
        let facts = try LayerArchive.identify(handle)
        if let expected, expected != facts.diffID {
            throw StorageError.layerMismatch(expected: expected, actual: facts.diffID)
        }
        try publish(files, in: workspace, facts, by: .ourselves)
        return facts
    }

    /// - Parameter author: of the archive that has the layer's diffID.
    func publish(
        _ files: FilePath, in workspace: Workspace, _ facts: Facts, by author: Author, comparedContent: Digest? = nil
    ) throws {
        let source = try Directory(opening: files.removingLastComponent())
        guard let fileName = files.lastComponent.map({ Array($0.string.utf8) }) else { return }
        // Files that are there may be damaged: this looks.
        if try hasFiles(facts.diffID) {
            try record(facts, by: author, comparedContent: comparedContent)
            return try source.removeTree(fileName)
        }
        let origin = LayerInfo.Origin(boot: boot, inode: try source.status(fileName)?.inode)
        try record(facts, by: author, comparedContent: comparedContent, origin: origin)
        let target = try directory.openDirectory(name(facts.diffID))
        if try !source.renameIfAbsent(fileName, to: Self.filesName, in: target) { try source.removeTree(fileName) }
    }

    /// Puts files in the place of a layer's, which are damaged.
    func replaceFiles(by files: FilePath, in workspace: Workspace, _ facts: Facts) throws {
        try directory.openDirectory(name(facts.diffID)).discardTree(Self.filesName)
        try publish(files, in: workspace, facts, by: author(facts.diffID))
    }

    /// Makes sure that a layer's files are there, unpacking a blob that holds them.
    ///
    /// This is where the bytes of a fetched layer are first compared with the layer that its image's config names. A
    /// blob that holds something else leaves nothing here, and the next one is tried.
    ///
    /// - Throws: ``StorageError/layerMismatch(expected:actual:)``, ``StorageError/invalidLayer(_:entry:reason:)`` or
    ///   ``StorageError/layerMissing(_:)``.
    package func unpack(_ layer: Image.Layer, from content: ContentDirectory, in workspace: Workspace) throws {
        if try hasFiles(layer.diffID) { return }
        let blobs = try layer.blobs.filter { try content.has($0.digest) }
        guard let last = blobs.last else { throw missing(layer.diffID) }
        for blob in blobs.dropLast() {
            do { return try unpack(blob, layer.diffID, from: content, in: workspace) } catch StorageError.layerMismatch
            {
                // Another may be right; the last one's error is told.
            } catch StorageError.invalidLayer {}
        }
        try unpack(last, layer.diffID, from: content, in: workspace)
    }

    private func unpack(
        _ blob: Descriptor, _ layer: DiffID, from content: ContentDirectory, in workspace: Workspace
    ) throws {
        let (path, handle) = try workspace.makeDirectory()
        do {
            let facts = try unpack(blob, layer, from: content, into: handle)
            let author = try author(layer)
            // Whoever needed this once needs it again: the next time the files are compared, and not unpacked once more.
            let compared =
                author == .unknown && isDamaged(layer)
                ? try LayerArchive.identify(handle.openDirectory(Self.filesName)).content : nil
            try publish(path.appending("fs"), in: workspace, facts, by: author, comparedContent: compared)
            try rememberVerified(blob, of: layer)
            try workspace.remove(path)
        } catch {
            // The first error is the one to tell; what stays goes with the workspace.
            try? workspace.remove(path)
            throw error
        }
    }

    /// Unpacks a blob below the directory `fs`, which is made for it.
    func unpack(_ blob: Descriptor, _ layer: DiffID, from content: ContentDirectory, into directory: Directory) throws
        -> Facts
    {
        try directory.makeDirectory(Self.filesName)
        let unpacker = LayerUnpacker(root: try directory.openDirectory(Self.filesName), layer: layer)
        return try unpacker.unpack { body in try content.forEachPiece(of: blob.digest, body) }
    }

    /// The stack of layers as a tree, from the lowest to the highest; all must be unpacked.
    package func tree(_ layers: [DiffID]) throws -> FileTree {
        FileTree(layers: try layers.map { try openFiles($0) })
    }

    /// Writes a layer's archive from its files.
    ///
    /// - Throws: ``StorageError/layerMismatch(expected:actual:)`` when the files are no longer what they were;
    ///   ``StorageError/archiveLost(_:)`` when they may never have told the archive.
    package func writeArchive(
        _ layer: DiffID, isChecked: Bool = true, _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        guard isChecked else {
            try LayerArchive.write(try openFiles(layer), body)
            return
        }
        var hasher = ContentHasher()
        try LayerArchive.write(try openFiles(layer)) { bytes in
            hasher.update(bytes)
            try body(bytes)
        }
        let actual = DiffID(hasher.finalize())
        guard actual != layer else { return }
        guard try author(layer) == .ourselves else { throw StorageError.archiveLost(layer) }
        throw StorageError.layerMismatch(expected: layer, actual: actual)
    }

    func all() throws -> [DiffID] {
        try directory.names().compactMap { name in
            // others are no layers
            (try? Digest(algorithm: .sha256, hex: String(decoding: name, as: UTF8.self))).map(DiffID.init)
        }
    }

    func remove(_ layer: DiffID) throws { try directory.discardTree(name(layer)) }
}
