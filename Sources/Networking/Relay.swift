package import NIOCore
import Synchronization

/// Carries what one connection reads to another one, never faster than that takes it.
package final class Relay: ChannelInboundHandler {
    package typealias InboundIn = ByteBuffer

    /// How many of a pair's two directions have ended.
    package final class Ends: Sendable {
        private let count = Mutex(0)

        /// - Returns: whether this was the last one.
        package func end() -> Bool {
            count.withLock { count in
                count += 1
                return count == 2
            }
        }
    }

    /// Joins a connection that came to one that is made for it, before the first byte is read.
    ///
    /// - Parameter target: of the same event loop, and not reading by itself.
    package static func join(_ client: any Channel, to target: EventLoopFuture<any Channel>) -> EventLoopFuture<Void> {
        target.flatMapThrowing { target in
            let ends = Ends()
            try client.pipeline.syncOperations.addHandler(Relay(to: target, ends))
            try target.pipeline.syncOperations.addHandler(Relay(to: client, ends))
        }
    }

    private let other: any Channel
    private let ends: Ends

    package init(to other: any Channel, _ ends: Ends) { (self.other, self.ends) = (other, ends) }

    /// The client's connection is there, so the service's can be read.
    package func channelActive(context: ChannelHandlerContext) { setReading(other, true) }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        other.write(unwrapInboundIn(data), promise: nil)
    }

    package func channelReadComplete(context: ChannelHandlerContext) {
        other.flush()
        if !other.isWritable { setReading(context.channel, false) }
    }

    package func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { setReading(other, true) }
    }

    package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard let event = event as? ChannelEvent, event == .inputClosed else {
            return context.fireUserInboundEventTriggered(event)
        }
        // An end of one direction closes that of the other side, the end of both closes both. What has been read is
        // carried before: a channel whose input has ended drops its output when that is closed.
        let (channel, other, ends) = (context.channel, other, ends)
        other.writeAndFlush(ByteBuffer()).whenComplete { _ in
            guard ends.end() else { return other.close(mode: .output, promise: nil) }
            other.close(promise: nil)
            channel.close(promise: nil)
        }
    }

    /// What has been read is carried before the other one is closed.
    package func channelInactive(context: ChannelHandlerContext) {
        let other = other
        other.writeAndFlush(ByteBuffer()).whenComplete { _ in other.close(promise: nil) }
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func setReading(_ channel: any Channel, _ isReading: Bool) {
        // One that is closed reads nothing.
        _ = channel.setOption(.autoRead, value: isReading)
    }
}
