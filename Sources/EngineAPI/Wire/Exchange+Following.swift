extension Exchange {
    /// Runs a function that is cancelled when the client goes away. The body of the request must be read by it.
    func whileClientIsThere(_ body: @escaping @Sendable () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await body()
                return true
            }
            group.addTask {
                await self.awaitDeparture()
                return false
            }
            defer { group.cancelAll() }
            if try await group.next() == true { return }
            group.cancelAll()
            // What was under way ends in order; its error is nobody's to read.
            while try await group.next() == false {}
            throw CancellationError()
        }
    }
}
