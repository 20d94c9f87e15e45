import NIOHTTP1
import OCI
import Synchronization

/// The value of an `Authorization` header and where it may go.
struct Authorization: Hashable, Sendable {
    let origin: HTTPURL.Origin
    let value: String
    /// What it was made of; nil for an anonymous token.
    let credential: Credential?

    var hasCredential: Bool { credential != nil }

    func appears(in text: String) -> Bool {
        let secret = value.split(separator: " ").last.map(String.init) ?? value
        return text.contains(secret) || (credential?.appears(in: text) ?? false)
    }
}

/// Knows how each registry wants to be convinced, and keeps its tokens.
final class Authorizer: Sendable {
    enum Scheme: Hashable {
        case basic
        case bearer(TokenServer)
    }

    private struct TokenKey: Hashable {
        let origin: HTTPURL.Origin
        let scopes: Set<TokenScope>
    }

    private struct CredentialKey: Hashable {
        let registry: String
        let repository: String?
    }

    private struct State {
        var schemes: [HTTPURL.Origin: Scheme] = [:]
        var tokens: [TokenKey: (authorization: Authorization, until: ContinuousClock.Instant)] = [:]
        var credentials: [CredentialKey: Credential?] = [:]
        /// Tokens that were taken at least once.
        var served: Set<Authorization> = []
        /// How many requests are under way with them.
        var pending: [Authorization: Int] = [:]
    }

    private let state = Mutex(State())
    private let tokenFlights = SingleFlight<TokenKey, Authorization>()
    private let credentialFlights = SingleFlight<CredentialKey, Credential?>()
    private let credentials: Credentials

    init(_ credentials: Credentials) { self.credentials = credentials }

    /// Remembers how who answers there wants to be convinced; bearer goes before basic.
    ///
    /// Where a token has run out, some do not say it again (Docker's hardened images), or ask for a password (Harbor): it is
    /// renewed where it was had.
    func learn(_ response: RegistryResponse, to request: RegistryRequest, refusing refused: Authorization?) {
        let origin = response.url.origin
        let challenges = AuthenticationChallenge.parse(response.headers["WWW-Authenticate"])
        let server = challenges.lazy.compactMap { TokenServer($0, to: request.scopes) }.first
        let isBasic = challenges.contains { $0.scheme == "basic" }
        state.withLock { state in
            if let server {
                state.schemes[origin] = .bearer(server)
            } else if case .bearer = state.schemes[origin], let refused, state.served.contains(refused) {
                return
            } else if isBasic {
                state.schemes[origin] = .basic
            }
        }
    }

    /// Notes that something was taken.
    func serve(_ authorization: Authorization?) {
        guard let authorization else { return }
        state.withLock { _ = $0.served.insert(authorization) }
    }

    /// Whether something was taken before.
    func hasServed(_ authorization: Authorization?) -> Bool {
        guard let authorization else { return false }
        return state.withLock { $0.served.contains(authorization) }
    }

    /// Whether something was taken before, or may just have been: others' answers are still on their way.
    func mayHaveServed(_ authorization: Authorization?) -> Bool {
        guard let authorization else { return false }
        return state.withLock { $0.served.contains(authorization) || $0.pending[authorization, default: 0] > 0 }
    }

    /// Counts a request as long as it is under way.
    func pending<Result>(
        _ authorizations: [HTTPURL.Origin: Authorization], _ request: () async throws -> Result
    ) async throws -> Result {
        func count(_ change: Int) {
            state.withLock { state in
                for authorization in authorizations.values {
                    let number = state.pending[authorization, default: 0] + change
                    state.pending[authorization] = number == 0 ? nil : number
                }
            }
        }
        count(1)
        defer { count(-1) }
        return try await request()
    }

    /// What to send with a request; nil for nothing, or nothing else than what was refused.
    ///
    /// - Parameter origin: who asks. Another one than the registry, to which it leads, gets none of its credentials: there
    ///   only an anonymous token is tried.
    func authorization(
        for request: RegistryRequest, at origin: HTTPURL.Origin, refused: Authorization?, in session: RegistrySession
    ) async throws -> Authorization? {
        guard let scheme = state.withLock({ $0.schemes[origin] }) else { return nil }
        let isHome = Self.isHome(origin, of: request.endpoint)
        let credential = isHome ? try await credential(request.endpoint.registry, request.target.repository) : nil
        if case .registryToken(let token) = credential {
            return other(Authorization(origin: origin, value: "Bearer " + token, credential: credential), than: refused)
        }
        switch scheme {
        case .basic:
            guard let value = credential?.basicAuthorization else { return nil }
            return other(Authorization(origin: origin, value: value, credential: credential), than: refused)
        case .bearer(let server):
            let key = TokenKey(origin: origin, scopes: Set(request.scopes))
            let known: () -> Authorization? = { self.token(key, otherThan: refused) }
            return try await tokenFlights.value(for: key, known: known) {
                let token = try await server.token(for: request, at: origin, credential: credential, in: session)
                let authorization = Authorization(
                    origin: origin, value: "Bearer " + token.value, credential: credential)
                state.withLock { $0.tokens[key] = (authorization, token.until) }
                return authorization
            }
        }
    }

    /// A token that is there already for a place to which a registry leads.
    func known(at origin: HTTPURL.Origin, _ request: RegistryRequest) -> Authorization? {
        guard origin != request.endpoint.root.origin, !request.scopes.isEmpty else { return nil }
        return token(TokenKey(origin: origin, scopes: Set(request.scopes)), otherThan: nil)
    }

    /// The registry itself, or the same host over TLS where it was asked without.
    private static func isHome(_ origin: HTTPURL.Origin, of endpoint: RegistryEndpoint) -> Bool {
        let home = endpoint.root.origin
        return origin == home || (origin.host == home.host && origin.isSecure && !home.isSecure)
    }

    private func other(_ authorization: Authorization, than refused: Authorization?) -> Authorization? {
        authorization == refused ? nil : authorization
    }

    private func token(_ key: TokenKey, otherThan refused: Authorization?) -> Authorization? {
        state.withLock { state in
            guard let token = state.tokens[key] else { return nil }
            guard token.until > .now, token.authorization != refused else {
                state.tokens[key] = nil
                return nil
            }
            return token.authorization
        }
    }

    /// Helpers are programs: each registry's credential is looked up once.
    private func credential(_ registry: String, _ repository: String?) async throws -> Credential? {
        let key = CredentialKey(registry: registry, repository: repository)
        return try await credentialFlights.value(for: key, known: { state.withLock { $0.credentials[key] } }) {
            let credential = try await credentials.credential(for: registry, repository: repository)
            state.withLock { $0.credentials[key] = .some(credential) }
            return credential
        }
    }
}
