import Debian
import TestSupport
import Testing

@Suite struct VersionTests {
    /// Each earlier than the next.
    private static let ascending = [
        "0~~", "0~~a", "0~", "0", "0a", "0b1", "0b01a", "0+", "0.1", "1.0~rc1", "1.0~rc1+x", "1.0", "1.0-1~bpo1",
        "1.0-1",
        "1.0-1+b1", "1.0-1.1", "1.0-10", "1.0a", "1.0a-1", "1.0+dfsg", "1.0.1", "1.9", "1.10", "1:0", "1:0.5", "2:0",
    ]

    @Test func `Versions stand in their order`() throws {
        let versions = try Self.ascending.map { try #require(Version($0)) }
        for (i, left) in versions.enumerated() {
            for (j, right) in versions.enumerated() {
                #expect((left < right) == (i < j), "\(left) \(right)")
                #expect((left == right) == (i == j), "\(left) \(right)")
            }
        }
    }

    @Test(arguments: [("1.0", "1.00"), ("1.0", "0:1.0"), ("1.0", "1.0-0"), ("1a01", "1a1")])
    func `Spellings of one version are equal`(_ left: String, _ right: String) throws {
        #expect(try #require(Version(left)) == #require(Version(right)))
    }

    @Test(arguments: ["", " ", "1 2", "a:1", ":1", "1:", "1-", "-1", "-1:2", "+1:2", "99999999999:1", "1\n"])
    func `What is no version is refused`(_ text: String) { #expect(Version(text) == nil) }

    @Test(.enabled("dpkg is missing") { try await Program.isExpected("dpkg") })
    func `dpkg orders versions as we do`() async throws {
        var generator = SeededGenerator(seed: 3)
        let alphabet = Array("0019az~~++..-")
        func version() -> String {
            let epoch = Int.random(in: 0..<6, using: &generator) == 0 ? "1:" : ""
            let text =
                epoch + "\(Int.random(in: 0..<3, using: &generator))"
                + String(
                    (0..<Int.random(in: 0..<6, using: &generator)).map { _ in
                        alphabet.randomElement(using: &generator) ?? "."
                    })
            return text.hasSuffix("-") ? text + "0" : text
        }
        let pairs = (0..<600).map { _ in (version(), version()) }
        let script = """
            while read left right; do
                if dpkg --compare-versions "$left" lt "$right"; then echo lt
                elif dpkg --compare-versions "$left" eq "$right"; then echo eq
                else echo gt; fi
            done 2>/dev/null
            """
        let input = pairs.map { "\($0) \($1)\n" }.joined()
        let answers = String(decoding: try await Program.shell(script, Array(input.utf8)), as: UTF8.self).split(
            separator: "\n")
        try #require(answers.count == pairs.count)
        for ((left, right), answer) in zip(pairs, answers) {
            let (a, b) = (try #require(Version(left)), try #require(Version(right)))
            #expect((a < b ? "lt" : a == b ? "eq" : "gt") == answer, "\(left) \(right)")
        }
    }
}
