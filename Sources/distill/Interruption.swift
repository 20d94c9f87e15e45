import ArgumentParser
import LinuxSystem
import Synchronization

/// Runs an operation that SIGINT, SIGTERM or SIGHUP cancels; the process then ends as the signal asks.
///
/// - Parameter mustEnd: whether something is under way that must not be left alone. Where nothing is, an operation that does
///   not hear of its cancellation, for it waits for a reader or for standard input, is not waited for: what it leaves
///   in the store is swept by a later command.
func withInterruption<Result: Sendable>(
    while mustEnd: @escaping @Sendable () -> Bool = { true }, _ operation: @escaping @Sendable () async throws -> Result
) async throws -> Result {
    let interruption = Interruption(mustEnd)
    return try await withThrowingTaskGroup(of: Result?.self) { group in
        group.addTask { try await operation() }
        group.addTask {
            // No longer than this function takes is anything ended.
            for await _ in ProcessSignal.received(heard: { [weak interruption] in interruption?.begin($0) }) {
                return nil
            }
            throw CancellationError()
        }
        do {
            while let event = try await group.next() {
                group.cancelAll()
                if let event { return event }
            }
            throw CancellationError()
        } catch {
            group.cancelAll()
            if let signal = interruption.signal { throw ExitCode(128 + signal) }
            throw error
        }
    }
}

/// The signal that was received while something was done.
private final class Interruption: Sendable {
    private let mustEnd: @Sendable () -> Bool
    private let received = Mutex<Int32?>(nil)

    init(_ mustEnd: @escaping @Sendable () -> Bool) { self.mustEnd = mustEnd }

    var signal: Int32? { received.withLock { $0 } }

    func begin(_ signal: Int32) {
        received.withLock { $0 = $0 ?? signal }
        ProcessSignal.end(by: signal) { [weak self] in self.map { !$0.mustEnd() } }
    }
}
