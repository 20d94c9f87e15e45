import Testing

@testable import Rendering

@Suite struct HumanTextTests {
    @Test(arguments: [
        (0, "0B"), (1, "1B"), (999, "999B"), (1000, "1kB"), (1024, "1.02kB"), (13_256, "13.3kB"),
        (999_949, "1MB"), (999_499, "999kB"), (1_347_584, "1.35MB"), (1_830_000, "1.83MB"), (124_000_000, "124MB"),
        (863_123_456, "863MB"), (1_500_000_000, "1.5GB"), (-2048, "-2.05kB"), (Int64.max, "9.22EB"),
        (Int64.min, "-9.22EB"),
    ])
    func sizesWithThreeDigits(bytes: Int64, expected: String) {
        #expect(HumanSize.text(bytes) == expected)
    }

    @Test(arguments: [(13_256, "13.26kB"), (1_347_584, "1.348MB"), (999_999, "1MB"), (100, "100B")])
    func sizesWithFourDigits(bytes: Int64, expected: String) {
        #expect(HumanSize.text(bytes, significantDigits: 4) == expected)
    }

    @Test(arguments: [
        (-5, "Less than a second"), (0, "Less than a second"), (1, "1 second"), (59, "59 seconds"),
        (60, "About a minute"), (119, "About a minute"), (120, "2 minutes"), (3599, "59 minutes"),
        (3600, "About an hour"), (5399, "About an hour"), (5400, "2 hours"), (169_200, "47 hours"),
        (172_800, "2 days"), (1_123_200, "13 days"), (1_209_600, "2 weeks"), (5_097_600, "8 weeks"),
        (5_184_000, "2 months"), (62_985_600, "24 months"), (63_072_000, "2 years"),
        (Int64.max, "292471208677 years"),
    ])
    func durations(seconds: Int64, expected: String) {
        #expect(HumanDuration.text(seconds: seconds) == expected)
        #expect(HumanDuration.ago(seconds: seconds) == expected + " ago")
    }

    @Test(arguments: [
        (Duration.zero, "0.0s"), (.milliseconds(349), "0.3s"), (.milliseconds(62_499), "62.4s"), (.seconds(-1), "0.0s"),
    ])
    func elapsed(duration: Duration, expected: String) {
        #expect(HumanDuration.elapsed(duration) == expected)
    }

    /// What C's printf prints for the same number.
    @Test(arguments: [
        (0.5, 0, "0"), (1.5, 0, "2"), (2.5, 0, "2"), (2.675, 2, "2.67"), (0.125, 2, "0.12"), (0.375, 2, "0.38"),
        (999.999, 2, "1000.00"), (0.1, 20, "0.10000000000000000600"), (1e-300, 3, "0.000"),
        (.leastNonzeroMagnitude, 3, "0.000"),
        (1e15, 1, "1000000000000000.0"), (0, 2, "0.00"),
    ])
    func fixedPoint(value: Double, decimals: Int, expected: String) {
        #expect(FixedPoint.text(value, decimals: decimals) == expected)
    }

    @Test(arguments: [-1, .infinity, .nan, 1e19])
    func refusesNumbersWithoutExactDigits(value: Double) {
        #expect(FixedPoint.text(value, decimals: 1) == nil)
    }
}
