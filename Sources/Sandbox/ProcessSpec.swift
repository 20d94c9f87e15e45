package import OCI

/// One process in one root file system: what a RUN step or `distill run` needs from an OCI runtime.
package struct ProcessSpec: Sendable {
    package var arguments: [String]
    /// `NAME=value`
    package var environment: [String]
    package var workingDirectory: ImagePath
    package var user: UInt32 = 0
    package var group: UInt32 = 0
    package var additionalGroups: [UInt32] = []
    package var hasTerminal = false
    package var hostname: String
    /// The host path of the root file system.
    package var root: String
    package var isRootReadOnly = false
    /// Whether the process shares the host's network or has none but a loopback device.
    package var sharesNetwork = true
    /// The host path of a network namespace that the process joins in place of both.
    package var networkNamespace: String?
    package var capabilities: Capabilities = .standard
    package var systemCalls: SystemCalls = .standard
    /// Whether no program that it executes can have more rights than it has (prctl(2), PR_SET_NO_NEW_PRIVS).
    package var forbidsNewPrivileges = false
    package var mounts: [BindMount] = []
    package var temporaryMounts: [TemporaryMount] = []
    /// Of `/dev/shm`, in bytes.
    package var sharedMemorySize: Int64 = 64 << 20
    package var terminalSize: (columns: Int, rows: Int)?
    /// Limits that differ from the caller's.
    package var resourceLimits: [ResourceLimit] = []
    /// What all processes of the container may use together.
    package var groupLimits = GroupLimits()
    /// Settings of the kernel for the container's namespaces, by their names in sysctl(8).
    package var kernelSettings: [String: String] = [:]

    package init(
        arguments: [String], environment: [String], workingDirectory: ImagePath, hostname: String, root: String
    ) {
        self.arguments = arguments
        self.environment = environment
        self.workingDirectory = workingDirectory
        self.hostname = hostname
        self.root = root
    }

    package enum Capabilities: Sendable {
        /// ``Capability/standard``.
        case standard
        /// Those without some and with others, as docker's --cap-drop and --cap-add; all that are added begin with all.
        case changed(adding: Set<Capability>, dropping: Set<Capability>)
        /// All that the caller has: RUN --security=insecure.
        case all
    }

    /// What a process may ask of the kernel. One with ``Capabilities/all`` may ask for everything.
    package enum SystemCalls: Hashable, Sendable {
        /// ``SeccompProfile/standard``.
        case standard
        case profile(SeccompProfile)
        case unrestricted
    }

    /// A limit of setrlimit(2).
    package struct ResourceLimit: Hashable, Sendable {
        /// As in getrlimit(2), without `RLIMIT_` and in lower case: `nofile`.
        package let name: String
        /// `UInt64.max` is unlimited.
        package let soft: UInt64
        package let hard: UInt64

        package init(name: String, soft: UInt64, hard: UInt64) {
            (self.name, self.soft, self.hard) = (name, soft, hard)
        }
    }

    package struct TemporaryMount: Hashable, Sendable {
        package let target: ImagePath
        /// Bytes; nil for the kernel's default.
        package var size: Int64?
        /// Of the directory; nil for everybody's, octal 01777.
        package var mode: UInt32?
        package var user: UInt32 = 0
        package var group: UInt32 = 0
        /// Further ones of mount(8) and tmpfs(5).
        package var options: [String] = []

        package init(target: ImagePath, size: Int64?) { (self.target, self.size) = (target, size) }
    }
}
