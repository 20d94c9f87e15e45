import Archive
package import Distribution
import LinuxSystem
package import OCI
package import Solver
package import Storage
import SystemPackage

/// A place of a build cache beside the store.
package struct BuildCachePlace: Sendable {
    package enum Location: Hashable, Sendable {
        case directory(String)
        case registry(ImageReference)
        /// The image that is built.
        case image
        /// Somewhere that only ``BuildCachePlace/depot`` reaches.
        case depot
    }

    package var location: Location
    package var extent = Solver.Solution.CacheExtent.minimal
    /// zstd packs and unpacks fastest, and nobody else reads these layers.
    package var compression = LayerCompression(.zstd)
    /// Whether a build goes on where this cache cannot be written.
    package var isOptional = false

    /// Whether its registry needs no certificate that is believed.
    package var allowsInsecure = false

    /// An engine that speaks to the place as it should be spoken to.
    func engine(_ engine: Engine) -> Engine {
        if allowsInsecure, case .registry(let reference) = location { engine.insecurely([reference]) } else { engine }
    }

    var isRegistry: Bool { if case .registry = location { true } else { false } }

    /// How a person calls it.
    package let text: String

    private let depot: CacheDepot?

    package init(_ location: Location, _ text: String) { (self.location, self.text, depot) = (location, text, nil) }

    package init(_ depot: CacheDepot, _ text: String) {
        (location, self.text, self.depot) = (.depot, text, depot)
    }

    /// Reads the documents; layers come when they are needed.
    ///
    /// - Parameter platforms: those that are built: of an image for several each has the cache of its own steps.
    /// - Returns: none where there is no cache.
    package func read(for platforms: [Platform], in engine: Engine) async throws -> [ImportedCache] {
        let engine = self.engine(engine)
        switch location {
        case .directory(let path):
            // no such directory: no cache
            guard let directory = try? Directory(opening: .init(path)) else { return [] }
            let layout = LayoutDirectory(directory)
            guard let manifest = try layout.manifest(), let config = try layout.blob(manifest.config.digest) else {
                return []
            }
            let cache = ImportedCache(try BuildCacheDocument(manifest: manifest, configBytes: config)) { blob in
                try await engine.store.perform { try layout.copy(blob, into: engine.store.content) }
            }
            return [cache]
        case .registry(let reference):
            return try await engine.registries.withClient { client in
                let root = try await client.manifest(reference)
                guard case .index(let index) = root.content else {
                    return try await Self.cache(root, reference, client, engine).map { [$0] } ?? []
                }
                var caches: [ImportedCache] = []
                for manifest in Self.manifests(of: index, for: platforms) {
                    let image = try await client.manifest(reference.pinned(to: manifest.digest))
                    if let cache = try await Self.cache(image, reference, client, engine) { caches.append(cache) }
                }
                return caches
            }
        case .depot: return try await depot?.read(into: engine.store.content).map { [$0] } ?? []
        case .image: return []
        }
    }

    /// Those of the platforms, else those that say nothing of one.
    private static func manifests(of index: Index, for platforms: [Platform]) -> [Descriptor] {
        var seen: Set<Digest> = []
        let chosen = platforms.compactMap { index.manifest(for: $0) }.filter { seen.insert($0.digest).inserted }
        return chosen.isEmpty ? Array(index.images.filter { $0.platform == nil }.prefix(platforms.count)) : chosen
    }

    private static func cache(
        _ root: RemoteManifest, _ reference: ImageReference, _ client: RegistryClient, _ engine: Engine
    ) async throws -> ImportedCache? {
        guard case .manifest(let manifest) = root.content else { return nil }
        let repository = RemoteRepository(reference)
        try await client.fetchBlob(manifest.config, from: repository, into: engine.store.content)
        let config = try engine.store.content.bytes(of: manifest.config.digest)
        guard let document = try document(root.bytes, manifest, config) else { return nil }
        return ImportedCache(document) { blob in
            // Before it is here: another thread may go on with it as soon as it is, up to where it would be sent again.
            SeenBlobs.remember([blob.digest], in: reference, engine.store)
            try await engine.registries.withClient {
                try await $0.fetchBlob(blob, from: repository, into: engine.store.content)
            }
        }
    }

    /// The cache that a manifest is, or that the image of a manifest has in its config.
    private static func document(_ bytes: [UInt8], _ manifest: Manifest, _ config: [UInt8]) throws
        -> BuildCacheDocument?
    {
        if manifest.config.mediaType == BuildCacheDocument.mediaType {
            return try BuildCacheDocument(manifest: manifest, configBytes: config)
        }
        return try BuildCacheDocument(inlinedIn: Image(manifestBytes: bytes, configBytes: config))
    }

    /// Writes a cache that is in the store. Its layers that are not on this machine are fetched where this place lacks them, and stay
    /// where they are otherwise.
    ///
    /// - Parameter early: blobs that were sent just now.
    package func write(
        _ exported: ExportedCache, from engine: Engine, early: Set<Digest> = [], observer: @escaping TransferObserver
    ) async throws {
        let manifest = exported.manifest
        let engine = self.engine(engine)
        func push(to reference: ImageReference) async throws {
            try await engine.push(manifest, to: reference, early: early, observer: observer)
        }
        if case .registry(let reference) = location, !exported.absent.isEmpty {
            do { return try await push(to: reference) } catch {
                // It lacks one of them, mostly; what else is wrong is told by the second try.
                try Task.checkCancellation()
            }
        }
        if location != .image { try await exported.complete() }
        switch location {
        case .directory(let path):
            try await engine.store.perform {
                try LayoutDirectory(OutputFile.directory(path)).replace(by: manifest, from: engine.store.content)
            }
        case .registry(let reference): try await push(to: reference)
        case .depot: try await depot?.send(manifest, engine.store.content)
        case .image: break
        }
    }
}

/// A place of a build cache that a client has, and hands out blob by blob.
package struct CacheDepot: Sendable {
    /// Where it is read from; nil for one that is written, or that has nothing.
    private let manifest: Digest?
    /// Brings a blob into a store, which checks its bytes.
    private let fetch: @Sendable (Digest, ContentDirectory) async throws -> Void
    /// Takes a manifest of a store, with all that it names.
    fileprivate let send: @Sendable (Descriptor, ContentDirectory) async throws -> Void

    package init(
        manifest: Digest?, fetch: @escaping @Sendable (Digest, ContentDirectory) async throws -> Void,
        send: @escaping @Sendable (Descriptor, ContentDirectory) async throws -> Void
    ) {
        (self.manifest, self.fetch, self.send) = (manifest, fetch, send)
    }

    fileprivate func read(into content: ContentDirectory) async throws -> ImportedCache? {
        guard let manifest else { return nil }
        try await fetch(manifest, content)
        let document = try Manifest(bytes: content.bytes(of: manifest))
        // Caches of other builders know other keys.
        guard document.config.mediaType == BuildCacheDocument.mediaType else { return nil }
        try await fetch(document.config.digest, content)
        let config = try content.bytes(of: document.config.digest)
        let fetch = fetch
        return ImportedCache(try BuildCacheDocument(manifest: document, configBytes: config)) { blob in
            try await fetch(blob.digest, content)
        }
    }
}
