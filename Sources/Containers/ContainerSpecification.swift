package import OCI
package import Sandbox
package import Storage

/// What a container is to be beside its image: a plain value that a command line, a Compose file or a request of another
/// program each fill in their own way.
package struct ContainerSpecification: Sendable {
    /// The image as people name it, for errors.
    package var imageName: String
    /// In place of the image's ENTRYPOINT; empty takes it away, nil leaves it.
    package var entrypoint: [String]?
    /// In place of the image's CMD; nil leaves it.
    package var command: [String]?
    /// `user[:group]` by name or number, in place of the image's USER.
    package var user: String?
    /// In place of the image's WORKDIR.
    package var workingDirectory: ImagePath?
    /// Set over the image's own, in this order.
    package var variables: [(name: String, value: String)] = []
    /// Of the image's own, those that are not passed on.
    package var removedVariables: [String] = []
    /// What the process calls its machine.
    package var hostname: String
    package var network = ContainerNetwork.none
    package var hasTerminal = false
    /// In characters; nil leaves it to the terminal's maker.
    package var terminalSize: (columns: Int, rows: Int)?
    /// Whether nothing but mounts can be written to.
    package var isRootReadOnly = false
    package var bindings: [Binding] = []
    /// Directories that go with the container, beside the image's VOLUMEs.
    package var volumes: [(target: ImagePath, access: Binding.Access)] = []
    package var temporaryMounts: [ProcessSpec.TemporaryMount] = []
    package var hostFiles: [RootFileSystem.HostFile] = []
    /// Further groups, by name or number.
    package var groups: [String] = []
    /// Devices of this machine that may be opened.
    package var devices: [BindMount] = []
    /// Settings of the kernel for the container's namespaces, by their names in sysctl(8).
    package var kernelSettings: [String: String] = [:]
    /// What all processes may use together.
    package var groupLimits = GroupLimits()
    package var capabilities = ProcessSpec.Capabilities.standard
    package var systemCalls = ProcessSpec.SystemCalls.standard
    package var forbidsNewPrivileges = false
    /// Of /dev/shm, in bytes; nil is docker's 64 MiB.
    package var sharedMemorySize: Int64?
    package var resourceLimits: [ProcessSpec.ResourceLimit] = []

    /// The program that is the first process, where the container's own is not to be (``InitProgram``).
    package var initProgram: Binding?

    package init(imageName: String, hostname: String) { (self.imageName, self.hostname) = (imageName, hostname) }
}

/// What a container sees of networks. One of its own that leads outside is a namespace that whoever starts it makes.
package enum ContainerNetwork: Hashable, Sendable {
    /// The machine's own.
    case host
    /// A loopback of its own, and nothing else.
    case none
    /// A namespace that is there, by its path on this machine.
    case namespace(String)
}
