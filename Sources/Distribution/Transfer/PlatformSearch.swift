import OCI

/// Finds the image of an index for a platform.
///
/// An entry need not say for which platform it is (OCI image specification, image-index.md: `platform` is OPTIONAL). Then the
/// config of its manifest does, and one that is an index is looked into. Entries that say it come first, and cost nothing.
struct PlatformSearch {
    let platform: Platform
    /// Fetches a manifest or an index.
    let document: (Descriptor) async throws -> RemoteManifest
    /// Fetches a config.
    let config: (Descriptor) async throws -> [UInt8]

    /// The platforms of all images that were seen.
    private(set) var available: [Platform] = []
    /// How many documents may still be fetched: an index is somebody else's.
    private var budget = 64

    init(
        for platform: Platform, document: @escaping (Descriptor) async throws -> RemoteManifest,
        config: @escaping (Descriptor) async throws -> [UInt8]
    ) {
        (self.platform, self.document, self.config) = (platform, document, config)
    }

    /// An index may name indexes; nobody has seen more than one below another.
    private static let maximumDepth = 4

    /// - Returns: the manifest; the root itself where that is one, whatever its platform is; nil where nothing serves.
    mutating func manifest(in root: RemoteManifest) async throws -> RemoteManifest? {
        guard case .index(let index) = root.content else { return root }
        return try await nearest(in: index, depth: 1)?.manifest
    }

    private typealias Found = (manifest: RemoteManifest, distance: Int)

    private mutating func nearest(in index: Index, depth: Int) async throws -> Found? {
        available += index.images.compactMap(\.platform)
        if let descriptor = index.manifest(for: platform), let distance = descriptor.platform?.distance(to: platform) {
            let document = try await fetch(descriptor)
            guard case .index(let inner)? = document?.content else { return document.map { ($0, distance) } }
            if depth < Self.maximumDepth, let found = try await nearest(in: inner, depth: depth + 1) { return found }
        }
        var best: Found?
        for descriptor in index.images where descriptor.platform == nil {
            guard let document = try await fetch(descriptor) else { break }
            let found: Found?
            switch document.content {
            case .index(let inner):
                found = depth < Self.maximumDepth ? try await nearest(in: inner, depth: depth + 1) : nil
            case .manifest(let manifest): found = try await distance(of: manifest).map { (document, $0) }
            }
            if let found, found.distance < best?.distance ?? .max { best = found }
            if best?.distance == 0 { break }
        }
        return best
    }

    private mutating func fetch(_ descriptor: Descriptor) async throws -> RemoteManifest? {
        guard budget > 0 else { return nil }
        budget -= 1
        return try await document(descriptor)
    }

    /// How far the platform of a manifest's config is; nil where it is no image's.
    private mutating func distance(of manifest: Manifest) async throws -> Int? {
        guard manifest.config.mediaType == .config || manifest.config.mediaType == .dockerConfig else { return nil }
        let bytes = try await config(manifest.config)
        guard let config = try? ImageConfig(bytes: bytes) else { return nil }  // no image: it serves nobody
        available.append(config.platform)
        return config.platform.distance(to: platform)
    }
}
