internal import Archive
public import LinuxSystem
public import OCI
public import SystemPackage

/// Layers on disk: what is known of each by its diffID, and its files as a directory that overlayfs can stack.
public final class LayerDirectory: Sendable {
    let directory: Directory
    private let path: FilePath

    private static let infoName = Array("info".utf8)
    private static let filesName = Array("fs".utf8)

    init(directory: Directory, path: FilePath) { (self.directory, self.path) = (directory, path) }

    /// What is known of a layer without reading it.
    public struct Facts: Hashable, Sendable {
        public let diffID: DiffID
        /// The identity of the layer's files without their times of modification.
        public let content: Digest
        /// Bytes in its regular files, hard links counted once.
        public let size: Int64
        /// Bytes of the layer's uncompressed archive.
        public let archiveSize: Int64

        public init(diffID: DiffID, content: Digest, size: Int64, archiveSize: Int64) {
            (self.diffID, self.content, self.size, self.archiveSize) = (diffID, content, size, archiveSize)
        }
    }

    private func name(_ layer: DiffID) -> [UInt8] { Array(layer.digest.hex.utf8) }

    /// The host path of a layer's files.
    public func path(of layer: DiffID) -> FilePath { path.appending(layer.digest.hex).appending("fs") }

    /// The directories of a stack for an overlay, the highest first.
    ///
    /// A layer that stands twice is named once, at its highest place: overlayfs refuses a directory that it has already,
    /// and what the lower one holds is hidden by the same files above.
    func overlayPaths(_ stack: [DiffID]) -> [FilePath] {
        var seen: Set<DiffID> = []
        return stack.reversed().filter { seen.insert($0).inserted }.map { path(of: $0) }
    }

    public func hasFiles(_ layer: DiffID) throws -> Bool {
        try directory.status(name(layer) + [UInt8(ascii: "/")] + Self.filesName) != nil
    }

    public func openFiles(_ layer: DiffID) throws -> Directory {
        do { return try directory.openDirectory(name(layer) + [UInt8(ascii: "/")] + Self.filesName) } catch
            where error.errno == .noSuchFileOrDirectory
        {
            throw StorageError.layerMissing(layer)
        }
    }

    /// What is known of a layer; nil if it was never seen.
    public func facts(_ layer: DiffID) throws -> Facts? {
        guard let json = try info(layer), let size = json["size"]?.integer,  // damaged: as if it were not there
            let content = json["content"]?.string.flatMap({ try? Digest($0) }), let archive = json["archive"]?.integer
        else { return nil }
        return Facts(diffID: layer, content: content, size: size, archiveSize: archive)
    }

    /// Who wrote a layer's archive.
    enum Author {
        /// Our own writer: the archive of its files is the layer.
        case ourselves
        /// Perhaps another program: the order of names, parents that are not listed and records that we don't write make other
        /// bytes of the same files.
        case unknown
    }

    /// Who wrote a layer's archive, as far as that is known.
    func author(_ layer: DiffID) throws -> Author { try info(layer)?[Self.ownMember] == .bool(true) ? .ourselves : .unknown }

    private static let ownMember = "own"
    private static let filesMember = "files"

    /// What its files were, without times, when they were last compared with its archive; nil if they never were.
    func comparedContent(_ layer: DiffID) throws -> Digest? {
        try info(layer)?[Self.filesMember]?.string.flatMap { try? Digest($0) }  // damaged: never
    }

    private func info(_ layer: DiffID) throws -> JSON? {
        guard let bytes = try directory.read(name(layer) + [UInt8(ascii: "/")] + Self.infoName, limit: 4096) else { return nil }
        return try? JSON.parse(bytes)  // damaged: as if it were not there
    }

    /// Remembers what is known of a layer.
    public func record(_ facts: Facts) throws { try record(facts, by: author(facts.diffID)) }

    /// - Parameter files: what its files are without times, where they were compared with its archive.
    func record(_ facts: Facts, by author: Author, comparedContent files: Digest? = nil) throws {
        try directory.ensureDirectory(name(facts.diffID))
        var object: JSONObject = [
            "size": .integer(facts.size), "archive": .integer(facts.archiveSize),
            "content": .string(facts.content.description),
        ]
        if author == .ourselves { object[Self.ownMember] = .bool(true) }
        if let files = try files ?? (author == .unknown ? comparedContent(facts.diffID) : nil) { object[Self.filesMember] = .string(files.description) }
        try directory.openDirectory(name(facts.diffID)).replaceFile(Self.infoName, with: JSON.object(object).bytes, .recoverable)
    }

    /// Takes a directory in overlayfs' format out of a workspace and makes it the files of a layer.
    ///
    /// - Parameters:
    ///   - files: the directory; it is gone afterwards.
    ///   - expected: what it must be; nil for a layer that was made here.
    public func commit(_ files: FilePath, in workspace: Workspace, expecting expected: DiffID? = nil) throws -> Facts {
        let handle = try Directory(opening: files)
        let facts = try LayerArchive.identify(handle)
        if let expected, expected != facts.diffID {
            throw StorageError.layerMismatch(expected: expected, actual: facts.diffID)
        }
        try publish(files, in: workspace, facts, by: .ourselves)
        return facts
    }

    /// - Parameter author: of the archive that has the layer's diffID.
    func publish(_ files: FilePath, in workspace: Workspace, _ facts: Facts, by author: Author) throws {
        try record(facts, by: author)
        let target = try directory.openDirectory(name(facts.diffID))
        let source = try Directory(opening: files.removingLastComponent())
        guard let last = files.lastComponent else { return }
        let fileName = Array(last.string.utf8)
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
    public func unpack(_ layer: Image.Layer, from content: ContentDirectory, in workspace: Workspace) throws {
        if try hasFiles(layer.diffID) { return }
        let blobs = try layer.blobs.filter { try content.has($0.digest) }
        guard let last = blobs.last else { throw StorageError.layerMissing(layer.diffID) }
        for blob in blobs.dropLast() {
            do { return try unpack(blob, layer.diffID, from: content, in: workspace) } catch StorageError.layerMismatch {
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
            try publish(path.appending("fs"), in: workspace, facts, by: author(layer))
            try rememberVerified(blob, of: layer)
            try workspace.remove(path)
        } catch {
            // The first error is the one to tell; what stays goes with the workspace.
            try? workspace.remove(path)
            throw error
        }
    }

    /// Unpacks a blob below the directory `fs`, which is made for it.
    func unpack(_ blob: Descriptor, _ layer: DiffID, from content: ContentDirectory, into directory: Directory) throws -> Facts {
        try directory.makeDirectory(Self.filesName)
        let unpacker = LayerUnpacker(root: try directory.openDirectory(Self.filesName), layer: layer)
        return try unpacker.unpack { body in try content.forEachPiece(of: blob.digest, body) }
    }

    /// The stack of layers as a tree, from the lowest to the highest; all must be unpacked.
    public func tree(_ layers: [DiffID]) throws -> FileTree {
        FileTree(layers: try layers.map { try openFiles($0) })
    }

    /// Writes a layer's archive from its files.
    ///
    /// - Throws: ``StorageError/layerMismatch(expected:actual:)`` when the files are no longer what they were;
    ///   ``StorageError/archiveLost(_:)`` when they may never have told the archive.
    public func writeArchive(_ layer: DiffID, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        var hasher = ContentHasher()
        _ = try LayerArchive.write(try openFiles(layer)) { bytes in
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
            (try? Digest(algorithm: .sha256, hex: String(decoding: name, as: UTF8.self))).map(DiffID.init)  // others are no layers
        }
    }

    func remove(_ layer: DiffID) throws { try directory.discardTree(name(layer)) }
}
