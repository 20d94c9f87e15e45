internal import LinuxSystem
internal import OCI
internal import Synchronization
package import SystemPackage

/// Everything that Distill keeps on this machine.
///
/// ```
/// version      the layout's version
/// content/     blobs by digest: configs, manifests, archives of layers
/// downloads/   packages by digest
/// layers/      one directory a diffID: `info`, and `fs` in overlayfs' format
/// layers.lock  held while a layer's files are verified
/// images/      one file an image, by image ID
/// references/  one file a name, which holds an image ID
/// names.lock   held while an image gets or loses a name
/// listing      the list of images as it was last shown
/// drafts/      one file an index that is not pushed yet
/// origins/     in which repositories blobs were seen, one file a registry
/// cache/       one file a cache key
/// working      one byte of it is locked for each step that is being done
/// mounts/      cache mounts by the digest of their ID
/// contexts/    remembered digests of context files
/// steps/       what the steps of builds stood on
/// secrets/     what was found in layers, and which instructions made an image's; made with the first
/// records/     what the archives of layers say, by diffID
/// image-builds/ what builds knew of their images, by image ID
/// filters/     finished filters of system calls, by their rules
/// volumes/     data of applications by name: only `compose down --volumes` removes it
/// compose/     what is known of applications that run
/// builds/      documents and logs of the last builds
/// tmp/         unfinished work of living processes
/// lock         held shared by everything that uses layers, exclusively by what removes them
/// ```
package final class Store: Sendable {
    package let path: FilePath
    package let content: ContentDirectory
    /// Packages by digest: kept until they are pruned, and no part of any image.
    package let downloads: ContentDirectory
    package let layers: LayerDirectory
    package let images: ImageDirectory
    package let drafts: DraftIndexDirectory
    package let origins: BlobOriginDirectory
    package let cache: CacheDirectory
    package let contexts: ContextDigestDirectory
    package let steps: StepMemoryDirectory
    package let filters: FilterDirectory
    package let cacheMounts: CacheMountDirectory
    package let secretNotes: SecretNoteDirectory
    /// Made with the first volume.
    package var volumes: VolumeDirectory { VolumeDirectory(store: self) }
    let root: Directory
    private let temporary: Directory
    private let lazyWorkspace = Mutex<Workspace?>(nil)
    private let use: Mutex<Use>

    private let format: StoreFormat

    /// Opens a store, or makes an empty one. One of an earlier version is brought to this one's layout.
    ///
    /// - Throws: ``StorageError``.
    ///
    /// - Parameter meanings: what a name without a registry may stand for, where there is no image of the name itself.
    package convenience init(path: FilePath, meanings: @escaping NameMeanings = { _ in [] }) throws {
        try self.init(path: path, format: .current, meanings: meanings)
    }

    /// - Parameter boot: which boot of the machine this is.
    package init(
        path: FilePath, format: StoreFormat, boot: String? = ProcessFacts.bootIdentifier,
        meanings: @escaping NameMeanings = { _ in [] }
    ) throws {
        (self.path, self.format) = (path, format)
        do {
            let root = try Self.ensure(path)
            self.root = root
            // The mode that earlier versions gave it.
            if try root.status().mode == 0o711 { try Self.makePrivate([UInt8(ascii: ".")], in: root) }
            let use = try format.open(root, path.string)
            func directory(_ name: String) throws(SystemCallError) -> Directory {
                let bytes = Array(name.utf8)
                do {
                    let opened = try root.openDirectory(bytes)
                    try Self.makePrivate(bytes, in: root)
                    return opened
                } catch  where error.errno == .noSuchFileOrDirectory {
                    try root.ensureDirectory(bytes, mode: 0o700)
                    return try root.openDirectory(bytes)
                }
            }
            temporary = try directory("tmp")
            try Self.checkOwner(temporary, path)
            let content = ContentDirectory(directory: try directory("content"))
            self.content = content
            downloads = ContentDirectory(directory: try directory("downloads"))
            layers = LayerDirectory(
                directory: try directory("layers"), path: path.appending("layers"), root: root, content: content,
                boot: boot)
            let places = try ImageDirectory.Places(
                images: directory("images"), references: directory("references"), root: root)
            images = ImageDirectory(places, content: content, layers: layers, meanings: meanings)
            drafts = DraftIndexDirectory(directory: try directory("drafts"))
            origins = BlobOriginDirectory(directory: try directory("origins"))
            cache = CacheDirectory(directory: try directory("cache"), root: root)
            contexts = ContextDigestDirectory(directory: try directory("contexts"))
            steps = StepMemoryDirectory(directory: try directory("steps"))
            filters = FilterDirectory(directory: try directory("filters"))
            cacheMounts = CacheMountDirectory(directory: try directory("mounts"), path: path.appending("mounts"))
            secretNotes = SecretNoteDirectory(root: root)
            self.use = Mutex(Use(lock: use))
        } catch let error as SystemCallError {
            throw StorageError.cannotOpen(path: path.string, cause: error)
        }
    }

    private static func ensure(_ path: FilePath, mode: UInt32 = 0o700) throws -> Directory {
        do { return try Directory(opening: path) } catch  where error.errno == .noSuchFileOrDirectory {
            let parent = path.removingLastComponent()
            guard let name = path.lastComponent, !parent.isEmpty else { throw error }
            let directory = try ensure(parent, mode: 0o711)
            try directory.ensureDirectory(Array(name.string.utf8), mode: mode)
            return try directory.openDirectory(Array(name.string.utf8))
        }
    }

    /// Keeps other users from what images hold: a set-uid file in a layer would be theirs to execute (CVE-2021-41091). Stores
    /// of earlier versions let them in.
    func makePrivate(_ name: [UInt8]) throws(SystemCallError) { try Self.makePrivate(name, in: root) }

    private static func makePrivate(_ name: [UInt8], in root: Directory) throws(SystemCallError) {
        guard let status = try root.status(name), status.mode & 0o077 != 0, status.user == ProcessFacts.effectiveUser
        else { return }
        do { try root.setMode(name, 0o700) } catch  where error.errno == .readOnlyFileSystem {
            // Nothing can be mended there.
        }
    }

    private static func checkOwner(_ made: Directory, _ path: FilePath) throws {
        guard let owner = try made.status([UInt8(ascii: ".")])?.user, owner != ProcessFacts.effectiveUser else {
            return
        }
        throw StorageError.foreignOwner(path: path.string, user: owner)
    }

    /// This process's workspace, made when it is first needed.
    package func workspace() throws -> Workspace {
        try lazyWorkspace.withLock { workspace in
            if let workspace { return workspace }
            let made = try temporary.isReadOnly ? Workspace() : Workspace(in: temporary, path: path.appending("tmp"))
            workspace = made
            return made
        }
    }

    /// Removes what is unfinished; also done when the process ends in any way.
    package func close() { lazyWorkspace.withLock { $0 = nil } }

    /// What uses the layers: the process as a whole by the file's lock, and its tasks by their number.
    private struct Use {
        var lock: FileLock?
        var leases = 0
    }

    /// Runs `body` on a lease: no layer or blob is removed meanwhile, by another process or another task of this one, but names
    /// come and go.
    ///
    /// A lease is for one thing that is asked for, such as a build; what `body` collects itself is not collected.
    package func use<Result>(_ body: () async throws -> Result) async throws -> Result {
        use.withLock { $0.leases += 1 }
        defer { use.withLock { $0.leases -= 1 } }
        return try await body()
    }

    /// Runs `body` while nothing else uses the store's layers.
    ///
    /// - Returns: nil without having run it when another process or a lease of this one does.
    func withExclusiveUse<Result>(_ body: () throws -> Result) throws -> Result? {
        try use.withLock { use in
            guard use.leases == 0 else { return nil }
            use.lock = nil
            use.lock = try FileLock.attempt(Array("lock".utf8), in: root, mode: .exclusive)
            // Between the two locks another version may have changed the layout.
            try format.check(root, path.string)
            let result = use.lock == nil ? nil : try body()
            use.lock = nil
            use.lock = try FileLock.wait(Array("lock".utf8), in: root, mode: .shared)
            try format.check(root, path.string)
            return result
        }
    }
}

/// What becomes of a file when the machine itself stops at once.
enum Durability {
    /// It is on the disk before it has its name.
    case synchronized
    /// It may be cut off or empty, which is noticed, and it is made again then. Waiting for the disk costs more than
    /// everything else that a small step does.
    case recoverable
}

extension Directory {
    /// Writes a small file so that after any end of this process either the old or the new content is there, whole.
    func replaceFile(_ name: [UInt8], with bytes: [UInt8], _ durability: Durability = .synchronized)
        throws(SystemCallError)
    {
        try replaceFile(name, durability) { file throws(SystemCallError) in try file.write(bytes) }
    }

    /// The same with what a function writes.
    func replaceFile(
        _ name: [UInt8], _ durability: Durability, _ write: (borrowing OwnedDescriptor) throws(SystemCallError) -> Void
    ) throws(SystemCallError) {
        let temporary = ProcessFacts.temporaryName
        do {
            let file = try createFile(temporary)
            try write(file)
            if durability == .synchronized { try file.synchronize() }
            try rename(temporary, to: name, in: self)
        } catch {
            // The first error is the one to tell.
            try? removeFile(temporary)
            throw SystemCallError(call: error.call, path: String(decoding: name, as: UTF8.self), errno: error.errno)
        }
    }
}
