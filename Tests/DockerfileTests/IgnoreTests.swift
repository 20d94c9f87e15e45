import Dockerfile
import Testing

@Suite struct IgnoreTests {
    /// An ignore file, paths that it leaves out, and paths that it keeps.
    static let table: [(String, [String], [String])] = [
        ("", [], ["a"]),
        ("a", ["a", "a/b", "a/b/c"], ["ab", "b/a"]),
        ("/a/", ["a", "a/b"], ["b/a"]),
        ("./a/../b", ["b"], ["a"]),
        ("  a  \n\n", ["a"], []),
        ("#a\n #b", ["#b"], ["#a", "b"]),
        ("*.go", ["x.go", ".go"], ["d/x.go", "x.gox"]),
        ("*/*.go", ["d/x.go"], ["x.go", "d/e/x.go"]),
        ("**/*.go", ["x.go", "d/x.go", "d/e/x.go"], ["x.c"]),
        ("**/x", ["x", "d/x", "d/x/y"], ["dx"]),
        ("**x", ["x", "dx", "d/ex"], ["xd"]),
        ("**x*", ["xd", "d/xe"], ["dx"]),
        ("d/**", ["d/x", "d/e/x"], ["d", "e/x"]),
        ("d/**/x", ["d/x", "d/e/x", "d/e/f/x"], ["d/e", "x", "d/ex"]),
        ("**", ["x", "d/e"], []),
        ("d**", ["d", "dx", "d/e", "dx/e"], ["ed"]),
        ("?x", ["ax", "éx"], ["x", "/x", "abx"]),
        ("[a-c]x", ["ax", "cx"], ["dx", "x"]),
        ("[^a-c]x", ["dx", "éx"], ["ax"]),
        ("[é]x", ["éx"], ["ex"]),
        ("a\\*b", ["a*b"], ["axb"]),
        ("a.b+c(d)|e$f^g{h}", ["a.b+c(d)|e$f^g{h}"], ["axb"]),
        ("*\n!keep", ["a", "a/keep"], ["keep", "keep/x"]),
        ("d\n!d/keep\n", ["d", "d/x"], ["d/keep", "d/keep/y"]),
        ("!d/keep\nd", ["d/keep", "d"], []),
        ("**/*.md\n!README.md", ["x.md", "d/README.md"], ["README.md"]),
        ("*.md\n!README*.md\nREADME-secret.md", ["x.md", "README-secret.md"], ["README.md", "README-x.md"]),
        ("! keep\n*\n!  keep", ["x"], ["keep"]),
        ("a/b/..", ["a", "a/b"], ["b"]),
        ("..\n/\n.", [], ["a"]),
        ("\u{FEFF}a", ["a"], []),
        ("a\r\nb\r\n", ["a", "b"], []),
    ]

    @Test(arguments: table) func decides(_ text: String, _ ignored: [String], _ kept: [String]) throws {
        let patterns = try IgnorePatterns(SourceFile(name: ".dockerignore", text: text))
        for path in ignored { #expect(patterns.decision(for: Array(path.utf8)).isIgnored, "\(path)") }
        for path in kept { #expect(!patterns.decision(for: Array(path.utf8)).isIgnored, "\(path)") }
    }

    @Test func namesTheLine() throws {
        let patterns = try IgnorePatterns(SourceFile(name: ".dockerignore", text: "# top\n\nbin\n!bin/x\nbin/x/y\n"))
        #expect(patterns.decision(for: Array("bin/z".utf8)).pattern?.line == 3)
        #expect(patterns.decision(for: Array("bin/x/z".utf8)).pattern?.text == "!bin/x")
        #expect(patterns.decision(for: Array("bin/x/y/z".utf8)).pattern?.line == 5)
        #expect(patterns.decision(for: Array("other".utf8)).pattern == nil)
    }

    /// Directories that a walk need not enter, and those that it must.
    @Test(arguments: [
        ("d", ["d"], []),
        ("d\n!d/keep", ["e"], ["d"]),
        ("d\n!d/*/keep", ["d/a/b", "e"], ["d", "d/a"]),
        ("d\n!**/keep", [], ["d", "d/e"]),
        ("d\n!d/**", ["e"], ["d", "d/e"]),
        ("d\n!d[/]keep", ["e"], ["d"]),
        ("*\n!a/b/c", ["b", "a/c", "a/b/c"], ["a", "a/b"]),
        ("*\n!*.txt", ["a", "b"], []),
        ("*\n!a?/b", ["abc", "b"], ["ab"]),
    ])
    func skips(_ text: String, _ skipped: [String], _ entered: [String]) throws {
        let patterns = try IgnorePatterns(SourceFile(name: ".dockerignore", text: text))
        for path in skipped { #expect(patterns.canSkip(Array(path.utf8)), "\(path)") }
        for path in entered { #expect(!patterns.canSkip(Array(path.utf8)), "\(path)") }
    }

    @Test(arguments: ["!", "a\n! ", "[a", "a[]", "[]a]", "[a-", "a\\", "[z-a"])
    func refuses(_ text: String) {
        #expect(throws: DockerfileError.self) { try IgnorePatterns(SourceFile(name: ".dockerignore", text: text)) }
    }

    @Test func namesNeedNotBeText() throws {
        let patterns = try IgnorePatterns(SourceFile(name: ".dockerignore", text: "a?b\n**/*.o"))
        #expect(patterns.decision(for: [0x61, 0xFF, 0x62]).isIgnored)
        #expect(patterns.decision(for: [0xC3, 0x2F, 0xFE, 0x2E, 0x6F]).isIgnored)
        #expect(!patterns.decision(for: [0x61, 0xFF, 0xFF, 0x62]).isIgnored)
    }
}

@Suite struct PathPatternTests {
    /// The table of Go's `filepath.Match`, in our words.
    @Test(arguments: [
        ("abc", "abc", true), ("*", "abc", true), ("*c", "abc", true), ("a*", "a", true), ("a*", "ab/c", false),
        ("a*/b", "abc/b", true), ("a*/b", "a/c/b", false), ("a*b*c*d*e*/f", "axbxcxdxe/f", true),
        ("a*b*c*d*e*/f", "axbxcxdxexxx/fff", false), ("a*b?c*x", "abxbbxdbxebxczzx", true),
        ("a*b?c*x", "abxbbxdbxebxczzy", false), ("ab[c]", "abc", true), ("ab[b-d]", "abc", true),
        ("ab[e-g]", "abc", false), ("ab[^c]", "abc", false), ("ab[^e-g]", "abc", true), ("a\\*b", "a*b", true),
        ("a\\*b", "ab", false), ("a?b", "a☺b", true), ("a[^a]b", "a☺b", true), ("a???b", "a☺b", false),
        ("[a-ζ]*", "α", true), ("*[a-ζ]", "A", false), ("a?b", "a/b", false), ("a*b", "a/b", false),
        ("[\\]a]", "]", true), ("[\\-]", "-", true), ("[x\\-]", "-", true), ("[\\-x]", "a", false), ("*x", "xxx", true),
        ("**/x", "a/x", true), ("**/x", "x", false), ("", "", true), ("", "a", false), ("*", "", true),
    ])
    func matches(_ pattern: String, _ path: String, _ expected: Bool) throws {
        #expect(try PathPattern(pattern).matches(path.utf8) == expected)
    }

    @Test(arguments: ["[]a]", "[-]", "[x-]", "[-x]", "[", "[^", "[^bc", "a[", "\\", "[\\", "[a-\\"])
    func refuses(_ pattern: String) {
        #expect(throws: PathPatternError.self) { try PathPattern(pattern) }
    }

    @Test func knowsLiterals() throws {
        #expect(try PathPattern("a\\*b").literal == Array("a*b".utf8))
        #expect(try PathPattern("a*b").literal == nil)
    }
}
