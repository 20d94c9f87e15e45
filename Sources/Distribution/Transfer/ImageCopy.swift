import NIOCore
package import OCI

/// Where images come from: a repository of a registry, a store.
protocol ImageSource: Sendable {
    /// A manifest or an index, with the digest that the descriptor names.
    func manifest(_ descriptor: Descriptor) async throws -> RemoteManifest

    /// A blob's bytes from an offset on. Lasting failures are thrown as ``RegistryError``, others as `Interruption`.
    func pieces(of descriptor: Descriptor, from offset: Int64) async throws -> BlobPieces

    /// How errors name a blob of this source.
    func target(_ descriptor: Descriptor) -> RegistryTarget

    /// Where the blobs are when it is a registry, which can take them over from one repository to another.
    var repository: RemoteRepository? { get }
}

/// Where images go to: a repository of a registry, a store.
protocol ImageDestination: Sendable {
    /// Makes sure that a blob is there, from the source if need be.
    func put(
        _ descriptor: Descriptor, from source: any ImageSource, _ observer: @escaping TransferObserver
    ) async throws

    /// Puts a manifest or an index whose contents are there. The root is what is asked for by name later.
    func put(_ manifest: RemoteManifest, isRoot: Bool) async throws
}

/// Which images of an index are meant.
package enum PlatformSelection: Hashable, Sendable {
    /// The index as it is, with all that it names.
    case all
    /// The one image for a platform; the index itself is left behind.
    case one(Platform)
}

/// What happens to a blob in a transfer, for whoever shows the progress. A blob's size is in its descriptor.
package enum TransferEvent: Hashable, Sendable {
    /// The blobs of an image that will be looked at, the config first.
    case planned([Descriptor])
    case began(Descriptor)
    /// Bytes so far; fewer than before when the transfer begins anew.
    case progressed(Descriptor, completed: Int64)
    case finished(Descriptor, TransferOutcome)
}

package enum TransferOutcome: Hashable, Sendable {
    case transferred
    /// It was there already.
    case existed
    /// The registry took it over from another repository.
    case mounted(from: RemoteRepository)
    /// A layer that its licence keeps where it is.
    case foreign
}

package typealias TransferObserver = @Sendable (TransferEvent) -> Void

/// The one algorithm by which images go from place to place: first what is named, then what names it.
struct ImageCopy {
    let source: any ImageSource
    let destination: any ImageDestination
    let parallelBlobs: Int
    let observer: TransferObserver

    /// An index may name indexes; nobody has seen more than one below another.
    private static let maximumDepth = 4
    /// Manifests and indexes of one copy; no image has one platform in a hundred of so many.
    private static let maximumDocuments = 10_000
    /// Bytes of a config that is read to learn its platform.
    private static let maximumConfigSize = Int64(DocumentLimit.config)

    /// Copies a manifest, or an index, with all below it.
    ///
    /// - Returns: what stands at the root of the copy.
    func run(_ root: Descriptor, _ selection: PlatformSelection, name: RegistryTarget) async throws -> RemoteManifest {
        var manifest = try await source.manifest(root)
        if case .one(let platform) = selection {
            var search = PlatformSearch(for: platform) {
                try await source.manifest($0)
            } config: {
                try await configBytes($0, name)
            }
            guard let found = try await search.manifest(in: manifest) else {
                throw RegistryError.noPlatform(name, wanted: platform, available: search.available)
            }
            manifest = found
        }
        var seen: Set<Digest> = [manifest.descriptor.digest]
        try await copy(manifest, depth: 0, name, &seen)
        return manifest
    }

    /// Reads a config that is not copied yet.
    private func configBytes(_ descriptor: Descriptor, _ name: RegistryTarget) async throws -> [UInt8] {
        guard descriptor.size <= Self.maximumConfigSize else {
            throw RegistryError.tooLarge(name, limit: Self.maximumConfigSize)
        }
        var bytes: [UInt8] = []
        do {
            for try await piece in try await source.pieces(of: descriptor, from: 0) { bytes += piece.readableBytesView }
        } catch let interruption as Interruption {
            throw interruption.error
        }
        guard Digest(sha256: bytes) == descriptor.digest else {
            throw RegistryError.digestMismatch(name, expected: descriptor.digest, actual: Digest(sha256: bytes))
        }
        return bytes
    }

    /// - Parameter seen: documents that are copied, or are being: indexes may name each other's.
    private func copy(_ manifest: RemoteManifest, depth: Int, _ name: RegistryTarget, _ seen: inout Set<Digest>)
        async throws
    {
        switch manifest.content {
        case .manifest(let image): try await copyBlobs(image)
        case .index(let index):
            guard depth < Self.maximumDepth else {
                throw RegistryError.unsupportedManifest(name, mediaType: manifest.descriptor.mediaType.rawValue)
            }
            for descriptor in index.manifests where seen.insert(descriptor.digest).inserted {
                guard seen.count <= Self.maximumDocuments else {
                    throw RegistryError.tooManyManifests(name, limit: Self.maximumDocuments)
                }
                try await copy(try await source.manifest(descriptor), depth: depth + 1, name, &seen)
            }
        }
        try await destination.put(manifest, isRoot: depth == 0)
    }

    private func copyBlobs(_ image: Manifest) async throws {
        var seen: Set<Digest> = []
        var waiting = ([image.config] + image.layers).filter { seen.insert($0.digest).inserted }[...]
        observer(.planned(Array(waiting)))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for descriptor in waiting.prefix(max(1, parallelBlobs)) { group.addTask { try await put(descriptor) } }
            waiting = waiting.dropFirst(max(1, parallelBlobs))
            while try await group.next() != nil {
                if let descriptor = waiting.popFirst() { group.addTask { try await put(descriptor) } }
            }
        }
    }

    private func put(_ descriptor: Descriptor) async throws {
        do { try await destination.put(descriptor, from: source, observer) } catch let interruption as Interruption {
            throw interruption.error
        }
    }
}
