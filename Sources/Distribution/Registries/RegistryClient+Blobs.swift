import NIOHTTP1
package import OCI

extension RegistryClient {
    /// Whether a repository has a blob.
    package func hasBlob(_ digest: Digest, in repository: RemoteRepository) async throws -> Bool {
        try await hasBlob(digest, in: repository, access: .pull)
    }

    func hasBlob(_ digest: Digest, in repository: RemoteRepository, access: TokenScope.Access) async throws -> Bool {
        let request = try await request(
            .HEAD, repository, "blobs/\(digest)", reference: digest.description, access: access)
        do {
            let answer = try await session.retrying { try await session.send(request, accepting: [200]) }
            return !answer.isWebPage
        } catch RegistryError.notFound {
            return false
        }
    }

    /// Whether a blob need not be sent. Where a registry refuses the question, as those do that lead to a store with
    /// addresses signed for GET, the sending tells what is wrong.
    func mayHaveBlob(_ digest: Digest, in repository: RemoteRepository) async throws -> Bool {
        do { return try await hasBlob(digest, in: repository, access: .push) } catch let error as RegistryError {
            switch error {
            case .denied, .refused, .notARegistry, .redirectRefused: return false
            default: throw error
            }
        }
    }

    /// Fetches a blob into a store, unless the store has it. Who asks for one that is on its way waits for it: all blobs that a client
    /// fetches go into one store.
    package func fetchBlob(
        _ descriptor: Descriptor, from repository: RemoteRepository, into store: any ContentStore,
        observer: @escaping TransferObserver = { _ in }
    ) async throws {
        let source = RegistryImages(client: self, repository: repository)
        _ = try await session.fetches.value(for: descriptor.digest, known: { nil }) {
            try await StoredImages(store: store, session: session).put(descriptor, from: source, observer)
            return true
        }
    }

    /// Opens a blob at a place (OCI distribution specification, "Pulling blobs"; RFC 9110, section 14).
    func openBlob(
        _ descriptor: Descriptor, in repository: RemoteRepository, from offset: Int64
    ) async throws -> BlobPieces {
        guard descriptor.digest.algorithm == .sha256 else { throw RegistryError.unsupportedDigest(descriptor.digest) }
        return try await reading(repository, by: .digest) { try await openBlob(descriptor, at: $0, from: offset) }
    }

    private func openBlob(
        _ descriptor: Descriptor, at place: RemoteRepository, from offset: Int64
    ) async throws -> BlobPieces {
        var request = try await request(
            .GET, at: place, "blobs/\(descriptor.digest)", reference: descriptor.digest.description)
        if offset > 0 { request.headers = [("Range", "bytes=\(offset)-")] }
        let target = request.target
        var answer = try await session.send(request, accepting: [200, 206, 416])
        if answer.status == 416 || (answer.status == 206 && !fits(answer, offset, descriptor)) {
            // The whole is always there, and what comes of it is skipped as far as it is known.
            request.headers = []
            answer = try await session.send(request, accepting: [200])
        }
        if answer.isWebPage { throw answer.notARegistry }
        if answer.status == 200, let length = answer.contentLength, length != descriptor.size {
            throw RegistryError.sizeMismatch(target, expected: descriptor.size, actual: length)
        }
        return BlobPieces(
            origin: .response(answer.body, host: answer.url.origin.authority, session),
            skipped: answer.status == 206 ? 0 : offset)
    }

    private func fits(_ answer: RegistryResponse, _ offset: Int64, _ descriptor: Descriptor) -> Bool {
        guard offset > 0, let text = answer.headers.first(name: "Content-Range"), let range = ContentRange(text) else {
            return false
        }
        return range.first == offset && range.last < descriptor.size
            && (range.total.map { $0 == descriptor.size } ?? true)
    }
}
