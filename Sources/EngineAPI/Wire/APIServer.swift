import Agents
package import LinuxSystem
import NIOCore
import NIOHTTP1
import NIOHTTP2
import NIOPosix
import NIOSSL
import OCI
package import SystemPackage

/// Answers docker's clients, for as long as there are any.
package struct APIServer: Sendable {
    package struct Configuration: Sendable {
        package var addresses: [ListeningAddress]
        package var environment: HostEnvironment
        /// The one file of credentials for what clients give none for; nil for those of docker and podman.
        package var credentialFile: FilePath?
        /// The server ends when there was nothing to do for as long; nil: never.
        package var idle: Duration?
        /// What is kept of clients' directories while there is something to do, in bytes.
        package var keptBytes: Int64 = 2 << 30
        /// After which time without anything to do nothing is kept of them.
        var keptTime = Duration.seconds(600)
        /// What errors are called.
        package var describe: @Sendable (any Error) -> FailureText
        /// Hears where clients can connect, once they can.
        package var ready: @Sendable () -> Void

        package init(
            addresses: [ListeningAddress], environment: HostEnvironment, idle: Duration?,
            describe: @escaping @Sendable (any Error) -> FailureText, ready: @escaping @Sendable () -> Void
        ) {
            (self.addresses, self.environment, self.idle) = (addresses, environment, idle)
            (self.describe, self.ready) = (describe, ready)
        }
    }

    private let configuration: Configuration
    private let served: ServedEngine
    private let activity = Activity()

    /// Connections at once; who comes then is sent away.
    private static let connectionLimit = 512

    package init(_ configuration: Configuration) {
        self.configuration = configuration
        served = ServedEngine(
            environment: configuration.environment, credentialFile: configuration.credentialFile,
            keptBytes: configuration.keptBytes, describe: configuration.describe)
    }

    /// Serves until the task is cancelled or nothing was to do for a while.
    ///
    /// - Throws: what binding an address throws.
    package func run() async throws {
        let (arrivals, connections) = AsyncStream.makeStream(of: Accepted.self)
        var listeners: [any Channel] = []
        do {
            for address in configuration.addresses { listeners.append(try await listen(address, connections)) }
        } catch {
            for listener in listeners { listener.close(promise: nil) }
            throw error
        }
        configuration.ready()
        let open = listeners
        await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await accept(arrivals) }
            group.addTask { try await rest(after: .seconds(2)) { ProcessMemory.release() } }
            group.addTask {
                try await rest(after: configuration.keptTime) {
                    served.trees.removeAll()
                    ProcessMemory.release()
                }
            }
            if let idle = configuration.idle {
                group.addTask { try await activity.awaitIdle(for: idle) }
            }
            _ = try? await group.next()  // cancelled: as when it is idle
            for listener in open { try? await listener.close() }  // closed already
            for case .socket(let path, _) in configuration.addresses { Self.discard(path) }
            connections.finish()
            group.cancelAll()
        }
    }

    /// Runs a function each time that nothing was to do for a while.
    private func rest(after patience: Duration, _ body: () -> Void) async throws {
        for await _ in activity.pauses() {
            try await activity.awaitIdle(for: patience)
            body()
        }
    }

    private func accept(_ arrivals: AsyncStream<Accepted>) async {
        await withDiscardingTaskGroup { group in
            for await connection in arrivals {
                group.addTask {
                    await withTaskCancellationHandler {
                        // A client that goes away in the middle is nothing to tell.
                        try? await serve(connection)
                        connection.channel.close(promise: nil)
                    } onCancel: {
                        connection.channel.close(promise: nil)
                    }
                }
            }
            group.cancelAll()
        }
    }

    private func serve(_ accepted: Accepted) async throws {
        let spoken = try await accepted.spoken.get()
        let served = await served.facing(.of(accepted.channel))
        switch spoken {
        case .http2: await activity.during { await served.serve(accepted.streams) }
        case .http1(let parts):
            let connection = HTTPConnection(channel: accepted.channel, parts: parts)
            while let head = try await connection.nextHead() {
                guard try await activity.during({ try await served.answer(head, on: connection) }) else { return }
            }
        }
    }
}

/// A connection that was accepted, and what it will speak.
private struct Accepted: Sendable {
    let channel: any Channel
    let spoken: EventLoopFuture<SpokenProtocol>
    /// Where it speaks HTTP/2.
    let streams: AsyncStream<HTTP2Stream>
}

extension APIServer {
    private func listen(_ address: ListeningAddress, _ connections: AsyncStream<Accepted>.Continuation) async throws
        -> any Channel
    {
        switch address {
        case .inherited(let descriptor):
            // Whatever it is otherwise: a file, a connection, nothing at all.
            guard ProcessFacts.isListening(descriptor) else { throw ListeningError.inherited(descriptor) }
            return try await bootstrap(connections, isAdmitted: nil).withBoundSocket(descriptor).get()
        case .secured(let host, let port, let certificates):
            let context = try certificates.context()
            do {
                return try await bootstrap(connections, context, isAdmitted: nil).bind(host: host, port: port).get()
            } catch { throw ListeningError.noPort(host: host, port: port) }
        case .socket(let path, let group):
            let isOwner: @Sendable (any Channel) -> EventLoopFuture<Bool> = { Self.isOwner($0) }
            return try await Self.bind(
                path, group: group, bootstrap(connections, isAdmitted: group == nil ? isOwner : nil))
        }
    }

    private func bootstrap(
        _ connections: AsyncStream<Accepted>.Continuation, _ context: NIOSSLContext? = nil,
        isAdmitted: (@Sendable (any Channel) -> EventLoopFuture<Bool>)?
    ) -> ServerBootstrap {
        let open = ConnectionCount()
        return ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(.autoRead, value: false)
            .childChannelInitializer { (channel: any Channel) -> EventLoopFuture<Void> in
                let count = open.change(by: 1)
                channel.closeFuture.whenComplete { _ in _ = open.change(by: -1) }
                guard count <= Self.connectionLimit else { return channel.close() }
                guard let isAdmitted else { return Self.admit(channel, context, connections) }
                return isAdmitted(channel).flatMap { $0 ? Self.admit(channel, context, connections) : channel.close() }
            }
    }

    private static func admit(
        _ channel: any Channel, _ context: NIOSSLContext?, _ connections: AsyncStream<Accepted>.Continuation
    ) -> EventLoopFuture<Void> {
        channel.eventLoop.makeCompletedFuture {
            if let context { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context)) }
            connections.yield(try prepare(channel))
        }
    }

    private static func prepare(_ channel: any Channel) throws -> Accepted {
        let promise = channel.eventLoop.makePromise(of: SpokenProtocol.self)
        let (streams, arrivals) = AsyncStream.makeStream(of: HTTP2Stream.self)
        channel.closeFuture.whenComplete { _ in arrivals.finish() }
        let choice = ProtocolChoice(promise) { context in
            try HTTP2Setup.serve(on: context.channel, arrivals)
        }
        try channel.pipeline.syncOperations.addHandler(choice)
        return Accepted(channel: channel, spoken: promise.futureResult, streams: streams)
    }

    /// Binds a socket in the file system, in place of one that nobody listens on any more.
    private static func bind(_ path: FilePath, group: UInt32?, _ bootstrap: ServerBootstrap) async throws -> any Channel
    {
        guard let place = AgentAddress(path) else { throw ListeningError.noDirectory(path: path.string) }
        let name = Array(place.name.utf8)
        if let status = try place.directory.status(name) {
            guard status.kind == .socket else { throw ListeningError.notASocket(path: path.string) }
            let client = try place.withPath {
                ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connect(unixDomainSocketPath: $0)
            }
            if let other = try? await client.get() {  // nobody: what is left of a server that was killed
                other.close(promise: nil)
                throw ListeningError.inUse(path: path.string)
            }
            try place.directory.removeFile(name)
        }
        let channel = try await place.withPath { bootstrap.bind(unixDomainSocketPath: $0) }.get()
        try place.directory.setMode(name, group == nil ? 0o600 : 0o660)
        if let group { try place.directory.setOwner(name, user: ProcessFacts.effectiveUser, group: group) }
        return channel
    }

    private static func discard(_ path: FilePath) {
        guard let place = AgentAddress(path) else { return }
        // Gone already: as it is to be.
        try? place.directory.removeFile(Array(place.name.utf8))
    }

    /// Whether the other end of a socket is root or the server's own user, as the kernel knows (SO_PEERCRED, unix(7)).
    private static func isOwner(_ channel: any Channel) -> EventLoopFuture<Bool> {
        Peer.credentials(of: channel).map { $0.user == 0 || $0.user == ProcessFacts.effectiveUser }
    }
}

/// Why there is no place for clients to connect.
package enum ListeningError: Error, Hashable, Sendable {
    case noDirectory(path: String)
    case notASocket(path: String)
    /// Somebody listens there already.
    case inUse(path: String)
    /// What the process was started with is no socket that is listened on.
    case inherited(Int32)
    /// A file in PEM that is not there, or has something else.
    case certificate(path: String, Certificate)
    /// A TCP port that cannot be had.
    case noPort(host: String, port: Int)

    package enum Certificate: Sendable { case authority, certificate, key }
}
