import BuildGraph
import LinuxSystem
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import Engine

/// The way that git itself goes, by what it asks of whom: it knows fewer forms of exceptions than we do.
@Suite(.needsGit, .timeLimit(.minutes(5))) struct GitProxyTests {
    /// A server that is a proxy too, and notes who asks it for what: a whole address is asked of a proxy, a path of the server itself.
    private func asked(
        _ url: (_ port: Int) -> String, _ variables: (_ port: Int) -> [String: String]
    ) async throws -> Set<String> {
        let seen = Mutex<Set<String>>([])
        let script: @Sendable (ScriptedHTTPServer.Request, Int) -> [ScriptedHTTPServer.Action] = { request, _ in
            seen.withLock { _ = $0.insert(request.target.hasPrefix("/") ? "server" : "proxy") }
            return [.answer("404 Not Found", ["Content-Length": "0"])]
        }
        try await ScriptedHTTPServer.with(script: script) { server in
            let port = server.port
            try await Files.withTemporaryDirectory { directory in
                var environment = variables(port)
                (environment["PATH"], environment["HOME"]) = ("/usr/bin:/bin", directory)
                environment["GIT_CONFIG_NOSYSTEM"] = "1"
                let source = try #require(try GitReference(url(port)))
                let access = GitAccess(HostEnvironment(variables: environment))
                let git = try GitProgram(source, access, in: FilePath(directory))
                await #expect(throws: GitError.self) { try await git("ls-remote", git.remote.url) }
            }
        }
        return seen.withLock { $0 }
    }

    /// What `no_proxy` says, with PORT for the server's, and who is asked for a repository of `git.localhost`, a name that curl's library
    /// knows without asking anybody.
    @Test(
        arguments: [
            ("", "proxy"), ("git.localhost", "server"), (".localhost", "server"), ("*.localhost", "server"),
            ("localhost", "server"), ("git.localhost:PORT", "server"), ("git.localhost:1", "proxy"), ("*", "server"),
            ("a.example, *", "server"), ("GIT.LOCALHOST", "server"), ("git.localhost.", "server"),
            ("a.example git.localhost b.example", "server"), ("127.0.0.0/8", "proxy"), ("host", "proxy"),
            ("t.localhost", "proxy"), ("*.git.localhost", "proxy"), ("*.localhost:PORT", "server"),
            (".git.localhost", "server"),
        ])
    func goesOurWay(exceptions: String, expected: String) async throws {
        for name in ["no_proxy", "NO_PROXY"] {
            let seen = try await asked {
                "http://git.localhost:\($0)/x.git"
            } _: { port in
                [
                    name: exceptions.replacing("PORT", with: "\(port)"), "http_proxy": "http://127.0.0.1:\(port)",
                ]
            }
            #expect(seen == [expected])
        }
    }

    /// This machine by its very name needs no exception, and the variables have all their spellings.
    @Test(
        arguments: [
            ("http://127.0.0.1:PORT/x.git", "http_proxy", "server"),
            ("http://localhost:PORT/x.git", "all_proxy", "server"),
            ("http://git.localhost:PORT/x.git", "HTTP_PROXY", "proxy"),
            ("http://git.localhost:PORT/x.git", "all_proxy", "proxy"),
            ("http://git.localhost:PORT/x.git", "ALL_PROXY", "proxy"),
            ("http://git.localhost:PORT/x.git", "https_proxy", "server"),
            ("https://git.localhost:PORT/x.git", "HTTPS_PROXY", "proxy"),
        ])
    func readsEveryName(url: String, name: String, expected: String) async throws {
        let seen = try await asked {
            url.replacing("PORT", with: "\($0)")
        } _: {
            [name: "http://127.0.0.1:\($0)"]
        }
        #expect(seen == [expected])
    }
}
