import NIOCore
import NIOHPACK
import NIOHTTP2
import OCI
import Synchronization

/// One call, from either side: messages in, messages out.
final class GRPCStream: Sendable {
    private struct State {
        var frames = MessageFrames()
        /// What has come, and was not looked at: messages before an end are taken before it.
        var pending: ArraySlice<HTTP2Frame.FramePayload> = []
        var isOver = false
        var hasBegun = false
        var hasEnded = false
    }

    private let stream: HTTP2Stream
    private let state = Mutex(State())
    private let isServer: Bool

    init(_ stream: HTTP2Stream, isServer: Bool) { (self.stream, self.isServer) = (stream, isServer) }

    // MARK: In

    /// The head of a request, as a server.
    func requestHead() async throws -> HPACKHeaders? {
        guard case .headers(let head) = try await stream.payloads.next() else { return nil }
        if head.endStream { state.withLock { $0.isOver = true } }
        return head.headers
    }

    /// The next message; nil when there are no more.
    ///
    /// - Throws: ``GRPCStatus``, also the one with which the other side ended the call.
    func next() async throws -> [UInt8]? {
        while true {
            let (message, isOver) = try state.withLock { (try $0.frames.next(), $0.isOver) }
            if let message { return message }
            if isOver { return nil }
            if let payload = state.withLock({ $0.pending.popFirst() }) {
                try take(payload)
                continue
            }
            let payloads = try await stream.payloads.more()
            if payloads.isEmpty {
                state.withLock { $0.isOver = true }
                throw GRPCStatus.closed
            }
            state.withLock { $0.pending = payloads[...] }
        }
    }

    private func take(_ payload: HTTP2Frame.FramePayload) throws {
        switch payload {
        case .data(let data):
            guard case .byteBuffer(let bytes) = data.data else { return }
            state.withLock { state in
                state.frames.append(bytes.readableBytesView)
                if data.endStream { state.isOver = true }
            }
        case .headers(let head):
            if head.endStream { state.withLock { $0.isOver = true } }
            guard !isServer, let text = head.headers.first(name: "grpc-status"), let number = Int(text), number != 0
            else { return }
            let message = PercentEncoding.decoded(head.headers.first(name: "grpc-message") ?? "")
            throw GRPCStatus(GRPCStatus.Code(rawValue: number) ?? .unknown, message)
        case .rstStream:
            state.withLock { $0.isOver = true }
            throw GRPCStatus.closed
        default: return
        }
    }

    /// The only message of a call that has one.
    func only() async throws -> [UInt8] {
        guard let message = try await next() else { throw GRPCStatus(.invalidArgument, "there is no message") }
        return message
    }

    /// Returns when the stream is closed from the other side, or the task is cancelled.
    func awaitDeparture() async { await stream.payloads.awaitEnd() }

    // MARK: Out

    /// The head of a request, as a client.
    func begin(_ path: String, _ metadata: [(String, String)]) async throws {
        var headers: HPACKHeaders = [
            ":method": "POST", ":scheme": "http", ":path": path, ":authority": "localhost",
            "content-type": "application/grpc",
            "te": "trailers", "user-agent": "distill/\(ToolVersion.text)",
        ]
        for (name, value) in metadata { headers.add(name: name, value: value) }
        state.withLock { $0.hasBegun = true }
        try await write(.headers(.init(headers: headers)))
    }

    func send(_ message: [UInt8]) async throws {
        try await beginAnswer()
        // Frames of HTTP/2 are of 16 KiB, and cut by the stream itself.
        try await write(.data(.init(data: .byteBuffer(ByteBuffer(bytes: MessageFrames.frame(message))))))
    }

    /// As a client: no more messages come.
    func finishSending() async {
        guard
            state.withLock({ state in
                defer { state.hasEnded = true }
                return !state.hasEnded
            })
        else { return }
        // The other side may have ended the call already.
        try? await write(.data(.init(data: .byteBuffer(ByteBuffer()), endStream: true)))
    }

    /// As a server: a head before any message, for clients that wait for it.
    func beginAnswer() async throws {
        guard isServer,
            state.withLock({ state in
                defer { state.hasBegun = true }
                return !state.hasBegun
            })
        else { return }
        try await write(.headers(.init(headers: [":status": "200", "content-type": "application/grpc"])))
    }

    /// As a server: how the call ended.
    func finish(_ status: GRPCStatus) async throws {
        let (hasBegun, hasEnded) = state.withLock { state in
            defer { (state.hasBegun, state.hasEnded) = (true, true) }
            return (state.hasBegun, state.hasEnded)
        }
        if hasEnded { return }
        var trailers: HPACKHeaders = hasBegun ? [:] : [":status": "200", "content-type": "application/grpc"]
        trailers.add(name: "grpc-status", value: String(status.code.rawValue))
        if !status.message.isEmpty { trailers.add(name: "grpc-message", value: status.encodedMessage) }
        if !status.details.isEmpty {
            trailers.add(name: "grpc-status-details-bin", value: Base64.encode(status.encodedDetails))
        }
        try await write(.headers(.init(headers: trailers, endStream: true)))
    }

    /// The end has been told by another way.
    func markEnded() { state.withLock { ($0.hasBegun, $0.hasEnded) = (true, true) } }

    func close() { stream.channel.close(promise: nil) }

    private func write(_ payload: HTTP2Frame.FramePayload) async throws {
        try await stream.channel.writeAndFlush(payload).get()
    }
}

/// The other side of a connection on which this side calls.
struct GRPCClient: Sendable {
    let channel: any Channel
    let multiplexer: HTTP2Setup.Multiplexer

    /// Opens a call, and runs a function with it; the call is closed behind it.
    func call<Result>(
        _ path: String, _ metadata: [(String, String)] = [], _ body: (GRPCStream) async throws -> Result
    ) async throws -> Result {
        let ended = APIError.sessionEnded(path.split(separator: "/").first.map(String.init) ?? path)
        let stream: GRPCStream
        do {
            stream = GRPCStream(try await HTTP2Setup.open(multiplexer, on: channel), isServer: false)
            try await stream.begin(path, metadata)
        } catch {
            // Its connection is closed, in one of NIO's many ways.
            try Task.checkCancellation()
            throw ended
        }
        do {
            let result = try await body(stream)
            stream.close()
            return result
        } catch {
            stream.close()
            let isOfConnection = error is any NIOHTTP2Error || error is ChannelError || error is IOError
            guard isOfConnection || (error as? GRPCStatus == .closed && !channel.isActive) else { throw error }
            try Task.checkCancellation()
            throw ended
        }
    }

    /// A call of one message and one answer.
    func ask(_ path: String, _ message: [UInt8], _ metadata: [(String, String)] = []) async throws -> [UInt8] {
        try await call(path, metadata) { stream in
            try await stream.send(message)
            await stream.finishSending()
            let answer = try await stream.only()
            // The end may tell an error still.
            while try await stream.next() != nil {}
            return answer
        }
    }
}
