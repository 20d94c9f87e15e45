import NIOCore
import OCI

/// A blob on its way into a store: goes on where it broke off, and publishes only what is right.
struct BlobDownload {
    let descriptor: Descriptor
    let source: any ImageSource
    let store: any ContentStore
    let session: RegistrySession
    let progress: (Int64) -> Void

    private var received: Int64 = 0
    /// What `received` was when the tries were last counted afresh.
    private var mark: Int64 = 0
    private var wasInterrupted = false
    private var mayRestart = true

    /// How much a broken connection must have brought for the tries to be counted afresh.
    private static let worthwhile: Int64 = 1 << 20

    init(
        _ descriptor: Descriptor, from source: any ImageSource, into store: any ContentStore,
        session: RegistrySession, progress: @escaping (Int64) -> Void
    ) {
        (self.descriptor, self.source, self.store) = (descriptor, source, store)
        (self.session, self.progress) = (session, progress)
    }

    mutating func run() async throws {
        var writer = try await store.writer()
        var delays = session.configuration.policy.delays[...]
        while true {
            do {
                try await receive(writer)
                do { _ = try writer.commit(expecting: descriptor.digest) } catch ContentError.digestMismatch(
                    let expected, let actual)
                {
                    throw RegistryError.digestMismatch(
                        source.target(descriptor), expected: expected, actual: actual)
                }
                return
            } catch let interruption as Interruption {
                wasInterrupted = true
                if received - mark >= Self.worthwhile {
                    mark = received
                    delays = session.configuration.policy.delays[...]
                }
                try await session.pause(after: described(interruption), &delays)
            } catch RegistryError.digestMismatch where wasInterrupted && mayRestart {
                // The parts may have come from servers that do not agree: once more, in one piece.
                writer = try await store.writer()
                (received, mark, mayRestart) = (0, 0, false)
            }
        }
    }

    private mutating func receive(_ writer: any ContentWriter) async throws {
        let start = ContinuousClock.now
        let before = received
        let target = source.target(descriptor)
        for try await piece in try await source.pieces(of: descriptor, from: received) {
            let count = Int64(piece.readableBytes)
            guard count <= descriptor.size - received else {
                throw RegistryError.sizeMismatch(target, expected: descriptor.size, actual: received + count)
            }
            try piece.withUnsafeReadableBytes { try writer.write($0) }
            received += count
            progress(received)
            try checkRate(since: start, bytes: received - before)
        }
        guard received == descriptor.size else {
            throw Interruption(error: .truncated(target, expected: descriptor.size, received: received))
        }
    }

    private func checkRate(since start: ContinuousClock.Instant, bytes: Int64) throws {
        let elapsed = ContinuousClock.now - start
        // A slow start is no slow transfer.
        guard received < descriptor.size, elapsed > session.configuration.slowStart else { return }
        if Double(bytes) < Double(session.configuration.minimumRate) * (elapsed / .seconds(1)) {
            throw Interruption(error: .tooSlow(host: source.target(descriptor).registry))
        }
    }

    /// That a part is missing says more than how the connection broke.
    private func described(_ interruption: Interruption) -> Interruption {
        guard received > 0, case .unreachable = interruption.error else { return interruption }
        return Interruption(
            error: .truncated(source.target(descriptor), expected: descriptor.size, received: received),
            retryAfter: interruption.retryAfter, host: interruption.host)
    }
}
