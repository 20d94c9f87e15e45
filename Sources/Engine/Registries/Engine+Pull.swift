package import Distribution
package import OCI
import Storage

extension Engine {
    /// Fetches an image for one platform, and gives it its name in the store.
    ///
    /// - Throws: ``RegistryError`` and the store's errors; the name is left as it was then.
    package func pull(
        _ reference: ImageReference, for platform: Platform, observer: @escaping TransferObserver
    ) async throws -> RemoteManifest {
        let manifest = try await registries.withClient {
            try await $0.pull(reference, .one(platform), into: store.content, observer: observer)
        }
        let image = try Image(
            manifestBytes: manifest.bytes, configBytes: store.content.bytes(of: Manifest(bytes: manifest.bytes).config.digest))
        try await store.perform {
            try store.withNames {
                try store.keepFetched(image)
                try store.images.tag(image.id, reference)
            }
            SeenBlobs.remember([image.id] + image.layers.flatMap(\.blobs).map(\.digest), in: reference, store)
        }
        return manifest
    }
}
