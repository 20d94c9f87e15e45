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
    /// has it, the upload is given up. What breaks off goes on where it was, or from the beginning where the registry has forgotten
    /// it; whatever else goes wrong, a ``push(_:from:to:mountable:seen:observer:)`` that follows sends the blob as if this had not been.
    ///
    /// - Parameter observer: hears of the blob from when it is whole, and is left to the push that follows for its end.
    /// - Returns: the blob that the registry has now; nil if nothing came of it, or if it was there before.
    package func push(
        _ content: GrowingContent, to reference: ImageReference, observer: TransferObserver = { _ in }
    ) async throws -> Descriptor? {
        let endpoint = UploadEndpoint(client: self, repository: RemoteRepository(reference), reference: nil)
        var delays = session.configuration.policy.delays[...]
        while true {
            do {
                let place = try await endpoint.start()
                do { return try await send(content, to: place, of: endpoint, observer) } catch RegistryError.notFound(
                    let answer)
                {
                    // The registry has forgotten the upload, not refused it.
                    throw Interruption(error: .notFound(answer))
                }
            } catch let interruption as Interruption {
                try await session.pause(after: interruption, &delays)
                // The answer may have been lost, not the blob.
                if let descriptor = content.descriptor(),
                    try await mayHaveBlob(descriptor.digest, in: endpoint.repository)
                {
                    return descriptor
                }
            }
        }
    }

    private func send(
        _ content: GrowingContent, to start: UploadEndpoint.Place, of endpoint: UploadEndpoint,
        _ observer: TransferObserver
    ) async throws -> Descriptor? {
        var place = start
        let size = Int(endpoint.chunkSize(place))
        var (sent, isAnnounced) = (Int64(0), false)
        while true {
            let bytes = try await content.read(sent, size)
            if !bytes.isEmpty {
                try await endpoint.send(bytes, at: sent, &place)
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
        let request = try await endpoint.finish(place, descriptor.digest)
        _ = try await session.send(request, accepting: UploadEndpoint.success)
        return descriptor
    }
}
