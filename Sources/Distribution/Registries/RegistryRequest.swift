import NIOHTTP1
import OCI

/// Where a registry answers.
struct RegistryEndpoint: Hashable, Sendable {
    /// As in an image's name.
    let registry: String
    /// Whether the rules let what is asked for there come without a valid certificate.
    let mayBeInsecure: Bool
    let root: HTTPURL

    init?(registry: String, isSecure: Bool, mayBeInsecure: Bool = false) {
        let host = registry == "docker.io" ? "registry-1.docker.io" : registry
        guard let root = HTTPURL("\(isSecure ? "https" : "http")://\(host)/v2/") else { return nil }
        (self.registry, self.mayBeInsecure, self.root) = (registry, mayBeInsecure, root)
    }

    /// - Parameter path: below `/v2/`; names of repositories, tags and digests need no encoding.
    func url(_ path: String) -> HTTPURL { root.resolving("/v2/" + path) ?? root }
}

/// What a token lets its bearer do (distribution token specification, "Resource Scope").
struct TokenScope: Hashable, Sendable {
    enum Access: String {
        case pull
        case push = "pull,push"
    }

    let text: String

    init(_ repository: String, _ access: Access) { text = "repository:\(repository):\(access.rawValue)" }
}

/// One request, before it is known who must log in and where it is redirected.
struct RegistryRequest: Sendable {
    var method: HTTPMethod
    var url: HTTPURL
    var headers: [(String, String)] = []
    var body = HTTPRequest.Body.none
    /// Who asks for credentials, and the only one who gets them.
    let endpoint: RegistryEndpoint
    let target: RegistryTarget
    var scopes: [TokenScope]
    /// Whether it ends what was sent before: the registry may work for long before it answers.
    var isCommit = false
    /// What the body proves, if it does: it goes to no other origin.
    var credential: Credential?

    /// Asks whether somebody is there (OCI distribution specification, "Determining Support").
    static func question(to endpoint: RegistryEndpoint) -> RegistryRequest {
        RegistryRequest(
            method: .GET, url: endpoint.root, endpoint: endpoint,
            target: RegistryTarget(registry: endpoint.registry), scopes: [])
    }

    /// Whether the body can be sent a second time.
    var isRepeatable: Bool { if case .pieces = body { false } else { true } }
}

struct RegistryResponse: Sendable {
    let status: Int
    let headers: HTTPHeaders
    let body: HTTPBody
    /// Where the answer came from, after redirects.
    let url: HTTPURL

    /// The media type without its parameters, in lower case.
    var contentType: String? {
        headers.first(name: "Content-Type").map { text in
            String(text.prefix { $0 != ";" && $0 != " " }).lowercased()
        }
    }

    var contentLength: Int64? { headers.first(name: "Content-Length").flatMap { Int64($0) } }

    var retryAfter: Duration? { RetryAfter.pause(headers) }
}

/// A failure after which another try makes sense; it does not leave this module.
struct Interruption: Error {
    /// What is thrown when there is no other try.
    let error: RegistryError
    var retryAfter: Duration?
    /// Tries that this one counts for.
    var cost = 1
    /// Who could not be reached, as `host:port`; nil where an answer came.
    var host: String?
}
