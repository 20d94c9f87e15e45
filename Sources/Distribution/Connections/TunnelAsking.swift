import NIOCore

/// Leads a dialogue with a proxy over a connection that is there; what comes behind it is passed on.
final class TunnelAsking: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var dialogue: any TunnelDialogue
    private let patience: Duration
    private let opened: EventLoopPromise<Void>
    private var received = ByteBuffer()
    private var isOver = false

    init(_ dialogue: any TunnelDialogue, _ patience: Duration, _ opened: EventLoopPromise<Void>) {
        (self.dialogue, self.patience, self.opened) = (dialogue, patience, opened)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let (opened, patience) = (opened, patience)
        let alarm = context.eventLoop.scheduleTask(in: TimeAmount(patience)) {
            opened.fail(TunnelFailure.silent(patience))
        }
        opened.futureResult.whenComplete { _ in alarm.cancel() }
        say(dialogue.opening, context)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isOver else { return context.fireChannelRead(data) }
        var piece = unwrapInboundIn(data)
        received.writeBuffer(&piece)
        do {
            while !isOver {
                switch try dialogue.answer(&received) {
                case .wait: return
                case .say(let bytes): say(bytes, context)
                case .open:
                    // Who is led to speaks when it was spoken to.
                    guard received.readableBytes == 0 else { throw TunnelFailure.noProxy }
                    isOver = true
                    opened.succeed()
                }
            }
        } catch {
            end(error, context)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        opened.fail(TunnelFailure.closed)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if isOver { context.fireErrorCaught(error) } else { end(error, context) }
    }

    private func say(_ bytes: [UInt8], _ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
    }

    private func end(_ error: any Error, _ context: ChannelHandlerContext) {
        isOver = true
        opened.fail(error)
        context.close(promise: nil)
    }
}
