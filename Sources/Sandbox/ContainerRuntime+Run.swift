package import SystemPackage

extension ContainerRuntime {
    /// Runs a process to its end.
    ///
    /// When the task is cancelled the process and everything that it started are killed.
    /// - Parameters:
    ///   - bundle: an empty directory for the runtime's files, removed by the caller.
    ///   - moments: what is done before and after its program is started.
    /// - Throws: ``SandboxError`` where no program was executed. A process that fails is a ``ProcessExit``.
    package func run(
        _ process: ProcessSpec, bundle: FilePath, streams: ProcessStreams,
        at moments: ProcessMoments = ProcessMoments()
    ) async throws -> ProcessExit {
        let container = try await create(process, bundle: bundle, streams: streams)
        return try await withTaskCancellationHandler {
            let end: Result<ProcessExit, any Error>
            do {
                try await moments.ready()
                try await container.start()
                moments.started(container)
                end = .success(try await container.end())
            } catch {
                container.kill()
                // What failed is told; this waits until nothing of it is left.
                _ = try? await container.end()
                end = .failure(error)
            }
            await container.delete()
            try Task.checkCancellation()
            return try end.get()
        } onCancel: {
            container.kill()
        }
    }
}

/// What is done on a process's way.
package struct ProcessMoments: Sendable {
    /// Waits for what the program needs: its container is made meanwhile, and it is started afterwards.
    package var ready: @Sendable () async throws -> Void
    /// Called when its program has been started.
    package var started: @Sendable (any RuntimeContainer) -> Void

    package init(
        ready: @escaping @Sendable () async throws -> Void = {},
        started: @escaping @Sendable (any RuntimeContainer) -> Void = { _ in }
    ) {
        (self.ready, self.started) = (ready, started)
    }
}
