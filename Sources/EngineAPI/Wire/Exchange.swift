import NIOCore
import NIOHTTP1
import OCI
import Synchronization

/// One request and its answer.
final class Exchange: Sendable {
    let request: APIRequest
    let connection: HTTPConnection
    private let state: Mutex<State>

    /// What a JSON body may have in all, in bytes.
    static let documentLimit = 4 << 20
    /// What is read of a body that nobody wanted, before the connection is given up.
    private static let drainLimit = 1 << 20

    private struct State {
        var hasBegun = false
        var isOver = false
        var isBodyRead = false
        var isUpgraded = false
        var isStream = false
        var mustClose: Bool
        var isContinueDue: Bool
        let isChunked: Bool
    }

    init(_ head: HTTPRequestHead, _ request: APIRequest, on connection: HTTPConnection) {
        (self.request, self.connection) = (request, connection)
        let isModern = head.version.major > 1 || (head.version.major == 1 && head.version.minor >= 1)
        state = Mutex(
            State(
                mustClose: !head.isKeepAlive || head.headers.contains(name: "upgrade"),
                isContinueDue: request.header("expect")?.lowercased() == "100-continue", isChunked: isModern))
    }

    // MARK: The body of the request

    /// A piece of the body; nil at its end.
    func nextPiece() async throws -> ByteBuffer? {
        let (isRead, isContinueDue) = state.withLock { state in
            defer { state.isContinueDue = false }
            return (state.isBodyRead, state.isContinueDue)
        }
        if isRead { return nil }
        if isContinueDue { try await connection.write(ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n")) }
        switch try await connection.parts.next() {
        case .body(let piece): return piece
        case .end:
            state.withLock { $0.isBodyRead = true }
            return nil
        case .head, nil: throw APIError.brokenTransfer("body")
        }
    }

    /// Hands over the body's pieces.
    func forEachPiece(_ body: (UnsafeRawBufferPointer) throws -> Void) async throws {
        while let piece = try await nextPiece() { try piece.withUnsafeReadableBytes(body) }
    }

    /// The whole body.
    func body(limit: Int = Exchange.documentLimit) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        while let piece = try await nextPiece() {
            bytes += piece.readableBytesView
            guard bytes.count <= limit else { throw APIError.bodyTooLarge(limit: limit) }
        }
        return bytes
    }

    /// The body as JSON; nil if there is none.
    func document() async throws -> JSON? {
        let bytes = try await body()
        guard bytes.contains(where: { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }) else { return nil }
        let type =
            request.header("content-type")?.split(separator: ";").first.map { $0.filter { $0 != " " }.lowercased() }
            ?? ""
        guard type == "application/json" else { throw APIError.wrongContentType(type) }
        do { return try JSON.parse(bytes) } catch { throw APIError.malformedBody }
    }

    // MARK: The answer

    var hasBegun: Bool { state.withLock { $0.hasBegun } }

    /// Whether what has begun is a stream of JSON objects, whose last one can tell an error.
    var isStream: Bool { state.withLock { $0.isStream } }

    func answer(_ status: Int, _ json: JSON) async throws {
        try await answer(status, json.bytes + [0x0A], type: "application/json")
    }

    func answer(_ status: Int, _ body: [UInt8] = [], type: String? = nil, headers: [(String, String)] = []) async throws
    {
        var fields = headers
        if let type { fields.append(("Content-Type", type)) }
        if status >= 200, status != 204, status != 304 { fields.append(("Content-Length", String(body.count))) }
        var bytes = head(status, fields)
        if request.method != "HEAD", status != 204, status != 304 { bytes.writeBytes(body) }
        state.withLock { ($0.hasBegun, $0.isOver) = (true, true) }
        try await connection.write(bytes)
    }

    /// Begins an answer whose length nobody knows; its head goes out at once.
    ///
    /// - Parameter isStream: whether JSON objects follow.
    func begin(_ status: Int = 200, type: String, isStream: Bool = true) async throws {
        let isChunked = state.withLock { state in
            (state.hasBegun, state.isStream) = (true, isStream)
            if !state.isChunked { state.mustClose = true }
            return state.isChunked
        }
        try await connection.write(
            head(status, [("Content-Type", type)] + (isChunked ? [("Transfer-Encoding", "chunked")] : [])))
    }

    /// Writes a piece of what was begun, in one chunk (RFC 9112, section 7.1).
    func write(_ bytes: some Collection<UInt8> & Sendable) async throws {
        guard !bytes.isEmpty, request.method != "HEAD" else { return }
        try await connection.write(chunk(bytes))
    }

    /// As ``write(_:)``, for a function that blocks, on a thread of its own.
    func writeBlocking(_ bytes: UnsafeRawBufferPointer) throws {
        guard !bytes.isEmpty, request.method != "HEAD" else { return }
        try connection.channel.writeAndFlush(chunk(bytes)).wait()
    }

    private func chunk(_ bytes: some Collection<UInt8>) -> ByteBuffer {
        let isChunked = state.withLock { $0.isChunked }
        var buffer = connection.channel.allocator.buffer(capacity: bytes.count + 16)
        if isChunked { buffer.writeString(String(bytes.count, radix: 16) + "\r\n") }
        buffer.writeBytes(bytes)
        if isChunked { buffer.writeString("\r\n") }
        return buffer
    }

    /// Writes a JSON object of a stream, which is begun if it is not.
    func write(_ object: JSON) async throws {
        if !hasBegun { try await begin(type: "application/json") }
        try await write(object.bytes + [0x0D, 0x0A])
    }

    /// Ends the answer, and reads what is left of the request.
    ///
    /// - Returns: whether another request may follow.
    func finish() async throws -> Bool {
        let (hasBegun, isOver, isChunked) = state.withLock { ($0.hasBegun, $0.isOver, $0.isChunked) }
        if !hasBegun {
            try await answer(200)
        } else if !isOver {
            state.withLock { $0.isOver = true }
            if isChunked, request.method != "HEAD" { try await connection.write(ByteBuffer(string: "0\r\n\r\n")) }
        }
        if state.withLock({ $0.mustClose }) { return false }
        var drained = 0
        while let piece = try await nextPiece() {
            drained += piece.readableBytes
            if drained > Self.drainLimit { return false }
        }
        return true
    }

    // MARK: Another protocol

    var isUpgraded: Bool { state.withLock { $0.isUpgraded } }

    /// Says that the connection is another protocol's from here on; what is sent next is of that.
    func head(switchingTo name: String) -> ByteBuffer {
        state.withLock { ($0.hasBegun, $0.isOver, $0.isUpgraded) = (true, true, true) }
        return head(101, [("Connection", "Upgrade"), ("Upgrade", name)])
    }

    private func head(_ status: Int, _ fields: [(String, String)]) -> ByteBuffer {
        let mustClose = status != 101 && state.withLock { $0.mustClose }
        var text = "HTTP/1.1 \(status) \(HTTPResponseStatus(statusCode: status).reasonPhrase)\r\n"
        let usual = [
            ("Api-Version", APIVersion.newest.description), ("Docker-Experimental", "false"), ("Ostype", "linux"),
            ("Server", "Distill/\(ToolVersion.text) (linux)"),
        ]
        for (name, value) in usual + fields + (mustClose ? [("Connection", "close")] : []) {
            text += "\(name): \(value)\r\n"
        }
        return ByteBuffer(string: text + "\r\n")
    }
}
