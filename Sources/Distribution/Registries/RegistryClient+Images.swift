package import OCI

/// What is known of an image before any of its layers is fetched.
package struct RemoteImage: Hashable, Sendable {
    package let repository: RemoteRepository
    /// What the name stands for: a manifest or an index.
    package let root: Descriptor
    /// The manifest of the platform that was asked for.
    package let manifest: Descriptor
    /// Its layers' blobs are in the repository.
    package let image: Image
}

extension RegistryClient {
    /// Finds the image for a platform: manifest and config, never a layer.
    ///
    /// The name is asked for by HEAD, and not at all when it has a digest; documents that the store has are not fetched
    /// again, and those that are fetched are kept there.
    package func image(
        _ reference: ImageReference, platform: Platform, keptIn store: any ContentStore
    ) async throws -> RemoteImage {
        try await placed(reference) { try await imageThere($0, platform: platform, keptIn: store) }
    }

    private func imageThere(
        _ reference: ImageReference, platform: Platform, keptIn store: any ContentStore
    ) async throws -> RemoteImage {
        let repository = RemoteRepository(reference)
        let target = RegistryTarget(
            registry: repository.registry, repository: repository.path, reference: reference.manifestName)
        var manifest: RemoteManifest
        if let digest = reference.digest {
            manifest = try await document(digest, nil, in: repository, store)
        } else {
            let found = try await resolveThere(reference)
            manifest = try await document(found.digest, found.mediaType, in: repository, store)
        }
        let root = manifest.descriptor
        var search = PlatformSearch(for: platform) {
            try await document($0.digest, $0.mediaType, in: repository, store)
        } config: {
            try await configBytes($0, in: repository, target, store)
        }
        guard let found = try await search.manifest(in: manifest) else {
            throw RegistryError.noPlatform(target, wanted: platform, available: search.available)
        }
        manifest = found
        guard case .manifest(let document) = manifest.content else {
            throw RegistryError.unsupportedManifest(target, mediaType: manifest.descriptor.mediaType.rawValue)
        }
        let config = try await configBytes(document.config, in: repository, target, store)
        do {
            let image = try Image(manifestBytes: manifest.bytes, configBytes: config)
            return RemoteImage(repository: repository, root: root, manifest: manifest.descriptor, image: image)
        } catch {
            throw RegistryError.invalidManifest(target, error)
        }
    }

    /// What is said about an image in the index that names it, of one type (BuildKit, "Image attestation storage").
    ///
    /// - Returns: nil where nothing of this type is said.
    package func statement(_ type: String, about image: RemoteImage, keptIn store: any ContentStore) async throws
        -> Statement?
    {
        guard image.root.digest != image.manifest.digest,
            case .index(let index) = try await document(
                image.root.digest, image.root.mediaType, in: image.repository, store
            ).content, let entry = index.manifests.first(where: { $0.subject == image.manifest.digest }),
            case .manifest(let manifest) = try await document(
                entry.digest, entry.mediaType, in: image.repository, store
            ).content, let said = manifest.statement(type)
        else { return nil }
        try await fetchBlob(said, from: image.repository, into: store)
        return try Statement(bytes: try await store.bytes(of: said.digest, limit: DocumentLimit.statement))
    }

    private func configBytes(
        _ descriptor: Descriptor, in repository: RemoteRepository, _ target: RegistryTarget, _ store: any ContentStore
    ) async throws -> [UInt8] {
        guard descriptor.size <= configuration.maximumConfigSize else {
            throw RegistryError.tooLarge(target, limit: configuration.maximumConfigSize)
        }
        try await fetchBlob(descriptor, from: repository, into: store)
        return try await store.bytes(of: descriptor.digest, limit: Int(descriptor.size))
    }

    private func document(
        _ digest: Digest, _ type: MediaType?, in repository: RemoteRepository, _ store: any ContentStore
    ) async throws -> RemoteManifest {
        if try await store.contains(digest) {
            let bytes = try await store.bytes(of: digest, limit: Int(configuration.maximumManifestSize))
            let target = RegistryTarget(
                registry: repository.registry, repository: repository.path, reference: digest.description)
            return try RemoteManifest(bytes: bytes, contentType: type?.rawValue, digest: digest, target: target)
        }
        let manifest = try await manifest(digest.description, in: repository, digest: digest)
        try await store.keep(manifest.bytes, digest)
        return manifest
    }

    /// Fetches an image, or an index with all its images, into a store.
    ///
    /// - Returns: the root: with one platform its manifest, else what the name stands for.
    package func pull(
        _ reference: ImageReference, _ selection: PlatformSelection, into store: any ContentStore,
        observer: @escaping TransferObserver = { _ in }
    ) async throws -> RemoteManifest {
        let destination = StoredImages(store: store, session: session)
        return try await placed(reference) { place in
            let source = try await source(place)
            return try await copy(source.images, source.root, selection, place, to: destination, observer)
        }
    }

    /// Sends an image, or an index with all its images, from a store.
    ///
    /// - Parameters:
    ///   - root: a manifest or an index that the store has, as everything below it that the registry does not have.
    ///   - reference: where to; without tag and digest, `latest`.
    ///   - mountable: repositories in which some of the blobs may be; those of the same registry are tried.
    ///   - seen: where a blob was before. Whatever it says, a blob that cannot be taken over from there is sent.
    /// - Throws: ``RegistryError``; ``OCI/ContentError/missing(_:)`` when the store does not have a blob.
    package func push(
        _ root: Descriptor, from store: any PiecewiseContent, to reference: ImageReference,
        mountable: [RemoteRepository] = [], seen: @escaping @Sendable (Digest) -> [RemoteRepository] = { _ in [] },
        observer: @escaping TransferObserver = { _ in }
    ) async throws {
        var destination = destination(reference, mountable)
        destination.seen = seen
        _ = try await copy(ReadableImages(store: store), root, .all, reference, to: destination, observer)
    }

    /// Sends one blob from a store, unless the repository of a name has it; nothing names it there yet.
    ///
    /// - Throws: as ``push(_:from:to:mountable:seen:observer:)``.
    package func push(
        blob: Descriptor, from store: any PiecewiseContent, to reference: ImageReference,
        observer: @escaping TransferObserver = { _ in }
    ) async throws {
        do {
            try await destination(reference, []).put(blob, from: ReadableImages(store: store), observer)
        } catch let interruption as Interruption {
            throw interruption.error
        }
    }

    /// Sends an image from one repository to another, past the store.
    ///
    /// - Returns: what stands at the destination.
    package func copy(
        _ reference: ImageReference, _ selection: PlatformSelection, to other: ImageReference,
        observer: @escaping TransferObserver = { _ in }
    ) async throws -> RemoteManifest {
        try await placed(reference) { place in
            let source = try await source(place)
            return try await copy(source.images, source.root, selection, place, to: destination(other, []), observer)
        }
    }

    private func source(_ reference: ImageReference) async throws -> (images: RegistryImages, root: Descriptor) {
        let root = try await manifestThere(reference)
        var images = RegistryImages(client: self, repository: RemoteRepository(reference))
        images.known = [root.descriptor.digest: root]
        return (images, root.descriptor)
    }

    private func destination(_ reference: ImageReference, _ mountable: [RemoteRepository]) -> RegistryImages {
        var images = RegistryImages(client: self, repository: RemoteRepository(reference))
        images.tag = reference.tag ?? (reference.digest == nil ? "latest" : nil)
        images.mountable = mountable
        return images
    }

    private func copy(
        _ source: any ImageSource, _ root: Descriptor, _ selection: PlatformSelection, _ name: ImageReference,
        to destination: any ImageDestination, _ observer: @escaping TransferObserver
    ) async throws -> RemoteManifest {
        let algorithm = ImageCopy(
            source: source, destination: destination, parallelBlobs: configuration.parallelBlobs, observer: observer)
        let target = RegistryTarget(
            registry: name.domain, repository: name.repository, reference: name.manifestName)
        return try await algorithm.run(root, selection, name: target)
    }
}
