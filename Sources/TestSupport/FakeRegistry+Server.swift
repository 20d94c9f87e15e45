import Glibc
import NIOCore

extension FakeRegistry {
    /// Runs `body` beside a registry.
    package static func with<Result: Sendable>(
        _ settings: Settings = Settings(), faults: [Fault] = [], _ body: (FakeRegistry) async throws -> Result
    ) async throws -> Result {
        try await LoopbackServer.with {
            FakeRegistry(port: $0, settings: settings, faults: faults)
        } serve: { registry, connection in
            try await registry.serve(connection)
        } _: { registry in
            try await body(registry)
        }
    }

    private func serve(_ connection: LoopbackServer.Connection) async throws {
        var reader = RequestReader()
        for await piece in connection.input {
            reader.append(piece)
            // The beginning of a TLS handshake: this server speaks none.
            if reader.isTLS { return }
            while let request = reader.next() {
                let (answer, fault) = answer(request)
                settings.hears(request)
                if case .silent = fault {
                    for await _ in connection.input {}
                    return
                }
                guard try await send(answer, fault, for: request, connection) else { return }
            }
        }
    }

    /// Sends an answer, wrongly if there is a fault; false when the connection ends with it.
    private func send(
        _ answer: Answer, _ fault: Fault.Kind?, for request: Request,
        _ connection: LoopbackServer.Connection
    ) async throws -> Bool {
        let isHead = request.method == "HEAD"
        var answer = answer
        switch fault {
        case nil: break
        case .status(let status, let headers, let body):
            answer = Answer(status, headers, Array(body.utf8))
        case .page:
            let page = Array("<!DOCTYPE html><html></html>".utf8)
            answer = Answer(200, ["Content-Type": "text/html; charset=utf-8"], page)
        case .altered:
            if !answer.body.isEmpty { answer.body[0] ^= 1 }
        case .resized(let count):
            answer.body = Array(answer.body.prefix(count))
            answer.body += Array(repeating: 0x20, count: count - answer.body.count)
        case .truncated(let count), .reset(let count), .broken(let count, _):
            let head = answer.head(length: answer.body.count)
            try await connection.write(head + answer.body.prefix(count))
            if case .broken(_, let arrived) = fault { for await _ in arrived { break } }
            if case .reset = fault, let socket = connection.channel as? any SocketOptionProvider {
                try await socket.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
            }
            return false
        case .drip:
            try await connection.write(answer.head(length: answer.body.count))
            for byte in answer.body { try await connection.write([byte]) }
            return true
        case .endless:
            try await connection.write(answer.head(length: nil))
            let piece = [UInt8](repeating: 0x20, count: 1 << 16)
            while true { try await connection.write(piece) }
        case .lost, .kept, .silent: return false
        }
        let head = answer.head(length: isHead ? answer.headLength ?? answer.body.count : answer.body.count)
        try await connection.write(head + (isHead ? [] : answer.body))
        return true
    }
}

/// What the registry answers.
struct Answer {
    var status: Int
    var headers: [String: String]
    var body: [UInt8]
    /// What HEAD says of the body.
    var headLength: Int?

    init(_ status: Int, _ headers: [String: String] = [:], _ body: [UInt8] = []) {
        (self.status, self.headers, self.body) = (status, headers, body)
    }

    /// - Parameter length: nil announces none, and the end of the connection is the end of the body.
    func head(length: Int?) -> [UInt8] {
        var text = "HTTP/1.1 \(status) Status\r\n"
        for (name, value) in headers.sorted(by: { $0.key < $1.key }) { text += "\(name): \(value)\r\n" }
        if let length {
            if status != 204 { text += "Content-Length: \(length)\r\n" }
        } else {
            text += "Connection: close\r\n"
        }
        return Array((text + "\r\n").utf8)
    }
}

/// Finds requests in what comes over a connection: heads, and bodies with a length or in chunks.
private struct RequestReader {
    private var bytes: [UInt8] = []
    private var start = 0

    mutating func append(_ piece: ByteBuffer) { bytes += piece.readableBytesView }

    var isTLS: Bool { start < bytes.count && bytes[start] == 0x16 }

    mutating func next() -> FakeRegistry.Request? {
        guard let head = line(endingWith: "\r\n\r\n", from: start) else { return nil }
        let lines = String(decoding: bytes[start..<head.lowerBound], as: UTF8.self).split(separator: "\r\n")
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2 { headers[parts[0].lowercased()] = String(parts[1].drop { $0 == " " }) }
        }
        guard let (body, end) = body(headers, from: head.upperBound) else { return nil }
        bytes.removeSubrange(..<end)
        start = 0
        let words = (lines.first ?? "").split(separator: " ").map(String.init)
        return FakeRegistry.Request(
            method: words.first ?? "", target: words.count > 1 ? words[1] : "", headers: headers, body: body)
    }

    private func body(_ headers: [String: String], from start: Int) -> (body: [UInt8], end: Int)? {
        if headers["transfer-encoding"] == "chunked" {
            var body: [UInt8] = []
            var position = start
            while let size = line(endingWith: "\r\n", from: position) {
                let count = Int(String(decoding: bytes[position..<size.lowerBound], as: UTF8.self), radix: 16) ?? 0
                guard size.upperBound + count + 2 <= bytes.count else { return nil }
                body += bytes[size.upperBound..<size.upperBound + count]
                position = size.upperBound + count + 2
                if count == 0 { return (body, position) }
            }
            return nil
        }
        let count = headers["content-length"].flatMap { Int($0) } ?? 0
        guard start + count <= bytes.count else { return nil }
        return (Array(bytes[start..<start + count]), start + count)
    }

    private func line(endingWith end: String, from start: Int) -> Range<Int>? {
        let mark = Array(end.utf8)
        var index = start
        while index + mark.count <= bytes.count {
            if bytes[index] == mark[0], bytes[index..<index + mark.count].elementsEqual(mark) {
                return index..<index + mark.count
            }
            index += 1
        }
        return nil
    }
}
