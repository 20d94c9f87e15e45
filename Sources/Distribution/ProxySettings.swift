/// Which requests go through a proxy, from the variables that most programs read: `http_proxy`, `https_proxy`,
/// `all_proxy` and `no_proxy`.
///
/// Upper-case names are read as well, but not `HTTP_PROXY`, which a CGI server fills from a request's header.
struct ProxySettings: Hashable, Sendable {
    let plain: HTTPURL?
    let secure: HTTPURL?
    private let exceptions: [String]

    init(environment: [String: String]) {
        func proxy(_ names: String...) -> HTTPURL? {
            for name in names {
                guard let text = environment[name], !text.isEmpty else { continue }
                return HTTPURL(text.contains("://") ? text : "http://" + text)
            }
            return nil
        }
        plain = proxy("http_proxy", "all_proxy", "ALL_PROXY")
        secure = proxy("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
        exceptions = (environment["no_proxy"] ?? environment["NO_PROXY"] ?? "")
            .split { $0 == "," || $0 == " " }.map { $0.lowercased() }
    }

    /// The proxy for a request; nil for a direct connection. This machine is always reached directly.
    func proxy(for origin: HTTPURL.Origin) -> HTTPURL? {
        guard let proxy = origin.isSecure ? secure : plain else { return nil }
        if origin.isLoopback { return nil }
        return exceptions.contains { excludes($0, origin) } ? nil : proxy
    }

    /// `*`, `host`, `.domain` or `domain` with all below it, each with `:port` or without.
    private func excludes(_ entry: String, _ origin: HTTPURL.Origin) -> Bool {
        if entry == "*" { return true }
        var name = entry[...]
        if let colon = entry.lastIndex(of: ":"), let port = Int(entry[entry.index(after: colon)...]),
            !entry.hasSuffix("]")
        {
            guard port == origin.port else { return false }
            name = entry[..<colon]
        }
        if name.hasPrefix("*.") { name = name.dropFirst() }
        if name.hasPrefix(".") { return origin.host.hasSuffix(name) || origin.host == name.dropFirst() }
        return !name.isEmpty && (origin.host == name || origin.host.hasSuffix("." + name))
    }
}

extension HTTPURL.Origin {
    /// Whether the host is this machine by its very name: `localhost`, 127.0.0.0/8 or `::1`.
    var isLoopback: Bool {
        if host == "localhost" || host == "[::1]" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
