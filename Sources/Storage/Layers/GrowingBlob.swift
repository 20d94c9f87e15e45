internal import LinuxSystem
package import OCI
internal import Synchronization

/// A layer's blob that is being packed, for one reader who does not want to wait for its end.
package final class GrowingBlob: Sendable {
    private enum State {
        /// Bytes that are there.
        case growing(Int64)
        case whole(Descriptor)
        case abandoned
    }

    private let slices: BlobSlices
    private let state = Mutex(State.growing(0))
    private let growth: AsyncStream<Void>
    private let announcement: AsyncStream<Void>.Continuation

    init(_ slices: BlobSlices) {
        self.slices = slices
        (growth, announcement) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func grew(to size: Int64) {
        state.withLock { $0 = .growing(size) }
        announcement.yield()
    }

    /// - Parameter descriptor: nil if nothing came of it.
    func end(_ descriptor: Descriptor?) {
        state.withLock { $0 = descriptor.map(State.whole) ?? .abandoned }
        announcement.finish()
    }

    /// Waits until so many bytes are there from an offset on; fewer are given only where the blob ends.
    package func bytes(at offset: Int64, count: Int) async throws -> [UInt8] {
        var announcements = growth.makeAsyncIterator()
        while case .growing(let size) = state.withLock({ $0 }), size < offset + Int64(count) {
            // The end of the announcements is the end of the blob, or of the reader's task.
            if await announcements.next() == nil { try Task.checkCancellation() }
        }
        return try slices.read(at: offset, count: count)
    }

    /// The blob, once it is whole.
    package var descriptor: Descriptor? {
        if case .whole(let descriptor) = state.withLock({ $0 }) { descriptor } else { nil }
    }
}

extension Store {
    /// Gets every layer's blob as it begins to be packed.
    package typealias PackingObserver = @Sendable (GrowingBlob) -> Void
}
