import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOSSL
import Synchronization

/// The HTTP clients of a program: one for direct connections and one for each proxy, each made when it is first needed.
final class Connections: Sendable {
    /// How long an answer is waited for in silence.
    enum Patience: Hashable {
        case usual
        /// The other side works: it puts together what it was sent.
        case long
    }

    private struct Key: Hashable {
        let route: ConnectionRoute
        let patience: Patience
        /// Whose certificate is wanted, where the TLS library does not look closely enough.
        let peer: PeerIdentity?
    }

    private struct State {
        var clients: [Key: HTTPClient] = [:]
        var relays: [RelayedProxy: TunnelRelay] = [:]
    }

    private let policy: TransferPolicy
    private let tls: TLSConfiguration
    private let proxies: ProxySettings
    private let state = Mutex(State())

    init(_ policy: TransferPolicy, _ proxies: ProxySettings) {
        (self.policy, self.proxies, tls) = (policy, proxies, policy.authorities.clientConfiguration())
    }

    private func client(_ key: Key) throws -> (HTTPClient, TunnelRelay?) {
        try state.withLock { state in
            var relay: TunnelRelay?
            if case .relayed(let proxy) = key.route {
                relay = try state.relays[proxy] ?? TunnelRelay(to: proxy, policy)
                state.relays[proxy] = relay
            }
            if let known = state.clients[key] { return (known, relay) }
            let client = HTTPClient(configuration: settings(key, relay))
            state.clients[key] = client
            return (client, relay)
        }
    }

    private func settings(_ key: Key, _ relay: TunnelRelay?) -> HTTPClient.Configuration {
        let silence = key.patience == .long ? policy.commitTimeout : policy.idleTimeout
        var settings = HTTPClient.Configuration(
            tlsConfiguration: tls,
            // Redirects are followed by us: each may need another proxy, and no credentials go to another origin.
            redirectConfiguration: .disallow,
            timeout: .init(connect: TimeAmount(policy.connectTimeout), read: TimeAmount(silence)))
        // HTTP/2 measured slower where much is transferred (docs/performance.md).
        settings.httpVersion = .http1Only
        // Tries are counted by who knows what they cost: the client would try for all of the connect timeout.
        settings.connectionPool.retryConnectionEstablishment = false
        if let peer = key.peer { settings.http1_1ConnectionDebugInitializer = peer.check }
        switch key.route {
        case .direct: break
        case .tunnel(let proxy):
            settings.proxy = .server(
                host: proxy.origin.bareHost, port: proxy.origin.port,
                authorization: proxy.nameAndPassword.map { .basic(username: $0.name, password: $0.password) })
        case .forwarded: settings.http1_1ConnectionDebugInitializer = AbsoluteTarget.add
        case .socks(let proxy): settings.proxy = .socksServer(host: proxy.host, port: proxy.port)
        case .relayed:
            if let relay {
                settings.proxy = .server(host: "127.0.0.1", port: relay.port, authorization: relay.login)
            }
        }
        return settings
    }

    func get(_ url: HTTPURL, _ headers: [(String, String)]) async throws -> HTTPClientResponse {
        var request = HTTPClientRequest(url: url.text)
        request.headers.add(name: "User-Agent", value: "distill")
        // What is stored is what the server has: a layer of compression of its own would break lengths and ranges.
        request.headers.add(name: "Accept-Encoding", value: "identity")
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let (name, password) = url.nameAndPassword { request.setBasicAuth(username: name, password: password) }
        return try await execute(request, to: url, deadline: .now() + TimeAmount(policy.headTimeout))
    }

    /// Sends a request as it is, directly or through the proxy of its origin.
    ///
    /// - Parameter deadline: until when the head of the answer must be there.
    func execute(
        _ request: HTTPClientRequest, to url: HTTPURL, deadline: NIODeadline, patience: Patience = .usual
    ) async throws -> HTTPClientResponse {
        let route = try ConnectionRoute(proxies.proxy(for: url.origin), isSecure: url.origin.isSecure)
        var request = request
        let peer = peerToCheck(&request, url.origin, route)
        let (client, relay) = try client(Key(route: route, patience: patience, peer: peer))
        guard case .forwarded(let proxy) = route else {
            do { return try await client.execute(request, deadline: deadline) } catch let error as HTTPClientError {
                guard let relay, error == .invalidProxyResponse, let failure = relay.failure else { throw error }
                throw ProxyFailure(cause: failure)
            }
        }
        request.url = (proxy.origin.isSecure ? "https://" : "http://") + proxy.origin.authority + url.target
        request.tlsConfiguration = nil
        request.headers.replaceOrAdd(name: "Host", value: url.origin.authority)
        if let (name, password) = proxy.nameAndPassword {
            let value = HTTPClient.Authorization.basic(username: name, password: password).headerValue
            request.headers.replaceOrAdd(name: "Proxy-Authorization", value: value)
        }
        let response = try await client.execute(request, deadline: deadline)
        if response.status == .proxyAuthenticationRequired { throw HTTPClientError.proxyAuthenticationRequired }
        return response
    }

    /// Whose certificate is to be looked for beside what the library does; nil where any will do.
    private func peerToCheck(
        _ request: inout HTTPClientRequest, _ origin: HTTPURL.Origin, _ route: ConnectionRoute
    ) -> PeerIdentity? {
        var settings = request.tlsConfiguration ?? tls
        guard origin.isSecure, settings.certificateVerification == .fullVerification else { return nil }
        let peer = PeerIdentity(origin)
        if case .address = peer {
            if route.isDirect { return nil }
            // The library would compare it with the proxy's.
            settings.certificateVerification = .noHostnameVerification
            request.tlsConfiguration = settings
        }
        return peer
    }

    func shutdown() async {
        let (clients, relays) = state.withLock { (Array($0.clients.values), Array($0.relays.values)) }
        for client in clients {
            // Best effort: the connections end with the process at the latest.
            try? await client.shutdown()
        }
        for relay in relays { await relay.close() }
    }
}

/// A relay's proxy gave no tunnel.
struct ProxyFailure: Error {
    let cause: any Error
}

/// Makes of the path of each request its whole address, as a proxy wants it: the client knows one form only.
private final class AbsoluteTarget: ChannelOutboundHandler {
    typealias OutboundIn = HTTPClientRequestPart
    typealias OutboundOut = HTTPClientRequestPart

    /// Puts it behind what encodes requests.
    @Sendable static func add(to channel: any Channel) -> EventLoopFuture<Void> {
        channel.eventLoop.submit {
            let pipeline = channel.pipeline.syncOperations
            let encoder = try pipeline.handler(type: HTTPRequestEncoder.self)
            try pipeline.addHandler(AbsoluteTarget(), position: .after(encoder))
        }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard case .head(var head) = unwrapOutboundIn(data), let host = head.headers.first(name: "Host") else {
            context.write(data, promise: promise)
            return
        }
        head.uri = "http://" + host + head.uri
        context.write(wrapOutboundOut(.head(head)), promise: promise)
    }
}
