import NIOHTTP1
import OCI

/// Where a repository takes blobs (OCI distribution specification, "Pushing Blobs").
struct UploadEndpoint {
    let client: RegistryClient
    let repository: RemoteRepository
    /// The blob's digest where it is known; it is what errors name.
    let reference: String?

    private var session: RegistrySession { client.session }

    /// The registry's place for one upload, which may change with each answer.
    struct Place {
        var location: HTTPURL
        var minimumChunk: Int64
    }

    /// Registries differ in which status of success they choose (the specification has 202, ECR 201).
    static let success: Set<Int> = [200, 201, 202, 204]

    func request(_ method: HTTPMethod, _ url: HTTPURL? = nil) async throws -> RegistryRequest {
        var request = try await client.request(
            method, repository, "blobs/uploads/", reference: reference, access: .push)
        if let url { request.url = url }
        return request
    }

    func start() async throws -> Place {
        let request = try await request(.POST)
        return try place(
            try await session.retrying { try await session.send(request, accepting: Self.success) }, request)
    }

    /// Where an answer says that the upload goes on.
    func place(_ answer: RegistryResponse, _ request: RegistryRequest) throws -> Place {
        guard let text = answer.headers.first(name: "Location"), var url = answer.url.resolving(text),
            url.credentials == nil
        else { throw RegistryError.invalidAnswer(request.target, part: "Location") }
        let root = request.endpoint.root
        if root.origin.isSecure, !url.origin.isSecure,
            !session.allowsPlain(request.endpoint) || url.origin.host == root.origin.host
        {
            // Some registries behind a proxy do not know that they are spoken to over https: it is the same place.
            guard url.origin.host == root.origin.host, let same = root.resolving(url.target) else {
                throw RegistryError.redirectRefused(
                    host: root.origin.host, location: String(text.prefix { $0 != "?" }.prefix(300)),
                    reason: .unencrypted)
            }
            url = same
        }
        let minimum = answer.headers.first(name: "OCI-Chunk-Min-Length").flatMap { Int64($0) } ?? 0
        return Place(location: url, minimumChunk: max(0, min(minimum, 64 << 20)))
    }

    /// The request that ends an upload and says which blob it was.
    func finish(_ place: Place, _ digest: Digest) async throws -> RegistryRequest {
        var request = try await request(.PUT)
        let separator = place.location.target.contains("?") ? "&" : "?"
        guard let url = place.location.resolving(place.location.target + separator + "digest=\(digest)") else {
            throw RegistryError.invalidAnswer(request.target, part: "Location")
        }
        request.url = url
        request.isCommit = true
        return request
    }

    /// Where the upload goes on behind a piece: where the answer says, else where it was.
    func next(_ answer: RegistryResponse, _ request: RegistryRequest, after place: Place) throws -> HTTPURL {
        answer.headers.contains(name: "Location") ? try self.place(answer, request).location : place.location
    }

    /// Bytes of one piece of an upload in pieces.
    func chunkSize(_ place: Place) -> Int64 {
        max(min(session.configuration.chunkSize, 64 << 20), place.minimumChunk, 1)
    }

    /// One piece, which begins at an offset.
    func patch(_ bytes: [UInt8], at offset: Int64, _ place: Place) async throws -> RegistryRequest {
        var request = try await request(.PATCH, place.location)
        request.headers = [
            ("Content-Type", "application/octet-stream"),
            ("Content-Range", "\(offset)-\(offset + Int64(bytes.count) - 1)"),
        ]
        request.body = .bytes(bytes)
        return request
    }
}
