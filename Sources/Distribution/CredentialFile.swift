package import OCI

/// Docker's `config.json`, podman's `auth.json`: who logs in where. Members that we do not know stay as they are.
package struct CredentialFile: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    private(set) var document: JSONObject

    /// An empty file.
    package init() { document = JSONObject() }

    /// - Parameter bytes: an empty file is one without credentials.
    package init(bytes: [UInt8]) throws(CredentialFileError) {
        if bytes.allSatisfy({ $0 == 0x20 || (0x09...0x0D).contains($0) }) {
            document = JSONObject()
            return
        }
        let json: JSON
        do { json = try JSON.parse(bytes) } catch { throw .notJSON(error) }
        guard let object = json.object else { throw .notAnObject }
        document = object
    }

    /// The file's bytes; it belongs to its owner alone (mode 0600).
    package var bytes: [UInt8] { Array((JSON.object(document).indentedText + "\n").utf8) }

    package var description: String { "credentials for \(document["auths"]?.object?.members.count ?? 0) registries" }

    package var customMirror: Mirror { Mirror(self, children: []) }

    enum Entry: Hashable {
        case credential(Credential)
        /// `docker-credential-NAME` knows it, under the name that the server has there.
        case helper(name: String, server: String)
    }

    /// Where the credential for a repository is: a helper of the registry's own, then an entry of the file (podman
    /// allows one for a path below the registry; the longest counts), then the helper for all.
    func entries(registry: String, repository: String?) -> [Entry] {
        let names = Self.names(of: registry)
        var result: [Entry] = []
        for member in document["credHelpers"]?.object?.members ?? [] {
            if names.contains(Self.host(member.key)), let helper = member.value.string, !helper.isEmpty {
                result.append(.helper(name: helper, server: member.key))
            }
        }
        var best: (length: Int, credential: Credential)?
        for member in document["auths"]?.object?.members ?? [] {
            guard let credential = Self.credential(member.value),
                let length = Self.match(member.key, names: names, repository: repository)
            else { continue }
            if best.map({ length > $0.length }) ?? true { best = (length, credential) }
        }
        if let best { result.append(.credential(best.credential)) }
        if let helper = document["credsStore"]?.string, !helper.isEmpty {
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

    /// How much of the key matched; nil when it is for something else.
    private static func match(_ key: String, names: Set<String>, repository: String?) -> Int? {
        guard names.contains(host(key)) else { return nil }
        let path = withoutScheme(key).drop { $0 != "/" }.split(separator: "/").joined(separator: "/")
        if path.isEmpty || key.contains("://") || path == "v1" || path == "v2" { return 0 }
        guard let repository, repository == path || repository.hasPrefix(path + "/") else { return nil }
        return path.utf8.count
    }

    private static func credential(_ entry: JSON) -> Credential? {
        if let token = entry["identitytoken"]?.string, !token.isEmpty { return .identityToken(token) }
        if let token = entry["registrytoken"]?.string, !token.isEmpty { return .registryToken(token) }
        if let auth = entry["auth"]?.string, !auth.isEmpty {
            guard let bytes = Base64.decode(auth), let text = String(validating: bytes, as: UTF8.self),
                let colon = text.firstIndex(of: ":")
            else { return nil }
            // Docker has written a NUL behind the password.
            let password = text[text.index(after: colon)...].prefix { $0 != "\0" }
            return .password(name: String(text[..<colon]), password: String(password))
        }
        guard let name = entry["username"]?.string, let password = entry["password"]?.string else { return nil }
        return .password(name: name, password: password)
    }

    /// Puts a credential into the file itself.
    mutating func set(_ credential: Credential?, for registry: String) {
        var entries = document["auths"]?.object ?? JSONObject()
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
        document["auths"] = .object(entries)
    }

    /// The helper that keeps a registry's credentials; nil when the file does.
    func helper(for registry: String) -> (name: String, server: String)? {
        for entry in entries(registry: registry, repository: nil) {
            if case .helper(let name, let server) = entry { return (name, server) }
        }
        return nil
    }
}

package enum CredentialFileError: Error, Hashable, Sendable {
    case notJSON(JSONError)
    case notAnObject
}
