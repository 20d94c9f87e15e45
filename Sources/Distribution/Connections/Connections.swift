import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOSSL

/// The HTTP clients of a program: one for direct connections and one for each proxy.
struct Connections: Sendable {
    /// How long an answer is waited for in silence.
    enum Patience: Hashable {
        case usual
        /// The other side works: it puts together what it was sent.
        case long
    }

    /// How a request gets there.
    private enum Route: Hashable {
        case direct
        /// Through a tunnel that the proxy is asked for by CONNECT (RFC 9110, section 9.3.6).
        case tunnel(HTTPURL)
        /// Given to the proxy with its whole address (RFC 9112, section 3.2.2).
        case forwarded(HTTPURL)
        case socks(host: String, port: Int)
    }

    private struct Key: Hashable {
        let route: Route
        let patience: Patience
    }

    private let clients: [Key: HTTPClient]
    private let proxies: ProxySettings
    private let headTimeout: Duration

    init(_ policy: TransferPolicy, _ proxies: ProxySettings) {
        var routes: Set<Route> = [.direct]
        for isSecure in [false, true] {
            // What cannot be used is told when it is needed.
            if let proxy = isSecure ? proxies.secure : proxies.plain,
                let route = try? Self.route(proxy, isSecure: isSecure)
            {
                routes.insert(route)
            }
        }
        let tls = policy.authorities.clientConfiguration()
        var clients: [Key: HTTPClient] = [:]
        for route in routes {
            for patience in [Patience.usual, .long] {
                clients[Key(route: route, patience: patience)] = HTTPClient(
                    configuration: Self.settings(policy, tls, route, patience))
            }
        }
        (self.clients, self.proxies, headTimeout) = (clients, proxies, policy.headTimeout)
    }

    private static func settings(
        _ policy: TransferPolicy, _ tls: TLSConfiguration, _ route: Route, _ patience: Patience
    ) -> HTTPClient.Configuration {
        let silence = patience == .long ? policy.commitTimeout : policy.idleTimeout
        var settings = HTTPClient.Configuration(
            tlsConfiguration: tls,
            // Redirects are followed by us: each may need another proxy, and no credentials go to another origin.
            redirectConfiguration: .disallow,
            timeout: .init(connect: TimeAmount(policy.connectTimeout), read: TimeAmount(silence)))
        settings.httpVersion = .http1Only
        // Tries are counted by who knows what they cost: the client would try for all of the connect timeout.
        settings.connectionPool.retryConnectionEstablishment = false
        switch route {
        case .direct: break
        case .tunnel(let proxy):
            settings.proxy = .server(
                host: proxy.origin.bareHost, port: proxy.origin.port,
                authorization: proxy.nameAndPassword.map { .basic(username: $0.name, password: $0.password) })
        case .forwarded: settings.http1_1ConnectionDebugInitializer = AbsoluteTarget.add
        case .socks(let host, let port): settings.proxy = .socksServer(host: host, port: port)
        }
        return settings
    }

    private static func route(_ proxy: Proxy?, isSecure: Bool) throws(UnusableProxy) -> Route {
        switch proxy {
        case nil: return .direct
        case .http(let url, _) where !isSecure: return .forwarded(url)
        case .http(let url, let variable) where url.origin.isSecure:
            throw UnusableProxy(variable: variable, reason: .tunnelInTLS)
        case .http(let url, _): return .tunnel(url)
        case .socks(let host, let port): return .socks(host: host, port: port)
        case .unusable(let cause): throw cause
        }
    }

    func get(_ url: HTTPURL, _ headers: [(String, String)]) async throws -> HTTPClientResponse {
        var request = HTTPClientRequest(url: url.text)
        request.headers.add(name: "User-Agent", value: "distill")
        // What is stored is what the server has: a layer of compression of its own would break lengths and ranges.
        request.headers.add(name: "Accept-Encoding", value: "identity")
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let (name, password) = url.nameAndPassword { request.setBasicAuth(username: name, password: password) }
        return try await execute(request, to: url, deadline: .now() + TimeAmount(headTimeout))
    }

    /// Sends a request as it is, directly or through the proxy of its origin.
    ///
    /// - Parameter deadline: until when the head of the answer must be there.
    func execute(
        _ request: HTTPClientRequest, to url: HTTPURL, deadline: NIODeadline, patience: Patience = .usual
    ) async throws -> HTTPClientResponse {
        let route = try Self.route(proxies.proxy(for: url.origin), isSecure: url.origin.isSecure)
        guard let client = clients[Key(route: route, patience: patience)] else {
            throw HTTPClientError.invalidProxyResponse
        }
        guard case .forwarded(let proxy) = route else { return try await client.execute(request, deadline: deadline) }
        var request = request
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

    func shutdown() async {
        for client in clients.values {
            // Best effort: the connections end with the process at the latest.
            try? await client.shutdown()
        }
    }
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

extension HTTPURL {
    fileprivate var nameAndPassword: (name: String, password: String)? {
        guard let credentials else { return nil }
        let parts = credentials.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        return (String(parts.first ?? ""), parts.count > 1 ? String(parts[1]) : "")
    }
}
