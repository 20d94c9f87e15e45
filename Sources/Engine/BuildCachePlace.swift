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
    }

    package var location: Location
    package var extent = Solver.Solution.CacheExtent.minimal
    /// zstd packs and unpacks fastest, and nobody else reads these layers.
    package var compression = LayerCompression(.zstd)

    /// How a person calls it.
    package let text: String

    package init(_ location: Location, _ text: String) { (self.location, self.text) = (location, text) }

    /// Reads the documents; layers come when they are needed. Nil where there is no cache.
    package func read(in engine: Engine) async throws -> ImportedCache? {
        switch location {
        case .directory(let path):
            guard let directory = try? Directory(opening: .init(path)) else { return nil }  // no such directory: no cache
            let layout = LayoutDirectory(directory)
            guard let manifest = try layout.manifest(), let config = try layout.blob(manifest.config.digest) else { return nil }
            return ImportedCache(try BuildCacheDocument(manifest: manifest, configBytes: config)) { blob in
                try await engine.store.perform { try layout.copy(blob, into: engine.store.content) }
            }
        case .registry(let reference):
            let repository = RemoteRepository(reference)
            return try await engine.registries.withClient { client in
                var root = try await client.manifest(reference)
                // An image for several platforms: the cache of this machine's.
                if case .index(let index) = root.content, let chosen = index.manifest(for: .host) ?? index.images.first(where: { $0.platform == nil }) {
                    root = try await client.manifest(reference.pinned(to: chosen.digest))
                }
                guard case .manifest(let manifest) = root.content else { return nil }
                try await client.fetchBlob(manifest.config, from: repository, into: engine.store.content)
                let config = try engine.store.content.bytes(of: manifest.config.digest)
                guard let document = try Self.document(root.bytes, manifest, config) else { return nil }
                return ImportedCache(document) { blob in
                    try await engine.registries.withClient { try await $0.fetchBlob(blob, from: repository, into: engine.store.content) }
                }
            }
        case .image: return nil
        }
    }

    /// The cache that a manifest is, or that the image of a manifest has in its config.
    private static func document(_ bytes: [UInt8], _ manifest: Manifest, _ config: [UInt8]) throws -> BuildCacheDocument? {
        if manifest.config.mediaType == BuildCacheDocument.mediaType {
            return try BuildCacheDocument(manifest: manifest, configBytes: config)
        }
        return try BuildCacheDocument(inlinedIn: Image(manifestBytes: bytes, configBytes: config))
    }

    package func write(_ manifest: Descriptor, from engine: Engine, observer: @escaping TransferObserver) async throws {
        switch location {
        case .directory(let path):
            try await engine.store.perform { try LayoutDirectory(OutputFile.directory(path)).replace(by: manifest, from: engine.store.content) }
        case .registry(let reference): try await engine.push(manifest, to: reference, observer: observer)
        case .image: break
        }
    }
}
