public import BuildGraph
public import OCI
public import Sandbox
public import Storage

/// What a build stands on: the store, the contexts, the ways to run and to fetch.
public struct SolveContext: Sendable {
    public var store: Store
    /// The contexts' files, what may be seen of them, and the name under which their digests are remembered.
    public var contexts: [ContextName: BuildContext]
    /// Finds the OCI runtime; called only when a step must run.
    public var runtime: @Sendable () throws -> Runtime
    /// Fetches what ADD names by URL.
    public var remoteFiles: (any RemoteFiles)?
    /// Files of the host that every process sees in place of the image's own.
    public var hostFiles: [RootFileSystem.HostFile]
    public var ignoresCache: Bool
    /// How many steps may be worked on at once.
    public var jobs: Int

    public init(store: Store, runtime: @escaping @Sendable () throws -> Runtime) {
        self.store = store
        self.runtime = runtime
        contexts = [:]
        remoteFiles = nil
        hostFiles = []
        ignoresCache = false
        jobs = 8
    }

    public struct BuildContext: Sendable {
        public let files: FileTree
        public let filter: FileFilter
        /// The real path of the directory.
        public let path: String

        public init(files: FileTree, filter: FileFilter, path: String) {
            (self.files, self.filter, self.path) = (files, filter, path)
        }
    }
}
