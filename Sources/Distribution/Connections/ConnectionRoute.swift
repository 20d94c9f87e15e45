/// How a request gets to its origin.
enum ConnectionRoute: Hashable, Sendable {
    case direct
    /// Through a tunnel that the proxy is asked for by CONNECT (RFC 9110, section 9.3.6).
    case tunnel(HTTPURL)
    /// Given to the proxy with its whole address (RFC 9112, section 3.2.2).
    case forwarded(HTTPURL)
    case socks(SOCKSProxy)

    init(_ proxy: Proxy?, isSecure: Bool) throws(UnusableProxy) {
        switch proxy {
        case nil: self = .direct
        case .http(let url): self = isSecure ? .tunnel(url) : .forwarded(url)
        case .socks(let socks): self = .socks(socks)
        case .unusable(let cause): throw cause
        }
    }
}

/// A proxy of SOCKS 5, which is told names (RFC 1928).
struct SOCKSProxy: Hashable, Sendable {
    /// An IPv6 address without brackets.
    let host: String
    let port: Int
    /// What it is told of who asks (RFC 1929), at most 255 bytes each.
    let login: Login?

    struct Login: Hashable, Sendable {
        let name: String
        let password: String

        /// Nil where one of the two is too long.
        init?(name: String, password: String) {
            guard name.utf8.count <= 255, password.utf8.count <= 255 else { return nil }
            (self.name, self.password) = (name, password)
        }
    }
}

extension HTTPURL {
    /// The credentials' two parts; nil where there are none.
    var nameAndPassword: (name: String, password: String)? {
        guard let credentials else { return nil }
        let parts = credentials.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        return (String(parts.first ?? ""), parts.count > 1 ? String(parts[1]) : "")
    }
}
