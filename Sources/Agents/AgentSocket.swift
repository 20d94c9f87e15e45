package import LinuxSystem
import NIOCore
import NIOPosix
import Networking
package import Storage
import Synchronization
package import SystemPackage

/// Where an SSH agent listens. Addresses of sockets are of 107 bytes at most (unix(7)), and paths are longer: the directory is held
/// open, and named by its descriptor.
package struct AgentAddress: Sendable {
    package let directory: Directory
    package let name: String

    /// - Returns: nil if there is no such directory.
    package init?(_ path: FilePath) {
        // A directory that cannot be opened is told by whoever asks.
        guard let name = path.lastComponent?.string,
            let directory = try? Directory(opening: path.removingLastComponent())
        else { return nil }
        (self.directory, self.name) = (directory, name)
    }

    package func withPath<Result>(_ body: (String) throws -> Result) throws -> Result {
        try directory.withDescriptorPath { path in Swift.Result { try body("\(path)/\(name)") } }.get()
    }

    /// What makes sockets that lead there.
    package var maker: Binding.SocketMaker { { path in try AgentSocket(at: path, to: self) } }
}

/// A socket that a step may have, and that leads to an agent whose own socket it never sees. It ends with this value.
package final class AgentSocket: Sendable {
    private let server: any Channel

    /// A step that opens more has none left for this process.
    private static let connectionLimit = 64

    private final class Count: Sendable {
        private let value = Mutex(0)

        func change(by difference: Int) -> Int {
            value.withLock { value in
                value += difference
                return value
            }
        }
    }

    package init(at path: FilePath, to agent: AgentAddress) throws {
        guard let place = AgentAddress(path) else { throw Errno.noSuchFileOrDirectory }
        let open = Count()
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 16)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { client in
                let count = open.change(by: 1)
                client.closeFuture.whenComplete { _ in _ = open.change(by: -1) }
                return count > Self.connectionLimit ? client.close() : Self.join(client, to: agent)
            }
        server = try place.withPath { try bootstrap.bind(unixDomainSocketPath: $0).wait() }
    }

    private static func join(_ client: any Channel, to agent: AgentAddress) -> EventLoopFuture<Void> {
        let bootstrap = ClientBootstrap(group: client.eventLoop)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelOption(.autoRead, value: false)
        do {
            try client.pipeline.syncOperations.addHandler(AgentFilterHandler())
            return Relay.join(client, to: try agent.withPath { bootstrap.connect(unixDomainSocketPath: $0) })
        } catch {
            return client.eventLoop.makeFailedFuture(error)
        }
    }

    deinit { server.close(promise: nil) }
}

/// Lets through what ``AgentFilter`` does.
private final class AgentFilterHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private var filter = AgentFilter()

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        do throws(AgentFilter.Fault) {
            let bytes = try filter.take(unwrapInboundIn(data).readableBytesView)
            if !bytes.isEmpty { context.fireChannelRead(wrapInboundOut(ByteBuffer(bytes: bytes))) }
        } catch {
            context.close(promise: nil)
        }
    }
}
