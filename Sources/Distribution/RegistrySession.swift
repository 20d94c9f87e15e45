import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOSSL
import OCI

/// Sends requests to registries: with credentials where they are asked for, through redirects, and again after pauses.
final class RegistrySession: Sendable {
    let configuration: RegistryClient.Configuration
    /// Mirrors that did not answer, and are left alone from then on.
    let deadMirrors = KnownMirrors()
    private let connections: Connections
    /// By `host:port`.
    private let certificates: [String: TLSConfiguration]
    let authorizer: Authorizer
    let endpoints = KnownEndpoints()

    init(
        _ configuration: RegistryClient.Configuration, connections: Connections, credentials: Credentials
    ) throws(RegistryError) {
        var configuration = configuration
        for registry in configuration.rules.insecureRegistries where configuration.transports[registry] == nil {
            configuration.transports[registry] = RegistryTransport(security: .unverified)
        }
        self.configuration = configuration
        self.connections = connections
        authorizer = Authorizer(credentials)
        var certificates: [String: TLSConfiguration] = [:]
        for (registry, transport) in configuration.transports where transport.security != .plain {
            guard let origin = RegistryEndpoint(registry: registry, isSecure: true)?.root.origin else { continue }
            certificates["\(origin.host):\(origin.port)"] = try transport.tlsConfiguration(host: registry)
        }
        self.certificates = certificates
    }

    /// Repeats what was interrupted, after the pauses of the policy or the one that the registry asked for.
    func retrying<Result>(_ body: () async throws -> Result) async throws -> Result {
        var delays = configuration.policy.delays[...]
        while true {
            do { return try await body() } catch let interruption as Interruption {
                try await pause(after: interruption, &delays)
            }
        }
    }

    /// Waits before the next try.
    ///
    /// - Throws: the interruption's error when there is no next try.
    func pause(after interruption: Interruption, _ delays: inout ArraySlice<Duration>) async throws {
        try Task.checkCancellation()
        let asked = interruption.retryAfter ?? .zero
        delays = delays.dropFirst(interruption.cost - 1)
        guard asked <= configuration.policy.maximumRetryAfter, let delay = delays.popFirst() else {
            throw interruption.error
        }
        try await configuration.pause(max(delay, asked))
    }

    /// Sends a request and reads its answer whole, as often as the policy allows.
    func fetch(
        _ request: RegistryRequest, limit: Int64, accepting: Set<Int> = [200]
    ) async throws -> (response: RegistryResponse, body: [UInt8]) {
        try await retrying {
            let deadline = ContinuousClock.now + configuration.requestTimeout
            let response = try await send(request, accepting: accepting)
            return (response, try await read(response, of: request.target, limit: limit, until: deadline))
        }
    }

    /// Sends a request once, or twice when credentials are asked for.
    ///
    /// - Throws: ``Interruption`` when another try makes sense, else ``RegistryError``.
    func send(_ request: RegistryRequest, accepting: Set<Int>) async throws -> RegistryResponse {
        var authorization = try await authorizer.authorization(for: request, refused: nil, in: self)
        var response = try await followed(request, authorization)
        if response.status == 401, response.url.origin == request.endpoint.root.origin {
            authorizer.learn(response.headers["WWW-Authenticate"], from: request.endpoint)
            let refused = authorization
            authorization = try await authorizer.authorization(for: request, refused: refused, in: self)
            if authorization != nil {
                if !request.isRepeatable {
                    throw Interruption(error: await failure(response, request, authorization))
                }
                response = try await followed(request, authorization)
            } else {
                authorization = refused
            }
        }
        if accepting.contains(response.status) { return response }
        let error = await failure(response, request, authorization)
        switch response.status {
        case 408, 425, 429, 500...599: throw Interruption(error: error, retryAfter: response.retryAfter)
        default: throw error
        }
    }

    /// One request, and the redirects that it meets; credentials stay at their origin.
    func followed(_ request: RegistryRequest, _ authorization: Authorization?) async throws -> RegistryResponse {
        var url = request.url
        for _ in 0...configuration.policy.maximumRedirects {
            let response = try await exchange(request, at: url, authorization)
            let isRedirect =
                switch response.status {
                case 301, 302, 303: request.method == .GET || request.method == .HEAD
                case 307, 308: request.isRepeatable
                default: false
                }
            guard isRedirect, request.credential == nil, let location = response.headers.first(name: "Location") else {
                return response
            }
            url = try Self.redirect(from: url, to: location)
        }
        throw RegistryError.redirectRefused(
            host: request.url.origin.host, location: String(url.target.prefix { $0 != "?" }), reason: .circular)
    }

    /// Where a redirect leads.
    static func redirect(from url: HTTPURL, to location: String) throws(RegistryError) -> HTTPURL {
        // What follows a question mark is often a signature, which is as good as a password.
        let shown = String((HTTPURL(location)?.text ?? location).prefix { $0 != "?" }.prefix(300))
        guard let next = url.resolving(location), next.credentials == nil else {
            throw .redirectRefused(host: url.origin.host, location: shown, reason: .invalid)
        }
        if url.origin.isSecure, !next.origin.isSecure {
            throw .redirectRefused(host: url.origin.host, location: shown, reason: .unencrypted)
        }
        return next
    }

    func exchange(
        _ request: RegistryRequest, at url: HTTPURL, _ authorization: Authorization?
    ) async throws -> RegistryResponse {
        var message = HTTPClientRequest(url: url.text)
        message.method = request.method
        message.headers.add(name: "User-Agent", value: "distill")
        message.headers.add(name: "Accept-Encoding", value: "identity")
        for (name, value) in request.headers { message.headers.add(name: name, value: value) }
        if let authorization, url.origin == authorization.origin {
            message.headers.add(name: "Authorization", value: authorization.value)
        }
        message.tlsConfiguration = certificates["\(url.origin.host):\(url.origin.port)"]
        var deadline = NIODeadline.now() + TimeAmount(configuration.requestTimeout)
        switch request.body {
        case .none: break
        case .bytes(let bytes): message.body = .bytes(bytes)
        case .pieces(let pieces, let length):
            message.body = .stream(pieces, length: .known(length))
            deadline = NIODeadline.now() + TimeAmount(configuration.longestUpload(of: length))
        }
        do {
            let response = try await connections.execute(message, to: url, deadline: deadline)
            return RegistryResponse(
                status: Int(response.status.code), headers: response.headers, body: response.body, url: url)
        } catch {
            throw try interruption(error, host: url.origin.host)
        }
    }

    /// Reads an answer of bounded size.
    func read(
        _ response: RegistryResponse, of target: RegistryTarget, limit: Int64, until deadline: ContinuousClock.Instant
    ) async throws -> [UInt8] {
        if let length = response.contentLength, length > limit { throw RegistryError.tooLarge(target, limit: limit) }
        var bytes: [UInt8] = []
        do {
            for try await piece in response.body {
                bytes += piece.readableBytesView
                if Int64(bytes.count) > limit { throw RegistryError.tooLarge(target, limit: limit) }
                if ContinuousClock.now > deadline { throw RegistryError.tooSlow(host: response.url.origin.host) }
            }
        } catch {
            throw try interruption(error, host: response.url.origin.host)
        }
        return bytes
    }

    /// What a failed connection means: an interruption, or what ends all tries.
    func interruption(_ error: any Error, host: String) throws -> Interruption {
        try Task.checkCancellation()
        switch error {
        case let error as Interruption: return error
        case let error as RegistryError: throw error
        case let error as ContentError: throw error
        case is CancellationError: throw error
        default: break
        }
        let reason = ConnectionFailure.reason(error, timeouts: configuration.policy)
        let failure = RegistryError.unreachable(host: host, reason: reason)
        if ConnectionFailure.isLasting(error) { throw failure }
        // Who has talked for so long and said nothing is asked once more, not until minutes are over.
        return Interruption(error: failure, cost: ConnectionFailure.isExhausting(error) ? 3 : 1)
    }
}
