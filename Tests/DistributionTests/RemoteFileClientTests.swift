import Distribution
import OCI
import Synchronization
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct RemoteFileClientTests {
    typealias Action = ScriptedHTTPServer.Action

    private static let content = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
    private static let tag = ["ETag": "\"v1\""]

    /// What a fetch gave: the bytes that count, and how often it began anew.
    private struct Received {
        var bytes: [UInt8] = []
        var restarts = 0
    }

    /// Fetches without pauses between the tries; `reached` is told how many bytes there are.
    private func fetch(
        _ url: String, maximumSize: Int64 = 1 << 20, environment: [String: String] = [:],
        idleTimeout: Duration = .seconds(100), tries: Int = 5, reached: @escaping (Int) -> Void = { _ in }
    ) async throws -> Received {
        var configuration = RemoteFileClient.Configuration()
        configuration.delays = Array(repeating: .zero, count: tries - 1)
        configuration.idleTimeout = idleTimeout
        configuration.maximumRetryAfter = .zero
        return try await RemoteFileClient.withClient(configuration: configuration, environment: environment) { client in
            var received = Received()
            try await client.fetch(
                url, maximumSize: maximumSize, progress: { _, _ in },
                restart: { received = Received(restarts: received.restarts + 1) },
                body: {
                    received.bytes += $0
                    reached(received.bytes.count)
                })
            return received
        }
    }

    /// Serves the first 40,000 bytes, breaks the connection when the client has them, and answers by `later`.
    private func fetchAcrossABreak(
        headers: [String: String] = tag,
        later: @Sendable @escaping (ScriptedHTTPServer.Request, Int) -> [Action]
    ) async throws -> (received: Received, requests: [ScriptedHTTPServer.Request]) {
        let (arrived, continuation) = AsyncStream.makeStream(of: Void.self)
        let script: @Sendable (ScriptedHTTPServer.Request, Int) -> [Action] = { request, count in
            count == 0 ? [self.beginning(40_000, headers), .wait(arrived), .close] : later(request, count)
        }
        return try await ScriptedHTTPServer.with(script: script) { server in
            let received = try await fetch(server.url("/file")) { if $0 >= 40_000 { continuation.yield() } }
            return (received, server.requests)
        }
    }

    private func part(from first: Int, total: Int? = nil, tag: String = "\"v1\"") -> Action {
        let last = Self.content.count - 1
        return .answer(
            "206 Partial Content",
            [
                "Content-Range": "bytes \(first)-\(last)/\(total ?? Self.content.count)", "ETag": tag,
                "Content-Length": "\(Self.content.count - first)",
            ], Array(Self.content[first...]))
    }

    /// The beginning of the content, with the length of the whole.
    private func beginning(_ count: Int, _ headers: [String: String] = tag) -> Action {
        .answer(
            "200 OK", headers.merging(["Content-Length": "\(Self.content.count)"]) { given, _ in given },
            Array(Self.content[..<count]))
    }

    @Test func fetchesAFileAndTellsTheProgress() async throws {
        try await ScriptedHTTPServer.with(script: { _, _ in [.ok(Self.content)] }) { server in
            let last = Mutex<[Int64?]>([])
            var bytes: [UInt8] = []
            _ = try await RemoteFileClient.withClient(environment: [:]) { client in
                try await client.fetch(
                    server.url("/file?x=1"), maximumSize: 100_000,
                    progress: { received, total in last.withLock { $0 = [received, total] } },
                    restart: { Issue.record("nothing to restart") }, body: { bytes += $0 })
            }
            #expect(bytes == Self.content)
            #expect(last.withLock { $0 } == [100_000, 100_000])
            #expect(server.requests.map(\.target) == ["/file?x=1"])
            #expect(server.requests.first?.headers["accept-encoding"] == "identity")
            #expect(server.requests.first?.headers["range"] == nil)
        }
    }

    /// Informational answers keep a connection alive, and say nothing.
    @Test func endsWhereNothingButInformationComes() async throws {
        let script: @Sendable (ScriptedHTTPServer.Request, Int) -> [Action] = { _, _ in
            [.sendForever(Array("HTTP/1.1 102 Processing\r\n\r\n".utf8))]
        }
        try await ScriptedHTTPServer.with(script: script) { server in
            var configuration = RemoteFileClient.Configuration()
            configuration.delays = Array(repeating: .zero, count: 4)
            configuration.headTimeout = .milliseconds(300)
            let url = server.url("/file")
            try await RemoteFileClient.withClient(configuration: configuration, environment: [:]) { client in
                let error = await #expect(throws: RemoteFileError.self) {
                    try await client.fetch(url, maximumSize: 10, progress: { _, _ in }, restart: {}, body: { _ in })
                }
                #expect(error == .unreachable(url: url, reason: "it does not answer in time"))
            }
            #expect(server.requests.count == 2)
        }
    }

    @Test func resumesWhereTheConnectionBroke() async throws {
        let (received, requests) = try await fetchAcrossABreak { request, _ in
            [self.part(from: request.firstByte)]
        }
        #expect(received.bytes == Self.content)
        #expect(received.restarts == 0)
        #expect(requests.map { $0.headers["range"] } == [nil, "bytes=40000-"])
        #expect(requests.last?.headers["if-range"] == "\"v1\"")
    }

    @Test(arguments: [
        // The file changed meanwhile, or the server knows no ranges.
        [Action.ok(content)],
        // Another part than asked for, then the whole.
        [
            .answer(
                "206 Partial Content", ["Content-Range": "bytes 0-99999/100000", "Content-Length": "100000"], content)
        ],
        [.answer("206 Partial Content", ["Content-Range": "bytes 40000-99999/7", "Content-Length": "60000"])],
        [.answer("206 Partial Content", ["Content-Range": "bytes 40000-99999/100001", "Content-Length": "60000"])],
        [.answer("206 Partial Content", ["Content-Range": "bytes 40000-100000/*", "Content-Length": "60001"])],
        [.answer("206 Partial Content", ["Content-Range": "bytes -1-99999/100000", "Content-Length": "60000"])],
        [.answer("206 Partial Content", ["Content-Range": "nonsense", "Content-Length": "60000"])],
        [.answer("206 Partial Content", ["Content-Length": "60000"])],
        [.answer("416 Range Not Satisfiable", ["Content-Length": "0", "Content-Range": "bytes */7"])],
    ])
    func beginsAnewWhenThePartDoesNotFit(second: [Action]) async throws {
        let (received, _) = try await fetchAcrossABreak { _, count in
            count == 1 ? second + [.close] : [.ok(Self.content)]
        }
        #expect(received.bytes == Self.content)
        #expect(received.restarts == 1)
    }

    @Test(arguments: [[:], ["ETag": "W/\"weak\""]])
    func beginsAnewWithoutAStrongValidator(headers: [String: String]) async throws {
        let (received, requests) = try await fetchAcrossABreak(headers: headers) { _, _ in [.ok(Self.content)] }
        #expect(received.bytes == Self.content)
        #expect(received.restarts == 1)
        #expect(requests.map { $0.headers["range"] } == [nil, nil])
    }

    @Test func resumesWhereverTheConnectionBroke() async throws {
        let script: @Sendable (ScriptedHTTPServer.Request, Int) -> [Action] = { request, count in
            let first = request.firstByte
            if first == 0 { return count > 2 ? [.ok(Self.content)] : [self.beginning(70_000), .close] }
            return count > 2 ? [self.part(from: first)] : [.close]
        }
        try await ScriptedHTTPServer.with(script: script) { server in
            let received = try await fetch(server.url("/file"))
            #expect(received.bytes == Self.content)
        }
    }

    @Test func goesOnAfterSilence() async throws {
        let script: @Sendable (ScriptedHTTPServer.Request, Int) -> [Action] = { request, count in
            if count == 0 { return [.hang] }
            let first = request.firstByte
            return first == 0 ? [self.beginning(10), .hang] : [self.part(from: first)]
        }
        try await ScriptedHTTPServer.with(script: script) { server in
            let received = try await fetch(server.url("/file"), idleTimeout: .milliseconds(200), tries: 100)
            #expect(received.bytes == Self.content)
            #expect(server.requests.count >= 3)
        }
    }

    @Test(arguments: ["500 Oops", "502 Bad Gateway", "503 Service Unavailable", "429 Too Many Requests", "408 Timeout"])
    func triesAgainLater(status: String) async throws {
        let page = Array("<html>try later</html>".utf8)
        let script: @Sendable (ScriptedHTTPServer.Request, Int) -> [Action] = { _, count in
            count < 4
                ? [.answer(status, ["Content-Length": "\(page.count)", "Retry-After": "3600"], page)]
                : [.ok(Self.content)]
        }
        try await ScriptedHTTPServer.with(script: script) { server in
            let received = try await fetch(server.url("/file"))
            #expect(received.bytes == Self.content)
        }
    }

    @Test(arguments: [
        ("404 Not Found", 404, 1), ("403 Forbidden", 403, 1), ("503 Unavailable", 503, 5), ("204 Empty", 204, 1),
    ])
    func reportsTheStatus(status: String, code: Int, requests: Int) async throws {
        let page = Array("<html>an error</html>".utf8)
        let body = code == 204 ? [] : page
        let headers = code == 204 ? [:] : ["Content-Length": "\(page.count)"]
        try await ScriptedHTTPServer.with(script: { _, _ in [.answer(status, headers, body)] }) { server in
            let url = server.url("/file")
            await #expect(throws: RemoteFileError.status(url: url, code: code)) { try await fetch(url) }
            #expect(server.requests.count == requests)
        }
    }

    @Test func givesUpWhenTheFileIsAlwaysTruncated() async throws {
        let (arrived, continuation) = AsyncStream.makeStream(of: Void.self)
        let script: @Sendable (ScriptedHTTPServer.Request, Int) -> [Action] = { _, count in
            count == 0 ? [self.beginning(10), .wait(arrived), .close] : [.close]
        }
        try await ScriptedHTTPServer.with(script: script) { server in
            let url = server.url("/file")
            await #expect(throws: RemoteFileError.truncated(url: url, expected: 100_000, received: 10)) {
                try await fetch(url) { if $0 >= 10 { continuation.yield() } }
            }
            #expect(server.requests.count == 5)
        }
    }

    @Test func refusesWhatIsTooLargeBeforeItComes() async throws {
        try await ScriptedHTTPServer.with(script: { _, _ in [.ok(Self.content)] }) { server in
            let url = server.url("/file")
            await #expect(throws: RemoteFileError.tooLarge(url: url, limit: 99_999)) {
                try await fetch(url, maximumSize: 99_999)
            }
            let received = try await fetch(url, maximumSize: 100_000)
            #expect(received.bytes == Self.content)
        }
    }

    @Test func endsAnEndlessBody() async throws {
        let piece = [UInt8](repeating: 0x61, count: 4096)
        let chunk = Array("1000\r\n".utf8) + piece + Array("\r\n".utf8)
        let script: @Sendable (ScriptedHTTPServer.Request, Int) -> [Action] = { request, _ in
            request.target == "/chunked"
                ? [.answer("200 OK", ["Transfer-Encoding": "chunked"]), .sendForever(chunk)]
                : [.answer("200 OK", ["Connection": "close"]), .sendForever(piece)]
        }
        try await ScriptedHTTPServer.with(script: script) { server in
            for path in ["/chunked", "/until-close"] {
                let url = server.url(path)
                await #expect(throws: RemoteFileError.tooLarge(url: url, limit: 50_000)) {
                    try await fetch(url, maximumSize: 50_000)
                }
            }
        }
    }

    @Test func followsRedirectsToAnotherHostWithoutCredentials() async throws {
        try await ScriptedHTTPServer.with(script: { _, _ in [.ok(Self.content)] }) { other in
            let target = other.url("/there")
            let script: @Sendable (ScriptedHTTPServer.Request, Int) -> [Action] = { request, _ in
                switch request.target {
                case "/a/file": [.answer("302 Found", ["Location": "../b", "Content-Length": "0"])]
                case "/b": [.answer("301 Moved", ["Location": target, "Content-Length": "2"], Array("hi".utf8))]
                default: [.answer("404 Not Found", ["Content-Length": "0"])]
                }
            }
            try await ScriptedHTTPServer.with(script: script) { server in
                let url = "http://name:secret@127.0.0.1:\(server.port)/a/file"
                let received = try await fetch(url)
                #expect(received.bytes == Self.content)
                // "name:secret" in base64
                let credentials = "Basic bmFtZTpzZWNyZXQ="
                #expect(server.requests.map { $0.headers["authorization"] } == [credentials, credentials])
                #expect(other.requests.map { $0.headers["authorization"] } == [nil])
            }
        }
    }

    @Test(arguments: [("/loop", "it redirects in circles"), ("/away", "it redirects to 'file:///etc/passwd'")])
    func endsRedirects(path: String, reason: String) async throws {
        let script: @Sendable (ScriptedHTTPServer.Request, Int) -> [Action] = { request, _ in
            let location = request.target == "/away" ? "file:///etc/passwd" : "/loop"
            return [.answer("302 Found", ["Location": location, "Content-Length": "0"])]
        }
        try await ScriptedHTTPServer.with(script: script) { server in
            let url = server.url(path)
            await #expect(throws: RemoteFileError.unreachable(url: url, reason: reason)) { try await fetch(url) }
            #expect(server.requests.count <= 11)
        }
    }

    @Test(arguments: ["", "mirror.example/file", "ftp://mirror.example/file", "http://a b/"])
    func refusesOtherAddresses(url: String) async throws {
        await #expect(throws: RemoteFileError.invalidURL(url)) { try await fetch(url) }
    }

    @Test func saysThatNobodyAnswers() async throws {
        // A port that was free a moment ago.
        let port = try await ScriptedHTTPServer.with(script: { _, _ in [] }) { $0.port }
        let url = "http://127.0.0.1:\(port)/file"
        await #expect(throws: RemoteFileError.unreachable(url: url, reason: "the connection was refused")) {
            try await fetch(url)
        }
    }

    @Test func survivesAnswersThatAreNoHTTP() async throws {
        try await ScriptedHTTPServer.with(script: { _, _ in [.send(Array("SSH-2.0-OpenSSH\r\n\r\n".utf8)), .close] }) {
            server in
            let error = await #expect(throws: RemoteFileError.self) { try await fetch(server.url("/file")) }
            guard case .unreachable = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    @Test func passesOnTheErrorOfWhoReceives() async throws {
        struct Full: Error {}
        try await ScriptedHTTPServer.with(script: { _, _ in [.ok(Self.content)] }) { server in
            try await RemoteFileClient.withClient(environment: [:]) { client in
                await #expect(throws: Full.self) {
                    try await client.fetch(
                        server.url("/file"), maximumSize: 1 << 20, progress: { _, _ in }, restart: {},
                        body: { _ in throw Full() })
                }
                #expect(server.requests.count == 1)
            }
        }
    }

    @Test func goesThroughAProxy() async throws {
        let script: @Sendable (ScriptedHTTPServer.Request, Int) -> [Action] = { request, _ in
            request.line.hasPrefix("CONNECT ") ? [.answer("200 Connected")] : [.ok(Self.content)]
        }
        try await ScriptedHTTPServer.with(script: script) { proxy in
            let environment = ["http_proxy": "http://name:secret@127.0.0.1:\(proxy.port)"]
            let received = try await fetch("http://mirror.example/file", environment: environment)
            #expect(received.bytes == Self.content)
            #expect(proxy.requests.map(\.line) == ["GET http://mirror.example/file HTTP/1.1"])
            #expect(proxy.requests.map { $0.headers["proxy-authorization"] } == ["Basic bmFtZTpzZWNyZXQ="])
        }
    }

    @Test func stopsWhenTheTaskIsCancelled() async throws {
        try await ScriptedHTTPServer.with(script: { _, _ in [self.beginning(10), .hang] }) { server in
            let url = server.url("/file")
            await #expect(throws: CancellationError.self) {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    let (started, continuation) = AsyncStream.makeStream(of: Void.self)
                    group.addTask {
                        _ = try await RemoteFileClient.withClient(environment: [:]) { client in
                            try await client.fetch(
                                url, maximumSize: 1 << 20, progress: { _, _ in }, restart: {},
                                body: { _ in continuation.yield() })
                        }
                    }
                    for await _ in started { break }
                    group.cancelAll()
                    try await group.waitForAll()
                }
            }
            #expect(server.requests.count == 1)
        }
    }
}

extension ScriptedHTTPServer.Request {
    /// The first byte that `Range` asks for; 0 without one.
    fileprivate var firstByte: Int { headers["range"].flatMap { Int($0.dropFirst(6).dropLast()) } ?? 0 }
}
