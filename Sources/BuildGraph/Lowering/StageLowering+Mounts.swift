internal import Dockerfile
internal import OCI

/// RUN --mount.
extension StageLowering {
    mutating func mount(_ syntax: MountSyntax) throws(Diagnostic) -> RunOperation.Mount {
        let expander = state.scope.expander(escape)
        let mount = try syntax.resolve { (word) throws(Diagnostic) in try expander.expand(word) }
        switch mount {
        case .bind(let bind):
            let kind = RunOperation.Mount.Kind.bind(
                source: try source(syntax) ?? .context(.main), path: try path(bind.source, syntax),
                isWritable: bind.access == .readWrite)
            return RunOperation.Mount(kind: kind, target: try target(bind.target, syntax))
        case .cache(let cache):
            let kind = RunOperation.Mount.Kind.cache(
                id: [request.cacheMountNamespace, cache.id].compactMap { $0 }.joined(separator: "/"),
                sharing: cache.sharing.asSharing, source: try source(syntax),
                path: try path(cache.source, syntax), mode: cache.ownership.mode ?? 0o755,
                user: cache.ownership.user ?? 0, group: cache.ownership.group ?? 0,
                isReadOnly: cache.access == .readOnly)
            return RunOperation.Mount(kind: kind, target: try target(cache.target, syntax))
        case .tmpfs(let tmpfs):
            return RunOperation.Mount(kind: .tmpfs(size: tmpfs.size), target: try target(tmpfs.target, syntax))
        case .secret(let secret):
            let kind = RunOperation.Mount.Kind.secret(
                id: secret.id, environment: secret.variable, isRequired: secret.presence == .required,
                mode: secret.ownership.mode ?? 0o400, user: secret.ownership.user ?? 0,
                group: secret.ownership.group ?? 0)
            return RunOperation.Mount(
                kind: kind, target: try secret.target.map { (text) throws(Diagnostic) in try path(text, syntax) })
        case .ssh(let ssh):
            let kind = RunOperation.Mount.Kind.ssh(
                id: ssh.id, isRequired: ssh.presence == .required, mode: ssh.ownership.mode ?? 0o600,
                user: ssh.ownership.user ?? 0, group: ssh.ownership.group ?? 0)
            let socket = ssh.target ?? "/run/buildkit/ssh_agent.\(sshCount)"
            sshCount += 1
            return RunOperation.Mount(kind: kind, target: try path(socket, syntax))
        }
    }

    /// What `from` shows; nil without one.
    private func source(_ syntax: MountSyntax) throws(Diagnostic) -> RunOperation.Mount.Source? {
        guard let from = syntax.from, !from.text.isEmpty else { return nil }
        return froms[from]
    }

    private func target(_ text: String, _ syntax: MountSyntax) throws(Diagnostic) -> ImagePath {
        guard let path = state.workingDirectory.resolving(text), !path.isRoot else {
            throw Diagnostic(
                .error(.invalidMount), at: syntax.range,
                text.isEmpty ? "a mount needs a target" : "'\(text)' is no place for a mount",
                hint: "write target=/path")
        }
        return path
    }

    private func path(_ text: String, _ syntax: MountSyntax) throws(Diagnostic) -> ImagePath {
        guard let path = ImagePath(text) else {
            throw Diagnostic(.error(.invalidMount), at: syntax.range, "'\(text)' is no path: it holds a NUL")
        }
        return path
    }
}

extension Mount.Sharing {
    fileprivate var asSharing: RunOperation.Mount.Sharing {
        switch self {
        case .shared: .shared
        case .private: .private
        case .locked: .locked
        }
    }
}
