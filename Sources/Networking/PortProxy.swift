import LinuxSystem
import NIOCore
import NIOPosix
import SystemPackage

/// The ports that are published, and the thread that carries their bytes.
package struct PublishedPorts {
    private let thread = MultiThreadedEventLoopGroup(numberOfThreads: 1)

    package init() {}

    /// Listens on this machine, and has everything that is connected to a service afterwards begin in the project's network.
    ///
    /// - Throws: ``NetworkError/cannotListen(_:_:)``.
    package func open(_ publications: [Publication], on network: PrivateNetwork) async throws -> [PortProxy] {
        var proxies: [PortProxy] = []
        for publication in publications {
            proxies.append(try await PortProxy(publication, to: network.address(of: publication.member), on: thread))
        }
        let path = network.namespace
        // What listens already stays where it is: a socket is of the network of the thread that has made it.
        try await thread.next().submit { try NetworkNamespace.enter(path) }.get()
        return proxies
    }

    /// Ends everything that listens, and all connections.
    package func close() async {
        // A thread that cannot be ended ends with the process.
        try? await thread.shutdownGracefully()
    }
}

/// A port of this machine that leads to one of a service: bytes are carried between two connections, or datagrams between
/// two sockets.
///
/// Not by `NIOAsyncChannel`: it stops the process when a connection arrives while its server ends.
package struct PortProxy: Sendable {
    package let publication: Publication
    /// The port that is listened on: the published one, or what the kernel chose.
    package let bound: Int

    /// - Parameter address: the member's.
    fileprivate init(_ port: Publication, to address: String, on thread: MultiThreadedEventLoopGroup) async throws {
        publication = port
        let target = try SocketAddress(ipAddress: address, port: port.target)
        let host = port.host
        let server: any Channel
        do {
            switch port.transport {
            case .tcp:
                server = try await ServerBootstrap(group: thread)
                    .serverChannelOption(.backlog, value: 256)
                    .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                    .childChannelOption(.allowRemoteHalfClosure, value: true)
                    .childChannelInitializer { Self.join($0, to: target) }
                    .bind(host: host, port: port.published).get()
            case .udp:
                server = try await DatagramBootstrap(group: thread)
                    .channelOption(.recvAllocator, value: DatagramRelay.allocator)
                    .channelInitializer { channel in
                        channel.eventLoop.makeCompletedFuture {
                            try channel.pipeline.syncOperations.addHandler(DatagramRelay(to: target))
                        }
                    }
                    .bind(host: host, port: port.published).get()
            }
        } catch let error as IOError {
            throw NetworkError.cannotListen(port, Errno(rawValue: error.errnoCode))
        }
        bound = server.localAddress?.port ?? port.published
    }

    /// Connects to the service before the client's first byte is read; a client whose service does not answer is closed.
    private static func join(_ client: any Channel, to address: SocketAddress) -> EventLoopFuture<Void> {
        Relay.join(
            client,
            to: ClientBootstrap(group: client.eventLoop)
                .channelOption(.allowRemoteHalfClosure, value: true)
                .channelOption(.autoRead, value: false)
                .connect(to: address))
    }
}
