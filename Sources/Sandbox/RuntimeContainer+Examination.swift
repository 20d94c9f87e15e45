/// What a further process of a container came to, of which only the end counts.
package struct ProcessExamination: Sendable {
    /// Nil for one that was killed because its time was over.
    package let exit: ProcessExit?
    /// The end of what it wrote.
    package let output: [UInt8]
}

extension RuntimeContainer {
    /// Runs a further process as the container's first one is run: its user, rights, environment and directory are the same.
    ///
    /// - Parameter timeout: after which it is killed.
    /// - Throws: ``SandboxError`` where it is not executed.
    package func examine(_ first: ProcessSpec, with arguments: [String], timeout: Duration) async throws
        -> ProcessExamination
    {
        var process = first
        process.arguments = arguments
        process.hasTerminal = false
        let tail = OutputTail()
        let running = try await execute(
            process,
            streams: .together { bytes in
                tail.append(bytes)
                return true
            })
        let exit = try await withThrowingTaskGroup(of: ProcessExit?.self) { group in
            group.addTask { try await running.end() }
            group.addTask {
                try await Task.sleep(for: timeout)
                return nil
            }
            // The first is waited for whatever comes: it ends at once.
            defer {
                running.kill()
                group.cancelAll()
            }
            return try await group.next() ?? nil
        }
        return ProcessExamination(exit: exit, output: tail.bytes)
    }
}
