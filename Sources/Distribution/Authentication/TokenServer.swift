import NIOHTTP1
import OCI

/// Who gives tokens for a registry (distribution token specification; its OAuth 2 form for identity tokens).
struct TokenServer: Hashable, Sendable {
    let realm: String
    let service: String?
    /// What the registry says is needed, beside what we know to need.
    let scopes: [String]
    /// What was asked for when it said so.
    let occasion: Set<TokenScope>

    struct Token {
        let value: String
        let until: ContinuousClock.Instant
    }

    init?(_ challenge: AuthenticationChallenge, to occasion: [TokenScope] = []) {
        self.occasion = Set(occasion)
        guard challenge.scheme == "bearer", let realm = challenge.parameters["realm"] else { return nil }
        self.realm = realm
        service = challenge.parameters["service"]
        scopes = challenge.parameters["scope"]?.split(separator: " ").map(String.init) ?? []
    }

    /// Asks for a token, with the credential or anonymously.
    ///
    /// - Parameter origin: who wants the token.
    func token(
        for request: RegistryRequest, at origin: HTTPURL.Origin, credential: Credential?, in session: RegistrySession
    ) async throws -> Token {
        let target = request.target
        let asked = ContinuousClock.now
        let realm = try realm(for: request, at: origin, in: session)
        let (message, authorization) = try self.request(for: request, to: realm, credential)
        let answer = try await session.retrying {
            let deadline = ContinuousClock.now + session.configuration.requestTimeout
            let response = try await session.followed(message, authorization.map { [$0.origin: $0] } ?? [:])
            switch response.status {
            case 200: return (response, try await session.read(response, of: target, limit: 1 << 20, until: deadline))
            case 400, 401, 403:
                // Servers refuse a wrong password with each of these.
                throw RegistryError.unauthorized(
                    await session.answer(response, message, authorization), tried: credential == nil ? .none : .refused)
            case 408, 425, 429, 500...599:
                throw Interruption(
                    error: await session.failure(response, message, authorization), retryAfter: response.retryAfter)
            default: throw await session.failure(response, message, authorization)
            }
        }
        return try read(answer.1, answer.0, target, asked)
    }

    private func read(
        _ bytes: [UInt8], _ response: RegistryResponse, _ target: RegistryTarget, _ asked: ContinuousClock.Instant
    ) throws -> Token {
        let json: JSON
        do { json = try JSON.parse(bytes) } catch {
            throw response.notARegistry
        }
        let texts = [json["token"]?.string, json["access_token"]?.string]
        // What goes into a header has no control characters in it.
        guard let value = texts.compactMap({ $0 }).first(where: { !$0.isEmpty }),
            value.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else { throw RegistryError.invalidAnswer(target, part: "token") }
        // Sixty seconds when the server says nothing; a token is renewed a little before its end.
        let seconds = max(0, min(json["expires_in"]?.integer ?? 60, 86_400))
        return Token(value: value, until: asked + .seconds(seconds) * 0.9)
    }

    /// Where tokens are: over TLS if who wants them is asked over TLS, unless the registry was declared insecure.
    private func realm(
        for request: RegistryRequest, at origin: HTTPURL.Origin, in session: RegistrySession
    ) throws(RegistryError) -> HTTPURL {
        let scheme = origin.isSecure ? "https://" : "http://"
        // A path is one of whoever asks, and Nexus behind a proxy may not know by which scheme it is asked.
        let realm = realm.hasPrefix("null://") ? scheme + realm.dropFirst("null://".count) : realm
        let here = HTTPURL(scheme + origin.authority)
        guard let url = realm.hasPrefix("/") ? here?.resolving(realm) : HTTPURL(realm), url.credentials == nil else {
            throw RegistryError.invalidAnswer(request.target, part: "WWW-Authenticate")
        }
        let isAtHome = url.origin.host == origin.host || url.origin.isLoopback
        guard url.origin.isSecure || (!origin.isSecure && isAtHome) || session.allowsPlain(request.endpoint) else {
            throw RegistryError.insecureTokenServer(host: origin.host, realm: url.origin.host)
        }
        return url
    }

    /// What is asked for: each resource once, with all that is to be done with it. Some servers take the last of two scopes for one
    /// repository, others refuse all where one is not allowed.
    ///
    /// - Parameters:
    ///   - asked: what the registry said.
    ///   - isOfThese: whether it said so of these resources: it may call them by other names.
    static func wanted(_ own: [String], asked: [String], isOfThese: Bool) -> [String] {
        var actions: [String: Set<Substring>] = [:]
        func split(_ scope: String) -> (resource: String, actions: Set<Substring>)? {
            guard let colon = scope.lastIndex(of: ":") else { return nil }
            return (String(scope[..<colon]), Set(scope[scope.index(after: colon)...].split(separator: ",")))
        }
        for scope in own.compactMap(split) { actions[scope.resource, default: []].formUnion(scope.actions) }
        var others: [String] = []
        for text in asked {
            if let scope = split(text), actions[scope.resource] != nil {
                if isOfThese { actions[scope.resource]?.formUnion(scope.actions) }
            } else if isOfThese || !text.hasPrefix("repository:") {
                others.append(text)
            }
        }
        return Set(actions.map { "\($0.key):\($0.value.sorted().joined(separator: ","))" } + others).sorted()
    }

    private func request(
        for request: RegistryRequest, to url: HTTPURL, _ credential: Credential?
    ) throws(RegistryError) -> (RegistryRequest, Authorization?) {
        let endpoint = request.endpoint
        var fields: [(String, String)] = []
        if let service { fields.append(("service", service)) }
        let wanted = Self.wanted(request.scopes.map(\.text), asked: scopes, isOfThese: occasion == Set(request.scopes))
        if case .identityToken(let token) = credential {
            fields += [("grant_type", "refresh_token"), ("client_id", "distill"), ("refresh_token", token)]
            fields.append(("scope", wanted.joined(separator: " ")))
            let message = RegistryRequest(
                method: .POST, url: url, headers: [("Content-Type", "application/x-www-form-urlencoded")],
                body: .form(fields), endpoint: endpoint, target: request.target, scopes: [],
                credential: credential)
            return (message, nil)
        }
        fields += wanted.map { ("scope", $0) }
        if case .password(let name, _) = credential { fields.append(("account", name)) }
        let query = FormFields.encoded(fields)
        let separator = url.target.contains("?") ? "&" : "?"
        guard let complete = HTTPURL(url.text + (query.isEmpty ? "" : separator + query)) else {
            throw RegistryError.invalidAnswer(request.target, part: "WWW-Authenticate")
        }
        let message = RegistryRequest(
            method: .GET, url: complete, endpoint: endpoint, target: request.target, scopes: [])
        let authorization = credential?.basicAuthorization.map {
            Authorization(origin: complete.origin, value: $0, credential: credential)
        }
        return (message, authorization)
    }
}

extension HTTPRequest.Body {
    fileprivate static func form(_ fields: [(String, String)]) -> HTTPRequest.Body {
        .bytes(Array(FormFields.encoded(fields).utf8))
    }
}

/// `application/x-www-form-urlencoded`, in a URL's query and in a body.
enum FormFields {
    static func encoded(_ fields: [(String, String)]) -> String {
        fields.map { "\(encoded($0.0))=\(encoded($0.1))" }.joined(separator: "&")
    }

    private static func encoded(_ text: String) -> String {
        var result: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"), UInt8(ascii: ":"), UInt8(ascii: "/"), UInt8(ascii: ","):
                result.append(byte)
            default:
                let hex = String(byte, radix: 16, uppercase: true)
                result += Array(("%" + (hex.utf8.count < 2 ? "0" : "") + hex).utf8)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
