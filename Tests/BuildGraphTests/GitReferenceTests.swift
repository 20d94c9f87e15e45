import BuildGraph
import Testing

@Suite struct GitReferenceTests {
    private static let commit = "0123456789abcdef0123456789abcdef01234567"

    /// The text, and what it says: URL, reference, subdirectory, checksum, `.git`, submodules, times.
    @Test(arguments: [
        ("https://git.example/a.git", "https://git.example/a.git - - - - true false"),
        ("https://git.example/a.git#main", "https://git.example/a.git main - - - true false"),
        ("https://git.example/a.git#main:sub/dir", "https://git.example/a.git main sub/dir - - true false"),
        ("https://git.example/a.git#:sub", "https://git.example/a.git - sub - - true false"),
        ("git@git.example:a/b#v1", "git@git.example:a/b v1 - - - true false"),
        ("ssh://git@git.example/a#v1", "ssh://git@git.example/a v1 - - - true false"),
        ("git://git.example/a", "git://git.example/a - - - - true false"),
        ("https://git.example/a.git?ref=main&subdir=s%2Ft", "https://git.example/a.git main s/t - - true false"),
        ("https://git.example/a.git?tag=v1", "https://git.example/a.git refs/tags/v1 - - - true false"),
        ("https://git.example/a.git?branch=b", "https://git.example/a.git refs/heads/b - - - true false"),
        ("https://git.example/a.git?commit=abc1234", "https://git.example/a.git - - abc1234 - true false"),
        ("https://git.example/a.git?checksum=ABC1234", "https://git.example/a.git - - abc1234 - true false"),
        (
            "https://git.example/a.git?branch=b&commit=abc1234",
            "https://git.example/a.git refs/heads/b - abc1234 - true false"
        ),
        (
            "https://git.example/a.git?branch=b&checksum=abc1234&fetch-by-commit=1",
            "https://git.example/a.git refs/heads/b - abc1234 - true false"
        ),
        (
            "https://git.example/a.git?branch=b&checksum=\(commit)&fetch-by-commit=1",
            "https://git.example/a.git \(commit) - \(commit) - true false"
        ),
        (
            "https://git.example/a.git?checksum=\(commit)",
            "https://git.example/a.git \(commit) - \(commit) - true false"
        ),
        ("https://git.example/a.git?keep-git-dir", "https://git.example/a.git - - - true true false"),
        ("https://git.example/a.git?submodules=0&mtime=commit", "https://git.example/a.git - - - - false true"),
        ("https://git.example/a.git?ref=main#main", "https://git.example/a.git main - - - true false"),
    ])
    func reads(text: String, expected: String) throws {
        let source = try #require(try GitReference(text))
        let fields = [
            source.url, source.reference ?? "-", source.subdirectory ?? "-", source.checksum ?? "-",
            source.keepsGitDirectory.map(String.init) ?? "-", String(source.fetchesSubmodules),
            String(source.usesCommitTime),
        ]
        #expect(fields.joined(separator: " ") == expected)
    }

    @Test(arguments: [
        "a/b", "./a.git", "https://files.example/a.tar", "https://.git", "git://", "user@", "a@b", "github.com/a/b", "",
    ])
    func leavesOthersAlone(text: String) throws { #expect(try GitReference(text) == nil) }

    @Test(arguments: [
        ("?colour=red", GitReferenceError.unknownKey("colour")), ("?ref", .noValue("ref")), ("?ref=", .noValue("ref")),
        ("?ref=a&ref=b", .repeated("ref")), ("?submodules=maybe", .invalidValue("submodules", "maybe")),
        ("?mtime=now", .invalidValue("mtime", "now")), ("?ref=a#b", .conflict("ref", "b")),
        ("?tag=a&branch=a", .conflict("tag", "refs/heads/a")),
        ("?commit=abc1234&checksum=bbc1234", .conflict("commit", "bbc1234")),
        ("?checksum=abc", .invalidValue("checksum", "abc")),
        ("?commit=main-branch", .invalidValue("commit", "main-branch")),
    ])
    func refuses(query: String, error: GitReferenceError) {
        #expect(throws: error) { try GitReference("https://git.example/a.git" + query) }
    }
}
