import Distribution
import OCI
import Testing

@testable import distill

@Suite struct TransferMeterTests {
    private func blob(_ name: String, _ size: Int64) -> Descriptor {
        Descriptor(mediaType: .layer, digest: Digest(sha256: name.utf8), size: size)
    }

    @Test func tellsHowFarATransferIs() {
        let (a, b, c) = (blob("a", 100_000_000), blob("b", 300_000_000), blob("c", 50_000_000))
        let start = ContinuousClock.now
        var meter = TransferMeter()
        #expect(meter.line(at: start) == "")
        meter.take(.planned([a, b, c]), at: start)
        #expect(meter.line(at: start) == "0/3 blobs  0B of 450MB")
        meter.take(.began(c), at: start)
        meter.take(.finished(c, .existed), at: start)
        #expect(meter.line(at: start) == "1/3 blobs  0B of 400MB")
        meter.take(.began(a), at: start)
        meter.take(.progressed(a, completed: 50_000_000), at: start + .seconds(1))
        #expect(meter.line(at: start + .seconds(1)) == "1/3 blobs  50MB of 400MB  50MB/s  7s left")
        // A blob that begins anew goes back.
        meter.take(.progressed(a, completed: 10_000_000), at: start + .seconds(2))
        #expect(meter.line(at: start + .seconds(2)) == "1/3 blobs  10MB of 400MB  5MB/s  78s left")
        meter.take(.finished(a, .transferred), at: start + .seconds(4))
        meter.take(.finished(b, .transferred), at: start + .seconds(8))
        #expect(meter.line(at: start + .seconds(8)) == "3/3 blobs  400MB of 400MB  50MB/s")
        #expect(meter.isDone)
    }
}
