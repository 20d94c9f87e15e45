import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS

/// Makes connections: to an origin, to a proxy, or through a proxy's tunnel to an origin.
struct ConnectionMaker {
    let policy: TransferPolicy
    /// How a proxy is spoken to over TLS.
    let proxySecurity: TransportSecurity

    /// A socket's buffer holds this much on a usual machine.
    private static let allocator = AdaptiveRecvByteBufferAllocator(
        minimum: 4 << 10, initial: 64 << 10, maximum: 256 << 10)

    /// - Parameters:
    ///   - route: a proxy that is given whole addresses is not told of the origin.
    ///   - security: how the origin is spoken to.
    /// - Throws: ``ProxyFailure``, ``HTTPFailure``, and errors of the network and of TLS.
    func channel(
        to origin: HTTPURL.Origin, by route: ConnectionRoute, _ security: TransportSecurity
    ) async throws -> any Channel {
        switch route {
        case .direct: return try await secured(try await connect(origin.bareHost, origin.port), origin, security)
        case .forwarded(let proxy):
            let channel = try await connect(proxy.origin.bareHost, proxy.origin.port)
            return try await secured(channel, proxy.origin, proxySecurity)
        case .tunnel, .socks:
            let channel: any Channel
            do { channel = try await tunnel(to: TunnelTarget(host: origin.bareHost, port: origin.port), route) } catch {
                throw error is CancellationError ? error : ProxyFailure(cause: error)
            }
            return try await secured(channel, origin, security)
        }
    }

    private func connect(_ host: String, _ port: Int) async throws -> any Channel {
        let attempt = ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connectTimeout(TimeAmount(policy.connectTimeout))
            .channelOption(.recvAllocator, value: Self.allocator)
            .connect(host: host, port: port)
        let connected = attempt.eventLoop.makePromise(of: (any Channel).self)
        attempt.cascade(to: connected)
        return try await withTaskCancellationHandler {
            try await connected.futureResult.get()
        } onCancel: {
            connected.fail(CancellationError())
            attempt.whenSuccess { $0.close(promise: nil) }
        }
    }

    /// A connection to a proxy that leads to the target.
    private func tunnel(to target: TunnelTarget, _ route: ConnectionRoute) async throws -> any Channel {
        let channel: any Channel
        let dialogue: any TunnelDialogue
        switch route {
        case .tunnel(let proxy):
            channel = try await secured(
                try await connect(proxy.origin.bareHost, proxy.origin.port), proxy.origin, proxySecurity)
            dialogue = ConnectDialogue(to: target, login: proxy.nameAndPassword)
        case .socks(let proxy):
            channel = try await connect(proxy.host, proxy.port)
            dialogue = SOCKSDialogue(to: target, login: proxy.login)
        case .direct, .forwarded: throw TunnelFailure.noProxy
        }
        let patience = policy.connectTimeout
        return try await waiting(on: channel) { [dialogue] pipeline, opened in
            try pipeline.addHandler(TunnelAsking(dialogue, patience, opened))
        }
    }

    /// Begins TLS over a connection if whoever it leads to wants that.
    private func secured(
        _ channel: any Channel, _ origin: HTTPURL.Origin, _ security: TransportSecurity
    ) async throws -> any Channel {
        guard origin.isSecure else { return channel }
        let patience = policy.connectTimeout
        return try await waiting(on: channel) { pipeline, secured in
            try pipeline.addHandler(try security.handler(for: PeerIdentity(origin)))
            try pipeline.addHandler(HandshakeWaiting(patience, secured))
        }
    }

    /// Waits for what is done by handlers at the end of a connection.
    ///
    /// - Parameter add: adds them, on the event loop; one of them fulfils the promise.
    private func waiting(
        on channel: any Channel,
        _ add: @escaping @Sendable (ChannelPipeline.SynchronousOperations, EventLoopPromise<Void>) throws -> Void
    ) async throws -> any Channel {
        let done = channel.eventLoop.makePromise(of: Void.self)
        channel.eventLoop.execute {
            do { try add(channel.pipeline.syncOperations, done) } catch { done.fail(error) }
        }
        do {
            try await withTaskCancellationHandler {
                try await done.futureResult.get()
            } onCancel: {
                done.fail(CancellationError())
            }
        } catch {
            channel.close(promise: nil)
            throw error
        }
        return channel
    }
}

/// Waits until TLS is there.
private final class HandshakeWaiting: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let patience: Duration
    private let secured: EventLoopPromise<Void>
    private var isOver = false

    init(_ patience: Duration, _ secured: EventLoopPromise<Void>) {
        (self.patience, self.secured) = (patience, secured)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let secured = secured
        let alarm = context.eventLoop.scheduleTask(in: TimeAmount(patience)) {
            secured.fail(HTTPFailure.handshakeTimeout)
        }
        secured.futureResult.whenComplete { _ in alarm.cancel() }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted? = event as? TLSUserEvent { end(.success(())) }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if isOver { context.fireErrorCaught(error) } else { end(.failure(error)) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(.failure(HTTPFailure.closed))
        context.fireChannelInactive()
    }

    private func end(_ result: Result<Void, any Error>) {
        isOver = true
        secured.completeWith(result)
    }
}
