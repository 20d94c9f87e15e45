import NIOCore
import NIOHTTP1
import OCI
import Synchronization
import TestSupport
import Testing

@testable import Distribution

/// Contract of `Connections`: answers are read to their right end, connections are kept, bounded, and given up.
@Suite(.timeLimit(.minutes(10))) struct ConnectionTests {
    /// A server that answers each request with the next bytes, and counts its connections.
    private final class Server: Sendable {
        let port: Int
        let connections = Mutex(0)
        let open = Mutex((now: 0, most: 0))
        let requests = Mutex(0)

        init(port: Int) { self.port = port }

        var url: HTTPURL { get throws { try #require(HTTPURL("http://127.0.0.1:\(port)/x")) } }
    }

    /// What the server says to a request; an empty one closes the connection.
    private typealias Answers = @Sendable (_ request: Int) -> [String]

    private func withServer<Result: Sendable>(
        _ answers: @escaping Answers, _ body: (Server, Connections) async throws -> Result
    ) async throws -> Result {
        try await LoopbackServer.with {
            Server(port: $0)
        } serve: { (server: Server, connection) in
            server.connections.withLock { $0 += 1 }
            server.open.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
            defer { server.open.withLock { $0.now -= 1 } }
            var received = ""
            for await piece in connection.input {
                received += String(decoding: piece.readableBytesView, as: UTF8.self)
                while let end = received.firstRange(of: "\r\n\r\n") {
                    received.removeSubrange(..<end.upperBound)
                    let number = server.requests.withLock {
                        $0 += 1
                        return $0 - 1
                    }
                    for text in answers(number) {
                        if text.isEmpty { return }
                        try await connection.write(Array(text.utf8))
                    }
                }
            }
        } _: { server in
            let connections = Connections(TransferPolicy(), ProxySettings(environment: [:]))
            do {
                let result = try await body(server, connections)
                await connections.shutdown()
                return result
            } catch {
                await connections.shutdown()
                throw error
            }
        }
    }

    private func text(_ response: HTTPResponse) async throws -> String {
        var text = ""
        for try await piece in response.body { text += String(buffer: piece) }
        return text
    }

    private static let large = String(repeating: "x", count: 8 << 20)

    /// Answers, what is read of them, and whether the next request goes over the same connection.
    @Test(
        arguments: [
            ("GET", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", "200 abc", true),
            ("GET", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "200 ", true),
            (
                "GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n", "200 abc",
                true
            ),
            ("GET", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc", "200 abc", false),
            ("GET", "HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nabc", "200 abc", false),
            ("GET", "HTTP/1.0 200 OK\r\nContent-Length: 3\r\nConnection: keep-alive\r\n\r\nabc", "200 abc", true),
            ("HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", "200 ", true),
            ("GET", "HTTP/1.1 204 No Content\r\n\r\n", "204 ", true),
            ("GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 3\r\n\r\n", "304 ", true),
            (
                "GET", "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na",
                "200 a", true
            ),
            ("POST", "HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok", "201 ok", true),
        ] as [(String, String, String, Bool)])
    func readsAnswersToTheirEnd(method: String, answer: String, expected: String, isKept: Bool) async throws {
        try await withServer { _ in
            [answer]
        } _: { server, connections in
            for _ in 0..<2 {
                var request = HTTPRequest(url: try server.url)
                request.method = HTTPMethod(rawValue: method)
                let response = try await connections.execute(request, within: .seconds(30))
                let text = try await text(response)
                #expect("\(response.status.code) \(text)" == expected)
            }
            #expect(server.connections.withLock { $0 } == (isKept ? 1 : 2))
        }
    }

    /// A body without a length ends with the connection, one that breaks off is no body.
    @Test(
        arguments: [
            (["HTTP/1.1 200 OK\r\n\r\nab", "c", ""], "abc"),
            (["HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabc", ""], nil),
            (["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", ""], nil),
            (["HTTP/1.1 200 OK\r\nContent-Le", ""], nil), ([""], nil), (["SSH-2.0-x\r\n", ""], nil),
        ] as [([String], String?)])
    func knowsWhatBrokeOff(answer: [String], expected: String?) async throws {
        try await withServer { _ in
            answer
        } _: { server, connections in
            let request = HTTPRequest(url: try server.url)
            let result: String?
            do { result = try await text(try await connections.execute(request, within: .seconds(30))) } catch {
                #expect(!(error is CancellationError))
                result = nil
            }
            #expect(result == expected)
        }
    }

    /// One that the server has closed meanwhile is replaced, where the request can be sent again.
    @Test(arguments: [
        ("GET", true), ("HEAD", true), ("PUT", false), ("DELETE", false), ("POST", false), ("PATCH", false),
    ])
    func replacesAConnectionThatRested(method: String, isRepeated: Bool) async throws {
        // The second request meets a server that closes without a word.
        try await withServer { number in
            number == 1 ? [""] : ["HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"]
        } _: { server, connections in
            _ = try await text(connections.execute(HTTPRequest(url: server.url), within: .seconds(30)))
            var request = HTTPRequest(url: try server.url)
            request.method = HTTPMethod(rawValue: method)
            do {
                let response = try await connections.execute(request, within: .seconds(30))
                #expect(response.status == .ok && isRepeated)
            } catch {
                #expect(!isRepeated && ConnectionFailure.isClosure(error), "\(error)")
            }
            #expect(server.requests.withLock { $0 } == (isRepeated ? 3 : 2))
        }
    }

    /// The rest of a body that nobody wants is read where that is less than a new connection.
    @Test(arguments: [("short", 1), (large, 2)]) func readsOnForTheNextRequest(body: String, count: Int) async throws {
        try await withServer { _ in
            ["HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n", body]
        } _: { server, connections in
            for _ in 0..<2 {
                let status = try await connections.execute(HTTPRequest(url: server.url), within: .seconds(30)).status
                #expect(status == .ok)
                // What was dropped is read, or the connection closed, a moment later.
                for _ in 0..<1000 where connections.isBusy { try await Task.sleep(for: .milliseconds(5)) }
            }
            #expect(server.connections.withLock { $0 } == count)
        }
    }

    /// A refusal that comes before the end of what is sent ends that, and the connection.
    @Test func stopsSendingWhatIsRefused() async throws {
        try await withServer { number in
            number == 0
                ? ["HTTP/1.1 413 Payload Too Large\r\nContent-Length: 3\r\n\r\nbig"]
                : ["HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"]
        } _: { server, connections in
            let bytes = Array(repeating: UInt8(ascii: "x"), count: 64 << 20)
            let content = MemoryContent([bytes])
            var request = HTTPRequest(url: try server.url)
            request.method = .PUT
            request.body = .pieces(
                BlobPieces(origin: .content(content, Digest(sha256: bytes))), length: Int64(bytes.count))
            let response = try await connections.execute(request, within: .seconds(30))
            let refusal = try await text(response)
            #expect(response.status == .payloadTooLarge && refusal == "big")
            let next = try await connections.execute(HTTPRequest(url: server.url), within: .seconds(30))
            #expect(next.status == .ok)
            #expect(server.connections.withLock { $0 } == 2)
        }
    }

    /// At most eight at once, and all are served.
    @Test func boundsTheConnectionsToAHost() async throws {
        try await withServer { _ in
            ["HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na"]
        } _: { server, connections in
            let url = try server.url
            let texts = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<60 {
                    group.addTask {
                        try await self.text(connections.execute(HTTPRequest(url: url), within: .seconds(30)))
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(texts == Array(repeating: "a", count: 60))
            #expect(server.open.withLock { $0.most } <= 8)
        }
    }

    /// Time-outs and cancelled requests end, and nobody waits behind them.
    @Test(arguments: ["", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\na"]) func givesUpWhatStandsStill(answer: String)
        async throws
    {
        var policy = TransferPolicy()
        policy.idleTimeout = .milliseconds(300)
        let quick = Connections(policy, ProxySettings(environment: [:]))
        try await withServer { _ in
            answer.isEmpty ? [] : [answer]
        } _: { server, connections in
            // What comes must have come before the time for its beginning is over, on a busy machine too.
            let time = answer.isEmpty ? Duration.milliseconds(200) : .seconds(100)
            let failure = await #expect(throws: HTTPFailure.self) {
                _ = try await text(quick.execute(HTTPRequest(url: server.url), within: time))
            }
            #expect(failure == (answer.isEmpty ? .deadlineExceeded : .silent))
            let url = try server.url
            for _ in 0..<20 {
                let task = Task {
                    try await self.text(connections.execute(HTTPRequest(url: url), within: .seconds(100)))
                }
                while server.open.withLock({ $0.now }) == 0 { await Task.yield() }
                task.cancel()
                await #expect(throws: (any Error).self) { try await task.value }
            }
        }
        await quick.shutdown()
    }
}
