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
        /// What larger pieces were refused for.
        var maximumChunk = Int64.max
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
        min(max(min(session.configuration.chunkSize, 64 << 20), place.minimumChunk, 1), place.maximumChunk)
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

    /// Sends one piece; what breaks off goes on where it was, and what is too large for one request is sent in several (GHCR takes
    /// 4 MiB, and calls more than that a range that it cannot satisfy).
    ///
    /// - Throws: ``Interruption`` where the registry does not say how much of it it has kept.
    func send(_ chunk: [UInt8], at offset: Int64, _ place: inout Place) async throws {
        var start = 0
        var delays = session.configuration.policy.delays[...]
        while start < chunk.count {
            let piece = Array(chunk[start...].prefix(Int(min(place.maximumChunk, 64 << 20))))
            let request = try await patch(piece, at: offset + Int64(start), place)
            do {
                let answer = try await session.send(request, accepting: Self.success.union([413, 416]))
                if answer.status != 413, answer.status != 416 {
                    place.location = try next(answer, request, after: place)
                    start += piece.count
                    continue
                }
                let error = await session.failure(answer, request, nil)
                if try await makeSmaller(piece, at: offset + Int64(start), &place) { continue }
                if answer.status == 413 { throw error }
                // What the registry has is not what we think that it has.
                throw Interruption(error: error)
            } catch let interruption as Interruption {
                try await session.pause(after: interruption, &delays)
                let received: Int64
                do {
                    received = try await session.retrying { try await status(&place) }
                } catch RegistryError.refused, RegistryError.invalidAnswer {
                    // It forgets what broke off, and says so in its own way.
                    throw interruption
                }
                guard received >= offset, received <= offset + Int64(chunk.count) else { throw interruption }
                start = Int(received - offset)
            }
        }
    }

    /// Whether a piece that was refused is to be tried in smaller ones: it is where it should be, or the registry does not say.
    private func makeSmaller(_ piece: [UInt8], at offset: Int64, _ place: inout Place) async throws -> Bool {
        let half = Int64(piece.count) / 2
        guard half >= max(session.configuration.smallestChunk, place.minimumChunk, 1) else { return false }
        do {
            guard try await status(&place) == offset else { return false }
        } catch RegistryError.refused, RegistryError.invalidAnswer, RegistryError.notFound {
            // Nobody may ask.
        }
        place.maximumChunk = half
        return true
    }

    /// How many bytes of a broken upload the registry has.
    func status(_ place: inout Place) async throws -> Int64 {
        let request = try await request(.GET, place.location)
        let answer = try await session.send(request, accepting: Self.success)
        place.location = try next(answer, request, after: place)
        return Self.received(answer.headers.first(name: "Range"))
    }

    /// `0-499`, with `bytes=` in front of it or without, for five hundred bytes. There is no way to say "none" but to leave it out, or
    /// to say `0-0`, or `0--1` as Gitea does.
    static func received(_ range: String?) -> Int64 {
        guard let range, let dash = range.firstIndex(of: "-"), let last = Int64(range[range.index(after: dash)...]),
            last > 0, last < .max
        else { return 0 }
        return last + 1
    }
}
