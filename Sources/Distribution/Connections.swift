import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// The HTTP clients of a program: one for direct connections and one for each proxy.
struct Connections: Sendable {
    private let direct: HTTPClient
    private let proxied: [HTTPURL: HTTPClient]
    private let proxies: ProxySettings
    private let headTimeout: Duration

    init(_ configuration: TransferPolicy, _ proxies: ProxySettings) {
        var settings = HTTPClient.Configuration(
            // Redirects are followed by us: each may need another proxy, and no credentials go to another origin.
            redirectConfiguration: .disallow,
            timeout: .init(
                connect: TimeAmount(configuration.connectTimeout), read: TimeAmount(configuration.idleTimeout)))
        settings.httpVersion = .http1Only
        // Tries are counted by who knows what they cost: the client would try for all of the connect timeout.
        settings.connectionPool.retryConnectionEstablishment = false
        direct = HTTPClient(configuration: settings)
        var proxied: [HTTPURL: HTTPClient] = [:]
        for proxy in Set([proxies.plain, proxies.secure].compactMap { $0 }) {
            settings.proxy = .server(
                host: proxy.origin.host, port: proxy.origin.port, authorization: proxy.basicAuthorization)
            proxied[proxy] = HTTPClient(configuration: settings)
        }
        self.proxied = proxied
        self.proxies = proxies
        headTimeout = configuration.headTimeout
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
        _ request: HTTPClientRequest, to url: HTTPURL, deadline: NIODeadline
    ) async throws -> HTTPClientResponse {
        let client = proxies.proxy(for: url.origin).flatMap { proxied[$0] } ?? direct
        return try await client.execute(request, deadline: deadline)
    }

    func shutdown() async {
        for client in [direct] + proxied.values {
            // Best effort: the connections end with the process at the latest.
            try? await client.shutdown()
        }
    }
}

extension HTTPURL {
    fileprivate var nameAndPassword: (name: String, password: String)? {
        guard let credentials else { return nil }
        let parts = credentials.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        return (String(parts.first ?? ""), parts.count > 1 ? String(parts[1]) : "")
    }

    fileprivate var basicAuthorization: HTTPClient.Authorization? {
        nameAndPassword.map { .basic(username: $0.name, password: $0.password) }
    }
}
