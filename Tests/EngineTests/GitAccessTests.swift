import LinuxSystem
import Testing

@testable import Engine

@Suite struct GitAccessTests {
    /// A name, and what it means among what a server lists.
    @Test(
        arguments: [
            (nil, "reference(\"refs/heads/main\")"), ("HEAD", "reference(\"refs/heads/main\")"),
            ("main", "reference(\"refs/heads/main\")"),
            ("both", "reference(\"refs/heads/both\")"), ("refs/tags/both", "reference(\"refs/tags/both\")"),
            ("v1", "reference(\"refs/tags/v1\")"),
            ("pull/1/head", "reference(\"refs/pull/1/head\")"), ("heads/main", "reference(\"refs/heads/main\")"),
            ("abcdef1", "commit(\"abcdef1\")"),
            ("ABCDEF1", "commit(\"abcdef1\")"), ("decade", "reference(\"refs/heads/decade\")"), ("abc", nil),
            ("nosuch", nil), ("1", nil),
        ] as [(String?, String?)])
    func findsReferences(name: String?, expected: String?) {
        let commit = String(repeating: "a", count: 40)
        let names = [
            "HEAD", "refs/heads/main", "refs/heads/both", "refs/tags/both", "refs/tags/v1", "refs/pull/1/head",
            "refs/heads/x/1", "refs/heads/decade",
        ]
        let listing = "ref: refs/heads/main\tHEAD\n" + names.map { "\(commit)\t\($0)\n" }.joined()
        #expect(GitTarget(name, in: listing).map { "\($0.place)" } == expected)
    }

    @Test func findsNothingInAnEmptyRepository() {
        #expect(GitTarget(nil, in: "") == nil)
        #expect(GitTarget("main", in: "garbage\n\t\nref: x") == nil)
    }

    /// A URL, and what of it may be seen, who it is for, and who asks.
    @Test(arguments: [
        ("https://git.example/a.git", "https://git.example/a.git https://git.example - -"),
        ("https://me:p%40ss@Git.Example:8443/a.git", "https://Git.Example:8443/a.git https://git.example:8443 me p@ss"),
        ("http://token@git.example/a.git", "http://git.example/a.git http://git.example token -"),
        ("https://a:b:c@d@git.example/a.git", "https://git.example/a.git https://git.example a b:c@d"),
        ("https://[::1]:80/a.git", "https://[::1]:80/a.git https://[::1]:80 - -"),
        ("ssh://me@git.example/a", "ssh://me@git.example/a - - -"),
        ("me@git.example:a/b", "me@git.example:a/b - - -"), ("https://:p@h/a.git", "https://h/a.git https://h - p"),
    ])
    func hidesLogins(url: String, expected: String) {
        let remote = GitRemote(url)
        #expect(
            [remote.url, remote.origin ?? "-", remote.user ?? "-", remote.password ?? "-"].joined(separator: " ")
                == expected)
    }

    /// Secrets by name, and the origin and value of each header for a repository of `https://git.example:8443`.
    @Test(
        arguments: [
            ([:], []), (["GIT_AUTH_TOKEN": "t"], ["https://git.example:8443 basic eC1hY2Nlc3MtdG9rZW46dA=="]),
            (["GIT_AUTH_HEADER": "bearer\u{20}x\n"], ["https://git.example:8443 bearer x"]),
            (["GIT_AUTH_TOKEN": "t", "GIT_AUTH_HEADER": "h"], ["https://git.example:8443 h"]),
            (
                ["GIT_AUTH_HEADER.git.example": "name", "GIT_AUTH_HEADER.git.example:8443": "port"],
                ["https://git.example:8443 port"]
            ),
            (["GIT_AUTH_HEADER.Git.Example": "name", "GIT_AUTH_HEADER": "h"], ["https://git.example:8443 name"]),
            (["GIT_AUTH_HEADER.other.example": "o"], ["https://other.example o"]),
            (
                ["GIT_AUTH_HEADER": "h", "GIT_AUTH_HEADER.other.example": "o"],
                ["https://git.example:8443 h", "https://other.example o"]
            ),
            (["GIT_AUTH_TOKEN": "\n", "GIT_AUTH_TOKEN.": "x", "OTHER": "y"], []),
        ] as [([String: String], [String])])
    func choosesSecrets(secrets: [String: String], expected: [String]) throws {
        let access = GitAccess(HostEnvironment(), secretNames: Array(secrets.keys)) {
            secrets[$0].map { Array($0.utf8) }
        }
        let headers = try access.headers(for: GitRemote("https://git.example:8443/a.git"))
        #expect(headers.map { "\($0.origin) \($0.value)" } == expected)
    }

    /// Variables of the caller, and one that git gets.
    @Test(
        arguments: [
            (["HTTP_PROXY": "http://p"], "http_proxy", "http://p"),
            (["HTTP_PROXY": "http://p", "http_proxy": ""], "http_proxy", ""),
            (["HTTP_PROXY": "http://p", "REQUEST_METHOD": "GET"], "http_proxy", nil),
            (["SSL_CERT_FILE": "/ca"], "GIT_SSL_CAINFO", "/ca"),
            (["SSL_CERT_FILE": "/ca", "GIT_SSL_CAINFO": "/own"], "GIT_SSL_CAINFO", "/own"),
            (["SSL_CERT_DIR": "/a:/b"], "GIT_SSL_CAPATH", "/a"),
            (["GIT_DIR": "/x"], "GIT_DIR", nil), (["GIT_SSH_COMMAND": "ssh -v"], "GIT_SSH_COMMAND", "ssh -v"),
            (["GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "a.b"], "GIT_CONFIG_KEY_1", "core.hooksPath"),
            (["GIT_CONFIG_COUNT": "-7"], "GIT_CONFIG_KEY_0", "core.hooksPath"), ([:], "GIT_TERMINAL_PROMPT", "0"),
        ] as [([String: String], String, String?)])
    func surrounds(given: [String: String], name: String, expected: String?) throws {
        let access = GitAccess(HostEnvironment(variables: given))
        #expect(try access.surroundings(of: GitRemote("https://git.example/a.git")).variables[name] == expected)
    }
}
