import NIOCore
import NIOHPACK
import NIOHTTP2

/// A connection of HTTP/2 in the messages of a call (`Control.Session`): bytes for whoever comes behind it in the channel.
final class SessionTunnel: ChannelDuplexHandler {
    typealias InboundIn = HTTP2Frame.FramePayload
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = HTTP2Frame.FramePayload

    private var frames = MessageFrames()
    private var isOver = false

    func handlerAdded(context: ChannelHandlerContext) {
        let head: HTTP2Frame.FramePayload = .headers(
            .init(headers: [":status": "200", "content-type": "application/grpc"]))
        context.writeAndFlush(wrapOutboundOut(head), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .data(let data) = unwrapInboundIn(data), case .byteBuffer(let bytes) = data.data else { return }
        frames.append(bytes.readableBytesView)
        do {
            while let message = try frames.next() {
                var piece: [UInt8] = []
                try ProtobufReader.forEachField(message) { field, value in if field == 1 { piece = value.data } }
                if !piece.isEmpty { context.fireChannelRead(wrapInboundOut(ByteBuffer(bytes: piece))) }
            }
        } catch { return context.close(promise: nil) }
        if data.endStream { end(context) }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard let message = Self.message(Array(unwrapOutboundIn(data).readableBytesView)) else {
            promise?.succeed()
            return
        }
        context.write(wrapOutboundOut(.data(.init(data: .byteBuffer(ByteBuffer(bytes: message))))), promise: promise)
    }

    /// `BytesMessage`; nil for no bytes: clients keep the message of before, and would take its bytes once more.
    static func message(_ bytes: [UInt8]) -> [UInt8]? {
        bytes.isEmpty ? nil : MessageFrames.frame(ProtobufWriter.message { $0.data(1, bytes) })
    }

    /// The client is done: so is this side, or it waits for ever.
    private func end(_ context: ChannelHandlerContext) {
        guard !isOver else { return }
        isOver = true
        let trailers: HPACKHeaders = ["grpc-status": "0"]
        context.writeAndFlush(wrapOutboundOut(.headers(.init(headers: trailers, endStream: true))), promise: nil)
        context.close(promise: nil)
    }
}

extension ServedEngine {
    /// A session whose connection is a call's messages.
    func holdTunnel(_ head: HPACKHeaders, _ call: GRPCStream, _ stream: HTTP2Stream) async throws {
        var headers: [String: [String]] = [:]
        for (name, value, _) in head { headers[name.lowercased(), default: []].append(value) }
        guard let id = headers["x-docker-expose-session-uuid"]?.first, !id.isEmpty else {
            throw GRPCStatus(.invalidArgument, "the session has no ID")
        }
        let (channel, queue) = (stream.channel, stream.payloads)
        let multiplexer = try await channel.eventLoop.submit {
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandler(SessionTunnel())
            let multiplexer = try HTTP2Setup.call(on: channel)
            pipeline.removeHandler(queue, promise: nil)
            // What came before the channel was ready for it.
            for payload in queue.drain() { channel.pipeline.fireChannelRead(payload) }
            return multiplexer
        }.get()
        let session = ClientSession(
            GRPCClient(channel: channel, multiplexer: multiplexer), of: peer, headers: headers)
        await hold(session, id, until: channel.closeFuture)
        call.markEnded()
    }
}
