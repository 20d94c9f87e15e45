import Testing

@testable import Bake

/// Source of the expected matches: Go's `regexp`, which bake's own implementation uses.
struct PatternTests {
    /// A pattern, a text, and all matches with their groups; nil where the pattern is none.
    private static let table: [(pattern: String, text: String, expected: String?)] = [
        ("a+", "baaac aa", "aaa|aa"),
        ("a+?", "aaa", "a|a|a"),
        ("(a)(b)?", "aab", "a,a,nil|ab,a,b"),
        ("(?P<y>[0-9]{4})-(?P<m>[0-9]{2})", "1970-01 2020-12", "1970-01,1970,01|2020-12,2020,12"),
        ("a|ab", "ab", "a"),
        ("ab|a", "ab", "ab"),
        ("(a|ab)(c|bcd)", "abcd", "abcd,a,bcd"),
        ("b*", "abc", "|b|"),
        ("x*", "é", "|"),
        ("(x?)+", "xx", "xx,x"),
        ("(x*)*", "xx", "xx,xx"),
        ("(?:é?|c|1)+", "c1é", "||é"),
        ("(a*)+?b", "aab", "aab,aa"),
        ("^a", "aa", "a"),
        ("a$", "aa\n", "none"),
        ("(?m)^.$", "a\nb\n", "a|b"),
        (".", "\n", "none"),
        ("(?s).", "\n", "\n"),
        ("(?i)straße", "STRASSE Straße", "Straße"),
        ("(?i)[a-c]+", "AbCd", "AbC"),
        ("a(?i)b|c", "aB C", "aB|C"),
        ("(?i:a)b", "Ab aB", "Ab"),
        ("(?U)a+", "aaa", "a|a|a"),
        ("(?U)a+?", "aaa", "aaa"),
        ("(?i)a(?-i)b", "AB Ab", "Ab"),
        ("\\bb\\w*", "ab bc b", "bc|b"),
        ("\\Bb", "ab b", "b"),
        ("\\Aa|b\\z", "aab b", "a|b"),
        ("\\d+\\.\\d+", "1.25 .5", "1.25"),
        ("[^a-c\\d]+", "abc1xyz2", "xyz"),
        ("[]a]+", "]a]", "]a]"),
        ("[^]a]+", "x]y", "x|y"),
        ("[a-]+", "a-b", "a-"),
        ("[[:alpha:]_]+", "ab_1", "ab_"),
        ("[[:^alpha:]]+", "ab12", "12"),
        ("[[:x", "[[:x", nil),
        ("\\pL+", "aé1", "aé"),
        ("\\p{Lu}\\P{Lu}*", "AbcÉd", "Abc|Éd"),
        ("\\p{^L}", "a1", "1"),
        ("\\x41\\x{e9}\\101\\0", "AéA\0", "AéA\0"),
        ("\\Qa.b\\E+", "a.bbb axb", "a.bbb"),
        ("a\\Q\\E*", "aaa", "aaa"),
        ("a{2}", "aaaaa", "aa|aa"),
        ("a{2,}", "aaaaa", "aaaaa"),
        ("a{1,2}?", "aaa", "a|a|a"),
        ("a{0}b", "ab", "b"),
        ("a{,2}", "aa{,2}", "a{,2}"),
        ("a{x}", "a{x}", "a{x}"),
        ("a(?s)+", "aa", "aa"),
        ("(?:)", "ab", "||"),
        ("", "ab", "||"),
        ("a\\_b", "a_b", "a_b"),
        ("\\$\\{", "${", "${"),
        ("(a+)+b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "none"),
        ("**", "a", nil),
        ("a**", "a", nil),
        ("a{2}{3}", "a", nil),
        ("a{1001}", "a", nil),
        ("(a{100}){100}", "a", nil),
        ("a{2,1}", "a", nil),
        ("(", "a", nil),
        (")", "a", nil),
        ("[", "a", nil),
        ("[b-a]", "a", nil),
        ("[[:no:]]", "a", nil),
        ("\\", "a", nil),
        ("\\1", "a", nil),
        ("\\8", "a", nil),
        ("\\y", "a", nil),
        ("\\pX", "a", nil),
        ("\\p{Lu", "A", nil),
        ("\\x{110000}", "a", nil),
        ("\\x4", "a", nil),
        ("(?=a)", "a", nil),
        ("(?<=a)b", "ab", nil),
        ("(?P<>a)", "a", nil),
        ("(?P<1-2>a)", "a", nil),
        ("(?z)", "a", nil),
        ("(?i", "a", nil),
        ("{1}", "a", nil),
        ("(?i)*", "a", nil),
    ]

    private static func text(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }

    @Test func matchesAsGo() throws {
        for row in Self.table {
            guard let expected = row.expected else {
                #expect(throws: Pattern.Mistake.self, "\(row.pattern)") { try Pattern(row.pattern) }
                continue
            }
            let scalars = Array(row.text.unicodeScalars)
            let found = try Pattern(row.pattern).matches(in: scalars).map { match in
                match.map { group in group.map { Self.text(scalars[$0]) } ?? "nil" }.joined(separator: ",")
            }
            #expect(
                (found.isEmpty ? "none" : found.joined(separator: "|")) == expected, "\(row.pattern) in \(row.text)")
        }
    }

    /// Each of these has ways that double with every character, or a program without an end.
    @Test func endsWithWhatIsHostile() throws {
        let text = Array(repeating: Unicode.Scalar("x"), count: 2_000)
        for pattern in ["(x+x+)+y", "(x|x)*y", "(x*)*y", "(?:x?){30}x{30}y"] {
            #expect(try Pattern(pattern).matches(in: text).isEmpty)
        }
        #expect(throws: Pattern.TooLong.self) { try Pattern(".*y|x").matches(in: text, steps: 100_000) }
        for pattern in [
            String(repeating: "(", count: 100_000), String(repeating: "x", count: 1_000_000),
            String(repeating: "(", count: 9) + "x" + String(repeating: "{1000})", count: 9),
        ] {
            #expect(throws: Pattern.Mistake.self) { try Pattern(pattern) }
        }
    }
}
