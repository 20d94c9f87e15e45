import OCI
import Testing

@testable import Debian

@Suite struct ReleaseTests {
    private static func text(_ extra: String = "", suite: String = "oldstable", hash: String = "SHA256") -> String {
        """
        Suite: \(suite)
        Codename: bookworm
        Date: Sat, 11 Jul 2026 10:16:37 UTC
        Components: main contrib
        Acquire-By-Hash: yes
        \(extra)
        \(hash):
         e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855        0 main/binary-amd64/Packages
         not-a-digest  12 main/other
         e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  -1 main/negative
        """.split(separator: "\n").joined(separator: "\n")
    }

    @Test(arguments: ["bookworm", "oldstable"]) func `A release is read`(_ name: String) throws {
        let release = try Release(text: Self.text("Valid-Until: Sat, 18 Jul 2026 10:16:37 UTC"), suite: name)
        #expect(release.date == 1_783_764_997)
        #expect(release.validUntil == Int64(1_784_369_797))
        #expect(release.acquiresByHash)
        #expect(release.components == ["main", "contrib"])
        #expect(release.files == ["main/binary-amd64/Packages": .init(digest: Digest(sha256: []), size: 0)])
    }

    @Test(
        arguments: [
            (text(), "trixie", .otherSuite(suite: "oldstable", codename: "bookworm")),
            (text(hash: "MD5Sum"), "bookworm", .missingField("SHA256")),
            (text("Valid-Until: tomorrow"), "bookworm", .missingField("Valid-Until")),
            ("Suite: bookworm", "bookworm", .missingField("Date")), ("", "bookworm", .syntax(line: 1)),
            ("x", "bookworm", .syntax(line: 1)),
        ] as [(String, String, DebianError.ReleaseDefect)])
    func `What is wrong is named`(_ text: String, _ suite: String, _ reason: DebianError.ReleaseDefect) {
        #expect(throws: DebianError.invalidRelease(suite: suite, reason: reason)) {
            try Release(text: text, suite: suite)
        }
    }

    @Test(arguments: [
        ("Thu, 01 Jan 1970 00:00:00 UTC", 0, "1970-01-01T00:00:00Z"),
        ("Thu, 29 Feb 2024 23:59:59 UTC", 1_709_251_199, "2024-02-29T23:59:59Z"),
        ("Fri,  1 Mar 2024 00:00:00 GMT", 1_709_251_200, "2024-03-01T00:00:00Z"),
        ("Mon, 31 Dec 2001 12:00:01 +0000", 1_009_800_001, "2001-12-31T12:00:01Z"),
    ]) func `Dates are seconds`(_ text: String, _ seconds: Int64, _ rfc3339: String) {
        #expect(ArchiveDate.seconds(text) == seconds)
        #expect(ArchiveDate.rfc3339(seconds) == rfc3339)
    }

    @Test(arguments: [
        "", "2024-01-01", "Sat, 11 Jul 2026 10:16:37 CET", "Sat, 11 Foo 2026 10:16:37 UTC",
        "Sat, 11 Jul 2026 25:00:00 UTC",
        "Sat, 99 Jul 2026 10:16:37 UTC", "Sat, 11 Jul 99999999999999999999 10:16:37 UTC",
    ])
    func `Other dates are refused`(_ text: String) { #expect(ArchiveDate.seconds(text) == nil) }
}
