import NIOCore
import NIOHTTP1
import NIOSSL
import OCI

/// Sends single requests, directly or through proxies, over connections that are kept.
final class Connections: Sendable {
    /// How long an answer is waited for in silence.
    enum Patience {
        case usual
        /// The other side works: it puts together what it was sent.
        case long
    }

    private let policy: TransferPolicy
    private let proxies: ProxySettings
    private let security: TransportSecurity
    private let pool = ConnectionPool()

    init(_ policy: TransferPolicy, _ proxies: ProxySettings) {
        (self.policy, self.proxies) = (policy, proxies)
        security = TransportSecurity(policy.authorities.clientConfiguration())
    }

    func get(_ url: HTTPURL, _ headers: [(String, String)]) async throws -> HTTPResponse {
        var request = HTTPRequest(url: url)
        request.headers.add(name: "User-Agent", value: "distill")
        // What is stored is what the server has: a layer of compression of its own would break lengths and ranges.
        request.headers.add(name: "Accept-Encoding", value: "identity")
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let login = url.nameAndPassword {
            request.headers.add(name: "Authorization", value: BasicCredentials.header(login))
        }
        return try await execute(request, within: policy.headTimeout)
    }

    /// Sends a request as it is, directly or through the proxy of its origin.
    ///
    /// - Parameter time: how long the head of the answer is waited for.
    /// - Throws: ``HTTPFailure``, ``ProxyFailure``, ``UnusableProxy``, what the body throws, and errors of the network and of TLS.
    func execute(
        _ request: HTTPRequest, within time: Duration, patience: Patience = .usual
    ) async throws -> HTTPResponse {
        let origin = request.url.origin
        let route = try ConnectionRoute(proxies.proxy(for: origin), isSecure: origin.isSecure)
        var (request, security, isWhole) = (request, request.security ?? security, false)
        if case .forwarded(let proxy) = route {
            (security, isWhole) = (self.security, true)
            if let login = proxy.nameAndPassword {
                request.headers.replaceOrAdd(name: "Proxy-Authorization", value: BasicCredentials.header(login))
            }
        }
        let key = ConnectionPool.Key(
            route: route, origin: isWhole ? nil : origin, security: ObjectIdentifier(security))
        let maker = ConnectionMaker(policy: policy, proxySecurity: self.security)
        let limit = patience == .long ? policy.commitTimeout : policy.idleTimeout
        while true {
            let (connection, isKept) = try await pool.connection(for: key, isRepeatable: request.isRepeatable) {
                [security] ended in
                try await HTTPConnection.make(
                    on: try await maker.channel(to: origin, by: route, security), ended: ended)
            }
            do {
                let response = try await connection.exchange(
                    request, isWhole: isWhole,
                    HTTPConnection.Limits(deadline: .now() + TimeAmount(time), patience: limit))
                if isWhole, response.status == .proxyAuthenticationRequired { throw HTTPFailure.proxyLogin }
                return response
            } catch  where isKept && request.isRepeatable && ConnectionFailure.isClosure(error) {
                // It rested for too long (RFC 9112, section 9.3.1): there are others, or a new one.
                continue
            }
        }
    }

    /// Whether an exchange goes on.
    var isBusy: Bool { pool.isBusy }

    func shutdown() async { await pool.close() }
}

/// A proxy gave no tunnel.
struct ProxyFailure: Error {
    let cause: any Error
}

/// A name and a password as HTTP takes them (RFC 7617).
enum BasicCredentials {
    static func header(_ login: (name: String, password: String)) -> String {
        "Basic " + Base64.encode(Array("\(login.name):\(login.password)".utf8))
    }
}
