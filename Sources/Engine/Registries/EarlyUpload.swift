package import Distribution
package import OCI
package import Storage
import Synchronization

/// Layers on their way to a registry while they are still being packed.
///
/// It saves time and decides nothing: what does not get there so is sent afterwards, and what is wrong is told then.
package enum EarlyUpload {
    /// Runs a function that packs layers, and sends each as it is packed to the repository of a name, one after another.
    ///
    /// - Returns: the function's result, and the blobs that arrived.
    package static func run<Result: Sendable>(
        to reference: ImageReference, of registries: RegistryAccess, observer: @escaping TransferObserver,
        _ pack: @Sendable (@escaping Store.PackingObserver) async throws -> Result
    ) async throws -> (result: Result, sent: Set<Digest>) {
        let (blobs, announcement) = AsyncStream<GrowingBlob>.makeStream()
        let isPacking = Mutex(true)
        async let sent = send(blobs, to: reference, of: registries, observer) { isPacking.withLock { $0 } }
        do {
            let result = try await pack { announcement.yield($0) }
            isPacking.withLock { $0 = false }
            announcement.finish()
            return (result, await sent)
        } catch {
            announcement.finish()
            throw error
        }
    }

    /// - Parameter continues: false when all are packed: those that are not begun go faster side by side.
    private static func send(
        _ blobs: AsyncStream<GrowingBlob>, to reference: ImageReference, of registries: RegistryAccess,
        _ observer: @escaping TransferObserver,
        while continues: @Sendable () -> Bool
    ) async -> Set<Digest> {
        // Most pushes pack nothing, and need no connection for it.
        guard let first = await blobs.first(where: { _ in true }) else { return [] }
        let sent = Mutex<Set<Digest>>([])
        // The push that follows tells what is wrong.
        try? await registries.withClient { client in
            func send(_ blob: GrowingBlob) async throws {
                let content = GrowingContent(
                    read: { try await blob.bytes(at: $0, count: $1) }, descriptor: { blob.descriptor })
                if let arrived = try await client.push(content, to: reference, observer: observer) {
                    sent.withLock { _ = $0.insert(arrived.digest) }
                }
            }
            try await send(first)
            for await blob in blobs where continues() { try await send(blob) }
        }
        return sent.withLock { $0 }
    }
}
