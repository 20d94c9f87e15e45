import Distribution
import OCI
import Rendering

/// How far the blobs of a transfer are: what moved, how fast, and how long the rest takes.
struct TransferMeter {
    private var sizes: [Digest: Int64] = [:]
    /// Bytes that moved, of blobs that are on their way or done.
    private var moved: [Digest: Int64] = [:]
    private var finished: Set<Digest> = []
    private var start: ContinuousClock.Instant?

    mutating func take(_ event: TransferEvent, at time: ContinuousClock.Instant) {
        if start == nil { start = time }
        switch event {
        case .planned(let descriptors): for descriptor in descriptors { sizes[descriptor.digest] = descriptor.size }
        case .began(let descriptor): sizes[descriptor.digest] = descriptor.size
        case .progressed(let descriptor, let completed): moved[descriptor.digest] = completed
        case .finished(let descriptor, .transferred):
            moved[descriptor.digest] = descriptor.size
            finished.insert(descriptor.digest)
        case .finished(let descriptor, .existed), .finished(let descriptor, .mounted),
            .finished(let descriptor, .foreign):
            // Nothing of it had to move.
            sizes[descriptor.digest] = 0
            moved[descriptor.digest] = nil
            finished.insert(descriptor.digest)
        }
    }

    /// Whether all that was begun is done.
    var isDone: Bool { finished.count == sizes.count }

    /// `3/8 blobs  120MB of 500MB  45.2MB/s  9s left`; nothing before there is something to tell.
    func line(at time: ContinuousClock.Instant) -> String {
        guard let start, !sizes.isEmpty else { return "" }
        let total = sizes.values.reduce(0, +)
        let done = moved.values.reduce(0, +)
        var parts = ["\(finished.count)/\(sizes.count) blobs", "\(HumanSize.text(done)) of \(HumanSize.text(total))"]
        let elapsed = (time - start).components
        let seconds = Double(elapsed.seconds) + Double(elapsed.attoseconds) / 1e18
        // In the first moment a rate says nothing.
        guard seconds >= 0.5, done > 0 else { return parts.joined(separator: "  ") }
        let rate = Double(done) / seconds
        parts.append("\(HumanSize.text(Int64(rate)))/s")
        if total > done { parts.append("\(Int64((Double(total - done) / rate).rounded(.up)))s left") }
        return parts.joined(separator: "  ")
    }
}
