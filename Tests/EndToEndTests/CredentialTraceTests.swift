import OCI
import TestSupport
import Testing

/// Users and passwords of URLs: used, and told nowhere.
@Suite struct CredentialTraceTests {
    private static let password = "pa55-of-the-test"

    private static func url(_ server: ScriptedHTTPServer, _ path: String) -> String {
        server.url(path).replacing("http://", with: "http://me:\(password)@")
    }

    /// What ADD fetches: steps, progress of all kinds, the image's history, its provenance, what the store remembers.
    @Test(.requires(.root)) func leavesNoTraceOfAddedURLs() async throws {
        try await Distill.withStore { distill in
            try await ScriptedHTTPServer.with(script: { _, _ in [.ok(Array("content\n".utf8))] }) { server in
                let context = try distill.context([
                    "Dockerfile":
                        "FROM scratch\nARG FROM_ARG\nADD $FROM_ARG /a\nADD \(Self.url(server, "/b")) /b\nLABEL a=b\n"
                ])
                for (mode, path) in [("plain", "/a"), ("rawjson", "/a"), ("plain", "/c")] {
                    let outcome = try await distill(
                        "build", "--progress", mode, "--explain-cache", "--build-arg",
                        "FROM_ARG=\(Self.url(server, path))", "-t", "image",
                        "--provenance=mode=max", "-o", "type=oci,dest=\(distill.directory)/image.tar", context)
                    try outcome.mustSucceed()
                    #expect(outcome.text.contains("127.0.0.1") && !outcome.text.contains(Self.password), "\(outcome)")
                }
                #expect(server.requests.allSatisfy { $0.headers["authorization"] != nil }, "credentials are used")
                #expect(try await !distill("history", "--no-trunc", "image").text.contains(Self.password))
                try Files.write("", to: "\(context)/Dockerfile")
                let found = try await Command("grep", ["-rl", Self.password, distill.directory]).run()
                #expect(found.output == "", "\(found)")
            }
        }
    }

    /// Errors: of a server, of an address that is none, of a command, of a line of the file, and of a context.
    @Test(.requires(.root), .requires(.program("busybox"))) func showsNoPasswordInErrors() async throws {
        try await Distill.withStore { distill in
            let refused = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
            try await ScriptedHTTPServer.with(script: { _, _ in [.send(Array(refused.utf8))] }) { server in
                let url = Self.url(server, "/x")
                for line in [
                    "ADD \(url) /x", "ADD http://me:\(Self.password)@ho|st/x /x", "COPY \(url) /x",
                    "ADD \(url)?a.git?colour=red /x",
                ] {
                    let outcome = try await distill.build("FROM scratch\n\(line)\n")
                    #expect(outcome.exitCode == 1 && !outcome.text.contains(Self.password), "\(outcome)")
                }
                let command = try await distill.buildOnBusybox("FROM shell\nRUN : \(url); false\n")
                #expect(command.exitCode == 1 && !command.text.contains(Self.password), "\(command)")
                let fetched = try await distill("build", url)
                #expect(fetched.exitCode == 1 && !fetched.text.contains(Self.password), "\(fetched)")
            }
        }
    }

    @Test(.requires(.program("git"))) func showsNoPasswordOfAContextThatCannotBeFetched() async throws {
        try await Distill.withStore { distill in
            let refused = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"
            try await ScriptedHTTPServer.with(script: { _, _ in [.send(Array(refused.utf8))] }) { server in
                let url = Self.url(server, "/x.git")
                for context in [url, url + "?colour=red"] {
                    let outcome = try await distill("build", context)
                    #expect(outcome.exitCode == 1 && !outcome.text.contains(Self.password), "\(outcome)")
                }
                let further = try await distill(
                    "build", "--build-context", "more=\(url)", try distill.context(["Dockerfile": "FROM scratch\n"]))
                #expect(further.exitCode == 1 && !further.text.contains(Self.password), "\(further)")
            }
        }
    }
}
