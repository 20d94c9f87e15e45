import NIOCore
import NIOHTTP1
import OCI

/// A blob on its way into a repository (OCI distribution specification, "Pushing Blobs").
struct BlobUpload {
    let client: RegistryClient
    let repository: RemoteRepository
    let descriptor: Descriptor
    let source: any ImageSource
    let progress: @Sendable (Int64) -> Void

    private var session: RegistrySession { client.session }

    private var endpoint: UploadEndpoint {
        UploadEndpoint(client: client, repository: repository, reference: descriptor.digest.description)
    }

    /// Asks the registry to take a blob over from another of its repositories.
    ///
    /// - Returns: nil when it did; else where the blob can be sent to.
    func mount(from other: RemoteRepository) async throws -> UploadEndpoint.Place? {
        var request = try await endpoint.request(.POST)
        let there = try client.primary(of: other)
        request.url = request.url.resolving("?mount=\(descriptor.digest)&from=\(there.path)") ?? request.url
        request.scopes.append(TokenScope(there.path, .pull))
        let answer = try await session.retrying { try await session.send(request, accepting: UploadEndpoint.success) }
        // 202 is an ordinary upload's beginning: the registry does not mount this blob. So is 201 with an upload's place.
        let isUpload = answer.headers.first(name: "Location")?.contains("/blobs/uploads/") == true
        return answer.status == 201 && !isUpload ? nil : try endpoint.place(answer, request)
    }

    /// Sends the blob whole in one request; what breaks off goes on where it was, if the registry has kept that, and else goes in
    /// pieces, as does what is too large for one request. Of the two ways some registries know one only.
    func run(_ begun: UploadEndpoint.Place?) async throws {
        var begun = begun
        var broken: UploadEndpoint.Place?
        var way = Way(isInPieces: descriptor.size > session.configuration.maximumWholeBlob)
        var delays = session.configuration.policy.delays[...]
        while true {
            do {
                if let place = broken {
                    broken = nil
                    if try await goOn(at: place) { return }
                }
                let place: UploadEndpoint.Place
                if let begun { place = begun } else { place = try await endpoint.start() }
                begun = nil
                do {
                    if way.isInPieces {
                        try await sendChunks(to: place)
                    } else {
                        broken = place
                        try await sendWhole(to: place)
                    }
                    return
                } catch RegistryError.notFound(let answer) where answer.target != source.target(descriptor) {
                    // The registry has forgotten the upload, not refused it, or does not know this way.
                    way.isForgotten = true
                    throw Interruption(error: .notFound(answer))
                }
            } catch let interruption as Interruption {
                way.turnAfterBreak()
                try await session.pause(after: interruption, &delays)
                // The answer may have been lost, not the blob.
                if try await client.mayHaveBlob(descriptor.digest, in: repository) { return }
            } catch RegistryError.refused(let answer) where answer.target != source.target(descriptor) {
                guard way.turn(after: answer.status) else { throw RegistryError.refused(answer) }
                broken = nil
            }
        }
    }

    /// Whether a blob goes whole or in pieces.
    private struct Way {
        var isInPieces: Bool
        /// Whether the last try ended with an upload that is not there.
        var isForgotten = false
        /// Which way is not known there; true for pieces.
        private var refused: Bool?

        init(isInPieces: Bool) { self.isInPieces = isInPieces }

        /// What broke off is sent in pieces, unless just that has come to nothing.
        mutating func turnAfterBreak() {
            isInPieces = refused.map { !$0 } ?? !(isInPieces && isForgotten)
            isForgotten = false
        }

        /// Takes the other way, once, after a status by which registries say that they do not know this one (Google's has no pieces,
        /// pulp had nothing else), or that it is too large for one request.
        mutating func turn(after status: Int) -> Bool {
            guard refused == nil, [400, 405, 411, 413, 415, 416, 422].contains(status) else { return false }
            refused = isInPieces
            isInPieces.toggle()
            return true
        }
    }

    private func sendWhole(to place: UploadEndpoint.Place) async throws {
        var request = try await endpoint.finish(place, descriptor.digest)
        request.headers = [("Content-Type", "application/octet-stream")]
        var pieces = try await source.pieces(of: descriptor, from: 0)
        pieces.observer = progress
        pieces.expected = (descriptor, source.target(descriptor))
        request.body = .pieces(pieces, length: descriptor.size)
        _ = try await session.send(request, accepting: UploadEndpoint.success)
    }

    /// Sends the rest of a blob whose one request broke off.
    ///
    /// - Returns: whether the registry has the blob; false where it has kept nothing of it, or what it has kept is of no use.
    private func goOn(at broken: UploadEndpoint.Place) async throws -> Bool {
        var place = broken
        do {
            let received = try await endpoint.status(&place)
            guard received > 0, received <= descriptor.size else { return false }
            try await sendChunks(to: place, from: received)
            return true
        } catch let error as RegistryError {
            switch error {
            case .notFound(let answer) where answer.target == source.target(descriptor): throw error
            // The upload is no more, or what was kept of it is not the blob's beginning.
            case .notFound, .denied, .refused, .invalidAnswer: return false
            default: throw error
            }
        }
    }

    /// Pieces of bounded size, each of which can be sent again.
    ///
    /// - Parameter received: bytes of the blob's beginning that the registry has.
    private func sendChunks(to start: UploadEndpoint.Place, from received: Int64 = 0) async throws {
        var place = start
        var pieces = try await source.pieces(of: descriptor, from: 0)
        pieces.expected = (descriptor, source.target(descriptor))
        var iterator = pieces.makeAsyncIterator()
        var rest = ByteBuffer()
        var (sent, known) = (received, received)
        while sent < descriptor.size {
            let size = endpoint.chunkSize(place)
            while Int64(rest.readableBytes) < size, var piece = try await iterator.next() {
                let skipped = min(Int(known), piece.readableBytes)
                piece.moveReaderIndex(forwardBy: skipped)
                known -= Int64(skipped)
                rest.writeBuffer(&piece)
            }
            let count = min(Int(size), rest.readableBytes)
            guard let chunk = rest.readBytes(length: count), !chunk.isEmpty else { break }
            rest.discardReadBytes()
            try await endpoint.send(chunk, at: sent, &place)
            sent += Int64(chunk.count)
            progress(sent)
        }
        // The end of the pieces is where they are checked.
        while try await iterator.next() != nil {}
        let request = try await endpoint.finish(place, descriptor.digest)
        _ = try await session.send(request, accepting: UploadEndpoint.success)
    }
}
