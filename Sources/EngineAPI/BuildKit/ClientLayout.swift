import OCI
import Storage

/// An image of an OCI layout that a client has.
struct ClientLayout: Sendable {
    private let client: ClientContent
    private let store: Store

    init(_ client: ClientContent, _ store: Store) { (self.client, self.store) = (client, store) }

    /// Fetches what platforms need of a manifest or an index.
    ///
    /// - Returns: one image for each platform.
    func images(_ digest: Digest, for platforms: [Platform]) async throws -> [Image] {
        let bytes = try await client.bytes(of: digest, through: store.content)
        guard try JSON.parse(bytes)["manifests"] != nil else { return [try await image(bytes)] }
        let index = try Index(bytes: bytes)
        var images: [Image] = []
        for platform in platforms {
            let only = index.images.count == 1 ? index.images.first : nil
            guard let descriptor = index.manifest(for: platform) ?? only else { throw ImageArchiveError.noImages }
            images.append(try await image(try await client.bytes(of: descriptor.digest, through: store.content)))
        }
        return images
    }

    private func image(_ bytes: [UInt8]) async throws -> Image {
        let manifest = try Manifest(bytes: bytes)
        let config = try await client.bytes(of: manifest.config.digest, through: store.content)
        for layer in manifest.layers {
            try await client.fetch(layer.digest, limit: layer.size, into: store.content)
            let size = try store.content.size(of: layer.digest) ?? 0
            guard size == layer.size else { throw ContentError.sizeMismatch(expected: layer.size, actual: size) }
        }
        return try Image(manifestBytes: bytes, configBytes: config)
    }
}
