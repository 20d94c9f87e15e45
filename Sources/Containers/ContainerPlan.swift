package import OCI
package import Sandbox
import Storage

/// What an image's config and a specification come to, before anything is mounted: a pure function of the two.
package struct ContainerPlan: Sendable {
    package let arguments: [String]
    package let workingDirectory: ImagePath
    /// As `user[:group]`, to be looked up in the image's own files.
    package let user: String
    /// Where mounts are to be found that are not the image's.
    package let mountTargets: [ImagePath]
    private let config: ContainerConfig
    private let specification: ContainerSpecification

    package init(_ config: ContainerConfig, _ specification: ContainerSpecification) {
        (self.config, self.specification) = (config, specification)
        arguments = config.arguments(entrypoint: specification.entrypoint, command: specification.command)
        // An image may name a relative one, and means it from the root on.
        workingDirectory = specification.workingDirectory ?? ImagePath(config.workingDirectory) ?? .root
        user = specification.user ?? config.user
        mountTargets =
            specification.bindings.map(\.target) + specification.volumes.map(\.target)
            + specification.temporaryMounts.map(\.target) + (specification.initProgram.map { [$0.target] } ?? [])
    }

    /// The process, once it is known who the user is and where the root file system stands.
    ///
    /// - Throws: ``ContainerError`` where there is nothing to start.
    package func process(_ identity: Accounts.Identity, root: String, mounts: [BindMount]) throws(ContainerError)
        -> ProcessSpec
    {
        guard !arguments.isEmpty else { throw .noCommand(image: specification.imageName) }
        var spec = ProcessSpec(
            arguments: specification.initProgram == nil ? arguments : InitProgram.starting(arguments),
            environment: environment(identity), workingDirectory: workingDirectory,
            hostname: specification.hostname,
            root: root)
        (spec.user, spec.group, spec.additionalGroups) = (identity.user, identity.group, identity.additionalGroups)
        (spec.hasTerminal, spec.terminalSize) = (specification.hasTerminal, specification.terminalSize)
        spec.isRootReadOnly = specification.isRootReadOnly
        spec.capabilities = specification.capabilities
        spec.systemCalls = specification.systemCalls
        spec.forbidsNewPrivileges = specification.forbidsNewPrivileges
        switch specification.network {
        case .host: spec.sharesNetwork = true
        case .none: spec.sharesNetwork = false
        case .namespace(let path): spec.networkNamespace = path
        }
        (spec.mounts, spec.temporaryMounts) = (mounts + specification.devices, specification.temporaryMounts)
        (spec.groupLimits, spec.kernelSettings) = (specification.groupLimits, specification.kernelSettings)
        if let size = specification.sharedMemorySize { spec.sharedMemorySize = size }
        spec.resourceLimits = specification.resourceLimits
        return spec
    }

    private func environment(_ identity: Accounts.Identity) -> [String] {
        var result = config.variables(
            identity, hostname: specification.hostname, hasTerminal: specification.hasTerminal)
        for name in specification.removedVariables { result.removeEnvironment(name) }
        for (name, value) in specification.variables { result.setEnvironment(name, value) }
        return result.environment
    }
}
