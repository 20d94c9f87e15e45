import LinuxSystem
import TestSupport
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
            (["HTTP_PROXY": "http://p", "http_proxy": ""], "http_proxy", "http://p"),
            (["HTTP_PROXY": "http://p", "REQUEST_METHOD": "GET"], "http_proxy", nil),
            (["HTTP_PROXY": "http://p"], "HTTP_PROXY", nil), (["HTTPS_PROXY": "http://p"], "https_proxy", "http://p"),
            (["ALL_PROXY": "socks5://p"], "all_proxy", "socks5h://p"),
            (["all_proxy": "socks4://p"], "all_proxy", "socks4://p"),
            (["NO_PROXY": "a"], "NO_PROXY", nil), (["NO_PROXY": "a"], "no_proxy", "a"),
            (["NO_PROXY": "a", "no_proxy": ""], "no_proxy", "a"), (["no_proxy": "*.a, .b c:1,"], "no_proxy", "a,b"),
            (["no_proxy": "[fd00::1],10.0.0.0/8"], "no_proxy", "fd00::1,10.0.0.0/8"),
            (["no_proxy": "x,*"], "no_proxy", "*"), (["no_proxy": "*.example"], "no_proxy", "example,git.example"),
            (["no_proxy": "git.example:443"], "no_proxy", "git.example"),
            (["no_proxy": "git.example:80"], "no_proxy", nil),
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

    // MARK: Authorities

    /// Files below the home, the caller's variables, and what git is given for `https://git.example:8443`: settings and variables, a
    /// file in memory by its certificates.
    @Test(
        arguments: [
            ([], [:], []),
            (["ca.pem"], ["SSL_CERT_FILE": "HOME/ca.pem"], ["GIT_SSL_CAINFO=HOME/ca.pem"]),
            (
                ["d/one.pem", "e/two.pem"], ["SSL_CERT_DIR": "HOME/d:HOME/e"],
                ["GIT_SSL_CAINFO=one two", "GIT_SSL_CAPATH=HOME/d"]
            ),
            (
                ["ca.pem", "certs/git.example:8443/own.crt"], ["SSL_CERT_FILE": "HOME/ca.pem"],
                ["http.https://git.example:8443/.sslCAInfo=ca own", "http.sslCAInfo=HOME/ca.pem"]
            ),
            (
                ["certs/git.example:8443/b.crt", "certs/git.example:8443/a.crt", "certs/git.example/c.crt"], [:],
                ["http.https://git.example:8443/.sslCAInfo=a b"]
            ),
            (
                ["certs/git.example:8443/me.cert", "certs/git.example:8443/me.key"], [:],
                [
                    "http.https://git.example:8443/.sslCert=HOME/certs/me.cert",
                    "http.https://git.example:8443/.sslKey=HOME/certs/me.key",
                ]
            ),
            (
                ["ca.pem"], ["SSL_CERT_FILE": "HOME/ca.pem", "GIT_SSL_CAINFO": "/own"], ["GIT_SSL_CAINFO=/own"]
            ),
            (["certs/other.example/own.crt"], [:], []),
        ] as [([String], [String: String], [String])])
    func believes(files: [String], given: [String: String], expected: [String]) async throws {
        try await Files.withTemporaryDirectory { home in
            for file in files {
                let path = file.replacing(/^certs/, with: "config/containers/certs.d")
                let name = file.split(separator: "/").last?.prefix { $0 != "." } ?? ""
                try Files.write("<\(name)>\n", to: "\(home)/\(path)")
            }
            var variables = given.mapValues { $0.replacing("HOME", with: home) }
            variables["XDG_CONFIG_HOME"] = "\(home)/config"
            let access = GitAccess(HostEnvironment(variables: variables))
            let result = try access.surroundings(of: GitRemote("https://git.example:8443/a.git"))
            func shown(_ value: String) throws -> String {
                guard value.hasPrefix("/proc/") else {
                    return value.replacing(home, with: "HOME").replacing(
                        /config\/containers\/certs.d\/[^\/]*/, with: "certs")
                }
                // What the system has stands in front of them, without such marks.
                return try Files.text(value).matches(of: /<(\w+)>/).map { String($0.output.1) }.joined(separator: " ")
            }
            var told: [String] = []
            for name in ["GIT_SSL_CAINFO", "GIT_SSL_CAPATH"] {
                if let value = result.variables[name] { told.append("\(name)=\(try shown(value))") }
            }
            for index in 0..<(Int(result.variables["GIT_CONFIG_COUNT"] ?? "") ?? 0) {
                let name = result.variables["GIT_CONFIG_KEY_\(index)"] ?? ""
                guard name.contains("ssl") else { continue }
                told.append("\(name)=\(try shown(result.variables["GIT_CONFIG_VALUE_\(index)"] ?? ""))")
            }
            withExtendedLifetime(result.files) {}
            #expect(told.sorted() == expected.sorted())
        }
    }
}
