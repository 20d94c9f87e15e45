internal import BuildGraph
internal import OCI
internal import Sandbox
internal import Storage
internal import Synchronization

extension Solver {
    func run(_ operation: RunOperation, _ vertex: Vertex, _ inputs: Inputs) async throws -> Outcome {
        let identities =
            operation.mounts.isEmpty
            ? [] : try await context.store.perform { try self.identities(of: operation.mounts, inputs) }
        let key = operation.cacheKey(parent: inputs.parent.identity, sources: identities)
        let description = operation.description(parent: inputs.parent.identity, sources: identities)
        memory.note(description, of: vertex)
        return try await once(key, vertex, inputs) {
            try explain(description, vertex)
            return try await execute(operation, key, vertex, inputs)
        }
    }

    private func execute(_ operation: RunOperation, _ key: Digest, _ vertex: Vertex, _ inputs: Inputs) async throws
        -> Outcome
    {
        guard context.executes(operation.platform) else {
            throw StepFailure(cause: .foreignPlatform(operation.platform))
        }
        let runtime = try context.runtime()
        events(BuildEvent(.started, vertex.id))

        // It finds its way outside while the rest is made ready.
        let network = operation.network == .default ? try await context.network() : nil
        defer { network?.leave(!operation.isInsecure) }
        try await fetch(inputs.parent, vertex)
        for input in vertex.inputs { try await fetch(inputs.snapshot(input), vertex) }
        let (root, mounts) = try await context.store.perform {
            var mounts = try prepare(operation.mounts, inputs, vertex)
            let tree = try tree(inputs.parent, vertex)
            for (place, mount) in mounts.temporary.enumerated() {
                // As runc does: a directory that is there keeps its mode.
                mounts.temporary[place].mode = try tree.directoryMode(mount.target)
            }
            let surroundings = Surroundings(mounts: mounts, hostFiles: network?.hostFiles ?? context.hostFiles)
            return (
                try measured("mount", vertex) {
                    try self.root(inputs.parent, operation, surroundings, runtime.rootNeed)
                },
                mounts
            )
        }
        do {
            var spec = try process(operation, inputs.parent, root)
            spec.networkNamespace = network?.namespace
            spec.environment += mounts.environment
            if let agent = mounts.agent, !spec.environment.contains(where: { $0.hasPrefix("SSH_AUTH_SOCK=") }) {
                spec.environment.append("SSH_AUTH_SOCK=\(agent)")
            }
            spec.temporaryMounts = mounts.temporary
            let start = ContinuousClock.now
            let end = OutputEnd()
            let output: ProcessStreams.Sink = { bytes in
                end.append(bytes)
                events(BuildEvent(.output(Array(bytes)), vertex.id))
                return true
            }
            let errors: ProcessStreams.Sink = { bytes in
                end.append(bytes)
                events(BuildEvent(.errorOutput(Array(bytes)), vertex.id))
                return true
            }
            let streams: ProcessStreams =
                context.tellsErrorsApart ? .apart(input: nil, output: output, error: errors) : .together(output)
            let exit = try await executed(operation) {
                try await runtime.run(
                    spec, bundle: root.bundle, streams: streams,
                    at: ProcessMoments(ready: { try await network?.ready() }))
            }
            events(BuildEvent(.phase("process", since: start), vertex.id))
            if exit == .outOfMemory { throw StepFailure(cause: .outOfMemory(limit: context.groupLimits.memory)) }
            guard exit == .code(0) else {
                throw StepFailure(
                    cause: .commandFailed(status: exit.status, arguments: operation.arguments, output: end.bytes))
            }
            return try await context.store.perform {
                let layer = try measured("commit", vertex) { try root.commit() }
                // Files of a context that changed since the key was made may be what the command saw.
                let isSettled =
                    try !operation.showsContext
                    || operation.cacheKey(
                        parent: inputs.parent.identity, sources: identities(of: operation.mounts, inputs)) == key
                return try keep(layer, keys: isSettled ? [key] : [], inputs)
            }
        } catch let failure as StepFailure where context.keepsFailed {
            var failure = failure
            do {
                failure.kept = try await context.store.perform { try keepFailed(operation, vertex, inputs, root) }
            } catch {
                // The step's own failure is the one to tell first.
                root.discard()
                failure.keepingFailure = error
            }
            throw failure
        } catch {
            root.discard()
            throw error
        }
    }

    /// A program that is not there is the step's failure, as a shell's exit code says it.
    private func executed(_ operation: RunOperation, _ body: () async throws -> ProcessExit) async throws -> ProcessExit
    {
        do { return try await body() } catch let error as SandboxError {
            switch error {
            case .programMissing(let name), .programNotExecutable(let name):
                let isMissing = if case .programMissing = error { true } else { false }
                throw StepFailure(
                    cause: .notExecuted(
                        name, isMissing: isMissing, isShell: operation.arguments.dropFirst().first == "-c"))
            case .runtimeFailed(let runtime, let words):
                // What the step asks for cannot be had, a mount for example: its own failure too.
                throw StepFailure(
                    cause: .commandFailed(
                        status: 1, arguments: operation.arguments, output: Array("\(runtime): \(words)\n".utf8)))
            case .noRuntime, .runtimeVanished, .limitUnavailable: throw error
            }
        }
    }

    /// What a command finds beside the files below it.
    private struct Surroundings {
        let mounts: PreparedMounts
        let hostFiles: [RootFileSystem.HostFile]
    }

    private func root(
        _ parent: Snapshot, _ operation: RunOperation, _ around: Surroundings, _ need: RootNeed
    ) throws -> RootFileSystem {
        let pipes = operation.files.compactMap { file in
            ImagePath("/dev/pipes/" + file.name).map {
                RootFileSystem.HostFile(target: $0, content: file.content, mode: 0o755)
            }
        }
        return try context.store.mount(
            parent.diffIDs, files: around.hostFiles + pipes, bindings: around.mounts.bindings,
            directories: around.mounts.temporary.map(\.target),
            form: need == .mounted ? .mounted : .written)
    }

    private func process(_ operation: RunOperation, _ parent: Snapshot, _ root: RootFileSystem) throws -> ProcessSpec {
        let identity = try context.store.layers.tree(parent.diffIDs).accounts().identity(of: operation.user)
        var environment = operation.environment + operation.unkeyedEnvironment
        if !environment.contains(where: { $0.hasPrefix("HOME=") }) { environment.append("HOME=\(identity.home)") }
        var spec = ProcessSpec(
            arguments: operation.arguments, environment: environment, workingDirectory: operation.workingDirectory,
            hostname: operation.hostname, root: root.path)
        (spec.user, spec.group) = (identity.user, identity.group)
        spec.additionalGroups = identity.additionalGroups
        spec.sharesNetwork = operation.network != .none
        spec.capabilities = operation.isInsecure ? .all : .standard
        spec.systemCalls = context.systemCalls
        spec.forbidsNewPrivileges = context.forbidsNewPrivileges && !operation.isInsecure
        spec.mounts = root.mounts
        if let size = context.sharedMemorySize { spec.sharedMemorySize = size }
        spec.resourceLimits = context.resourceLimits
        spec.groupLimits = context.groupLimits
        return spec
    }
}

extension RunOperation {
    /// Whether a mount shows files of a context, which may change while the build goes on.
    fileprivate var showsContext: Bool {
        mounts.contains { if case .bind(.context, _, _) = $0.kind { true } else { false } }
    }
}

/// The last of what a process writes, for whoever is told that it failed.
private final class OutputEnd: Sendable {
    private let kept = Mutex<[UInt8]>([])

    private static let limit = 8 << 10

    func append(_ bytes: some Sequence<UInt8>) {
        kept.withLock { kept in
            kept += bytes
            if kept.count > 2 * Self.limit { kept.removeFirst(kept.count - Self.limit) }
        }
    }

    var bytes: [UInt8] { kept.withLock { Array($0.suffix(Self.limit)) } }
}
