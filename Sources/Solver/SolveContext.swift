public import BuildGraph
public import OCI
public import Sandbox
public import Storage
public import SystemPackage

/// What a build stands on: the store, the contexts, the ways to run and to fetch.
public struct SolveContext: Sendable {
    public var store: Store
    /// The contexts' files, what may be seen of them, and the name under which their digests are remembered.
    public var contexts: [ContextName: BuildContext]
    /// Finds the OCI runtime; called only when a step must run.
    public var runtime: @Sendable () throws -> Runtime
    /// Whether this machine executes programs of a platform, itself or by an emulator.
    public var executes: @Sendable (Platform) -> Bool
    /// Fetches what ADD names by URL.
    public var remoteFiles: (any RemoteFiles)?
    /// Fetches what ADD names as a git repository into an empty directory and returns the directory that counts.
    public var checkOutRepository:
        (@Sendable (_ source: GitReference, _ directory: FilePath, _ keepsHistory: Bool, _ commit: String?) async throws -> FilePath)?
    /// Brings the blob of a layer that is neither unpacked nor in the content store.
    public var fetchLayer: @Sendable (Image.Layer, _ progress: @escaping @Sendable (Int64, Int64) -> Void) async throws -> Void
    /// The bytes of a secret by its ID; nil if it was not given.
    public var secret: @Sendable (String) throws -> [UInt8]?
    /// What makes the sockets by which steps reach SSH agents, by the agents' ID.
    public var agents: [String: Binding.SocketMaker]
    /// Files of the host that every process sees in place of the image's own.
    public var hostFiles: [RootFileSystem.HostFile]
    /// Where steps are looked for that the store does not know.
    public var importedCaches: [ImportedCache]
    /// Which stages' steps are executed whatever the cache has.
    public var ignoredCache: IgnoredCache
    /// The name under which it is remembered what this build's steps stood on; nil remembers nothing.
    public var memoryName: String?
    /// The time of what steps make themselves, such as here-documents and directories on the way, in seconds since 1970; nil
    /// for the time at which they are made, or that of what is copied into them. It is in no key: a step that was done before keeps the time of then.
    public var fixedTime: Int64?
    /// How many steps may be worked on at once.
    public var jobs: Int
    /// Bytes of `/dev/shm` in processes; nil for the default.
    public var sharedMemorySize: Int64?
    public var resourceLimits: [ProcessSpec.ResourceLimit]
    /// What commands may ask of the kernel, but those of RUN --security=insecure.
    public var systemCalls: ProcessSpec.SystemCalls
    public var forbidsNewPrivileges: Bool
    /// Whether the file system of a command that fails is kept as an image.
    public var keepsFailed: Bool

    public init(store: Store, runtime: @escaping @Sendable () throws -> Runtime) {
        self.store = store
        self.runtime = runtime
        executes = { $0.distance(to: .host) != nil }
        contexts = [:]
        remoteFiles = nil
        checkOutRepository = nil
        fetchLayer = { layer, _ in throw StorageError.layerMissing(layer.diffID) }
        secret = { _ in nil }
        agents = [:]
        hostFiles = []
        importedCaches = []
        ignoredCache = .none
        memoryName = nil
        fixedTime = nil
        jobs = 8
        sharedMemorySize = nil
        resourceLimits = []
        systemCalls = .standard
        forbidsNewPrivileges = false
        keepsFailed = false
    }

    public enum IgnoredCache: Hashable, Sendable {
        case none, all
        /// By name, or by number in decimal.
        case stages(Set<String>)

        func contains(_ stage: String) -> Bool {
            switch self {
            case .none: false
            case .all: true
            case .stages(let stages): stages.contains(stage)
            }
        }
    }

    public struct BuildContext: Sendable {
        public let files: FileTree
        public let filter: FileFilter
        /// The real path of the directory; nil for one that will not be there the next time.
        public let path: String?

        /// Which line of which file hides a path, as `.dockerignore:3: *.log`.
        public let explanation: @Sendable (_ path: [UInt8]) -> String?

        public init(
            files: FileTree, filter: FileFilter, path: String?,
            explanation: @escaping @Sendable (_ path: [UInt8]) -> String? = { _ in nil }
        ) {
            (self.files, self.filter, self.path, self.explanation) = (files, filter, path, explanation)
        }
    }
}

extension SolveContext {
    /// Makes sure that a layer's bytes are on this machine, unpacked or as a blob.
    public func ensure(_ layer: Image.Layer, _ vertex: Vertex.ID?, events: @escaping @Sendable (BuildEvent) -> Void) async throws {
        if try store.layers.hasFiles(layer.diffID) { return }
        for blob in layer.blobs where try await store.content.contains(blob.digest) { return }
        for cache in importedCaches {
            if let blob = cache.blob(of: layer.diffID) { return try await cache.fetch(blob) }
        }
        try await fetchLayer(layer) { completed, total in
            events(BuildEvent(.progress(label: layer.diffID.digest.short, completed: completed, total: total), vertex))
        }
    }
}
