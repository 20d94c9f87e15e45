import NIOCore
import Synchronization

/// Leads a dialogue with a proxy; what comes behind it is passed on.
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

    func channelActive(context: ChannelHandlerContext) {
        let (channel, opened, patience) = (context.channel, opened, patience)
        let alarm = context.eventLoop.scheduleTask(in: TimeAmount(patience)) {
            opened.fail(TunnelFailure.silent(patience))
            channel.close(promise: nil)
        }
        opened.futureResult.whenComplete { _ in alarm.cancel() }
        say(dialogue.opening, context)
        context.fireChannelActive()
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

    func errorCaught(context: ChannelHandlerContext, error: any Error) { end(error, context) }

    private func say(_ bytes: [UInt8], _ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
    }

    private func end(_ error: any Error, _ context: ChannelHandlerContext) {
        isOver = true
        opened.fail(error)
        context.close(promise: nil)
    }
}

/// Where a relay is asked for a tunnel.
final class TunnelEntrance: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let way: TunnelWay
    private var request = ByteBuffer()
    private var isAsked = false

    init(_ way: TunnelWay) { self.way = way }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isAsked else { return context.fireChannelRead(data) }
        var piece = unwrapInboundIn(data)
        request.writeBuffer(&piece)
        do {
            guard let lines = try request.takeHead() else { return }
            isAsked = true
            open(try way.target(of: lines), context)
        } catch {
            refuse(error, context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func open(_ target: TunnelTarget, _ context: ChannelHandlerContext) {
        way.connect(to: target, on: context.eventLoop).assumeIsolated().whenComplete { result in
            switch result {
            case .success(let exit): self.passOn(to: exit, context)
            case .failure(let error): self.refuse(error, context)
            }
        }
    }

    private func passOn(to exit: any Channel, _ context: ChannelHandlerContext) {
        let (near, far) = TunnelEnd.pair()
        do {
            try context.pipeline.syncOperations.addHandler(near)
            try exit.pipeline.syncOperations.addHandler(far)
        } catch {
            // Whoever asked is gone.
            exit.close(promise: nil)
            return
        }
        way.failure.withLock { $0 = nil }
        answer("200 OK", context, nil)
    }

    private func refuse(_ error: any Error, _ context: ChannelHandlerContext) {
        isAsked = true
        way.failure.withLock { $0 = error }
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenComplete { _ in context.close(promise: nil) }
        answer("502 Bad Gateway", context, written)
    }

    private func answer(_ status: String, _ context: ChannelHandlerContext, _ promise: EventLoopPromise<Void>?) {
        let text = "HTTP/1.1 \(status)\r\n" + (promise == nil ? "" : "Content-Length: 0\r\n") + "\r\n"
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: promise)
    }
}

/// Passes on what comes to the other end of a tunnel, no faster than that takes it. Both ends are on one event loop.
final class TunnelEnd: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var other: TunnelEnd?
    private var context: ChannelHandlerContext?
    private var isReadHeld = false

    static func pair() -> (TunnelEnd, TunnelEnd) {
        let (one, other) = (TunnelEnd(), TunnelEnd())
        (one.other, other.other) = (other, one)
        return (one, other)
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { (self.context, other) = (nil, nil) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { other?.context?.write(data, promise: nil) }

    func channelReadComplete(context: ChannelHandlerContext) {
        other?.context?.flush()
        context.fireChannelReadComplete()
    }

    func read(context: ChannelHandlerContext) {
        if other?.context?.channel.isWritable == false { isReadHeld = true } else { context.read() }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { other?.readOn() }
        context.fireChannelWritabilityChanged()
    }

    private func readOn() {
        guard isReadHeld else { return }
        isReadHeld = false
        context?.read()
    }

    func channelInactive(context: ChannelHandlerContext) {
        other?.end()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    /// Ends this side when what was written has gone out.
    private func end() {
        guard let context else { return }
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenComplete { _ in context.close(promise: nil) }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: written)
    }
}
