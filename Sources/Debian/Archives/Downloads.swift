internal import OCI
internal import Synchronization

/// Brings files from mirrors into memory or into the content store.
struct Downloads: Sendable {
    /// How often a transfer may begin anew.
    private static let restartLimit = 5

    let files: any RemoteFiles
    let store: any ContentStore
    let meter: DownloadMeter

    /// Thrown through a transfer that must begin anew, because what was written cannot be taken back.
    private struct Restart: Error {}

    /// A small file.
    func bytes(_ url: String, maximumSize: Int64) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        try await files.fetch(
            url, maximumSize: maximumSize, progress: { _, _ in }, restart: { bytes = [] }, body: { bytes += $0 })
        return bytes
    }

    /// Keeps a file of which digest and size are known, unless the store has it.
    ///
    /// - Parameter urls: where it may be; the next is tried when one does not exist.
    func store(_ digest: Digest, size: Int64, urls: [String]) async throws {
        if try await store.contains(digest) { return }
        for (index, url) in urls.enumerated() {
            do {
                return try await store(digest, size: size, url: url)
            } catch RemoteFileError.status(_, code: 404) where index + 1 < urls.count { continue }
        }
    }

    private func store(_ digest: Digest, size: Int64, url: String) async throws {
        for attempt in 1...Self.restartLimit {
            let writer = try await store.writer()
            var received: Int64 = 0
            do {
                try await files.fetch(
                    url, maximumSize: size, progress: { received, _ in meter.update(digest, received) },
                    restart: { if received > 0 { throw Restart() } },
                    body: { piece in
                        received += Int64(piece.count)
                        try writer.write(piece)
                    })
                guard received == size else {
                    throw DebianError.sizeMismatch(file: url, expected: size, actual: received)
                }
                _ = try writer.commit(expecting: digest)
                meter.update(digest, size)
                return
            } catch is Restart where attempt < Self.restartLimit {
                continue
            } catch is Restart {
                throw RemoteFileError.truncated(url: url, expected: size, received: received)
            } catch RemoteFileError.tooLarge {
                throw DebianError.sizeMismatch(file: url, expected: size, actual: received)
            } catch ContentError.digestMismatch(let expected, let actual) {
                throw DebianError.digestMismatch(file: url, expected: expected, actual: actual)
            }
        }
    }
}

/// Adds up the bytes of transfers that run at the same time.
final class DownloadMeter: Sendable {
    private let state = Mutex<(received: [Digest: Int64], total: Int64)>(([:], 0))
    private let report: @Sendable (Int64) -> Void

    /// - Parameter report: gets the bytes of all transfers together.
    init(_ report: @escaping @Sendable (Int64) -> Void) { self.report = report }

    func update(_ digest: Digest, _ bytes: Int64) {
        let total = state.withLock { state in
            state.total += bytes - (state.received[digest] ?? 0)
            state.received[digest] = bytes
            return state.total
        }
        report(total)
    }
}
