import Debian
import Testing

@Suite struct DependencyTests {
    @Test(arguments: [
        ("a", ["a"]), ("a, b ,c", ["a", "b", "c"]), ("a|b (>=2) | c", ["a | b (>= 2) | c"]),
        ("a:any (<< 1:2-3~)", ["a:any (<< 1:2-3~)"]),
        ("a(= 1)", ["a (= 1)"]), ("a (< 1), b (> 2)", ["a (<= 1)", "b (>= 2)"]),
        ("a [amd64], b [!amd64], c [i386 arm64]", ["a"]),
        ("a [linux-any] | b [armhf]", ["a"]), ("a <!nocheck>, b", ["b"]), ("g++-12, lib.x+y", ["g++-12", "lib.x+y"]),
        ("", []),
        ("a,\n b,\n", ["a", "b"]),
    ]) func `Relations are read`(_ text: String, _ expected: [String]) throws {
        #expect(try Dependency.parse(text, architecture: "amd64").map(\.description) == expected)
    }

    @Test(arguments: [
        "a b", "a (1)", "a (>= )", "a (>= 1", "(>= 1)", "a:", "a |", "a [amd64", "a (>= 1) x", "a (=> 1)", "ä",
    ])
    func `Other text is refused`(_ text: String) {
        #expect(throws: DependencyError.self) { try Dependency.parse(text, architecture: "amd64") }
    }
}
