package import BuildGraph
package import OCI
package import Sandbox
package import Storage
package import SystemPackage

/// What a build stands on: the store, the contexts, the ways to run and to fetch.
package struct SolveContext: Sendable {
    package var store: Store
    /// The contexts' files, what may be seen of them, and the name under which their digests are remembered.
    package var contexts: [ContextName: BuildContext]
    /// Finds what executes processes; called only when a step must run.
    package var runtime: @Sendable () throws -> any ContainerRuntime
    /// Whether this machine executes programs of a platform, itself or by an emulator.
    package var executes: @Sendable (Platform) -> Bool
    /// Fetches what ADD names by URL.
    package var remoteFiles: (any RemoteFiles)?
    /// Fetches what ADD names as a git repository into an empty directory and returns the directory that counts.
    package var checkOutRepository:
        (
            @Sendable (_ source: GitReference, _ directory: FilePath, _ keepsHistory: Bool, _ commit: String?)
                async throws -> FilePath
        )?
    /// Brings the blob of a layer that is neither unpacked nor in the content store.
    package var fetchLayer:
        @Sendable (Image.Layer, _ progress: @escaping @Sendable (Int64, Int64) -> Void) async throws -> Void
    /// The bytes of a secret by its ID; nil if it was not given.
    package var secret: @Sendable (String) throws -> [UInt8]?
    /// What makes the sockets by which steps reach SSH agents, by the agents' ID.
    package var agents: [String: Binding.SocketMaker]
    /// Takes a network that no other command is in; nil where commands share the machine's. Called only when a step must run.
    package var network: @Sendable () async throws -> StepNetwork?
    /// Files of the host that processes see in place of the image's own, but those on a network of their own.
    package var hostFiles: [RootFileSystem.HostFile]
    /// Hears of each step that added a layer, executed or found, while others are still being done. It must not block.
    package var layerMade: @Sendable (MadeLayer) -> Void
    /// Where steps are looked for that the store does not know.
    package var importedCaches: [ImportedCache]
    /// Which stages' steps are executed whatever the cache has.
    package var ignoredCache: IgnoredCache
    /// The name under which it is remembered what this build's steps stood on; nil remembers nothing.
    package var memoryName: String?
    /// The time of what steps make themselves, such as here-documents and directories on the way, in seconds since 1970; nil
    /// for the time at which they are made, or that of what is copied into them. It is in no key: a step that was done before keeps the time of then.
    package var fixedTime: Int64?
    /// How many steps may be worked on at once.
    package var jobs: Int
    /// Bytes of `/dev/shm` in processes; nil for the default.
    package var sharedMemorySize: Int64?
    package var resourceLimits: [ProcessSpec.ResourceLimit]
    /// What the processes of one step may use together.
    package var groupLimits = GroupLimits()
    /// What commands may ask of the kernel, but those of RUN --security=insecure.
    package var systemCalls: ProcessSpec.SystemCalls
    package var forbidsNewPrivileges: Bool
    /// Whether the file system of a command that fails is kept as an image.
    package var keepsFailed: Bool
    /// Whether what commands write to standard error is told for itself; their order is lost then.
    package var tellsErrorsApart = false

    package init(store: Store, runtime: @escaping @Sendable () throws -> any ContainerRuntime) {
        self.store = store
        self.runtime = runtime
        executes = { $0.distance(to: .host) != nil }
        contexts = [:]
        remoteFiles = nil
        checkOutRepository = nil
        fetchLayer = { layer, _ in throw StorageError.layerMissing(layer.diffID) }
        secret = { _ in nil }
        agents = [:]
        network = { nil }
        hostFiles = []
        layerMade = { _ in }
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

    /// What a step added to what it stands on.
    package struct MadeLayer: Sendable {
        /// All that the step's result consists of, from the lowest; the last is its own.
        package let stack: [Image.Layer]
        /// Whether it is one of the image's own.
        package let isOwn: Bool
    }

    package enum IgnoredCache: Hashable, Sendable {
        case none, all
        /// What the store knows: imported caches count.
        case own
        /// By name, or by number in decimal.
        case stages(Set<String>)

        func contains(_ stage: String) -> Bool {
            switch self {
            case .none, .own: false
            case .all: true
            case .stages(let stages): stages.contains(stage)
            }
        }
    }

    package struct BuildContext: Sendable {
        package let files: FileTree
        package let filter: FileFilter
        /// The real path of the directory; nil for one that will not be there the next time.
        package let path: String?
        /// Where it is remembered what its files are; nil for files that will not be there the next time.
        package let memory: ContextMemory?

        /// Whether what is ignored was left out before: nobody knows of it then whether it was there.
        package var isFiltered = false

        /// Which line of which file hides a path, as `.dockerignore:3: *.log`.
        package let explanation: @Sendable (_ path: [UInt8]) -> String?

        package init(
            files: FileTree, filter: FileFilter, path: String?, memory: ContextMemory? = nil,
            explanation: @escaping @Sendable (_ path: [UInt8]) -> String? = { _ in nil }
        ) {
            (self.files, self.filter, self.path, self.explanation) = (files, filter, path, explanation)
            self.memory = memory ?? path.map { .store(path: $0) }
        }
    }
}

extension SolveContext {
    /// Makes sure that the layers' bytes are on this machine, unpacked or as blobs; a few are fetched at once, as many as docker does.
    package func ensure(
        _ layers: [Image.Layer], _ vertex: Vertex.ID?, events: @escaping @Sendable (BuildEvent) -> Void
    ) async throws {
        var missing: ArraySlice<Image.Layer> = []
        for layer in layers where try await !hasBytes(of: layer) { missing.append(layer) }
        guard !missing.isEmpty else { return }
        try await withThrowingTaskGroup { group in
            for _ in 0..<3 {
                guard let layer = missing.popFirst() else { break }
                group.addTask { try await ensure(layer, vertex, events: events) }
            }
            while try await group.next() != nil {
                guard let layer = missing.popFirst() else { continue }
                group.addTask { try await ensure(layer, vertex, events: events) }
            }
        }
    }

    private func hasBytes(of layer: Image.Layer) async throws -> Bool {
        if try store.layers.hasFiles(layer.diffID) { return true }
        for blob in layer.blobs where try await store.content.contains(blob.digest) { return true }
        return false
    }

    private func ensure(_ layer: Image.Layer, _ vertex: Vertex.ID?, events: @escaping @Sendable (BuildEvent) -> Void)
        async throws
    {
        for cache in importedCaches {
            if let blob = cache.blob(of: layer.diffID) { return try await cache.fetch(blob) }
        }
        try await fetchLayer(layer) { completed, total in
            events(BuildEvent(.progress(label: layer.diffID.digest.short, completed: completed, total: total), vertex))
        }
    }
}
