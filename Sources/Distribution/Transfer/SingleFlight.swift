import Synchronization

/// Lets several tasks that want the same thing at once wait for one of them to get it.
///
/// No task is started: the first works within its own, the others wait. When the first is cancelled, another takes
/// over.
final class SingleFlight<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private typealias Waiter = CheckedContinuation<Value?, any Error>

    private struct State {
        var flights: [Key: [Int: Waiter]] = [:]
        var nextWaiter = 0
    }

    private enum Parking {
        case parked, over, cancelled
    }

    private let state = Mutex(State())

    /// - Parameters:
    ///   - known: the value, when it is there already.
    ///   - body: gets the value and makes it known.
    func value(for key: Key, known: () -> Value?, _ body: () async throws -> Value) async throws -> Value {
        while true {
            if let value = known() { return value }
            let isFirst = state.withLock { state in
                guard state.flights[key] == nil else { return false }
                state.flights[key] = [:]
                return true
            }
            if isFirst { return try await lead(key, body) }
            if let value = try await wait(key) { return value }
        }
    }

    private func lead(_ key: Key, _ body: () async throws -> Value) async throws -> Value {
        do {
            let value = try await body()
            for waiter in land(key) { waiter.resume(returning: value) }
            return value
        } catch {
            let isCancelled = error is CancellationError || Task.isCancelled
            for waiter in land(key) {
                if isCancelled { waiter.resume(returning: nil) } else { waiter.resume(throwing: error) }
            }
            throw error
        }
    }

    private func land(_ key: Key) -> [Waiter] {
        state.withLock { $0.flights.removeValue(forKey: key).map { Array($0.values) } ?? [] }
    }

    /// Nil when another look is needed.
    private func wait(_ key: Key) async throws -> Value? {
        let identifier = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (waiter: Waiter) in
                let parking = state.withLock { state -> Parking in
                    if Task.isCancelled { return .cancelled }
                    guard state.flights[key] != nil else { return .over }
                    state.flights[key]?[identifier] = waiter
                    return .parked
                }
                switch parking {
                case .parked: break
                case .over: waiter.resume(returning: nil)
                case .cancelled: waiter.resume(throwing: CancellationError())
                }
            }
        } onCancel: {
            let waiter = state.withLock { $0.flights[key]?.removeValue(forKey: identifier) }
            waiter?.resume(throwing: CancellationError())
        }
    }
}
