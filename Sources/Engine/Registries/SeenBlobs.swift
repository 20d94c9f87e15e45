package import Distribution
package import OCI
package import Storage

/// Where blobs of one registry were seen by earlier commands.
package struct SeenBlobs: Sendable {
    private let byDigest: [Digest: [String]]
    private let registry: String

    package init(of reference: ImageReference, _ store: Store) throws {
        registry = reference.domain
        byDigest = try store.origins.repositories(of: registry)
    }

    package func repositories(_ digest: Digest) -> [RemoteRepository] {
        // A name that cannot be read is no repository.
        (byDigest[digest] ?? []).compactMap { (try? ImageReference("\(registry)/\($0)")).map(RemoteRepository.init) }
    }

    package static func remember(_ digests: [Digest], in reference: ImageReference, _ store: Store) {
        // Without it the next push sends what it could have had for nothing.
        try? store.origins.add(digests, in: reference.repository, of: reference.domain)
    }
}
