import Compose
import LinuxSystem
import NIOCore
import NIOPosix
import SystemPackage

/// The ports of a project that are published, and the thread that carries their bytes.
struct PublishedPorts {
    private let thread = MultiThreadedEventLoopGroup(numberOfThreads: 1)

    /// Listens on this machine, and has everything that is connected to a service afterwards begin in the project's network.
    func open(_ services: [Service], on network: ProjectNetwork) async throws -> [PortProxy] {
        var proxies: [PortProxy] = []
        for service in services {
            for port in service.ports {
                proxies.append(try await PortProxy(port, of: service.name, at: network.address(of: service.name), on: thread))
            }
        }
        let path = network.namespace
        // What listens already stays where it is: a socket is of the network of the thread that has made it.
        try await thread.next().submit { try NetworkNamespace.enter(path) }.get()
        return proxies
    }

    /// Ends everything that listens, and all connections.
    func close() async {
        // A thread that cannot be ended ends with the process.
        try? await thread.shutdownGracefully()
    }
}

/// A port of this machine that leads to one of a service: bytes are carried between two connections, or datagrams between
/// two sockets.
///
/// Not by `NIOAsyncChannel`: it stops the process when a connection arrives while its server ends.
struct PortProxy: Sendable {
    let service: String
    let port: PublishedPort
    /// The port that is listened on: the published one, or what the kernel chose.
    let bound: Int

    /// - Parameter address: the service's.
    fileprivate init(_ port: PublishedPort, of service: String, at address: String, on thread: MultiThreadedEventLoopGroup) async throws {
        (self.port, self.service) = (port, service)
        let target = try SocketAddress(ipAddress: address, port: port.target)
        let host = port.host ?? "0.0.0.0"
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
                        channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(DatagramRelay(to: target)) }
                    }
                    .bind(host: host, port: port.published).get()
            }
        } catch let error as IOError {
            throw ProjectError.cannotListen(port.address, Errno(rawValue: error.errnoCode), port.place)
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
