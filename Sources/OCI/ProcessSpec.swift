/// One process in one root file system: what a RUN step or `distill run` needs from an OCI runtime.
public struct ProcessSpec: Sendable {
    public var arguments: [String]
    /// `NAME=value`
    public var environment: [String]
    public var workingDirectory: ImagePath
    public var user: UInt32 = 0
    public var group: UInt32 = 0
    public var additionalGroups: [UInt32] = []
    public var hasTerminal = false
    public var hostname: String
    /// The host path of the root file system.
    public var root: String
    public var isRootReadOnly = false
    /// Whether the process shares the host's network or has none but a loopback device.
    public var sharesNetwork = true
    /// The host path of a network namespace that the process joins in place of both.
    public var networkNamespace: String?
    public var capabilities: Capabilities = .standard
    public var systemCalls: SystemCalls = .standard
    /// Whether no program that it executes can have more rights than it has (prctl(2), PR_SET_NO_NEW_PRIVS).
    public var forbidsNewPrivileges = false
    public var mounts: [BindMount] = []
    public var temporaryMounts: [TemporaryMount] = []
    /// Of `/dev/shm`, in bytes.
    public var sharedMemorySize: Int64 = 64 << 20
    public var terminalSize: (columns: Int, rows: Int)?
    /// Limits that differ from the caller's.
    public var resourceLimits: [ResourceLimit] = []

    public init(arguments: [String], environment: [String], workingDirectory: ImagePath, hostname: String, root: String) {
        self.arguments = arguments
        self.environment = environment
        self.workingDirectory = workingDirectory
        self.hostname = hostname
        self.root = root
    }

    public enum Capabilities: Sendable {
        /// ``Capability/standard``.
        case standard
        /// Those without some and with others, as docker's --cap-drop and --cap-add; all that are added begin with all.
        case changed(adding: Set<Capability>, dropping: Set<Capability>)
        /// All that the caller has: RUN --security=insecure.
        case all
    }

    /// What a process may ask of the kernel. One with ``Capabilities/all`` may ask for everything.
    public enum SystemCalls: Hashable, Sendable {
        /// ``SeccompProfile/standard``.
        case standard
        case profile(SeccompProfile)
        case unrestricted
    }

    public struct BindMount: Hashable, Sendable {
        /// A host path.
        public let source: String
        public let target: ImagePath
        public let isReadOnly: Bool
        /// Whether it is a device that may be opened, or such can be opened in it.
        public let hasDevices: Bool

        public init(source: String, target: ImagePath, isReadOnly: Bool, hasDevices: Bool = false) {
            (self.source, self.target, self.isReadOnly, self.hasDevices) = (source, target, isReadOnly, hasDevices)
        }
    }

    /// A limit of setrlimit(2).
    public struct ResourceLimit: Hashable, Sendable {
        /// As in getrlimit(2), without `RLIMIT_` and in lower case: `nofile`.
        public let name: String
        /// `UInt64.max` is unlimited.
        public let soft: UInt64
        public let hard: UInt64

        public init(name: String, soft: UInt64, hard: UInt64) { (self.name, self.soft, self.hard) = (name, soft, hard) }
    }

    public struct TemporaryMount: Hashable, Sendable {
        public let target: ImagePath
        /// Bytes; nil for the kernel's default.
        public let size: Int64?
        /// Of the directory, octal 01777 for everybody's.
        public var mode: UInt32 = 0o1777
        public var user: UInt32 = 0
        public var group: UInt32 = 0

        public init(target: ImagePath, size: Int64?) { (self.target, self.size) = (target, size) }
    }
}
