import OCI
import Synchronization

/// What is told of a progress and not yet written: as much as a client that reads slowly may leave lying.
final class Backlog: Sendable {
    private static let limit = 8 << 20

    private let size = Mutex(0)
    private let continuation: AsyncStream<[UInt8]>.Continuation
    let objects: AsyncStream<[UInt8]>

    init() { (objects, continuation) = AsyncStream.makeStream(of: [UInt8].self) }

    /// Tells an object.
    ///
    /// - Parameter isDispensable: whether it is left out when too much is waiting.
    func tell(_ object: JSON, isDispensable: Bool = false) {
        let bytes = object.bytes + [0x0D, 0x0A]
        let isKept = size.withLock { size in
            if isDispensable, size > Self.limit { return false }
            size += bytes.count
            return true
        }
        if isKept { continuation.yield(bytes) }
    }

    func wrote(_ count: Int) { size.withLock { $0 -= count } }

    func end() { continuation.finish() }
}

extension Exchange {
    /// Runs a function while what it tells is written, object by object; the answer begins with the first.
    func progress(_ body: @escaping @Sendable (Backlog) async throws -> Void) async throws {
        let backlog = Backlog()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { backlog.end() }
                try await body(backlog)
            }
            var failure: (any Error)?
            do {
                for await object in backlog.objects {
                    if !self.hasBegun { try await self.begin(type: "application/json") }
                    try await self.write(object)
                    backlog.wrote(object.count)
                }
            } catch {
                // The client has gone: nobody needs the rest.
                failure = error
                group.cancelAll()
            }
            do { try await group.waitForAll() } catch { failure = failure ?? error }
            if let failure { throw failure }
        }
    }

    /// As `progress`, and the work ends when the client goes away.
    func followedProgress(_ body: @escaping @Sendable (Backlog) async throws -> Void) async throws {
        try await whileClientIsThere { try await self.progress(body) }
    }

    func awaitDeparture() async { await connection.parts.awaitEnd() }
}
