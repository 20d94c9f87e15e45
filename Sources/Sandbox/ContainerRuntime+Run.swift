package import SystemPackage

extension ContainerRuntime {
    /// Runs a process to its end.
    ///
    /// When the task is cancelled the process and everything that it started are killed.
    /// - Parameters:
    ///   - bundle: an empty directory for the runtime's files, removed by the caller.
    ///   - started: called when its program has been started.
    /// - Throws: ``SandboxError`` where no program was executed. A process that fails is a ``ProcessExit``.
    package func run(
        _ process: ProcessSpec, bundle: FilePath, streams: ProcessStreams,
        started: @Sendable (any RuntimeContainer) -> Void = { _ in }
    ) async throws -> ProcessExit {
        let container = try await create(process, bundle: bundle, streams: streams)
        return try await withTaskCancellationHandler {
            let end: Result<ProcessExit, any Error>
            do {
                try await container.start()
                started(container)
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
