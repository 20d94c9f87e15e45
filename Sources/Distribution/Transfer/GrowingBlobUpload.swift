import NIOHTTP1
package import OCI

/// A blob that is still being made: its beginning can be read, and what it came to is known at its end.
package struct GrowingContent: Sendable {
    let read: @Sendable (_ offset: Int64, _ count: Int) async throws -> [UInt8]
    let descriptor: @Sendable () -> Descriptor?

    /// - Parameters:
    ///   - read: waits until so many bytes are there from an offset on; gives fewer only where the blob ends.
    ///   - descriptor: called behind the end; nil if nothing came of the blob.
    package init(
        read: @escaping @Sendable (_ offset: Int64, _ count: Int) async throws -> [UInt8],
        descriptor: @escaping @Sendable () -> Descriptor?
    ) {
        (self.read, self.descriptor) = (read, descriptor)
    }
}

extension RegistryClient {
    /// Sends a blob while it is being made, in pieces (OCI distribution specification, "Pushing a blob in chunks").
    ///
    /// It is a head start and nothing else: when the blob is whole and the rest of it need not be sent, for the registry
    /// has it, the upload is given up. Each request is tried once, and whatever goes wrong, a
    /// ``push(_:from:to:mountable:seen:observer:)`` that follows sends the blob as if this had not been.
    ///
    /// - Parameter observer: hears of the blob from when it is whole, and is left to the push that follows for its end.
    /// - Returns: the blob that the registry has now; nil if nothing came of it, or if it was there before.
    package func push(
        _ content: GrowingContent, to reference: ImageReference, observer: TransferObserver = { _ in }
    ) async throws -> Descriptor? {
        let endpoint = UploadEndpoint(client: self, repository: RemoteRepository(reference), reference: nil)
        let first = try await endpoint.request(.POST)
        var place = try endpoint.place(try await session.send(first, accepting: UploadEndpoint.success), first)
        let size = Int(endpoint.chunkSize(place))
        var (sent, isAnnounced) = (Int64(0), false)
        while true {
            let bytes = try await content.read(sent, size)
            if !bytes.isEmpty {
                let patch = try await endpoint.patch(bytes, at: sent, place)
                let answer = try await session.send(patch, accepting: UploadEndpoint.success)
                place.location = try endpoint.next(answer, patch, after: place)
                sent += Int64(bytes.count)
            }
            if bytes.count < size { break }
            guard let descriptor = content.descriptor() else { continue }
            if !isAnnounced {
                if try await mayHaveBlob(descriptor.digest, in: endpoint.repository) { return nil }
                observer(.began(descriptor))
                isAnnounced = true
            }
            observer(.progressed(descriptor, completed: sent))
        }
        guard let descriptor = content.descriptor(), descriptor.size == sent else { return nil }
        _ = try await session.send(
            try await endpoint.finish(place, descriptor.digest), accepting: UploadEndpoint.success)
        return descriptor
    }
}
