package import Distribution
package import OCI

/// Credentials as docker's clients send them in headers. They stay in memory and go into no text.
package enum RegistryAuthorization {
    /// `X-Registry-Auth`: one credential; nil for none.
    package static func credential(_ header: String?) throws(APIError) -> Credential? {
        guard let json = try document(header) else { return nil }
        return credential(json)
    }

    /// `X-Registry-Config`: credentials by the registries' names.
    package static func credentials(_ header: String?) throws(APIError) -> [String: Credential] {
        var result: [String: Credential] = [:]
        for member in try document(header)?.object?.members ?? [] {
            if let credential = credential(member.value) { result[registry(member.key)] = credential }
        }
        return result
    }

    package static func credential(_ json: JSON) -> Credential? {
        if let token = json["identitytoken"]?.string, !token.isEmpty { return .identityToken(token) }
        if let token = json["registrytoken"]?.string, !token.isEmpty { return .registryToken(token) }
        guard let name = json["username"]?.string, !name.isEmpty else { return nil }
        return .password(name: name, password: json["password"]?.string ?? "")
    }

    /// A registry as in an image's name, of an address that may have a scheme and a path.
    package static func registry(_ address: String) -> String {
        var name = address
        for scheme in ["https://", "http://"] where name.hasPrefix(scheme) { name.removeFirst(scheme.count) }
        name = String(name.prefix { $0 != "/" })
        return ["", "index.docker.io", "registry-1.docker.io"].contains(name) ? "docker.io" : name
    }

    private static func document(_ header: String?) throws(APIError) -> JSON? {
        guard let header, !header.isEmpty else { return nil }
        // The alphabet for URLs (RFC 4648, section 5), or the usual one.
        let text = header.replacing("-", with: "+").replacing("_", with: "/")
        guard let bytes = Base64.decode(text) else { throw .badAuthHeader("base64") }
        guard !bytes.isEmpty else { return nil }
        do {
            let json = try JSON.parse(bytes)
            return json.isNull ? nil : json
        } catch { throw .badAuthHeader("JSON") }
    }
}
