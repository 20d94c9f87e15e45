package import NIOCore
import NIOPosix

/// A TCP server on the loopback interface, for tests that treat connections badly.
///
/// Not by `NIOAsyncChannel`: it stops the process when a connection arrives while its server ends.
package enum LoopbackServer {
    /// One accepted connection. It is closed when the function that serves it returns, and when the server ends.
    package final class Connection: Sendable {
        let channel: any Channel
        /// What arrives; ends when the client goes away.
        package let input: AsyncStream<ByteBuffer>

        fileprivate init(_ channel: any Channel, _ input: AsyncStream<ByteBuffer>) {
            (self.channel, self.input) = (channel, input)
        }

        package func write(_ bytes: [UInt8]) async throws {
            try await channel.writeAndFlush(ByteBuffer(bytes: bytes)).get()
        }
    }

    /// Runs `body` beside a server that `make` makes once its port is known.
    package static func with<Server: Sendable, Result: Sendable>(
        _ make: (_ port: Int) -> Server, serve: @Sendable @escaping (Server, Connection) async throws -> Void,
        _ body: (Server) async throws -> Result
    ) async throws -> Result {
        let (connections, arrivals) = AsyncStream.makeStream(of: Connection.self)
        let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let (input, pieces) = AsyncStream.makeStream(of: ByteBuffer.self)
                    try channel.pipeline.syncOperations.addHandler(Receiver(pieces: pieces))
                    arrivals.yield(Connection(channel, input))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        guard let port = listener.localAddress?.port else { throw ScriptedHTTPServerError.noPort }
        let server = make(port)
        let outcome: Swift.Result<Result, any Error> = await withTaskGroup(of: Void.self) { group in
            group.addTask { await accept(connections) { try await serve(server, $0) } }
            defer { group.cancelAll() }
            do { return .success(try await body(server)) } catch { return .failure(error) }
        }
        try await listener.close()
        arrivals.finish()
        return try outcome.get()
    }

    private static func accept(
        _ connections: AsyncStream<Connection>, _ serve: @Sendable @escaping (Connection) async throws -> Void
    ) async {
        await withDiscardingTaskGroup { group in
            for await connection in connections {
                group.addTask {
                    await withTaskCancellationHandler {
                        // A client that goes away in the middle is what many tests are about.
                        try? await serve(connection)
                        connection.channel.close(promise: nil)
                    } onCancel: {
                        connection.channel.close(promise: nil)
                    }
                }
            }
        }
    }

    private final class Receiver: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let pieces: AsyncStream<ByteBuffer>.Continuation

        init(pieces: AsyncStream<ByteBuffer>.Continuation) { self.pieces = pieces }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) { pieces.yield(unwrapInboundIn(data)) }

        func channelInactive(context: ChannelHandlerContext) { pieces.finish() }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
