import NIOCore
import Synchronization

/// An HTTP server on the loopback interface that answers as a test tells it, wrongly if need be.
///
/// It knows nothing of HTTP but where a request's head ends: the answers are bytes, so that no library mends them.
package final class ScriptedHTTPServer: Sendable {
    package struct Request: Hashable, Sendable {
        /// `GET /path HTTP/1.1`.
        package let line: String
        /// Names in lower case.
        package let headers: [String: String]

        package var target: String {
            let parts = line.split(separator: " ")
            return parts.count > 1 ? String(parts[1]) : ""
        }
    }

    /// What the server does for a request, in order. The connection stays open for another request afterwards.
    package enum Action: Sendable {
        case send([UInt8])
        /// Sends the bytes again and again until the client goes away.
        case sendForever([UInt8])
        /// Stays silent until the client goes away.
        case hang
        /// Goes on when the stream yields: when the client has what was sent, for example.
        case wait(AsyncStream<Void>)
        case close
    }

    package let port: Int
    private let recorded: Mutex<[Request]>

    private init(port: Int) {
        self.port = port
        recorded = Mutex([])
    }

    /// The requests so far.
    package var requests: [Request] { recorded.withLock { $0 } }

    package func url(_ path: String) -> String { "http://127.0.0.1:\(port)\(path)" }

    /// Runs `body` beside a server that asks `script` what to do for each request; `count` is the number of requests
    /// before it.
    package static func with<Result: Sendable>(
        script: @Sendable @escaping (_ request: Request, _ count: Int) -> [Action],
        _ body: (ScriptedHTTPServer) async throws -> Result
    ) async throws -> Result {
        try await LoopbackServer.with {
            ScriptedHTTPServer(port: $0)
        } serve: { server, connection in
            try await server.serve(connection, script)
        } _: { server in
            try await body(server)
        }
    }

    private func serve(_ connection: LoopbackServer.Connection, _ script: @Sendable (Request, Int) -> [Action])
        async throws
    {
        var buffer: [UInt8] = []
        var pieces = connection.input.makeAsyncIterator()
        while let piece = await pieces.next() {
            buffer += piece.readableBytesView
            while let request = Self.takeRequest(from: &buffer) {
                let count = recorded.withLock { requests in
                    requests.append(request)
                    return requests.count - 1
                }
                for action in script(request, count) {
                    switch action {
                    case .send(let bytes): try await connection.write(bytes)
                    case .sendForever(let bytes): while true { try await connection.write(bytes) }
                    case .hang:
                        // The end of the input is the client's going away.
                        while await pieces.next() != nil {}
                        return
                    case .wait(let signal): for await _ in signal { break }
                    case .close: return
                    }
                }
            }
        }
    }

    private static func takeRequest(from buffer: inout [UInt8]) -> Request? {
        let end: [UInt8] = [13, 10, 13, 10]
        guard buffer.count >= 4,
            let start = (0...(buffer.count - 4)).first(where: { buffer[$0..<($0 + 4)].elementsEqual(end) })
        else { return nil }
        let lines = String(decoding: buffer[..<start], as: UTF8.self).split(separator: "\r\n")
        buffer.removeFirst(start + 4)
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { continue }
            headers[parts[0].lowercased()] = String(parts[1].drop { $0 == " " })
        }
        return Request(line: lines.first.map(String.init) ?? "", headers: headers)
    }
}

package enum ScriptedHTTPServerError: Error {
    case noPort
}

extension ScriptedHTTPServer.Action {
    /// A head, and as much of the body as is given; `Content-Length` is a header like any other here.
    package static func answer(
        _ status: String, _ headers: [String: String] = [:], _ body: [UInt8] = []
    ) -> ScriptedHTTPServer.Action {
        var head = "HTTP/1.1 \(status)\r\n"
        for (name, value) in headers.sorted(by: { $0.key < $1.key }) { head += "\(name): \(value)\r\n" }
        return .send(Array((head + "\r\n").utf8) + body)
    }

    /// A correct answer with its length.
    package static func ok(_ body: [UInt8], _ headers: [String: String] = [:]) -> ScriptedHTTPServer.Action {
        answer("200 OK", headers.merging(["Content-Length": "\(body.count)"]) { given, _ in given }, body)
    }
}
