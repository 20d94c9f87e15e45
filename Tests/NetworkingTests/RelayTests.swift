import NIOCore
import NIOPosix
import Networking
import Testing

@Suite struct RelayTests {
    /// Answers with what it was sent, in capitals, and ends when the other side does.
    private final class Answer: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let text = String(buffer: unwrapInboundIn(data)).uppercased()
            context.writeAndFlush(NIOAny(ByteBuffer(string: text)), promise: nil)
        }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if event as? ChannelEvent == .inputClosed { context.close(promise: nil) }
        }
    }

    private final class Collecting: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let whole: EventLoopPromise<String>
        private var text = ""

        init(_ whole: EventLoopPromise<String>) { self.whole = whole }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) { text += String(buffer: unwrapInboundIn(data)) }

        func channelInactive(context: ChannelHandlerContext) { whole.succeed(text) }
    }

    /// What is sent before one side ends arrives, and so does the answer to it, and then both connections are closed.
    @Test func carriesBothWaysAndEndsWithBoth() async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let service = try await ServerBootstrap(group: group)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Answer()) }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let address = try #require(service.localAddress)
        let relay = try await ServerBootstrap(group: group)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { client in
                Relay.join(
                    client,
                    to: ClientBootstrap(group: client.eventLoop).channelOption(.allowRemoteHalfClosure, value: true)
                        .channelOption(.autoRead, value: false).connect(to: address))
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let whole = group.next().makePromise(of: String.self)
        let client = try await ClientBootstrap(group: group).channelOption(.allowRemoteHalfClosure, value: true)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Collecting(whole))
                }
            }
            .connect(to: try #require(relay.localAddress)).get()
        try await client.writeAndFlush(ByteBuffer(string: "hello")).get()
        try await client.close(mode: .output).get()
        #expect(try await whole.futureResult.get() == "HELLO")
        try await service.close().get()
        try await relay.close().get()
    }
}
