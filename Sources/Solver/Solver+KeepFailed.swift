package import BuildGraph
package import OCI
internal import Storage
internal import SystemPackage

/// What a failed RUN left, kept as an image, and what a shell in it needs to see the same.
package struct KeptStep: Sendable {
    /// `failed-build:STAGE-STEP-ID`, so that no other project's failure takes the name over; the store drops it as it drops what is cached.
    package let image: ImageReference
    /// What the step saw of this machine.
    package let volumes: [Volume]
    package let temporary: [ImagePath]
    /// The step's own shell, if its file system has it.
    package let shell: String?
    package let network: Network
    /// IDs of secrets and agents, which are kept nowhere.
    package let secrets: [String]

    package struct Volume: Hashable, Sendable {
        /// A host path.
        package let source: String
        package let target: ImagePath
        package let isReadOnly: Bool
    }
}

extension Solver {
    /// Keeps what a failed command wrote, with the step's environment, user and working directory.
    func keepFailed(
        _ operation: RunOperation, _ vertex: Vertex, _ inputs: Inputs, _ root: RootFileSystem
    ) throws -> KeptStep {
        var layers = inputs.parent.layers.map(\.layer)
        var size = inputs.parent.layers.reduce(0) { $0 + ($1.size ?? 0) }
        let written = try root.commit()
        layers.append(Image.Layer(diffID: written.diffID))
        size += written.size
        var volumes: [KeptStep.Volume] = []
        var secrets: [String] = []
        for mount in operation.mounts {
            guard let target = mount.target else { continue }
            switch mount.kind {
            case .bind(.context(let name), let path, _):
                guard let host = context.contexts[name]?.path else { continue }
                let source = path.isRoot ? host : host + path.description
                volumes.append(KeptStep.Volume(source: source, target: target, isReadOnly: true))
            case .bind(.vertex(let id), let path, _):
                // What another stage showed becomes part of the image.
                let seen = try copyForDebugging(inputs.snapshot(id), path, to: target, on: layers.map(\.diffID), vertex)
                layers.append(Image.Layer(diffID: seen.diffID))
                size += seen.size
            case .cache(_, _, _, _, _, _, _, let isReadOnly):
                guard let cache = cacheMount(mount.kind, inputs) else { continue }
                let source = context.store.cacheMounts.path(of: cache).string
                volumes.append(KeptStep.Volume(source: source, target: target, isReadOnly: isReadOnly))
            case .secret(let id, _, _, _, _, _), .ssh(let id, _, _, _, _): secrets.append(id)
            case .tmpfs: continue
            }
        }
        var config = ImageConfig(platform: operation.platform)
        config.container.environment = operation.environment
        config.container.user = operation.user
        config.container.workingDirectory = operation.workingDirectory.description
        config.layers = layers.map(\.diffID)
        let image = Image(config: config, layers: layers)
        let reference = try ImageReference("\(ImageDirectory.failedBuild):\(Self.tag(vertex.origin, image.id))")
        try context.store.withNames {
            try context.store.images.put(image, size: size)
            try context.store.images.tag(image.id, reference)
        }
        return KeptStep(
            image: reference, volumes: volumes,
            temporary: operation.mounts.compactMap { if case .tmpfs = $0.kind { $0.target } else { nil } },
            shell: try shell(operation, layers.map(\.diffID)), network: operation.network, secrets: secrets)
    }

    /// Stage names are those of images' components; in a tag all of their characters may stand.
    private static func tag(_ origin: Origin, _ image: Digest) -> String {
        String("\(origin.stage)-\(origin.step)-\(image.short)".suffix(128))
    }

    private func copyForDebugging(
        _ snapshot: Snapshot, _ path: ImagePath, to target: ImagePath, on layers: [DiffID], _ vertex: Vertex
    ) throws -> LayerDirectory.Facts {
        let source = CopySource(kind: .path(try tree(snapshot, vertex), path), ownership: .kept)
        let layer = try context.store.assembleLayer(on: context.store.layers.tree(layers)) {
            try $0.copy(source, to: target, intoDirectory: false, attributes: .init())
        }
        try context.store.keep(layer)
        return layer.facts
    }

    /// The program that interprets the command, if it is there and can be executed.
    private func shell(_ operation: RunOperation, _ layers: [DiffID]) throws -> String? {
        let candidates = [operation.arguments.first ?? "", "/bin/sh", "/bin/bash"]
        let tree = try context.store.layers.tree(layers)
        for candidate in candidates where candidate.hasSuffix("sh") && candidate.hasPrefix("/") {
            guard let path = ImagePath(candidate), let (_, node) = try tree.lookUp(path, links: .followAll) else {
                continue
            }
            if node.isExecutable { return candidate }
        }
        return nil
    }
}
