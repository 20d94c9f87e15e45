import Synchronization

/// How much is going on, and since when nothing is.
final class Activity: Sendable {
    private struct State {
        var count = 0
        var idleSince = ContinuousClock.now
        var listeners: [AsyncStream<Void>.Continuation] = []
    }

    private let state = Mutex(State())

    func during<Result>(_ body: () async throws -> Result) async rethrows -> Result {
        state.withLock { $0.count += 1 }
        defer {
            state.withLock { state in
                state.count -= 1
                state.idleSince = .now
                for listener in state.listeners { listener.yield() }
            }
        }
        return try await body()
    }

    /// Tells now, and again when something has ended; what ended while nobody listened is told once.
    func pauses() -> AsyncStream<Void> {
        let (pauses, listener) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        listener.yield()
        state.withLock { $0.listeners.append(listener) }
        return pauses
    }

    /// Returns once nothing has gone on for as long.
    func awaitIdle(for patience: Duration) async throws {
        while true {
            let rest = state.withLock { state in
                state.count > 0 ? patience : patience - (ContinuousClock.now - state.idleSince)
            }
            if rest <= .zero { return }
            try await Task.sleep(for: max(rest, .milliseconds(10)))
        }
    }
}
