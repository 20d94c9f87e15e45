import Testing

@testable import OCI

@Suite struct TimestampTests {
    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0), ("2026-08-21T10:30:00Z", 1_787_308_200),
        ("2026-08-21T10:30:00.123456789Z", 1_787_308_200), ("2026-08-21T12:30:00+02:00", 1_787_308_200),
        ("2000-02-29T23:59:59-01:30", 951_874_199),
        ("0001-01-01T00:00:00Z", -62_135_596_800), ("2024-02-29 00:00:00Z", 1_709_164_800),
    ])
    func readsTimestamps(text: String, seconds: Int64) {
        #expect(Timestamp(rfc3339: text)?.seconds == seconds)
    }

    @Test(arguments: [
        "", "2026", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-01-32T00:00:00Z", "2026-01-01T24:00:00Z",
        "2026-01-01T00:00:00", "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00Zx", "2026-01-01T00:00:00+0200",
        "2026-01-01T00:00:00+99:00", "+026-01-01T00:00:00Z", "２026-01-01T00:00:00Z",
    ])
    func refusesOtherTimestamps(text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }

    @Test(arguments: [
        (0, "1970-01-01 00:00:00 +0000 UTC", "1970-01-01T00:00:00Z"),
        (-1, "1969-12-31 23:59:59 +0000 UTC", "1969-12-31T23:59:59Z"),
        (951_782_400, "2000-02-29 00:00:00 +0000 UTC", "2000-02-29T00:00:00Z"),
        (Int64.min, "0000-01-01 00:00:00 +0000 UTC", "0000-01-01T00:00:00Z"),
        (Int64.max, "9999-12-31 23:59:59 +0000 UTC", "9999-12-31T23:59:59Z"),
    ])
    func writesTimestamps(seconds: Int64, text: String, rfc3339: String) {
        #expect(Timestamp(seconds: seconds).text == text)
        #expect(Timestamp(seconds: seconds).rfc3339 == rfc3339)
    }

    @Test func everyDayOfFourCenturiesComesBack() {
        for day in stride(from: Int64(0), to: 146_097, by: 1) {
            let moment = Timestamp(seconds: day * 86_400 + day % 86_400)
            #expect(Timestamp(rfc3339: moment.rfc3339) == moment)
        }
    }
}
