import Testing
import YAML

@Suite struct WritingTests {
    @Test(arguments: [
        ("a: b\nc: [d, 'e']", "a: b\nc:\n- d\n- \"e\"\n"), ("{}", "{}\n"), ("[]", "[]\n"),
        ("a: {b: [], c: {d: }}", "a:\n  b: []\n  c:\n    d:\n"),
        ("a: 'x: y'", "a: \"x: y\"\n"), ("a: \"é\\n\"", "a: \"é\\n\"\n"), ("a: \"\\0\"", "a: \"\\0\"\n"),
        ("- - a\n  - b\n", "- - a\n  - b\n"),
        (
            "a: " + String(repeating: "word ", count: 20) + "end",
            "a: \(Array(repeating: "word", count: 16).joined(separator: " "))\n  word word word word end\n"
        ),
        ("a: &x b\nc: *x", "a: b\nc: b\n"), ("'': ''", "\"\": \"\"\n"),
    ])
    func writes(text: String, expected: String) throws {
        let node = try #require(try YAMLNode(parsing: Array(text.utf8)))
        #expect(node.document == expected)
    }

    /// What would be something else without quotes gets some.
    @Test(arguments: [
        "", " a", "a ", "- a", "a: b", "#a", "*a", "&a", "!a", "%a", "@a", "a\nb", "{", "[", "]", ",", "a #b", "?", "'",
        "\"", "\t", "\u{85}", "---",
    ])
    func quotesWhereItMust(text: String) throws {
        let node = YAMLNode(
            .mapping([
                YAMLNode.Member(
                    key: YAMLScalar("k"), at: YAMLPlace(line: 1, column: 1),
                    value: YAMLNode(.list([YAMLNode(.scalar(YAMLScalar(text)))])))
            ]))
        guard case .mapping(let members) = try YAMLNode(parsing: Array((node.document ?? "").utf8))?.content,
            case .list(let items) = members[0].value.content
        else {
            Issue.record("\(node.document ?? "nothing")")
            return
        }
        #expect(items.map(\.scalar?.text) == [text])
    }
}
