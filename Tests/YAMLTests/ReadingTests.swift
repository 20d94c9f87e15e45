import TestSupport
import Testing
import YAML

@Suite struct ReadingTests {
    /// Documents, and what they are.
    static let documents: [(text: String, expected: String)] = [
        ("", "nil"), ("# nothing\n", "nil"), ("---\n", "null"), ("---\n...\n", "null"), ("a", "a"), ("{}", "{}"),
        ("[]", "[]"),
        ("a: 1\nb: '1'\nc: \"1\"", "{a: 1, b: \"1\", c: \"1\"}"),
        ("a:\n- b\n- c: d\n  e: f\n", "{a: [b {c: d, e: f}]}"),
        ("a: |\n  x\n  y\n", "{a: \"x\\ny\\n\"}"), ("a: >-\n  x\n  y\n", "{a: \"x y\"}"),
        ("a: |2\n   x\n", "{a: \" x\\n\"}"),
        ("a: x\n  y\n", "{a: x y}"), ("a: \"\\x41\\u00e9\\t\\\\\"", "{a: \"Aé\\t\\\\\"}"),
        ("a: 'it''s'", "{a: \"it\\'s\"}"),
        // Null is a plain word of the core schema, or nothing at all.
        ("[~, null, Null, NULL, '', 'null', nULL, \"~\"]", "[null null null null \"\" \"null\" nULL \"~\"]"),
        ("a:\nb: \n", "{a: null, b: null}"),
        (
            "[!!str null, !!null null, ! null]",
            "[!<tag:yaml.org,2002:str> null !<tag:yaml.org,2002:null> null !<!> null]"
        ),
        (
            "a: !reset\nb: !override [x]\nc: !!str 1",
            "{a: !<!reset> , b: !<!override> [x], c: !<tag:yaml.org,2002:str> 1}"
        ),
        ("%TAG !e! tag:example,2000:\n---\n!e!x a", "!<tag:example,2000:x> a"), ("%YAML 1.2\n---\na", "a"),
        ("%YAML 1.1\n---\na", "a"),
        // Aliases are what they repeat; an anchor may be given anew.
        ("a: &x {b: c}\nd: *x\n", "{a: {b: c}, d: {b: c}}"), ("[&a x, *a, &a y, *a]", "[x x y y]"),
        ("{&k a: b, c: *k}", "{a: b, c: a}"),
        ("- &a [x]\n- &b [*a, *a]\n- *b\n", "[[x] [[x] [x]] [[x] [x]]]"), ("&a x: *a", "{x: x}"),
        ("<<: {a: b}\nc: d", "{<<: {a: b}, c: d}"), ("'<<': x", "{\"<<\": x}"), ("? a\n: b\n? c\n", "{a: b, c: null}"),
        ("\"a: b\": c", "{\"a: b\": c}"), ("a: b # c\nd: e#f", "{a: b, d: e#f}"), ("http://x: y:z", "{http://x: y:z}"),
        ("{a: b, c, d: }", "{a: b, c: null, d: null}"), ("[a: b]", "[{a: b}]"), ("a: b\r\nc: d\r\n", "{a: b, c: d}"),
        ("é: 你好", "{é: 你好}"),
        ("\u{FEFF}a: b", "{a: b}"), ("a: \"\\0\"", "{a: \"\\0\"}"), ("yes: on", "{yes: on}"),
        ("0o17: 1_000", "{0o17: 1_000}"),
    ]

    @Test(arguments: documents) func readsDocuments(text: String, expected: String) {
        #expect(notation(Array(text.utf8)) == expected)
    }

    /// Mistakes, and what is said of them.
    static let mistakes: [(text: String, expected: String)] = [
        ("a: [", "2:1: a value is missing here"), ("a: [b", "2:1: a ',' or ']' is missing"),
        ("a: {b: c", "2:1: a ',' or '}' is missing"),
        ("a: b: c", "1:5: a ':' cannot stand here; put quotes around the text, or begin a line for the key"),
        ("a: b\n c: d", "2:3: a ':' cannot stand here; put quotes around the text, or begin a line for the key"),
        ("a: 'b", "1:6: a quote is not closed"), ("a: \"b\n---\n", "2:1: a quote is not closed"),
        ("a: \"\\d\"", "1:5: double quotes know no such escape; write '\\\\', or use single quotes"),
        ("a: @b", "1:4: no value begins with this character; put quotes around the text"),
        ("a:\n\t- b", "2:1: no value begins with this character; put quotes around the text"),
        ("a:\n  b: c\n d: e", "3:2: a key is expected here; look at the indentation"),
        ("- a\n b: c", "2:3: a ':' cannot stand here; put quotes around the text, or begin a line for the key"),
        ("- a\nb: c", "2:1: an item with '-' is expected here; look at the indentation"),
        ("a: - b", "1:4: an item with '-' cannot stand here; begin it on a line of its own"),
        ("a: b\nc\nd: e", "3:1: a ':' is missing behind the key; look at the indentation too"),
        ("a: *", "1:5: a name of letters and digits is missing behind '&' or '*'"),
        ("a: *b", "1:4: no '&b' stands before the alias '*b'"),
        ("&a [*a]", "1:5: no '&a' stands before the alias '*a'"),
        ("a: !e!x b", "1:4: no %TAG line says what this tag's prefix means"),
        ("a: !<x b", "1:7: this is no tag"), ("%X\n", "1:3: a line that begins with '%' must be"),
        ("%YAML 3.0\n---\na", "1:1: this version of YAML is not known"),
        ("a: |x\n", "1:5: behind '|' and '>' stands nothing but a digit from 1 to 9, '+', '-' or a comment"),
        ("a: b\n]", "2:1: a key is expected here; look at the indentation"),
        ("[a]\nb", "2:1: the document has ended above; look at the indentation"),
        ("{? [x] : y}", "1:4: a key that is no text"),
        ("{{x: y}: z}", "1:2: a key that is no text"),
        ("--- a\n--- b", "2:1: a second document begins here; leave one"),
        ("a: 1\nb: 2\na: 3", "1:1: 'a' stands here twice"), ("{a: 1, 'a': 2}", "1:2: 'a' stands here twice"),
        ("a: {<<: {}, <<: {}}", "1:5: '<<' stands here twice"), ("a: \u{0}", "1:4: a control character stands here"),
        ("a: b\né\u{7}", "2:2: a control character stands here"),
    ]

    @Test(arguments: mistakes) func tellsWhatIsWrongAndWhere(text: String, expected: String) {
        let told = notation(Array(text.utf8))
        #expect(told.hasPrefix(expected), "\(told)")
    }

    /// Bytes in other encodings, and in none.
    private static let encodings: [(bytes: [UInt8], expected: String)] = [
        ([0xFF, 0xFE, 0x61, 0, 0x3A, 0, 0x20, 0, 0xE9, 0], "{a: é}"),
        ([0xFE, 0xFF, 0, 0x61, 0, 0x3A, 0, 0x20, 0x4F, 0x60], "{a: 你}"),
        ([0xFF, 0xFE, 0x3D, 0xD8, 0x00, 0xDE], "😀"), ([0xFF, 0xFE], "nil"),
        ([0xFF, 0xFE, 0x61, 0, 0x0A, 0, 0x62, 0, 0x00, 0xDC], "2:2: these bytes are no UTF-16"),
        ([0xFE, 0xFF, 0, 0x61, 0xD8, 0x3D, 0, 0x61], "1:3: these bytes are no UTF-16"),
        ([0xFF, 0xFE, 0x61], "1:1: these bytes are no UTF-16"),
        ([0x61, 0x0A, 0xFF], "2:1: these bytes are no UTF-8"), ([0x61, 0xC3], "1:2: these bytes are no UTF-8"),
        ([0xC3, 0xA9, 0xC0, 0x80], "1:2: these bytes are no UTF-8"),
        ([0xED, 0xA0, 0x80], "1:1: these bytes are no UTF-8"),
        ([0xEF, 0xBB, 0xBF, 0x61, 0xF8], "1:2: these bytes are no UTF-8"),
    ]

    @Test(arguments: encodings) func readsEncodings(bytes: [UInt8], expected: String) {
        let told = notation(bytes)
        #expect(told.hasPrefix(expected), "\(told)")
    }

    @Test func knowsPlaces() throws {
        let root = try #require(
            try YAMLNode(parsing: Array("é: &a\n  b: [c, *d, {e: f}]\n".replacing("*d", with: "d").utf8)))
        guard case .mapping(let members) = root.content, case .mapping(let inner) = members[0].value.content,
            case .list(let items) = inner[0].value.content
        else { throw Failure() }
        let places =
            [root.place, members[0].place, members[0].value.place, inner[0].place, inner[0].value.place]
            + items.map(\.place)
        #expect(places.map { "\($0.line):\($0.column)" } == ["1:1", "1:1", "1:4", "2:3", "2:6", "2:7", "2:10", "2:13"])
    }

    /// What an alias repeats stands where it was written.
    @Test func aliasesPointToWhatTheyRepeat() throws {
        guard case .list(let items) = try YAMLNode(parsing: Array("- &a x\n- *a\n".utf8))?.content else {
            throw Failure()
        }
        #expect(items.map(\.place.line) == [1, 1])
    }

    private struct Failure: Error {}
}

/// Files that are meant to do harm: each is refused before it has become large.
@Suite struct HostileTests {
    private static func laughs(_ levels: Int, of item: String = "x") -> String {
        (1...levels).reduce("a0: &a0 [\(item)]\n") { text, level in
            text + "a\(level): &a\(level) [\(Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", "))]\n"
        }
    }

    private static let texts: [(name: String, text: String, expected: String)] = [
        ("laughs", laughs(9), "6:15: it has more than 50000 parts"),
        ("large laughs", laughs(4, of: String(repeating: "x", count: 9000)), "4:50: its texts have more than"),
        ("brackets", String(repeating: "[", count: 10_000), "1:65: lists and mappings nest deeper than 64"),
        ("braces", String(repeating: "{a: ", count: 10_000), "1:254: lists and mappings nest deeper than 64"),
        ("dashes", String(repeating: "- ", count: 10_000), "1:129: lists and mappings nest deeper than 64"),
        ("questions", String(repeating: "? ", count: 10_000), "1:129: lists and mappings nest deeper than 64"),
        ("lines", (0..<10_000).map { "\n" + String(repeating: " ", count: min($0, 90)) + "k:" }.joined(), "65:"),
        ("depth by aliases", (1...40).reduce("a0: &a0 [[x]]\n") { "\($0)a\($1): &a\($1) [[*a\($1 - 1)]]\n" }, "32:"),
        (
            "aliases", "a: &a x\nb: [" + String(repeating: "*a ,", count: 10_001) + "]",
            "2:40005: it has more than 10000 aliases"
        ),
        ("parts", "[" + String(repeating: "x,", count: 50_000) + "]", "1:100000: it has more than 50000 parts"),
        ("bytes", String(repeating: "a", count: 1 << 20) + "b", "1:1: it has more than 1048576 bytes"),
        ("directives", String(repeating: "%TAG !a! x\n", count: 90_000) + "---\na", "1:1: a line that begins with '%'"),
    ]

    @Test(arguments: texts) func isRefused(name: String, text: String, expected: String) {
        let told = notation(Array(text.utf8))
        #expect(told.hasPrefix(expected), "\(name): \(told.prefix(200))")
    }

    /// As large as may be, and soon read.
    @Test(arguments: [
        "'" + String(repeating: "a", count: (1 << 20) - 2) + "'", String(repeating: "#\n", count: 1 << 19),
        String(repeating: "[", count: 63) + String(repeating: "]", count: 63), String(repeating: "\n", count: 1 << 20),
        (0..<24_000).map { "k\($0):\n" }.joined(), "&" + String(repeating: "a", count: 1 << 19) + " x",
        "!" + String(repeating: "a", count: 1 << 19) + " x",
    ])
    func isRead(text: String) throws { _ = try YAMLNode(parsing: Array(text.utf8)) }

    /// Nothing that is cut off or changed does more than being refused.
    @Test func noTextTraps() {
        let text =
            "%YAML 1.2\n---\na: &x [b, 'c', \"\\u00e9\", !!str d, !reset {e: f}]\n? g\n: |2-\n   h\nté: *x\n<<: [*x]\n...\n"
        let bytes = Array(text.utf8)
        for end in bytes.indices { _ = notation(Array(bytes[..<end])) }
        for index in bytes.indices {
            for byte: UInt8 in [0, 9, 10, 0x20, 0x22, 0x27, 0x2A, 0x3A, 0x5B, 0x7B, 0x80, 0xFF] {
                var changed = bytes
                changed[index] = byte
                _ = notation(changed)
            }
        }
    }
}
