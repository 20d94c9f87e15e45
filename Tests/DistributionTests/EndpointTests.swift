import OCI
import Synchronization
import TestSupport
import Testing

@testable import Distribution

@Suite(.timeLimit(.minutes(10))) struct EndpointTests {
    @Test(arguments: [
        ("docker.io", true, "https://registry-1.docker.io/v2/"), ("reg.example", true, "https://reg.example/v2/"),
        ("reg.example:5000", true, "https://reg.example:5000/v2/"),
        ("localhost:5000", false, "http://localhost:5000/v2/"),
        ("[::1]:5000", false, "http://[::1]:5000/v2/"),
    ])
    func findsTheHost(registry: String, isSecure: Bool, root: String) throws {
        let endpoint = try #require(RegistryEndpoint(registry: registry, isSecure: isSecure))
        #expect(endpoint.root.text == root)
        #expect(endpoint.url("a/b/manifests/sha256:00").text == root + "a/b/manifests/sha256:00")
    }

    @Test func speaksPlainHTTPOnlyToThisMachineOrWhenTold() async throws {
        try await FakeRegistry.with { registry in
            SampleImage().add(to: registry)
            let reference = try registry.reference()
            for security in [nil, RegistryTransport.Security.plain, .unverified] {
                try await withClient {
                    $0.transports[registry.host] = security.map { RegistryTransport(security: $0) }
                } _: { client in
                    let found = try await client.resolve(reference)
                    #expect(found.digest == SampleImage().digest)
                }
            }
            try await withClient {
                $0.transports[registry.host] = RegistryTransport()
            } _: { client in
                let error = await #expect(throws: RegistryError.self) { try await client.resolve(reference) }
                guard case .unreachable = error else { throw Unexpected(error) }
            }
            #expect(registry.requests.count == 3)
        }
    }

    @Test(arguments: [
        ("https://reg.example/a/b", "https://store.example/x?sig=1", "https://store.example/x?sig=1"),
        ("https://reg.example/a/b", "/x", "https://reg.example/x"),
        ("https://reg.example/a/b", "http://reg.example/x?sig=1", "http://reg.example/x unencrypted"),
        ("https://reg.example/a/b", "http://127.0.0.1/x", "http://127.0.0.1/x unencrypted"),
        ("http://reg.example/a/b", "http://store.example/x", "http://store.example/x"),
        ("https://reg.example/a/b", "https://n:p@store.example/x", "https://store.example/x invalid"),
        ("https://reg.example/a/b", "file:///x", "file:///x invalid"),
        ("https://reg.example/a/b", "https://", "https:// invalid"),
    ])
    func judgesRedirects(from: String, to location: String, expected: String) throws {
        let url = try #require(HTTPURL(from))
        let found: String
        do { found = try RegistrySession.redirect(from: url, to: location).text } catch {
            guard case .redirectRefused(_, let shown, let reason) = error else { throw error }
            found = "\(shown) \(reason)"
        }
        #expect(found == expected)
    }

    @Test func goesThroughAProxy() async throws {
        let script: @Sendable (ScriptedHTTPServer.Request, Int) -> [ScriptedHTTPServer.Action] = { request, _ in
            request.line.hasPrefix("CONNECT ")
                ? [.answer("403 Forbidden", ["Content-Length": "0"])] : [.ok(Array("{\"tags\":[\"a\"]}".utf8))]
        }
        try await ScriptedHTTPServer.with(script: script) { proxy in
            var configuration = RegistryClient.Configuration()
            configuration.transports["reg.example"] = RegistryTransport(security: .plain)
            try await RegistryClient.withClient(
                configuration: configuration, environment: ["http_proxy": "ann:p%40ss@127.0.0.1:\(proxy.port)"]
            ) { client in
                let tags = try await client.tags(of: RemoteRepository(try ImageReference("reg.example/x")))
                #expect(tags == ["a"])
            }
            #expect(proxy.requests.map(\.line) == ["GET http://reg.example/v2/x/tags/list?n=1000 HTTP/1.1"])
            #expect(proxy.requests.map { $0.headers["host"] } == ["reg.example"])
            #expect(
                proxy.requests.map { $0.headers["proxy-authorization"] } == [
                    "Basic " + Base64.encode(Array("ann:p@ss".utf8))
                ])
        }
    }

    @Test func endsASilentServer() async throws {
        try await ScriptedHTTPServer.with(script: { request, _ in request.target == "/v2/" ? [.ok([])] : [.hang] }) {
            server in
            try await withClient {
                $0.policy.idleTimeout = .milliseconds(100)
                $0.policy.delays = [.zero]
            } _: { client in
                let reference = try ImageReference("127.0.0.1:\(server.port)/x")
                let error = await #expect(throws: RegistryError.self) { try await client.manifest(reference) }
                let host = "127.0.0.1:\(server.port)"
                #expect(error == .unreachable(host: host, reason: "nothing came for 0.1 seconds"))
            }
        }
    }

    /// Who did not answer in all tries is asked once each time from then on, and is lost no more once it answers.
    @Test func spendsItsTriesOnALostHostOnce() async throws {
        let script: @Sendable (ScriptedHTTPServer.Request, Int) -> [ScriptedHTTPServer.Action] = { _, count in
            count == 4 ? [.answer("404 Not Found", ["Content-Length": "0", "Connection": "close"])] : [.close]
        }
        try await ScriptedHTTPServer.with(script: script) { server in
            let pauses = Pauses()
            try await withClient(pauses: pauses) {
                $0.transports["127.0.0.1:\(server.port)"] = RegistryTransport(security: .plain)
                $0.policy.delays = [.zero, .zero]
            } _: { client in
                let reference = try ImageReference("127.0.0.1:\(server.port)/x:1")
                for requests in [3, 4, 5, 8, 9] {
                    await #expect(throws: RegistryError.self) { try await client.manifest(reference) }
                    #expect(server.requests.count == requests)
                }
            }
            #expect(pauses.all.count == 4)
        }
    }

    @Test func refusesAPlainTokenServerOfASecureRegistry() async throws {
        let challenge = AuthenticationChallenge(scheme: "bearer", parameters: ["realm": "http://tokens.example/t"])
        let server = try #require(TokenServer(challenge))
        let endpoint = try #require(RegistryEndpoint(registry: "reg.example", isSecure: true))
        try await withClient { client in
            _ = await #expect(throws: RegistryError.insecureTokenServer(host: "reg.example", realm: "tokens.example")) {
                try await server.token(
                    for: .question(to: endpoint), at: endpoint.root.origin, credential: nil, in: client.session)
            }
        }
    }

    private final class Memory: Sendable {
        let value = Mutex<Int?>(nil)
    }

    @Test func letsOneWorkAndOthersWait() async throws {
        let flight = SingleFlight<Int, Int>()
        let memory = Memory()
        let (gate, open) = AsyncStream.makeStream(of: Void.self)
        let (begun, tell) = AsyncStream.makeStream(of: Void.self)
        try await withThrowingTaskGroup(of: Int.self) { group in
            group.addTask {
                try await flight.value(for: 1, known: { memory.value.withLock { $0 } }) {
                    tell.yield()
                    for await _ in gate { break }
                    memory.value.withLock { $0 = 7 }
                    return 7
                }
            }
            for await _ in begun { break }
            for _ in 0..<5 {
                group.addTask { try await flight.value(for: 1, known: { memory.value.withLock { $0 } }) { 8 } }
            }
            open.yield()
            for try await value in group { #expect(value == 7) }
        }
    }

    @Test func anotherTakesOverWhenTheFirstIsCancelled() async throws {
        let flight = SingleFlight<Int, Int>()
        let (begun, tell) = AsyncStream.makeStream(of: Void.self)
        let first = Task {
            try await flight.value(for: 1, known: { nil }) {
                tell.yield()
                try await Task.sleep(for: .seconds(3_600))
                return 7
            }
        }
        for await _ in begun { break }
        async let second = flight.value(for: 1, known: { nil }) { 8 }
        first.cancel()
        #expect(try await second == 8)
        await #expect(throws: CancellationError.self) { try await first.value }
    }
}
