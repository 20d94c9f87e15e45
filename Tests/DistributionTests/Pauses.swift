import Synchronization

/// The pauses that a client wanted to make.
final class Pauses: Sendable {
    private let recorded = Mutex<[Duration]>([])

    var all: [Duration] { recorded.withLock { $0 } }

    func add(_ pause: Duration) { recorded.withLock { $0.append(pause) } }
}
