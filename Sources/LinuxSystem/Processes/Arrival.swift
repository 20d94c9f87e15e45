import Synchronization

/// A value that comes once, and tasks that wait for it.
package final class Arrival<Value: Sendable>: Sendable {
    private struct State {
        var value: Result<Value, any Error>?
        var waiting: [Int: CheckedContinuation<Value, any Error>] = [:]
        var next = 0
    }

    private let state = Mutex(State())

    package init() {}

    /// The first value counts.
    package func set(_ value: Result<Value, any Error>) {
        state.withLock { state in
            guard state.value == nil else { return }
            state.value = value
            for continuation in state.waiting.values { continuation.resume(with: value) }
            state.waiting = [:]
        }
    }

    package var isThere: Bool { state.withLock { $0.value != nil } }

    package func value() async throws -> Value {
        let number = state.withLock { state in
            state.next += 1
            return state.next
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                state.withLock { state in
                    if let value = state.value {
                        continuation.resume(with: value)
                    } else if Task.isCancelled {
                        continuation.resume(throwing: CancellationError())
                    } else {
                        state.waiting[number] = continuation
                    }
                }
            }
        } onCancel: {
            state.withLock { $0.waiting.removeValue(forKey: number)?.resume(throwing: CancellationError()) }
        }
    }

    /// - Throws: `CancellationError` when it does not come in time.
    package func value(within time: Duration) async throws -> Value {
        try await withThrowingTaskGroup(of: Value.self) { group in
            group.addTask { try await self.value() }
            group.addTask {
                try await Task.sleep(for: time)
                throw CancellationError()
            }
            defer { group.cancelAll() }
            guard let value = try await group.next() else { throw CancellationError() }
            return value
        }
    }
}
