import Synchronization

/// Who was not reached in as many tries as there are. One try at a time is enough for who has just been away for so long: a command asks
/// a registry for many things, and would wait as long for each.
final class LostHosts: Sendable {
    /// For how long a host counts as lost after the last try that failed.
    private static let memory = Duration.seconds(120)

    /// When each was missed last.
    private let hosts = Mutex<[String: ContinuousClock.Instant]>([:])

    func lose(_ host: String) { hosts.withLock { $0[host] = .now } }

    /// Whether a host that was missed once more had been lost before.
    func isLost(_ host: String) -> Bool {
        hosts.withLock { hosts in
            guard let last = hosts[host], last.duration(to: .now) < Self.memory else { return false }
            hosts[host] = .now
            return true
        }
    }

    func find(_ host: String) { hosts.withLock { _ = $0.removeValue(forKey: host) } }
}
