package import Distribution
package import OCI
import Storage

extension Engine {
    /// Fetches an image for one platform, and gives it its name in the store.
    ///
    /// - Returns: the name under which it is there, which the machine's rules for short names may have chosen, and its manifest.
    /// - Throws: ``RegistryError`` and the store's errors; the name is left as it was then.
    package func pull(
        _ written: ImageReference, for platform: Platform, observer: @escaping TransferObserver
    ) async throws -> (reference: ImageReference, manifest: RemoteManifest) {
        try await together { engine in
            let (reference, manifest) = try await engine.registries.asMeant(written) { meaning in
                try await engine.registries.withClient {
                    (meaning, try await $0.pull(meaning, .one(platform), into: store.content, observer: observer))
                }
            }
            let image = try Image(
                manifestBytes: manifest.bytes,
                configBytes: store.content.bytes(of: Manifest(bytes: manifest.bytes).config.digest))
            try await store.perform {
                try store.withNames {
                    try store.keepFetched(image)
                    try store.images.tag(image.id, reference)
                }
                SeenBlobs.remember([image.id] + image.layers.flatMap(\.blobs).map(\.digest), in: reference, store)
            }
            return (reference, manifest)
        }
    }
}
