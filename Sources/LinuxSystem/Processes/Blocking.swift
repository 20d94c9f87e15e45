internal import Dispatch

private let queue = DispatchQueue(label: "distill.blocking", attributes: .concurrent)

/// Runs a blocking function on a thread of its own pool, so that Swift's few cooperative threads stay free.
///
/// It is for file-system calls and computation: never wait in `body` for a process or a timer.
package func blocking<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        queue.async { continuation.resume(with: Swift.Result { try body() }) }
    }
}

/// Runs a function that may wait for ever on a thread of its own.
func startThread(_ body: @escaping @Sendable () -> Void) {
    DispatchQueue(label: "distill.waiting").async(execute: body)
}
