import OCI

/// The images of a repository, as a source and as a destination.
struct RegistryImages: ImageSource, ImageDestination {
    let client: RegistryClient
    let name: RemoteRepository
    /// What the root is called here; nil leaves it its digest alone.
    var tag: String?
    /// Documents that were fetched already.
    var known: [Digest: RemoteManifest] = [:]
    /// Repositories of the same registry in which blobs may be found.
    var mountable: [RemoteRepository] = []
    /// Where a blob was seen before; that may no longer be true.
    var seen: @Sendable (Digest) -> [RemoteRepository] = { _ in [] }

    init(client: RegistryClient, repository: RemoteRepository) { (self.client, name) = (client, repository) }

    var repository: RemoteRepository? { name }

    func target(_ descriptor: Descriptor) -> RegistryTarget {
        RegistryTarget(registry: name.registry, repository: name.path, reference: descriptor.digest.description)
    }

    func manifest(_ descriptor: Descriptor) async throws -> RemoteManifest {
        if let manifest = known[descriptor.digest] { return manifest }
        return try await client.manifest(descriptor.digest.description, in: name, digest: descriptor.digest)
    }

    func pieces(of descriptor: Descriptor, from offset: Int64) async throws -> BlobPieces {
        try await client.openBlob(descriptor, in: name, from: offset)
    }

    func put(_ manifest: RemoteManifest, isRoot: Bool) async throws {
        let reference = (isRoot ? tag : nil) ?? manifest.descriptor.digest.description
        try await client.putManifest(
            manifest.bytes, mediaType: manifest.descriptor.mediaType, named: reference, in: name)
    }

    func put(
        _ descriptor: Descriptor, from source: any ImageSource, _ observer: @escaping TransferObserver
    ) async throws {
        observer(.began(descriptor))
        if try await client.mayHaveBlob(descriptor.digest, in: name) {
            return observer(.finished(descriptor, .existed))
        }
        if descriptor.mediaType.isForeignLayer { return observer(.finished(descriptor, .foreign)) }
        let upload = BlobUpload(client: client, repository: name, descriptor: descriptor, source: source) {
            observer(.progressed(descriptor, completed: $0))
        }
        var begun: UploadEndpoint.Place?
        for other in mountable + [source.repository].compactMap({ $0 }) + seen(descriptor.digest)
        where other.registry == name.registry && other != name {
            do {
                begun = try await upload.mount(from: other)
                if begun == nil { return observer(.finished(descriptor, .mounted(from: other))) }
            } catch let error as RegistryError where error.isRefusal {
                // What cannot be mounted is sent; that may well be allowed.
            }
        }
        try await upload.run(begun)
        observer(.finished(descriptor, .transferred))
    }
}

extension RegistryError {
    /// Whether the registry understood, and said no.
    fileprivate var isRefusal: Bool {
        switch self {
        case .unauthorized, .denied, .notFound, .refused: true
        default: false
        }
    }
}

/// The images of a store, as a destination.
struct StoredImages: ImageDestination {
    let store: any ContentStore
    let session: RegistrySession

    func put(
        _ descriptor: Descriptor, from source: any ImageSource, _ observer: @escaping TransferObserver
    ) async throws {
        observer(.began(descriptor))
        if try await store.contains(descriptor.digest) { return observer(.finished(descriptor, .existed)) }
        var download = BlobDownload(descriptor, from: source, into: store, session: session) {
            observer(.progressed(descriptor, completed: $0))
        }
        do { try await download.run() } catch RegistryError.notFound where descriptor.mediaType.isForeignLayer {
            throw RegistryError.foreignLayer(descriptor.digest)
        }
        observer(.finished(descriptor, .transferred))
    }

    func put(_ manifest: RemoteManifest, isRoot: Bool) async throws {
        try await store.keep(manifest.bytes, manifest.descriptor.digest)
    }
}

/// The images of a store, as a source.
struct ReadableImages: ImageSource {
    let store: any PiecewiseContent

    var repository: RemoteRepository? { nil }

    func target(_ descriptor: Descriptor) -> RegistryTarget {
        RegistryTarget(registry: "", reference: descriptor.digest.description)
    }

    func manifest(_ descriptor: Descriptor) async throws -> RemoteManifest {
        let bytes = try await store.bytes(of: descriptor.digest, limit: DocumentLimit.manifest)
        return try RemoteManifest(
            bytes: bytes, contentType: descriptor.mediaType.rawValue, digest: descriptor.digest,
            target: target(descriptor))
    }

    func pieces(of descriptor: Descriptor, from offset: Int64) async throws -> BlobPieces {
        BlobPieces(origin: .content(store, descriptor.digest), skipped: offset)
    }
}

extension ContentStore {
    /// Writes a small blob, unless it is there.
    func keep(_ bytes: [UInt8], _ digest: Digest) async throws {
        if try await contains(digest) { return }
        let writer = try await writer()
        try bytes.withUnsafeBytes { try writer.write($0) }
        _ = try writer.commit(expecting: digest)
    }
}

extension ContentStore {
    /// A small blob.
    func bytes(of digest: Digest, limit: Int) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        try await read(digest) { piece in
            guard bytes.count + piece.count <= limit else {
                throw RegistryError.tooLarge(
                    RegistryTarget(registry: "", reference: digest.description), limit: Int64(limit))
            }
            bytes += piece
        }
        return bytes
    }
}
