package import Bases
package import BuildGraph
import Distribution
import LinuxSystem
package import OCI
package import Storage
import Synchronization

/// Images of the local store, and of registries where the store has none: manifests and configs only. Layers are fetched
/// when a step needs them.
package struct StoreReferences: ReferenceResolver {
    package let store: Store
    package let pulls: Pulling
    package let registries: RegistryAccess
    package let layouts: [ImageReference: BuildContexts.GivenImage]
    package var catalog: CatalogBases?
    private let origins = Origins()

    package enum Pulling: Sendable {
        case missing
        /// `--pull`: registries are asked for newer images; local bases that Distill composed have no registry.
        case newer
    }

    /// The repositories from which blobs can be fetched.
    private final class Origins: Sendable {
        let byBlob = Mutex<[Digest: RemoteRepository]>([:])
    }

    package init(
        store: Store, pulls: Pulling, registries: RegistryAccess,
        layouts: [ImageReference: BuildContexts.GivenImage] = [:]
    ) {
        (self.store, self.pulls, self.registries, self.layouts) = (store, pulls, registries, layouts)
    }

    package func resolve(_ requests: [ImageRequest]) async -> [ImageRequest: Result<Image, any Error>] {
        await withTaskGroup { group in
            // Composing a base takes the whole machine: one after the other.
            let composed = requests.filter { catalog?.name(of: $0.reference) != nil }
            group.addTask {
                var results: [ImageRequest: Result<Image, any Error>] = [:]
                for request in composed { results[request] = await result(of: request) }
                return results
            }
            for request in requests where !composed.contains(request) {
                group.addTask { [request: await result(of: request)] }
            }
            return await group.reduce(into: [:]) { $0.merge($1) { first, _ in first } }
        }
    }

    private func result(of request: ImageRequest) async -> Result<Image, any Error> {
        do { return .success(try await resolve(request)) } catch { return .failure(error) }
    }

    private func resolve(_ request: ImageRequest) async throws -> Image {
        if let given = layouts[request.reference.withDefaultTag] {
            return try serving(try given(request.platform), request)
        }
        if let catalog, let name = catalog.name(of: request.reference) {
            return try await catalog.image(name, request, renews: pulls == .newer)
        }
        let local = try store.images.image(named: request.reference, for: request.platform)
        let mayBeOlder = pulls == .newer && local?.manifestBytes != nil
        if let local, !mayBeOlder { return try serving(local, request) }
        do {
            let remote = try await registries.asMeant(request.reference.withDefaultTag) { meaning in
                try await registries.withClient {
                    try await $0.image(meaning, platform: request.platform, keptIn: store.content)
                }
            }
            origins.byBlob.withLock { origins in
                for blob in remote.image.layers.flatMap(\.blobs) { origins[blob.digest] = remote.repository }
            }
            return try serving(remote.image, request)
        } catch let error as RegistryError {
            throw EngineError.unreachableImage(request.reference, error)
        }
    }

    private func serving(_ image: Image, _ request: ImageRequest) throws -> Image {
        guard
            image.config.platform.serves(request.platform)
                || image.config.platform.distance(to: request.platform) != nil
        else {
            throw EngineError.otherPlatform(request.reference, has: image.config.platform, wanted: request.platform)
        }
        return image
    }

    /// Fetches a layer's blob from where its image was found.
    package func fetch(_ layer: Image.Layer, progress: @escaping @Sendable (Int64, Int64) -> Void) async throws {
        for blob in layer.blobs {
            guard let repository = origins.byBlob.withLock({ $0[blob.digest] }) else { continue }
            // Before it is here, for another thread may go on with it then. Without it the next push sends what it could have had for
            // nothing.
            try? store.origins.add([blob.digest], in: repository.path, of: repository.registry)
            try await registries.withClient { client in
                try await client.fetchBlob(blob, from: repository, into: store.content) { event in
                    if case .progressed(_, let completed) = event { progress(completed, blob.size) }
                }
            }
            return
        }
    }
}
