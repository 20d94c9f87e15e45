import NIOCore
import NIOHTTP1
import NIOHTTP2

/// One stream of a connection that speaks HTTP/2: a request and its answer.
struct HTTP2Stream: Sendable {
    let channel: any Channel
    let payloads: InboundQueue<HTTP2Frame.FramePayload>
}

/// The handlers of HTTP/2 on a channel.
enum HTTP2Setup {
    typealias Multiplexer = NIOHTTP2Handler.StreamMultiplexer

    /// Bytes that a stream may send before it is listened to.
    private static let window = 1 << 20
    /// Frames of a stream that are read before they are asked for; of 16 KiB each, at most.
    private static let ahead = 32

    /// As a server, from the next byte on. To be called on the channel's loop.
    @discardableResult
    static func serve(on channel: any Channel, _ arrivals: AsyncStream<HTTP2Stream>.Continuation) throws -> Multiplexer
    {
        let multiplexer = try configure(channel, .server) { stream in
            stream.eventLoop.makeCompletedFuture { arrivals.yield(try prepare(stream)) }
        }
        try channel.syncOptions?.setOption(.autoRead, value: true)
        return multiplexer
    }

    /// As a client, from the next byte on. To be called on the channel's loop.
    static func call(on channel: any Channel) throws -> Multiplexer {
        let multiplexer = try configure(channel, .client) { $0.close() }
        try channel.syncOptions?.setOption(.autoRead, value: true)
        return multiplexer
    }

    /// Opens a stream as a client.
    static func open(_ multiplexer: Multiplexer, on channel: any Channel) async throws -> HTTP2Stream {
        let promise = channel.eventLoop.makePromise(of: HTTP2Stream.self)
        multiplexer.createStreamChannel { stream in
            stream.eventLoop.makeCompletedFuture { promise.succeed(try prepare(stream)) }
        }.whenFailure { promise.fail($0) }
        return try await promise.futureResult.get()
    }

    private static func configure(
        _ channel: any Channel, _ mode: NIOHTTP2Handler.ParserMode, _ initializer: @escaping NIOChannelInitializer
    ) throws -> Multiplexer {
        var connection = NIOHTTP2Handler.ConnectionConfiguration()
        connection.initialSettings = [
            HTTP2Setting(parameter: .maxConcurrentStreams, value: 256),
            HTTP2Setting(parameter: .maxHeaderListSize, value: 64 << 10),
            HTTP2Setting(parameter: .initialWindowSize, value: window),
        ]
        // Clients in Go measure with a PING for each piece that they read, and end each stream with RST_STREAM: far more than
        // the usual 200 in 30 s. What is counted takes 8 bytes a frame.
        connection.controlFrameRateLimit.windowLength = .seconds(1)
        connection.controlFrameRateLimit.maximumCount = 5_000
        var stream = NIOHTTP2Handler.StreamConfiguration()
        stream.streamResetFrameRateLimit.windowLength = .seconds(1)
        stream.streamResetFrameRateLimit.maximumCount = 1_000
        stream.targetWindowSize = window
        stream.outboundBufferSizeHighWatermark = 256 << 10
        stream.outboundBufferSizeLowWatermark = 64 << 10
        let multiplexer = try channel.pipeline.syncOperations.configureHTTP2Pipeline(
            mode: mode, connectionConfiguration: connection, streamConfiguration: stream,
            inboundStreamInitializer: initializer)
        try channel.pipeline.syncOperations.addHandler(EndOfInput())
        return multiplexer
    }

    private static func prepare(_ stream: any Channel) throws -> HTTP2Stream {
        try stream.syncOptions?.setOption(.autoRead, value: false)
        let queue = InboundQueue<HTTP2Frame.FramePayload>(stream, readAhead: ahead)
        try stream.pipeline.syncOperations.addHandler(queue)
        return HTTP2Stream(channel: stream, payloads: queue)
    }
}

/// Closes a connection of HTTP/2 when nothing more can come on it, or what came is no HTTP/2: unlike one of HTTP/1.1 it has no use
/// any more.
private final class EndOfInput: ChannelInboundHandler, Sendable {
    typealias InboundIn = NIOAny

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed { context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

extension Exchange {
    /// Hands the connection over to HTTP/2: says so, and leaves it to what `configure` adds.
    func upgradeToHTTP2<Result: Sendable>(_ configure: @escaping @Sendable (any Channel) throws -> Result) async throws
        -> Result
    {
        let (channel, queue) = (connection.channel, connection.parts)
        let head = head(switchingTo: "h2c")
        return try await channel.eventLoop.flatSubmit {
            channel.writeAndFlush(head, promise: nil)
            return channel.eventLoop.makeCompletedFuture {
                let pipeline = channel.pipeline.syncOperations
                // In this order: what the decoder holds back goes to whoever comes next.
                pipeline.removeHandler(queue, promise: nil)
                let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
                let result = try configure(channel)
                pipeline.removeHandler(decoder, promise: nil)
                return result
            }
        }.get()
    }
}
