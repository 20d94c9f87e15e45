package import NIOCore
import NIOPosix

/// Carries what clients send to a published UDP port to its service, and the answers back: for each client a socket of its
/// own, which is forgotten when nothing has passed for a while.
package final class DatagramRelay: ChannelInboundHandler {
    package typealias InboundIn = AddressedEnvelope<ByteBuffer>

    private static let clientLimit = 1024
    private static let idleTime = TimeAmount.seconds(60)
    /// A datagram's length has 16 bits.
    package static let allocator = FixedSizeRecvByteBufferAllocator(capacity: 1 << 16)

    private let target: SocketAddress
    private var clients: [SocketAddress: EventLoopFuture<any Channel>] = [:]

    package init(to target: SocketAddress) { self.target = target }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let envelope = unwrapInboundIn(data)
        let client = envelope.remoteAddress
        // Nobody is told that a datagram is lost.
        guard let channel = clients[client] ?? (clients.count < Self.clientLimit ? connect(client, context) : nil)
        else { return }
        channel.whenSuccess { $0.writeAndFlush(envelope.data, promise: nil) }
    }

    private func connect(_ client: SocketAddress, _ context: ChannelHandlerContext) -> EventLoopFuture<any Channel> {
        let server = context.channel
        let channel = DatagramBootstrap(group: context.eventLoop)
            .channelOption(.recvAllocator, value: Self.allocator)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers([
                        IdleStateHandler(allTimeout: Self.idleTime), Answers(to: client, from: server),
                    ])
                }
            }
            .connect(to: target)
        clients[client] = channel
        channel.flatMap(\.closeFuture).assumeIsolated().whenComplete { [weak self] _ in self?.clients[client] = nil }
        return channel
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // One datagram that cannot be read or sent says nothing about the next.
    }

    private final class Answers: ChannelInboundHandler {
        typealias InboundIn = AddressedEnvelope<ByteBuffer>

        private let client: SocketAddress
        private let server: any Channel

        init(to client: SocketAddress, from server: any Channel) { (self.client, self.server) = (client, server) }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            server.writeAndFlush(
                AddressedEnvelope(remoteAddress: client, data: unwrapInboundIn(data).data), promise: nil)
        }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if event is IdleStateHandler.IdleStateEvent { context.close(promise: nil) }
        }

        /// The service does not listen, for one.
        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
