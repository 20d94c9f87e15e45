import Dockerfile
import Testing

@Suite struct ExpansionTests {
    static let variables = [
        "PWD": "/home", "NULL": "", "A": "a b", "PATH": "/x/y.tar.gz", "U": "한국어", "STAR": "xx**", "X": "xxyy",
        "Q": "a'b",
        "LINES": "a\nb",
    ]

    /// The text, and the result or the error.
    static let table: [(String, String)] = [
        ("hello", "hello"), ("he'll'o", "hello"), ("he\"ll\"o", "hello"), ("he\\'llo", "he'llo"), ("\\\\", "\\"),
        ("a\\", "a"), ("'a\\b'", "a\\b"), ("\"a\\b\\\"\\$PWD\"", "a\\b\"$PWD"), ("'$PWD'", "$PWD"),
        ("\"$PWD\"", "/home"), ("\\$PWD", "$PWD"), ("$PWD/x", "/home/x"), ("${PWD}x", "/homex"), ("$PWDx", ""),
        ("$NOPE.", "."), ("$", "$"), ("$.", "$."), ("a$\"b\"", "a$b"), ("$1a$12b", "ab"), ("$@$*$#$?$-$!", ""),
        ("$$PWD", "PWD"), ("$U${U}", "한국어한국어"), ("$Ü", ""), ("$A", "a b"), ("'", "! a single quote is not closed"),
        ("\"a", "! a double quote is not closed"), ("${", "! a '}' is missing in a substitution"),
        ("${}", "! bad substitution"), ("${:}", "! bad substitution"), ("${{x}}", "! bad substitution"),
        ("${PWD", "! a '}' is missing in a substitution"),
        ("${PWD=x}", "! unsupported modifier (=) in a substitution"),
        ("${PWD:=x}", "! unsupported modifier (:=) in a substitution"),
        ("${PWD:#x}", "! unsupported modifier (:#) in a substitution"),
        ("${PWD:%x}", "! unsupported modifier (:%) in a substitution"),
        ("${NOPE:-d}", "d"), ("${NULL:-d}", "d"), ("${NULL-d}", ""), ("${NOPE-d}", "d"), ("${PWD:-d}", "/home"),
        ("${NOPE:+s}.", "."), ("${NULL:+s}.", "."), ("${NULL+s}", "s"), ("${PWD:+s}", "s"), ("${NOPE+s}.", "."),
        ("${NOPE:-${PWD:+$A}}", "a b"), ("${NOPE:-a}b}", "ab}"), ("${NOPE:-'}'}", "}"), ("${NOPE:-\"$PWD\"}", "/home"),
        ("${NOPE:-a\\}b}", "a}b"), ("${NOPE:-", "! a '}' is missing in a substitution"),
        ("${PWD:?m}", "/home"), ("${NOPE?m $PWD}", "! NOPE: m /home"), ("${NULL?m}", ""), ("${NULL:?m}", "! NULL: m"),
        ("${NOPE:?}", "! NOPE: is not allowed to be unset"), ("${NULL:?}", "! NULL: is not allowed to be empty"),
        ("${PATH#*/}", "x/y.tar.gz"), ("${PATH##*/}", "y.tar.gz"), ("${PATH%.*}", "/x/y.tar"), ("${PATH%%.*}", "/x/y"),
        ("${PATH#nope}", "/x/y.tar.gz"), ("${NOPE#x}", ""), ("${X#*x*y}", "y"), ("${X##*x}", "yy"), ("${X%x}", "xxyy"),
        ("${X#}", "xxyy"), ("${X##}", "xxyy"), ("${X#?}", "xyy"), ("${STAR%%\\**}", "xx"), ("${STAR%\\*}", "xx*"),
        ("${X#$NULL}", "xxyy"), ("${LINES#*b}", "a\nb"), ("${LINES%%*}", "a\n"),
        ("${X#\\x}", "! invalid pattern (\\x) in a substitution"), ("${U#?}", "국어"), ("${U%?}", "한국"),
        ("${X/x/z}", "zxyy"), ("${X//x/z}", "zzyy"), ("${X/x}", "! a '/' is missing in a substitution"),
        ("${X//x/}", "yy"), ("${X/*/z}", "z"), ("${X//?/z}", "zzzz"), ("${X///-}", "-x-x-y-y-"),
        ("${X/$NULL/w}", "wxxyy"),
        ("${PATH//\\//-}", "-x-y.tar.gz"), ("${PATH/y*a/$PWD}", "/x//homer.gz"), ("${NOPE/x/y}", ""),
        ("${X//x*y/z}", "z"), ("${PATH//\\//\\/}", "\\/x\\/y.tar.gz"),
    ]

    @Test(arguments: table) func expands(_ text: String, _ expected: String) {
        #expect(Self.result(text, .backslash) == expected)
    }

    @Test(arguments: [("a`$PWD", "a$PWD"), ("a\\$PWD", "a\\/home"), ("\"`\"`x\"", "\"`x"), ("a`", "a")])
    func backtickEscapes(_ text: String, _ expected: String) {
        #expect(Self.result(text, .backtick) == expected)
    }

    @Test(arguments: [
        ("a  b", ["a", "b"]), ("$A c", ["a", "b", "c"]), ("\"$A\" c", ["a b", "c"]), ("a\\ b", ["a b"]), ("", []),
        ("''", []), ("'' a", ["a"]), ("a$NOPE b", ["a", "b"]), ("x$A", ["xa", "b"]), (" \t a\n", ["a"]),
        ("'a 'b c", ["a b", "c"]), ("${NOPE:-1 2}", ["1", "2"]), ("a\u{A0}b", ["a", "b"]),
    ])
    func splits(_ text: String, _ expected: [String]) throws {
        #expect(try WordExpander(escape: .backslash, variables: Self.variables).expand(text).words == expected)
    }

    @Test func reportsNames() throws {
        let expansion = try WordExpander(escape: .backslash, variables: Self.variables)
            .expand("$ZED ${PWD:-$NEVER} ${ALSO:-x} '$NOT' $ZED")
        #expect(expansion.used == ["PWD"])
        #expect(expansion.undefined == ["ZED", "NEVER", "ALSO"])
    }

    @Test func keepsWhatItIsToldTo() throws {
        let options: WordExpander.Options = [.keepUndefined, .keepQuotes, .keepEscapes]
        let text = "$a ${b} ${c:-d} 'e' \"f\" \\g ${h#i} ${j/k/l}"
        #expect(try WordExpander(escape: .backslash, options: options).expand(text).text == text)
        #expect(
            try WordExpander(escape: .backslash, variables: ["a": "1"], options: .ignoreQuotes).expand("'$a\"").text
                == "'1\"")
    }

    @Test func boundsDepthAndLength() {
        let deep = String(repeating: "${a:-", count: 100_000) + String(repeating: "}", count: 100_000)
        #expect(throws: ExpansionError.tooDeep) { try WordExpander(escape: .backslash).expand(deep) }
        let long = String(repeating: "$a", count: 2000)
        let value = String(repeating: "x", count: 1000)
        #expect(throws: ExpansionError.tooLong) {
            try WordExpander(escape: .backslash, variables: ["a": value]).expand(long)
        }
        let hostile = String(repeating: "x", count: 100_000)
        #expect(throws: ExpansionError.tooComplex) {
            try WordExpander(escape: .backslash, variables: ["a": hostile]).expand("${a//*x*x*y/z}")
        }
    }

    private static func result(_ text: String, _ escape: EscapeCharacter) -> String {
        do { return try WordExpander(escape: escape, variables: variables).expand(text).text } catch {
            return "! " + error.message
        }
    }
}
