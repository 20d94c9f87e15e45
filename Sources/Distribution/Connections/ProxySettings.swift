/// Which requests go through a proxy, from the variables that most programs read: `http_proxy`, `https_proxy`, `all_proxy`
/// and `no_proxy`, each in capitals as well, which count where the others are unset or empty.
///
/// `HTTP_PROXY` is not read where `REQUEST_METHOD` is set: a CGI server fills it from a request's header.
struct ProxySettings: Hashable, Sendable {
    /// For requests over http.
    let plain: Proxy?
    /// For requests over https.
    let secure: Proxy?
    let exceptions: [ProxyException]

    init(environment: [String: String]) {
        func proxy(_ names: String...) -> Proxy? {
            for name in names {
                if let text = environment[name], !text.isEmpty { return Proxy(text, variable: name) }
            }
            return nil
        }
        let isServer = environment["REQUEST_METHOD"] != nil
        plain =
            isServer
            ? proxy("http_proxy", "all_proxy", "ALL_PROXY")
            : proxy("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY")
        secure = proxy("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
        let lists = [environment["no_proxy"], environment["NO_PROXY"]]
        exceptions = (lists.compactMap { $0 }.first { !$0.isEmpty } ?? "")
            .split { $0 == "," || $0.isWhitespace }.map { ProxyException(String($0)) }
    }

    /// The proxy for a request; nil for a direct connection. This machine is always reached directly.
    func proxy(for origin: HTTPURL.Origin) -> Proxy? {
        guard let proxy = origin.isSecure ? secure : plain else { return nil }
        return isExcepted(origin) ? nil : proxy
    }

    /// Whether a host is reached directly, whatever proxies there are.
    func isExcepted(_ origin: HTTPURL.Origin) -> Bool {
        if origin.isLoopback { return true }
        let name = origin.host.hasSuffix(".") ? String(origin.host.dropLast()) : origin.host
        return exceptions.contains { $0.covers(name, port: origin.port) }
    }
}

/// What one of the variables names.
enum Proxy: Hashable, Sendable {
    case http(HTTPURL)
    case socks(SOCKSProxy)
    case unusable(UnusableProxy)

    init(_ text: String, variable: String) {
        do { self = try Self.proxy(text) } catch { self = .unusable(UnusableProxy(variable: variable, reason: error)) }
    }

    private static func proxy(_ text: String) throws(UnusableProxy.Reason) -> Proxy {
        let parts = text.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
        let scheme = parts.count == 2 ? parts[0].lowercased() : "http"
        guard let rest = parts.last, ["http", "https", "socks5", "socks5h"].contains(scheme) else {
            throw .scheme(scheme)
        }
        let isSocks = scheme.hasPrefix("socks")
        guard let url = HTTPURL((isSocks ? "http" : scheme) + "://" + rest) else { throw .noAddress }
        guard isSocks else { return .http(url) }
        let authority = rest.prefix { $0 != "/" }
        let port = authority.hasSuffix(":80") ? 80 : url.origin.port == 80 ? 1080 : url.origin.port
        var login: SOCKSProxy.Login?
        if let (name, password) = url.nameAndPassword {
            login = SOCKSProxy.Login(name: name, password: password)
            guard login != nil else { throw .longLogin }
        }
        return .socks(SOCKSProxy(host: url.origin.bareHost, port: port, login: login))
    }
}

/// A proxy that was asked for and that Distill cannot use: nothing is fetched past it.
struct UnusableProxy: Error, Hashable {
    enum Reason: Error, Hashable {
        case noAddress
        case scheme(String)
        /// More than a SOCKS proxy can be told.
        case longLogin
    }

    let variable: String
    let reason: Reason
}

/// One entry of `no_proxy`: `*`, an address, a range of addresses, `host`, `.domain` or `domain` with all below it, `*.domain`; each but
/// a range with `:port` or without.
struct ProxyException: Hashable, Sendable {
    private enum Kind: Hashable {
        case all
        case range(AddressRange)
        case address(NetworkAddress)
        /// Lower case, without dots around it.
        case domain(String)
        /// What is below a domain, and not the domain.
        case below(String)
    }

    private let kind: Kind
    private let port: Int?
    /// In lower case.
    private let entry: String

    init(_ text: String) {
        let entry = text.lowercased()
        self.entry = entry
        if let range = AddressRange(entry) {
            (kind, port) = (.range(range), nil)
            return
        }
        if let address = NetworkAddress(entry) {
            (kind, port) = (.address(address), nil)
            return
        }
        var name = entry[...]
        var number: Int?
        if let colon = entry.lastIndex(of: ":"), !entry.hasSuffix("]"),
            let value = Int(entry[entry.index(after: colon)...])
        {
            (name, number) = (entry[..<colon], value)
        }
        port = number
        if name == "*" {
            kind = .all
        } else if let address = NetworkAddress(name) {
            kind = .address(address)
        } else {
            if name.hasSuffix(".") { name.removeLast() }
            if name.hasPrefix("*.") {
                // As in Go; curl does not know the form.
                kind = .below(String(name.dropFirst(2)))
            } else {
                kind = .domain(String(name.hasPrefix(".") ? name.dropFirst() : name))
            }
        }
    }

    /// - Parameter host: in lower case; an IPv6 address in brackets.
    func covers(_ host: String, port: Int) -> Bool {
        if let own = self.port, own != port { return false }
        let address = NetworkAddress(host)
        switch kind {
        case .all: return true
        case .range(let range): return address.map(range.contains) ?? false
        case .address(let own): return own == address
        case .domain(let name):
            return !name.isEmpty && address == nil && (host == name || host.hasSuffix("." + name))
        case .below(let name): return !name.isEmpty && address == nil && host.hasSuffix("." + name)
        }
    }
}

extension ProxyException {
    /// The entry as curl's library knows it, which has no form for a port; nil where it knows none.
    ///
    /// - Parameter host: what must not be reached directly by an entry that leaves it out.
    func curlForm(besides host: String?) -> String? {
        guard port == nil else { return nil }
        switch kind {
        case .all: return "*"
        case .range: return entry
        case .address: return entry.hasPrefix("[") ? String(entry.dropFirst().dropLast()) : entry
        case .domain(let name): return name.isEmpty ? nil : name
        case .below(let name): return name.isEmpty || name == host ? nil : name
        }
    }
}

extension HTTPURL.Origin {
    /// Whether the host is this machine by its very name: `localhost`, 127.0.0.0/8 or `::1`.
    var isLoopback: Bool {
        if host == "localhost" { return true }
        guard let address = NetworkAddress(host) else { return false }
        return address.bytes.count == 4 ? address.bytes[0] == 127 : address == NetworkAddress("::1")
    }

    /// The host as it is connected to: an IPv6 address without its brackets.
    var bareHost: String { host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host }

    /// The host with its port, where it is not the scheme's own.
    var authority: String { port == (isSecure ? 443 : 80) ? host : "\(host):\(port)" }
}
