import Synchronization

/// Connections that are kept, and bounded in number for each host (RFC 9112, sections 9.3 and 9.4).
final class ConnectionPool: Sendable {
    /// Requests that can share connections.
    struct Key: Hashable {
        let route: ConnectionRoute
        /// Whom it leads to; nil for a proxy that is given whole addresses.
        let origin: HTTPURL.Origin?
        let security: ObjectIdentifier
    }

    private struct Host {
        /// The one used last comes last.
        var idle: [(number: Int, connection: HTTPConnection, since: ContinuousClock.Instant)] = []
        var used: [Int: HTTPConnection] = [:]
        /// Connections that are being made.
        var coming = 0
        var waiters: [CheckedContinuation<Void, Never>] = []

        var isFull: Bool { used.count + coming >= ConnectionPool.maximumPerHost }

        /// Lets one go on who waits for a connection.
        mutating func wake() { if !waiters.isEmpty { waiters.removeFirst().resume() } }
    }

    private struct State {
        var hosts: [Key: Host] = [:]
        var count = 0
    }

    private static let maximumPerHost = 8
    /// How long a connection may rest and still be given what cannot be sent twice: the other side may be closing it.
    private static let fresh = Duration.seconds(4)

    private let state = Mutex(State())

    /// A connection for one exchange; it comes back by itself when that ends.
    ///
    /// - Parameters:
    ///   - isRepeatable: whether the request can be sent again where the connection turns out to be closed.
    ///   - make: makes another one, which tells its argument of the end of each exchange, and whether it can serve more.
    /// - Returns: and whether it served others before.
    func connection(
        for key: Key, isRepeatable: Bool,
        _ make: (@escaping @Sendable (Bool) -> Void) async throws -> HTTPConnection
    ) async throws -> (connection: HTTPConnection, isKept: Bool) {
        while true {
            try Task.checkCancellation()
            switch take(key, isRepeatable) {
            case .kept(let connection): return (connection, true)
            case .none: await wait(for: key)
            case .new(let number):
                do {
                    let made = try await make { [weak self] in self?.free(number, of: key, isLasting: $0) }
                    change(key) {
                        $0.coming -= 1
                        $0.used[number] = made
                    }
                    return (made, false)
                } catch {
                    change(key) {
                        $0.coming -= 1
                        $0.wake()
                    }
                    throw error
                }
            }
        }
    }

    private enum Offer {
        case kept(HTTPConnection)
        /// One may be made, of this number.
        case new(Int)
        case none
    }

    private func change<Result>(_ key: Key, _ body: (inout Host) -> Result) -> Result {
        state.withLock { body(&$0.hosts[key, default: Host()]) }
    }

    private func take(_ key: Key, _ isRepeatable: Bool) -> Offer {
        let number = state.withLock { state in
            state.count += 1
            return state.count
        }
        return change(key) { host in
            while let (number, connection, since) = host.idle.popLast() {
                guard connection.isActive else { continue }
                guard isRepeatable || ContinuousClock.now - since < Self.fresh else {
                    connection.close()
                    continue
                }
                host.used[number] = connection
                return .kept(connection)
            }
            if host.isFull { return .none }
            host.coming += 1
            return .new(number)
        }
    }

    private func wait(for key: Key) async {
        await withCheckedContinuation { continuation in
            change(key) { host in
                if host.isFull, host.idle.isEmpty {
                    host.waiters.append(continuation)
                } else {
                    continuation.resume()
                }
            }
        }
    }

    private func free(_ number: Int, of key: Key, isLasting: Bool) {
        change(key) { host in
            let connection = host.used.removeValue(forKey: number)
            host.idle.removeAll { $0.number == number }
            if isLasting, let connection { host.idle.append((number, connection, .now)) }
            host.wake()
        }
    }

    /// Whether a connection is in use, or being made.
    var isBusy: Bool { state.withLock { $0.hosts.values.contains { !$0.used.isEmpty || $0.coming > 0 } } }

    /// Closes all; exchanges that go on end with an error.
    func close() async {
        let all = state.withLock { state in
            state.hosts.values.flatMap { $0.idle.map(\.connection) + $0.used.values }
        }
        for connection in all { connection.close() }
        for connection in all { await connection.waitForEnd() }
    }
}
