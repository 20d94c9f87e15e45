import ArgumentParser
import LinuxSystem

/// Runs an operation that SIGINT, SIGTERM or SIGHUP cancels; the process then ends as the signal asks.
func withInterruption<Result: Sendable>(_ operation: @escaping @Sendable () async throws -> Result) async throws -> Result {
    try await withThrowingTaskGroup(of: InterruptionEvent<Result>.self) { group in
        group.addTask { .done(try await operation()) }
        group.addTask {
            for await signal in ProcessSignal.received() { return .signal(signal) }
            throw CancellationError()
        }
        var received: Int32?
        while true {
            do {
                guard let event = try await group.next() else { throw CancellationError() }
                switch event {
                case .done(let result):
                    group.cancelAll()
                    return result
                case .signal(let signal):
                    received = signal
                    group.cancelAll()
                }
            } catch {
                group.cancelAll()
                if let received { throw ExitCode(128 + received) }
                throw error
            }
        }
    }
}

private enum InterruptionEvent<Result: Sendable>: Sendable {
    case done(Result)
    case signal(Int32)
}
