import Synchronization

/// How many connections are open.
final class ConnectionCount: Sendable {
    private let value = Mutex(0)

    func change(by difference: Int) -> Int {
        value.withLock { value in
            value += difference
            return value
        }
    }
}
