import NIOCore
import NIOHTTP1
import OCI
import Synchronization

/// Sends requests to registries: with credentials where they are asked for, through redirects, and again after pauses.
final class RegistrySession: Sendable {
    let configuration: RegistryClient.Configuration
    /// Mirrors that did not answer, and are left alone from then on.
    let deadMirrors = KnownMirrors()
    let connections: Connections
    let authorizer: Authorizer
    let endpoints = KnownEndpoints()
    let lostHosts = LostHosts()
    /// Blobs that are being fetched: what two stages stand on comes once.
    let fetches = SingleFlight<Digest, Bool>()
    /// Made when a host is first spoken to over TLS.
    private let certificates = Mutex<[Leading: TransportSecurity]>([:])

    /// A host, and what leads there.
    private struct Leading: Hashable {
        let origin: HTTPURL.Origin
        let registry: String
        let mayBeInsecure: Bool
    }

    init(_ configuration: RegistryClient.Configuration, connections: Connections, credentials: Credentials) {
        (self.configuration, self.connections) = (configuration, connections)
        authorizer = Authorizer(credentials)
    }

    /// What is set for where a registry answers.
    func transport(of endpoint: RegistryEndpoint) -> RegistryTransport? {
        transport(of: endpoint.registry, mayBeInsecure: endpoint.mayBeInsecure)
    }

    private func transport(of registry: String, mayBeInsecure: Bool) -> RegistryTransport? {
        var transport = configuration.transports[registry]
        if mayBeInsecure {
            transport = transport ?? RegistryTransport()
            transport?.security = .unverified
        }
        return transport
    }

    /// What is set for a host, else for the registry that leads there: its token server and its store are the same house's.
    private func transport(at origin: HTTPURL.Origin, _ endpoint: RegistryEndpoint) -> RegistryTransport? {
        var names = [origin.authority, "\(origin.host):\(origin.port)"]
        if origin == endpoint.root.origin {
            names.insert(endpoint.registry, at: 0)
        } else {
            names.append(endpoint.registry)
        }
        for name in names {
            let isOwn = name == endpoint.registry
            let mayBeInsecure = isOwn ? endpoint.mayBeInsecure : configuration.rules.isInsecure(name)
            if let transport = transport(of: name, mayBeInsecure: mayBeInsecure) { return transport }
        }
        return nil
    }

    /// Whether a registry may lead to where there is no TLS.
    func allowsPlain(_ endpoint: RegistryEndpoint) -> Bool {
        switch transport(of: endpoint)?.security {
        case .unverified, .plain: true
        case .verified, nil: false
        }
    }

    private func security(
        at origin: HTTPURL.Origin, _ endpoint: RegistryEndpoint
    ) throws(RegistryError) -> TransportSecurity? {
        guard origin.isSecure, let transport = transport(at: origin, endpoint), transport.security != .plain else {
            return nil
        }
        let key = Leading(origin: origin, registry: endpoint.registry, mayBeInsecure: endpoint.mayBeInsecure)
        if let known = certificates.withLock({ $0[key] }) { return known }
        let made = try transport.transportSecurity(host: endpoint.registry, configuration.policy.authorities)
        certificates.withLock { $0[key] = made }
        return made
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
        if let host = interruption.host, lostHosts.isLost(host) { throw interruption.error }
        let asked = interruption.retryAfter ?? .zero
        delays = delays.dropFirst(interruption.cost - 1)
        guard asked <= configuration.policy.maximumRetryAfter, let delay = delays.popFirst() else {
            if let host = interruption.host { lostHosts.lose(host) }
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

    /// Sends a request once, and again when credentials are asked for, by the registry or by one to which it leads.
    ///
    /// - Throws: ``Interruption`` when another try makes sense, else ``RegistryError``.
    func send(_ request: RegistryRequest, accepting: Set<Int>) async throws -> RegistryResponse {
        let home = request.endpoint.root.origin
        var authorizations: [HTTPURL.Origin: Authorization] = [:]
        authorizations[home] = try await authorizer.authorization(for: request, at: home, refused: nil, in: self)
        var response = try await authorizer.pending(authorizations) { try await followed(request, authorizations) }
        var asked: Set<HTTPURL.Origin> = []
        var tries = 0
        while response.status == 401, tries < 5 {
            let origin = response.url.origin
            let refused = authorizations[origin]
            // A token that others were served with has ended since; one that nobody was served with was the right one to try once.
            guard asked.insert(origin).inserted || authorizer.mayHaveServed(refused) else { break }
            tries += 1
            authorizer.learn(response, to: request, refusing: refused)
            guard let next = try await authorizer.authorization(for: request, at: origin, refused: refused, in: self)
            else { break }
            authorizations[origin] = next
            if !request.isRepeatable { throw Interruption(error: await failure(response, request, next)) }
            response = try await authorizer.pending(authorizations) { try await followed(request, authorizations) }
        }
        // What is not there was looked for: the token is a good one.
        if response.status == 404 { authorizer.serve(authorizations[response.url.origin]) }
        if !accepting.contains(response.status),
            let other = try await answerWithFreshToken(request, response, &authorizations)
        {
            response = other
        }
        if accepting.contains(response.status) {
            authorizer.serve(authorizations[response.url.origin])
            return response
        }
        let error = await failure(response, request, authorizations[response.url.origin] ?? authorizations[home])
        switch response.status {
        case 408, 425, 429, 500...599: throw Interruption(error: error, retryAfter: response.retryAfter)
        // What cannot be sent a second time is led elsewhere: in pieces it can be.
        case 307, 308: throw request.isRepeatable ? error : Interruption(error: error)
        default: throw error
        }
    }

    /// Asks once more where a token that was taken before is answered with another refusal than 401: ECR's public registry has 400 and
    /// its private ones 403 where it has run out.
    private func answerWithFreshToken(
        _ request: RegistryRequest, _ response: RegistryResponse,
        _ authorizations: inout [HTTPURL.Origin: Authorization]
    ) async throws -> RegistryResponse? {
        let origin = response.url.origin
        guard response.status == 400 || response.status == 403,
            let refused = authorizations[origin], authorizer.hasServed(refused),
            let next = try await authorizer.authorization(for: request, at: origin, refused: refused, in: self)
        else { return nil }
        authorizations[origin] = next
        // A blob that is sent whole begins anew.
        if !request.isRepeatable { throw Interruption(error: await failure(response, request, next)) }
        return try await followed(request, authorizations)
    }

    /// One request, and the redirects that it meets; credentials stay at their origin.
    func followed(
        _ request: RegistryRequest, _ authorizations: [HTTPURL.Origin: Authorization]
    ) async throws -> RegistryResponse {
        var url = request.url
        for _ in 0...configuration.policy.maximumRedirects {
            let authorization = authorizations[url.origin] ?? authorizer.known(at: url.origin, request)
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
            url = try Self.redirect(from: url, to: location, allowsPlain: allowsPlain(request.endpoint))
        }
        throw RegistryError.redirectRefused(
            host: request.url.origin.host, location: String(url.target.prefix { $0 != "?" }), reason: .circular)
    }

    /// Where a redirect leads.
    ///
    /// - Parameter allowsPlain: whether it may leave TLS.
    static func redirect(from url: HTTPURL, to location: String, allowsPlain: Bool = false) throws(RegistryError)
        -> HTTPURL
    {
        // What follows a question mark is often a signature, which is as good as a password.
        let shown = String((HTTPURL(location)?.text ?? location).prefix { $0 != "?" }.prefix(300))
        guard let next = url.resolving(location), next.credentials == nil else {
            throw .redirectRefused(host: url.origin.host, location: shown, reason: .invalid)
        }
        if url.origin.isSecure, !next.origin.isSecure, !allowsPlain {
            throw .redirectRefused(host: url.origin.host, location: shown, reason: .unencrypted)
        }
        return next
    }

    func exchange(
        _ request: RegistryRequest, at url: HTTPURL, _ authorization: Authorization?
    ) async throws -> RegistryResponse {
        var message = HTTPRequest(url: url)
        message.method = request.method
        message.headers.add(name: "User-Agent", value: "distill")
        message.headers.add(name: "Accept-Encoding", value: "identity")
        for (name, value) in request.headers { message.headers.add(name: name, value: value) }
        if let authorization, url.origin == authorization.origin {
            message.headers.add(name: "Authorization", value: authorization.value)
        }
        message.security = try security(at: url.origin, request.endpoint)
        let progress = SendingProgress()
        var length: Int64 = 0
        switch request.body {
        case .none: break
        case .bytes(let bytes):
            message.body = .bytes(bytes)
            length = Int64(bytes.count)
        case .pieces(var pieces, let count):
            let observer = pieces.observer
            pieces.observer = {
                progress.note()
                observer?($0)
            }
            message.body = .pieces(pieces, length: count)
            length = count
        }
        let (ready, time) = (message, longest(request, of: length))
        let patience: Connections.Patience = request.isCommit ? .long : .usual
        do {
            let response = try await untilSilent(request, at: url, progress) { [connections] in
                try await connections.execute(ready, within: time, patience: patience)
            }
            lostHosts.find(url.origin.authority)
            return RegistryResponse(
                status: Int(response.status.code), headers: response.headers, body: response.body, url: url)
        } catch {
            throw try interruption(error, host: url.origin.authority)
        }
    }

    /// How long the answer to a request may take as a whole.
    ///
    /// - Parameter length: bytes that are sent.
    private func longest(_ request: RegistryRequest, of length: Int64) -> Duration {
        let commit = request.isCommit ? configuration.policy.commitTimeout : .zero
        return switch request.body {
        case .none: configuration.requestTimeout + commit
        case .bytes: configuration.requestTimeout + configuration.slowest(length) + commit
        case .pieces: configuration.longestUpload(of: length) + commit
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
            throw try interruption(error, host: response.url.origin.authority)
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
        return Interruption(error: failure, cost: ConnectionFailure.isExhausting(error) ? 3 : 1, host: host)
    }
}
