import NIOCore
import NIOHTTP1

/// What a client speaks, by its first bytes: HTTP/2 with knowledge of it beforehand (RFC 9113, 3.3), else HTTP/1.1.
enum SpokenProtocol: Sendable {
    case http1(InboundQueue<HTTPServerRequestPart>)
    case http2
}

/// Looks at the first bytes of a connection, prepares the channel for what they are of, and leaves it.
final class ProtocolChoice: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    /// The beginning of HTTP/2's preface; no method of HTTP/1.1 is called so.
    private static let preface = Array("PRI * HTTP/2.0".utf8)

    private var held = ByteBuffer()
    private let promise: EventLoopPromise<SpokenProtocol>
    private let prepareHTTP2: (ChannelHandlerContext) throws -> Void
    private var isDone = false

    /// - Parameters:
    ///   - promise: hears what was chosen; fails when the connection ends before.
    ///   - prepareHTTP2: adds the handlers of HTTP/2.
    init(_ promise: EventLoopPromise<SpokenProtocol>, prepareHTTP2: @escaping (ChannelHandlerContext) throws -> Void) {
        (self.promise, self.prepareHTTP2) = (promise, prepareHTTP2)
    }

    func handlerAdded(context: ChannelHandlerContext) { if context.channel.isActive { context.read() } }

    func channelActive(context: ChannelHandlerContext) {
        context.read()
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        held.writeBuffer(&bytes)
        guard !isDone else { return }
        let seen = held.readableBytesView.prefix(Self.preface.count)
        guard Self.preface.starts(with: seen) else { return choose(context, isHTTP2: false) }
        if seen.count == Self.preface.count { choose(context, isHTTP2: true) }
    }

    func channelReadComplete(context: ChannelHandlerContext) { if !isDone { context.read() } }

    private func choose(_ context: ChannelHandlerContext, isHTTP2: Bool) {
        isDone = true
        do {
            if isHTTP2 {
                try prepareHTTP2(context)
                promise.succeed(.http2)
            } else {
                let queue = InboundQueue<HTTPServerRequestPart>(context.channel)
                let decoder = ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes))
                try context.pipeline.syncOperations.addHandlers([decoder, queue])
                promise.succeed(.http1(queue))
            }
        } catch {
            promise.fail(error)
            context.close(promise: nil)
        }
        context.fireChannelRead(wrapInboundOut(held))
        context.fireChannelReadComplete()
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed, !isDone { context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        if !isDone { promise.fail(ChannelError.eof) }
        isDone = true
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
