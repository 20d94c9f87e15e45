package import OCI

/// Docker's `config.json`, podman's `auth.json`: who logs in where. Members that we do not know stay as they are.
package struct CredentialFile: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    private(set) var document: JSONObject
    /// Where it came from, as people are told: a path or a variable.
    package let source: String

    /// An empty file.
    package init(named source: String = "") { (document, self.source) = (JSONObject(), source) }

    /// No file: a helper that is asked for every registry.
    package init(askingFirst helper: String, named source: String) {
        self.init(named: source)
        document["credsStore"] = .string(helper)
    }

    package enum Form: Sendable {
        case config
        /// `.dockercfg`: what is below `auths` in the other.
        case entries
    }

    /// - Parameter bytes: an empty file is one without credentials.
    package init(bytes: [UInt8], form: Form = .config, named source: String = "") throws(CredentialFileError) {
        self.init(named: source)
        if bytes.allSatisfy({ $0 == 0x20 || (0x09...0x0D).contains($0) }) { return }
        let json: JSON
        do { json = try JSON.parse(bytes) } catch { throw .notJSON(error) }
        guard let object = json.object else { throw .notAnObject }
        switch form {
        case .config: document = object
        case .entries: document["auths"] = json
        }
    }

    /// The file's bytes; it belongs to its owner alone (mode 0600).
    package var bytes: [UInt8] { Array((JSON.object(document).indentedText + "\n").utf8) }

    package var description: String {
        "credentials for \(document.field("auths")?.object?.members.count ?? 0) registries"
    }

    package var customMirror: Mirror { Mirror(self, children: []) }

    enum Entry: Hashable {
        case credential(Credential)
        /// The entry of this key says something, and nobody knows what.
        case unreadable(key: String)
        /// `docker-credential-NAME` knows it, under the name that the server has there.
        case helper(name: String, server: String)
    }

    /// Where the credential for a repository is: a helper of the registry's own, then an entry of the file (podman
    /// allows one for a path below the registry; the longest counts), then the helper for all.
    func entries(registry: String, repository: String?) -> [Entry] {
        let names = Self.names(of: registry)
        var result: [Entry] = []
        for member in document.field("credHelpers")?.object?.members ?? [] {
            if names.contains(Self.host(member.key)), let helper = member.value.string, !helper.isEmpty {
                result.append(.helper(name: helper, server: member.key))
            }
        }
        var best: (match: Match, entry: Entry)?
        let auths = document.field("auths")?.object ?? JSONObject()
        for member in auths.members {
            // Of a key that stands twice the last entry counts.
            guard member.value == auths[member.key], let entry = Self.entry(member.key, member.value),
                let match = Self.match(member.key, names: names, repository: repository)
            else { continue }
            if best.map({ $0.match < match }) ?? true { best = (match, entry) }
        }
        if let best { result.append(best.entry) }
        if let helper = document.field("credsStore")?.string, !helper.isEmpty {
            result.append(.helper(name: helper, server: Self.serverName(of: registry)))
        }
        return result
    }

    /// The name under which docker files a registry.
    static func serverName(of registry: String) -> String {
        registry == "docker.io" ? "https://index.docker.io/v1/" : registry
    }

    private static func names(of registry: String) -> Set<String> {
        registry == "docker.io" ? ["docker.io", "index.docker.io", "registry-1.docker.io"] : [registry.lowercased()]
    }

    private static func withoutScheme(_ key: String) -> Substring {
        for scheme in ["https://", "http://"] where key.hasPrefix(scheme) { return key.dropFirst(scheme.count) }
        return key[...]
    }

    private static func host(_ key: String) -> String {
        String(withoutScheme(key).prefix { $0 != "/" }).lowercased()
    }

    /// How well a key fits: the longer path goes first, then the registry's own name before an address of it.
    private struct Match: Comparable {
        let length: Int
        let isPlain: Bool

        static func < (one: Match, other: Match) -> Bool {
            (one.length, one.isPlain ? 1 : 0) < (other.length, other.isPlain ? 1 : 0)
        }
    }

    /// Nil when the key is for something else.
    private static func match(_ key: String, names: Set<String>, repository: String?) -> Match? {
        guard names.contains(host(key)) else { return nil }
        let path = withoutScheme(key).drop { $0 != "/" }.split(separator: "/").joined(separator: "/")
        if path.isEmpty || path == "v1" || path == "v2" { return Match(length: 0, isPlain: !key.contains("/")) }
        if key.contains("://") {
            // docker keeps what its web login is renewed with beside the hub's own entry.
            return names.contains("docker.io") ? nil : Match(length: 0, isPlain: false)
        }
        guard let repository, repository == path || repository.hasPrefix(path + "/") else { return nil }
        return Match(length: path.utf8.count, isPlain: true)
    }

    /// Nil for an entry that says nothing.
    private static func entry(_ key: String, _ value: JSON) -> Entry? {
        guard let entry = value.object else { return nil }
        if let token = entry.field("identitytoken")?.string, !token.isEmpty {
            return .credential(.identityToken(token))
        }
        if let token = entry.field("registrytoken")?.string, !token.isEmpty {
            return .credential(.registryToken(token))
        }
        if let auth = entry.field("auth")?.string, !auth.isEmpty {
            // Who encodes with base64(1) has line ends in it; docker's decoder passes over them, as Go's does.
            let digits = String(decoding: auth.utf8.filter { $0 != 0x0A && $0 != 0x0D }, as: UTF8.self)
            guard let bytes = Base64.decode(digits), let text = String(validating: bytes, as: UTF8.self),
                let colon = text.firstIndex(of: ":")
            else { return .unreadable(key: key) }
            // Docker has written a NUL behind the password.
            let password = text[text.index(after: colon)...].prefix { $0 != "\0" }
            return .credential(.password(name: String(text[..<colon]), password: String(password)))
        }
        guard let name = entry.field("username")?.string, let password = entry.field("password")?.string
        else { return nil }
        return .credential(.password(name: name, password: password))
    }

    /// Puts a credential into the file itself.
    mutating func set(_ credential: Credential?, for registry: String) {
        let place = document.fieldName("auths") ?? "auths"
        var entries = document[place]?.object ?? JSONObject()
        let names = Self.names(of: registry)
        for member in entries.members where names.contains(Self.host(member.key)) {
            if Self.match(member.key, names: names, repository: nil) != nil { entries[member.key] = nil }
        }
        switch credential {
        case .password(let name, let password):
            let auth = Base64.encode(Array("\(name):\(password)".utf8))
            entries[Self.serverName(of: registry)] = .object(["auth": .string(auth)])
        case .identityToken(let token):
            entries[Self.serverName(of: registry)] = .object(["identitytoken": .string(token)])
        case .registryToken(let token):
            entries[Self.serverName(of: registry)] = .object(["registrytoken": .string(token)])
        case nil: break
        }
        document[place] = .object(entries)
    }

    /// The helper that keeps a registry's credentials; nil when the file does.
    func helper(for registry: String) -> (name: String, server: String)? {
        for entry in entries(registry: registry, repository: nil) {
            if case .helper(let name, let server) = entry { return (name, server) }
        }
        return nil
    }
}

extension JSONObject {
    /// The name under which a member stands: those who write such files read it whatever its letter case.
    fileprivate func fieldName(_ name: String) -> String? {
        if self[name] != nil { return name }
        return members.last { $0.key.lowercased() == name.lowercased() }?.key
    }

    func field(_ name: String) -> JSON? { fieldName(name).flatMap { self[$0] } }
}

package enum CredentialFileError: Error, Hashable, Sendable {
    case notJSON(JSONError)
    case notAnObject
}
