internal import CLinux
internal import Dispatch
internal import Glibc
internal import Synchronization

private let queue = DispatchQueue(label: "distill.blocking", attributes: .concurrent)

/// Runs a blocking function on a thread of its own pool, so that Swift's few cooperative threads stay free.
///
/// It is for file-system calls and computation: never wait in `body` for a process or a timer.
package func blocking<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        let work = Work(body)
        queue.async { continuation.resume(with: work.result()) }
    }
}

/// Runs a function that computes for long, and for whose end nobody waits yet, on a thread before which all others of the machine go.
///
/// Only a thread of its own is of use for that: an ordinary user's gets its priority back never again.
package func unhurried<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        let work = Work(body)
        let finish: @Sendable () -> Void = { continuation.resume(with: work.result()) }
        if !startLowThread(finish) { queue.async(execute: finish) }
    }
}

/// - Returns: false where there can be no further thread.
private func startLowThread(_ body: @escaping @Sendable () -> Void) -> Bool {
    let whole = Unmanaged.passRetained(ThreadBody(body))
    var thread = pthread_t()
    let failure = pthread_create(
        &thread, nil,
        { argument in
            distill_lower_priority()
            if let argument { Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue().run() }
            return nil
        }, whole.toOpaque())
    guard failure == 0 else {
        whole.release()
        return false
    }
    pthread_detach(thread)
    return true
}

/// What a thread runs.
private final class ThreadBody: Sendable {
    let run: @Sendable () -> Void

    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

/// A function that is let go before anybody hears of its end: what it holds, as a directory that goes with its last holder, would
/// otherwise live on in the thread for a moment, and the process may end in that moment.
private final class Work<Value: Sendable>: Sendable {
    private let body: Mutex<(@Sendable () throws -> Value)?>

    init(_ body: @escaping @Sendable () throws -> Value) { self.body = Mutex(body) }

    func result() -> Result<Value, any Error> {
        let body = body.withLock { body in
            defer { body = nil }
            return body
        }
        return Result { () throws in
            guard let body else { throw CancellationError() }
            return try body()
        }
    }
}

/// Runs a function that may wait for ever on a thread of its own.
func startThread(_ body: @escaping @Sendable () -> Void) {
    DispatchQueue(label: "distill.waiting").async(execute: body)
}
