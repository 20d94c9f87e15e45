import Inspection
import OCI
import TestSupport
import Testing

@testable import Insight

@Suite struct BudgetTests {
    @Test(
        arguments: [
            ("0", 0), ("50MB", 50_000_000), ("48MiB", 50_331_648), ("1.5k", 1500), ("2Gi", 2_147_483_648), ("7 B", 7),
            ("1GB", 1_000_000_000),
            ("", nil), ("MB", nil), ("5%", nil), ("1XB", nil), ("-1", nil), ("1e400", nil), ("99999999999999PB", nil),
            ("1ib", nil),
        ] as [(String, Int64?)]) func sizesAreRead(text: String, bytes: Int64?)
    { #expect(ByteAmount.parse(text) == bytes) }

    @Test(arguments: [
        ("/etc/passwd", "etc/passwd", true), ("etc/passwd", "etc/passwd", true), ("passwd", "etc/passwd", true),
        ("*.pyc", "a/b/c.pyc", true),
        ("/etc/*", "etc/a/b", false), ("/etc/**", "etc/a/b", true), ("/a/**/b", "a/b", true),
        ("/a/**/b", "a/x/y/b", true), ("/a?c", "abc", true),
        ("/a?c", "a/c", false), ("**", "x", true), ("/b", "a/b", false), ("swd", "etc/passwd", false), ("", "x", false),
    ]) func patternsMatchPaths(pattern: String, path: String, matches: Bool) {
        #expect(PathGlob(pattern).matches(Array(path.utf8)) == matches)
    }

    @Test func manyStarsTakeNoTime() {
        let pattern = String(repeating: "*a", count: 50)
        let path = [UInt8](repeating: UInt8(ascii: "a"), count: 400) + [UInt8(ascii: "b")]
        #expect(!PathGlob("/" + pattern).matches(path))
    }

    @Test func filesAreRead() throws {
        let text = "max-size: 80MB\nmax-waste: 5%\nforbid: [shell, \"/usr/**\"]\nmax-layers: 3\n"
        let words = try Budget.words(Array(text.utf8), file: "b.yaml")
        let budget = try Budget(words)
        #expect(budget.maximumSize == 80_000_000)
        #expect(budget.maximumWaste == .percent(5))
        #expect(budget.maximumLayers == 3)
        #expect(budget.forbidden == [.shell, .pattern("/usr/**")])
        var given = Budget.Words()
        (given.size, given.forbidden) = ("1MB", ["setuid"])
        #expect(try Budget(given.over(words)).maximumSize == 1_000_000)
        #expect(given.over(words).forbidden == ["setuid", "shell", "/usr/**"])
    }

    @Test(arguments: ["max-sise: 1", "[", "- a", "max-size:", "max-size: [1]", "a: b: c"]) func mistakesAreTold(
        text: String
    ) {
        #expect(throws: InsightError.self) { try Budget.words(Array(text.utf8), file: "b.yaml") }
    }

    @Test func reportsEscapeWhatStandsInThem() {
        let verdict = BudgetVerdict(
            rule: "forbid <\"&", limit: .count(0), value: .count(1), isKept: false, details: ["/a\u{1}<b>"])
        let text = BudgetReport.junit([verdict], image: "x<y")
        #expect(text.contains("name=\"forbid &lt;&quot;&amp;\""))
        #expect(text.contains("/a\u{FFFD}&lt;b&gt;"))
        #expect(text.contains("tests=\"1\" failures=\"1\""))
    }
}
