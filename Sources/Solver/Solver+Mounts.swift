internal import BuildGraph
internal import OCI
internal import Sandbox
internal import Storage

/// RUN --mount.
extension Solver {
    /// What a RUN step's mounts come to.
    struct PreparedMounts {
        var bindings: [Binding] = []
        var temporary: [ProcessSpec.TemporaryMount] = []
        /// `NAME=value` of secrets; in no cache key.
        var environment: [String] = []
        /// Where the first agent is found.
        var agent: ImagePath?
    }

    /// The content identities of what mounts show, in their order; nil for what does not count for the cache.
    func identities(of mounts: [RunOperation.Mount], _ inputs: Inputs) throws -> [Digest?] {
        try mounts.map { mount in
            switch mount.kind {
            case .bind(.vertex(let id), _, _): return inputs.snapshot(id).identity
            case .bind(.context(let name), let path, _):
                guard let buildContext = context.contexts[name] else { return nil }
                let source = CopySource(
                    kind: .path(buildContext.files, path), ownership: .root, filter: buildContext.filter)
                var digests = try buildContext.memory.map { try memory.digests(of: $0).current } ?? .none
                var digest = CopyDigest()
                try digest.add(source, remembered: &digests)
                if let place = buildContext.memory { try memory.learn(digests, of: place) }
                return digest.finalize()
            case .cache(_, _, .vertex(let id), _, _, _, _, _): return inputs.snapshot(id).identity
            case .cache, .tmpfs, .secret, .ssh: return nil
            }
        }
    }

    func prepare(_ mounts: [RunOperation.Mount], _ inputs: Inputs, _ vertex: Vertex) throws -> PreparedMounts {
        var result = PreparedMounts()
        for mount in mounts {
            switch mount.kind {
            case .bind(let source, let path, let isWritable):
                guard let target = mount.target else { continue }
                result.bindings.append(
                    Binding(
                        source: try bindingSource(source, path, inputs, vertex), target: target,
                        access: isWritable ? .readWrite : .readOnly))
            case .cache(_, _, let source, let path, _, _, _, let isReadOnly):
                guard let target = mount.target, let cache = cacheMount(mount.kind, inputs) else { continue }
                // A whole stage in a directory with an owner or a mode of its own is an empty directory in the reference.
                let content =
                    try cache.isPlain || !path.isRoot ? source.flatMap { try seed($0, path, inputs, vertex) } : nil
                result.bindings.append(
                    Binding(
                        source: .cache(cache, seed: content), target: target,
                        access: isReadOnly ? .readOnly : .readWrite))
            case .tmpfs(let size):
                if let target = mount.target { result.temporary.append(.init(target: target, size: size)) }
            case .secret(let id, let variable, let isRequired, let mode, let user, let group):
                guard let bytes = try context.secret(id) else {
                    if isRequired { throw StepFailure(cause: .missingSecret(id)) }
                    continue
                }
                if let variable { result.environment.append("\(variable)=\(String(decoding: bytes, as: UTF8.self))") }
                if let target = mount.target {
                    result.bindings.append(
                        Binding(
                            source: .secret(bytes, mode: mode, user: user, group: group), target: target,
                            access: .readOnly))
                }
            case .ssh(let id, let isRequired, let mode, let user, let group):
                guard let target = mount.target else { continue }
                // The reference names the first one's socket, whether the agent was given or not.
                result.agent = result.agent ?? target
                guard let maker = context.agents[id] else {
                    if isRequired { throw StepFailure(cause: .missingAgent(id)) }
                    continue
                }
                result.bindings.append(
                    Binding(
                        source: .socket(maker, mode: mode, user: user, group: group), target: target, access: .readWrite
                    ))
            }
        }
        return result
    }

    /// The cache that a mount is; nil for other mounts.
    func cacheMount(_ kind: RunOperation.Mount.Kind, _ inputs: Inputs) -> CacheMount? {
        guard case .cache(let id, let sharing, let source, let path, let mode, let user, let group, _) = kind else {
            return nil
        }
        var seed: String?
        if case .vertex(let id) = source, let identity = inputs.snapshot(id).identity { seed = "\(identity) \(path)" }
        return CacheMount(id: id, sharing: .init(sharing), mode: mode, user: user, group: group, seed: seed)
    }

    private func bindingSource(
        _ source: RunOperation.Mount.Source, _ path: ImagePath, _ inputs: Inputs, _ vertex: Vertex
    ) throws -> Binding.Source {
        switch source {
        case .vertex(let id):
            _ = try tree(inputs.snapshot(id), vertex)
            return .layers(inputs.snapshot(id).diffIDs, path: path)
        case .context(let name):
            guard let buildContext = context.contexts[name] else {
                throw StepFailure(cause: .missingSource(path.description, name))
            }
            return .files(buildContext.files, filter: buildContext.filter, path: path)
        }
    }

    private func seed(
        _ source: RunOperation.Mount.Source, _ path: ImagePath, _ inputs: Inputs, _ vertex: Vertex
    ) throws -> Binding.Seed? {
        guard case .vertex(let id) = source else {
            throw StepFailure(cause: .unsupported("a cache mount from a context"))
        }
        if inputs.snapshot(id).diffIDs.isEmpty, path.isRoot { return nil }
        _ = try tree(inputs.snapshot(id), vertex)
        return Binding.Seed(layers: inputs.snapshot(id).diffIDs, path: path)
    }
}

extension CacheMount.Sharing {
    init(_ sharing: RunOperation.Mount.Sharing) {
        switch sharing {
        case .shared: self = .shared
        case .private: self = .private
        case .locked: self = .locked
        }
    }
}
