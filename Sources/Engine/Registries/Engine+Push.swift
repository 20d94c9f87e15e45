package import Distribution
package import OCI
import Storage
import Synchronization

extension Engine {
    /// Sends what stands at a root in the content store, with all below it.
    ///
    /// - Parameter early: blobs that were sent just now.
    package func push(
        _ root: Descriptor, to reference: ImageReference, early: Set<Digest> = [],
        observer: @escaping TransferObserver
    ) async throws {
        try await store.use {
            let known = try SeenBlobs(of: reference, store)
            let sent = Mutex<Set<Digest>>([])
            try await registries.withClient {
                try await $0.push(root, from: store.content, to: reference, seen: known.repositories) { event in
                    if case .finished(let blob, let outcome) = event, outcome != .foreign {
                        sent.withLock { _ = $0.insert(blob.digest) }
                    }
                    if case .finished(let blob, .existed) = event, early.contains(blob.digest) {
                        observer(.finished(blob, .transferred))
                    } else {
                        observer(event)
                    }
                }
            }
            SeenBlobs.remember(sent.withLock { Array($0) }, in: reference, store)
        }
    }
}
