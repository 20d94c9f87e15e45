import OCI
import TestSupport
import Testing

@testable import Distribution

@Suite(.timeLimit(.minutes(10))) struct AuthenticationTests {
    private func settings(_ authentication: FakeRegistry.Authentication) -> FakeRegistry.Settings {
        var settings = FakeRegistry.Settings()
        settings.authentication = authentication
        return settings
    }

    private func pull(
        _ settings: FakeRegistry.Settings, _ credential: Credential?, faults: [FakeRegistry.Fault] = [],
        configure: (inout RegistryClient.Configuration) -> Void = { _ in }
    ) async throws -> (requests: [FakeRegistry.Request], error: RegistryError?) {
        try await FakeRegistry.with(settings, faults: faults) { registry in
            SampleImage(layers: 6).add(to: registry)
            let given = credential.map { [registry.host: $0] } ?? [:]
            let content = MemoryContent()
            var failure: RegistryError?
            try await withClient(Credentials(given: given, files: []), configure: configure) { client in
                do {
                    _ = try await client.pull(try registry.reference(), .all, into: content)
                } catch let error as RegistryError {
                    failure = error
                }
            }
            #expect(content.digests == (failure == nil ? SampleImage(layers: 6).digests : []))
            return (registry.requests, failure)
        }
    }

    /// A registry that leads to another one, which gives everybody a token of its own, and gets no credentials.
    @Test func followsToARegistryThatAsks() async throws {
        try await FakeRegistry.with(settings(.bearer(name: nil, password: "", uses: .max))) { second in
            SampleImage().add(to: second)
            let script: @Sendable (ScriptedHTTPServer.Request, Int) -> [ScriptedHTTPServer.Action] = { request, _ in
                request.target == "/v2/"
                    ? [.ok([])]
                    : [
                        .answer(
                            "307 Temporary Redirect", ["Location": second.url(request.target), "Content-Length": "0"])
                    ]
            }
            try await ScriptedHTTPServer.with(script: script) { first in
                let host = "127.0.0.1:\(first.port)"
                let content = MemoryContent()
                let given = Credentials(given: [host: .password(name: "ann", password: "secret")], files: [])
                try await withClient(given) { client in
                    _ = try await client.pull(try ImageReference("\(host)/team/app:v1"), .all, into: content)
                }
                #expect(content.digests == SampleImage().digests)
                #expect(second.requests.filter { $0.path == "/token" }.count == 1)
                #expect(!second.requests.contains { $0.headers["authorization"]?.hasPrefix("Basic") == true })
            }
        }
    }

    @Test func asksOnceForAToken() async throws {
        let (requests, error) = try await pull(
            settings(.bearer(name: nil, password: "", uses: .max)), nil)
        #expect(error == nil)
        let tokens = requests.filter { $0.path == "/token" }
        #expect(tokens.count == 1)
        #expect(tokens.first?.query["service"] == ["fake"])
        #expect(tokens.first?.query["scope"] == ["repository:team/app:pull", "repository:x:pull"])
        #expect(tokens.first?.headers["authorization"] == nil)
        #expect(requests.filter { $0.headers["authorization"] == nil }.count == 2)
    }

    @Test func provesItselfToTheTokenServer() async throws {
        let (requests, error) = try await pull(
            settings(.bearer(name: "ann", password: "pass:word", uses: .max)),
            .password(name: "ann", password: "pass:word"))
        #expect(error == nil)
        #expect(requests.filter { $0.path == "/token" }.map { $0.query["account"] } == [["ann"]])
        #expect(requests.filter { $0.headers["authorization"]?.hasPrefix("Basic") == true }.map(\.path) == ["/token"])
    }

    @Test(arguments: [1, 2, 5])
    func renewsAnExpiredToken(uses: Int) async throws {
        let (requests, error) = try await pull(
            settings(.bearer(name: nil, password: "", uses: uses)), nil
        ) { $0.parallelBlobs = 1 }
        #expect(error == nil)
        // A manifest, a config and six layers.
        #expect(requests.filter { $0.path == "/token" }.count == (8 + uses - 1) / uses)
    }

    /// Where a token has run out, registries say so in many ways.
    @Test(arguments: [
        ("401 Unauthorized", "Bearer realm=\"/token\",service=\"s\",error=\"invalid_token\""),
        // Docker's hardened images.
        ("401 Unauthorized", nil),
        // Harbor.
        ("401 Unauthorized", "Basic realm=\"harbor\""),
        // ECR's public registry, and its private ones.
        ("400 Bad Request", nil), ("403 Forbidden", nil),
    ])
    func renewsATokenWhateverIsSaid(status: String, challenge: String?) async throws {
        let script: @Sendable (ScriptedHTTPServer.Request, Int) -> [ScriptedHTTPServer.Action] = { request, count in
            if request.target == "/v2/" { return [.ok([])] }
            if request.target.hasPrefix("/token") { return [.ok(Array("{\"token\":\"t\(count)\"}".utf8))] }
            guard let given = request.headers["authorization"] else {
                let first = "Bearer realm=\"/token\",service=\"s\""
                return [.answer("401 Unauthorized", ["WWW-Authenticate": first, "Content-Length": "0"])]
            }
            // The second request with the first token.
            if given == "Bearer t2", count > 3 {
                let headers = challenge.map { ["WWW-Authenticate": $0] } ?? [:]
                return [.answer(status, headers.merging(["Content-Length": "0"]) { $1 })]
            }
            return [.ok(Array("{\"tags\":[\"\(given)\"]}".utf8))]
        }
        try await ScriptedHTTPServer.with(script: script) { server in
            let host = "127.0.0.1:\(server.port)"
            let given = Credentials(given: [host: .password(name: "ann", password: "secret")], files: [])
            try await withClient(given) { client in
                let repository = RemoteRepository(try ImageReference("\(host)/a"))
                #expect(try await client.tags(of: repository) == ["Bearer t2"])
                #expect(try await client.tags(of: repository) == ["Bearer t5"])
            }
        }
    }

    /// A refusal that is meant so costs one token more, and stays one.
    @Test func believesARefusal() async throws {
        let script: @Sendable (ScriptedHTTPServer.Request, Int) -> [ScriptedHTTPServer.Action] = { request, count in
            if request.target == "/v2/" { return [.ok([])] }
            if request.target.hasPrefix("/token") { return [.ok(Array("{\"token\":\"t\(count)\"}".utf8))] }
            if request.headers["authorization"] == nil {
                let challenge = ["WWW-Authenticate": "Bearer realm=\"/token\"", "Content-Length": "0"]
                return [.answer("401 Unauthorized", challenge)]
            }
            return count > 3
                ? [.answer("403 Forbidden", ["Content-Length": "17"], Array("{\"error\":\"so no\"}".utf8))]
                : [.ok(Array("{\"tags\":[]}".utf8))]
        }
        try await ScriptedHTTPServer.with(script: script) { server in
            let repository = RemoteRepository(try ImageReference("127.0.0.1:\(server.port)/a"))
            try await withClient { client in
                _ = try await client.tags(of: repository)
                let error = await #expect(throws: RegistryError.self) { try await client.tags(of: repository) }
                guard case .denied(let answer) = error else { throw Unexpected(error) }
                #expect(answer.message == "so no")
            }
            #expect(server.requests.count == 7)
        }
    }

    /// Each resource once (GitLab takes the last scope of a repository, GHCR refuses all where it refuses one).
    @Test(arguments: [
        (["repository:a:pull"], ["repository:a:pull"], true, ["repository:a:pull"]),
        (["repository:a:pull,push"], ["repository:a:pull"], true, ["repository:a:pull,push"]),
        (["repository:a:pull"], ["repository:a:push,pull"], true, ["repository:a:pull,push"]),
        (["repository:a:pull"], ["repository:a:push,pull"], false, ["repository:a:pull"]),
        (["repository:a:pull"], ["repository:b:pull"], false, ["repository:a:pull"]),
        // Behind a proxy that puts something in front of names.
        (["repository:a:pull"], ["repository:local/a:pull"], true, ["repository:a:pull", "repository:local/a:pull"]),
        (
            ["repository:a:pull"], ["aws", "registry:catalog:*"], false,
            ["aws", "registry:catalog:*", "repository:a:pull"]
        ),
        (["repository:a:pull,push", "repository:b:pull"], [], true, ["repository:a:pull,push", "repository:b:pull"]),
        ([], ["repository:a:pull"], true, ["repository:a:pull"]), ([], [], true, []),
    ])
    func asksForEachResourceOnce(own: [String], asked: [String], isOfThese: Bool, expected: [String]) {
        #expect(TokenServer.wanted(own, asked: asked, isOfThese: isOfThese) == expected)
    }

    @Test func exchangesAnIdentityToken() async throws {
        let (requests, error) = try await pull(settings(.identity(token: "refresh me")), .identityToken("refresh me"))
        #expect(error == nil)
        let tokens = requests.filter { $0.path == "/token" }
        #expect(tokens.map(\.method) == ["POST"])
        #expect(tokens.first?.form["scope"] == ["repository:team/app:pull repository:x:pull"])
        #expect(tokens.first?.target == "/token")
    }

    @Test func logsInWithAPassword() async throws {
        let basic = settings(.basic(name: "ann", password: "secret"))
        let (requests, error) = try await pull(basic, .password(name: "ann", password: "secret"))
        #expect(error == nil)
        #expect(requests.filter { $0.headers["authorization"] == nil }.count == 1)
    }

    @Test func saysThatCredentialsAreMissingOrWrong() async throws {
        let kinds: [FakeRegistry.Authentication] = [
            .basic(name: "ann", password: "secret"), .bearer(name: "ann", password: "secret", uses: 9),
            .identity(token: "secret"),
        ]
        for kind in kinds {
            let wrong: Credential =
                if case .identity = kind { .identityToken("wr0ng") } else { .password(name: "ann", password: "wr0ng") }
            for (credential, tried) in [(nil, TriedCredentials.none), (wrong, .refused)] {
                let (_, error) = try await pull(settings(kind), credential)
                guard case .unauthorized(let answer, let actual) = error else { throw Unexpected(error) }
                #expect(actual == tried)
                #expect(answer.code == "UNAUTHORIZED")
                #expect(answer.target.repository == SampleImage.repository)
            }
        }
    }

    @Test func showsNoSecretThatTheRegistryRepeats() async throws {
        let body = #"{"errors":[{"code":"DENIED","message":"your password secret! is bad"}]}"#
        let fault = FakeRegistry.Fault("GET", "/manifests/", .status(403, body: body), after: 1)
        let (_, error) = try await pull(
            settings(.basic(name: "ann", password: "secret!")), .password(name: "ann", password: "secret!"),
            faults: [fault])
        guard case .denied(let answer) = error else { throw Unexpected(error) }
        #expect(answer.message == nil)
        #expect(!"\(String(reflecting: error))".contains("secret!"))
    }

    @Test func survivesATrembingTokenServer() async throws {
        let faults: [FakeRegistry.Fault] = [
            .init("GET", "/token", .status(503)), .init("GET", "/token", .status(429, headers: ["Retry-After": "1"])),
            .init("GET", "/token", .truncated(5)), .init("GET", "/token", .lost),
        ]
        let (_, error) = try await pull(settings(.bearer(name: nil, password: "", uses: .max)), nil, faults: faults)
        #expect(error == nil)
    }

    @Test func refusesAPageForAToken() async throws {
        let (_, error) = try await pull(
            settings(.bearer(name: nil, password: "", uses: .max)), nil, faults: [.init("GET", "/token", .page)])
        guard case .notARegistry(_, contentType: "text/html") = error else { throw Unexpected(error) }
    }

    @Test func checksALogin() async throws {
        try await FakeRegistry.with(settings(.bearer(name: "ann", password: "secret", uses: .max))) { registry in
            func check(_ password: String) async throws {
                let given = [registry.host: Credential.password(name: "ann", password: password)]
                try await withClient(Credentials(given: given, files: [])) {
                    try await $0.checkLogin(to: registry.host)
                }
            }
            try await check("secret")
            await #expect(throws: RegistryError.self) { try await check("other") }
        }
    }

    @Test(arguments: [
        ("Basic realm=\"x\"", ["basic realm=x"]),
        (
            "Bearer realm=\"https://a.example/t\",service=\"s\",scope=\"repository:a:pull,push\"",
            ["bearer realm=https://a.example/t scope=repository:a:pull,push service=s"]
        ),
        ("bearer realm = \"a\\\"b\" , service = s", ["bearer realm=a\"b service=s"]),
        ("Negotiate, Basic realm=\"a, b\", Bearer realm=c", ["negotiate", "basic realm=a, b", "bearer realm=c"]),
        ("Bearer realm=\"unclosed", ["bearer"]),
        ("", []), (",,,", []), ("=", []), ("Bearer =", ["bearer"]), ("Bearer a==", ["bearer"]), ("\"", []),
    ])
    func readsChallenges(header: String, expected: [String]) {
        let challenges = AuthenticationChallenge.parse([header]).map { challenge in
            ([challenge.scheme] + challenge.parameters.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" })
                .joined(separator: " ")
        }
        #expect(challenges == expected)
    }
}
