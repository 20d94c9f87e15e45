import NIOHTTP1
package import OCI

/// A manifest or an index as it was received.
package struct RemoteManifest: Hashable, Sendable {
    package enum Content: Hashable, Sendable {
        case manifest(Manifest)
        case index(Index)
    }

    /// Its digest and length are those of the bytes.
    package let descriptor: Descriptor
    package let bytes: [UInt8]
    package let content: Content

    /// Reads bytes that have the right digest already.
    init(bytes: [UInt8], contentType: String?, digest: Digest, target: RegistryTarget) throws {
        let json: JSON
        do { json = try JSON.parse(bytes) } catch { throw RegistryError.invalidManifest(target, .notJSON(error)) }
        let type = MediaType(rawValue: json["mediaType"]?.string ?? Self.type(contentType, json))
        do {
            if type.isIndex {
                content = .index(try Index(bytes: bytes))
            } else if type.isManifest {
                content = .manifest(try Manifest(bytes: bytes))
            } else {
                throw RegistryError.unsupportedManifest(target, mediaType: type.rawValue)
            }
        } catch let error as ImageFormatError {
            throw RegistryError.invalidManifest(target, error)
        }
        descriptor = Descriptor(mediaType: type, digest: digest, size: Int64(bytes.count))
        self.bytes = bytes
    }

    /// An OCI document need not say what it is: then the answer's type counts, and at last what it looks like.
    private static func type(_ contentType: String?, _ json: JSON) -> String {
        if let contentType, ManifestTypes.all.contains(contentType) || contentType.hasPrefix("application/vnd.") {
            return contentType
        }
        if json["manifests"] != nil { return MediaType.index.rawValue }
        if json["layers"] != nil { return MediaType.manifest.rawValue }
        return contentType ?? "unknown"
    }
}

enum ManifestTypes {
    static let all = [MediaType.index, .manifest, .dockerIndex, .dockerManifest].map(\.rawValue)
    static let accept = [("Accept", all.joined(separator: ", "))]
}

extension RegistryClient {
    /// Asks which manifest a name stands for, by a HEAD request, or by GET where that fails.
    ///
    /// - Parameter reference: without tag and digest, `latest` is meant.
    /// - Returns: a descriptor without platform.
    package func resolve(_ reference: ImageReference) async throws -> Descriptor {
        try await placed(reference) { try await resolveThere($0) }
    }

    func resolveThere(_ reference: ImageReference) async throws -> Descriptor {
        try await reading(RemoteRepository(reference), by: reference.digest == nil ? .tag : .digest) {
            try await resolve(reference, at: $0)
        }
    }

    private func resolve(_ reference: ImageReference, at place: RemoteRepository) async throws -> Descriptor {
        let name = reference.manifestName
        let request = try await request(
            .HEAD, at: place, "manifests/\(name)", reference: name, headers: ManifestTypes.accept)
        let answer: RegistryResponse
        do { answer = try await session.send(request, accepting: [200]) } catch let error
            where error is RegistryError || error is Interruption
        {
            // HEAD is a hint: some refuse it, others lead to a store with addresses signed for GET. GET tells, and is tried again.
            try Task.checkCancellation()
            if case .unauthorized = error as? RegistryError { throw error }
            return try await manifest(name, at: place, digest: reference.digest).descriptor
        }
        // Registries may leave the digest out of the answer; then the bytes tell it.
        guard let text = answer.headers.first(name: "Docker-Content-Digest"), let type = answer.contentType,
            let size = answer.contentLength, size >= 0, ManifestTypes.all.contains(type)
        else { return try await manifest(name, at: place, digest: reference.digest).descriptor }
        // the error says no more than that
        guard let digest = try? Digest(text) else {
            throw RegistryError.invalidAnswer(request.target, part: "Docker-Content-Digest")
        }
        if let expected = reference.digest, expected != digest {
            throw RegistryError.digestMismatch(request.target, expected: expected, actual: digest)
        }
        return Descriptor(mediaType: MediaType(rawValue: type), digest: digest, size: size)
    }

    /// Fetches a manifest or an index by its name.
    package func manifest(_ reference: ImageReference) async throws -> RemoteManifest {
        try await placed(reference) { try await manifestThere($0) }
    }

    func manifestThere(_ reference: ImageReference) async throws -> RemoteManifest {
        try await manifest(reference.manifestName, in: RemoteRepository(reference), digest: reference.digest)
    }

    /// - Parameter digest: what the bytes must have; nil when a tag is asked for.
    func manifest(_ name: String, in repository: RemoteRepository, digest: Digest?) async throws -> RemoteManifest {
        try await reading(repository, by: digest == nil ? .tag : .digest) {
            try await manifest(name, at: $0, digest: digest)
        }
    }

    private func manifest(_ name: String, at place: RemoteRepository, digest: Digest?) async throws -> RemoteManifest {
        if let digest, digest.algorithm != .sha256 { throw RegistryError.unsupportedDigest(digest) }
        let request = try await request(
            .GET, at: place, "manifests/\(name)", reference: name, headers: ManifestTypes.accept)
        let (answer, bytes) = try await session.fetch(request, limit: configuration.maximumManifestSize)
        let firstByte = bytes.first { $0 > 0x20 }
        if answer.isWebPage || firstByte == UInt8(ascii: "<") {
            throw answer.notARegistry
        }
        let actual = Digest(sha256: bytes)
        var expected = digest
        if expected == nil, let text = answer.headers.first(name: "Docker-Content-Digest") {
            // A digest by another algorithm cannot be compared; the answer is then identified by our own.
            expected = (try? Digest(text)).flatMap { $0.algorithm == .sha256 ? $0 : nil }
        }
        if let expected, expected != actual {
            throw RegistryError.digestMismatch(request.target, expected: expected, actual: actual)
        }
        return try RemoteManifest(bytes: bytes, contentType: answer.contentType, digest: actual, target: request.target)
    }

    /// Sends a manifest or an index as it is; what it names must be there already.
    ///
    /// - Parameter reference: its tag; its digest without one.
    package func putManifest(_ bytes: [UInt8], mediaType: MediaType, to reference: ImageReference) async throws {
        let digest = Digest(sha256: bytes)
        if let expected = reference.digest, expected != digest {
            let target = RegistryTarget(
                registry: reference.domain, repository: reference.repository, reference: expected.description)
            throw RegistryError.digestMismatch(target, expected: expected, actual: digest)
        }
        let name = reference.tag ?? (reference.digest == nil ? "latest" : digest.description)
        try await putManifest(bytes, mediaType: mediaType, named: name, in: RemoteRepository(reference))
    }

    func putManifest(
        _ bytes: [UInt8], mediaType: MediaType, named name: String, in repository: RemoteRepository
    ) async throws {
        var request = try await request(
            .PUT, repository, "manifests/\(name)", reference: name, access: .push,
            headers: [("Content-Type", mediaType.rawValue)])
        request.body = .bytes(bytes)
        request.isCommit = true
        let (answer, _) = try await session.fetch(request, limit: 1 << 20, accepting: UploadEndpoint.success)
        guard let text = answer.headers.first(name: "Docker-Content-Digest"), text.hasPrefix("sha256:") else { return }
        let digest = Digest(sha256: bytes)
        guard text == digest.description else {
            throw RegistryError.invalidAnswer(request.target, part: "Docker-Content-Digest")
        }
    }
}

extension ImageReference {
    /// The last part of a manifest's path: the digest, else the tag, else `latest`.
    var manifestName: String { digest?.description ?? tag ?? "latest" }
}
