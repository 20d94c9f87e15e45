import Agents
import Engine
import LinuxSystem
import NIOCore
import NIOPosix
import Storage
import SystemPackage

/// The SSH agents of a client, as sockets of this machine for as long as a build lasts.
enum ForwardedAgents {
    static func around<Result: Sendable>(
        _ ids: [String], of session: ClientSession, in store: Store, _ specification: inout BuildSpecification,
        _ body: @escaping @Sendable (BuildSpecification) async throws -> Result
    ) async throws -> Result {
        let directory = ids.isEmpty ? nil : try store.makeTemporaryDirectory()
        defer { withExtendedLifetime(directory) {} }
        let (connections, arrivals) = AsyncStream.makeStream(of: Connection.self)
        var listeners: [any Channel] = []
        for (number, id) in ids.enumerated() {
            guard let directory, try await session.hasAgent(id),
                let place = AgentAddress(directory.path.appending("\(number).sock"))
            else { continue }
            listeners.append(try await listen(at: place, id, arrivals))
            specification.agents.sources[id] = .agent(place)
        }
        let (built, open) = (specification, listeners)
        return try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask {
                await serve(connections, of: session)
                return nil
            }
            group.addTask { try await body(built) }
            defer {
                for listener in open { listener.close(promise: nil) }
                arrivals.finish()
                group.cancelAll()
            }
            while let result = try await group.next() { if let result { return result } }
            throw CancellationError()
        }
    }

    private struct Connection: Sendable {
        let id: String
        let channel: any Channel
        let bytes: InboundQueue<ByteBuffer>
    }

    private static func listen(at place: AgentAddress, _ id: String, _ arrivals: AsyncStream<Connection>.Continuation)
        async throws -> any Channel
    {
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelOption(.autoRead, value: false)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let queue = InboundQueue<ByteBuffer>(channel)
                    try channel.pipeline.syncOperations.addHandler(queue)
                    arrivals.yield(Connection(id: id, channel: channel, bytes: queue))
                }
            }
        return try await place.withPath { bootstrap.bind(unixDomainSocketPath: $0) }.get()
    }

    private static func serve(_ connections: AsyncStream<Connection>, of session: ClientSession) async {
        await withDiscardingTaskGroup { group in
            for await connection in connections {
                group.addTask {
                    // What goes wrong here is seen by the program that asks its agent.
                    try? await relay(connection, session)
                    connection.channel.close(promise: nil)
                }
            }
            group.cancelAll()
        }
    }

    private static func relay(_ connection: Connection, _ session: ClientSession) async throws {
        try await session.client.call(ClientSession.forwardAgent, [("buildkit.ssh.id", connection.id)]) { stream in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    while let piece = try await connection.bytes.next() {
                        let bytes = Array(piece.readableBytesView)
                        try await stream.send(ProtobufWriter.message { $0.data(1, bytes) })
                    }
                    await stream.finishSending()
                }
                group.addTask {
                    while let message = try await stream.next() {
                        var bytes: [UInt8] = []
                        try ProtobufReader.forEachField(message) { field, value in if field == 1 { bytes = value.data }
                        }
                        try await connection.channel.writeAndFlush(ByteBuffer(bytes: bytes)).get()
                    }
                }
                try await group.next()
                group.cancelAll()
            }
        }
    }
}
