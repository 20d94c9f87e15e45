import Engine
import OCI
import Solver
import Storage
import Synchronization

/// Blobs in directories of a client: local caches and OCI layouts (`containerd.services.content.v1.Content`).
struct ClientContent: Sendable {
    private let session: ClientSession
    /// What the client calls the directory: `local:DIRECTORY`, `oci:NAME`.
    private let name: String

    private static let service = "/containerd.services.content.v1.Content"
    /// Bytes of one message, well below what clients take.
    private static let piece = 1 << 20

    /// - Throws: ``APIError/noContent(_:)`` where the client offers no such thing.
    init(_ session: ClientSession, _ name: String) throws {
        guard session.offers(Self.service + "/Read") else { throw APIError.noContent(name) }
        (self.session, self.name) = (session, name)
    }

    private var metadata: [(String, String)] { [("buildkit-attachable-store-id", name)] }

    /// Brings a blob into a store, which checks its bytes.
    ///
    /// - Parameter limit: bytes; a longer blob is refused.
    func fetch(_ digest: Digest, limit: Int64, into content: ContentDirectory) async throws {
        if try await content.contains(digest) { return }
        let writer = try content.makeWriter()
        var received: Int64 = 0
        let request = ProtobufWriter.message { $0.string(1, digest.description) }
        try await session.client.call(Self.service + "/Read", metadata) { stream in
            try await stream.send(request)
            await stream.finishSending()
            while let message = try await stream.next() {
                try ProtobufReader.forEachField(message) { field, value in
                    guard field == 2 else { return }
                    let data = value.data
                    received += Int64(data.count)
                    guard received <= limit else { throw APIError.brokenTransfer(digest.description) }
                    try writer.write(data)
                }
            }
        }
        _ = try writer.commit(expecting: digest)
    }

    /// A small blob.
    func bytes(of digest: Digest, through content: ContentDirectory) async throws -> [UInt8] {
        try await fetch(digest, limit: Int64(DocumentLimit.statement), into: content)
        return try content.bytes(of: digest)
    }

    /// Sends a blob, unless the client has it.
    func send(_ blob: Descriptor, from content: ContentDirectory) async throws {
        do {
            try await session.client.call(Self.service + "/Write", metadata) { stream in
                var writing = Writing(blob: blob)
                try await stream.send(writing.message(.status))
                _ = try await stream.only()
                try await content.forEachChunk(of: blob.digest, size: Self.piece) { data in
                    try await stream.send(writing.message(.data, data))
                    _ = try await stream.only()
                    writing.offset += Int64(data.count)
                }
                try await stream.send(writing.message(.commit))
                await stream.finishSending()
                while try await stream.next() != nil {}
            }
        } catch let status as GRPCStatus where status.code == .alreadyExists {}
    }

    /// `WriteContentRequest`
    private struct Writing {
        enum Action: Int64 {
            case status = 0
            case data, commit
        }

        let blob: Descriptor
        var offset: Int64 = 0

        func message(_ action: Action, _ data: [UInt8] = []) -> [UInt8] {
            ProtobufWriter.message { message in
                message.integer(1, action.rawValue)
                message.string(2, "distill-\(blob.digest.hex)")
                message.integer(3, blob.size)
                message.string(4, blob.digest.description)
                message.integer(5, offset)
                message.data(6, data)
            }
        }
    }
}

extension ContentDirectory {
    /// Reads a blob for somebody who waits between two pieces.
    fileprivate func forEachChunk(of digest: Digest, size: Int, _ body: ([UInt8]) async throws -> Void) async throws {
        let reader = try await reader(of: digest)
        var held: [UInt8] = []
        while let bytes = try reader.next() {
            held += bytes
            guard held.count >= size else { continue }
            try await body(held)
            held = []
        }
        if !held.isEmpty { try await body(held) }
    }
}

/// The build caches of clients.
struct CachePlaces: Sendable {
    let session: ClientSession
    /// What was written last into a directory of the client: its own client notes that down.
    private let written = Written()

    private final class Written: Sendable {
        let manifest = Mutex<Descriptor?>(nil)
    }

    init(_ session: ClientSession) { self.session = session }

    var writtenManifest: Descriptor? { written.manifest.withLock { $0 } }

    /// - Parameter isTarget: whether the cache is to be written.
    func place(_ entry: SolveRequest.Entry, isTarget: Bool = false) throws -> BuildCachePlace {
        let attributes = entry.attributes
        var place: BuildCachePlace
        switch entry.type {
        case "registry":
            guard let text = attributes["ref"] else { throw APIError.missingParameter("ref") }
            place = BuildCachePlace(.registry(try ImageReference(text).withDefaultTag), "type=registry,ref=\(text)")
        case "inline": return BuildCachePlace(.image, "type=inline")
        case "local": place = try local(attributes, isTarget: isTarget)
        default: throw APIError.unsupportedCache(entry.type)
        }
        if attributes["mode"] == "max" { place.extent = .maximal }
        place.isOptional = attributes["ignore-error"] == "true"
        place.allowsInsecure = attributes["registry.insecure"] == "true"
        return place
    }

    private func local(_ attributes: [String: String], isTarget: Bool) throws -> BuildCachePlace {
        let key = isTarget ? "dest" : "src"
        guard let folder = attributes[key] else { throw APIError.missingParameter(key) }
        let client = try ClientContent(session, "local:\(folder)")
        let written = written
        let digest = isTarget ? nil : try attributes["digest"].map { try Digest($0) }
        let depot = CacheDepot(
            manifest: digest,
            fetch: { digest, content in try await client.fetch(digest, limit: 64 << 30, into: content) },
            send: { manifest, content in
                let parsed = try Manifest(bytes: content.bytes(of: manifest.digest))
                for blob in parsed.layers + [parsed.config, manifest] { try await client.send(blob, from: content) }
                written.manifest.withLock { $0 = manifest }
            })
        return BuildCachePlace(depot, "type=local,\(key)=\(folder)")
    }
}
