package import OCI
package import Sandbox
package import Storage

/// A container whose root file system is mounted, and whose process can be started and started again.
package struct MountedContainer: Sendable {
    package let root: RootFileSystem
    package let process: ProcessSpec
    /// The directories of its volumes, which live as long as this value.
    private let held: [TemporaryDirectory]

    /// Unpacks what is needed of an image, mounts it with all that the specification asks for, and looks for the program.
    ///
    /// - Throws: ``ContainerError``, `AccountError` for a user that the image does not have, and the store's errors. Nothing stays mounted then.
    package init(_ specification: ContainerSpecification, of image: Image, in store: Store) throws {
        let plan = ContainerPlan(image.config.container, specification)
        for layer in image.layers { try store.unpack(layer) }
        let layers = image.layers.map(\.diffID)
        let tree = try store.layers.tree(layers)
        let identity = try Self.identity(tree.accounts(), plan.user, specification.groups)
        var volumes = ImageVolumes(layers: layers, store: store)
        for volume in specification.volumes { try volumes.add(volume.target, volume.access) }
        try volumes.add(of: image.config.container, but: plan.mountTargets)
        held = volumes.held
        root = try store.mount(
            layers, files: specification.hostFiles,
            bindings: specification.bindings + volumes.bindings + (specification.initProgram.map { [$0] } ?? []),
            directories: [plan.workingDirectory] + specification.temporaryMounts.map(\.target))
        var process = try plan.process(identity, root: root.path, mounts: root.mounts)
        process.temporaryMounts = try process.temporaryMounts.map { mount in
            var mount = mount
            // As runc does: a directory of the image keeps its mode.
            mount.mode = try mount.mode ?? tree.directoryMode(mount.target)
            return mount
        }
        self.process = process
        // What is mounted over the image may bring the program.
        if specification.bindings.isEmpty, specification.volumes.isEmpty {
            try process.findProgram(of: plan.arguments, in: tree)
        }
    }

    /// Further groups are looked up as the second half of USER is.
    private static func identity(_ accounts: Accounts, _ user: String, _ groups: [String]) throws -> Accounts.Identity {
        var identity = try accounts.identity(of: user)
        for group in groups {
            let number = try accounts.identity(of: "0:\(group)").group
            if !identity.additionalGroups.contains(number) { identity.additionalGroups.append(number) }
        }
        return identity
    }

    /// Unmounts the root file system and removes what was written to it.
    package func discard() { withExtendedLifetime(held) { root.discard() } }
}

extension ProcessSpec {
    /// Looks for the program of a command line as execvp(3) would, for runtimes differ in how they say that it is missing.
    ///
    /// - Throws: ``ContainerError``.
    fileprivate func findProgram(of arguments: [String], in tree: FileTree) throws {
        guard let name = arguments.first else { return }
        // With nothing behind it each directory of PATH would be there.
        guard !name.isEmpty else { throw ContainerError.missingProgram(name) }
        let path = environment.first { $0.hasPrefix("PATH=") }?.dropFirst("PATH=".count) ?? ""
        let places = name.contains("/") ? [name] : path.split(separator: ":").map { "\($0)/\(name)" }
        var isThere = false
        for place in places {
            guard let path = workingDirectory.resolving(place), let (_, node) = try tree.lookUp(path, links: .followAll)
            else { continue }
            if node.isExecutable { return }
            isThere = true
        }
        throw isThere ? ContainerError.notExecutable(name) : .missingProgram(name)
    }
}
