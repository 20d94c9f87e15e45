import OCI

/// Where a repository is, without what lets one in: a URL stands in the arguments of processes, which everybody sees.
struct GitRemote: Hashable {
    /// Without user and password where it is an http(s) URL.
    let url: String
    /// `https://host:port` of an http(s) URL; nil for others, whose programs have their own ways to let one in.
    let origin: String?
    /// With the port if there is one, in small letters; empty without an origin.
    let host: String
    private(set) var user: String?
    private(set) var password: String?

    init(_ url: String) {
        guard let scheme = ["https://", "http://"].first(where: { url.lowercased().hasPrefix($0) }) else {
            (self.url, origin, host) = (url, nil, "")
            return
        }
        let rest = url.dropFirst(scheme.count)
        let authority = rest.prefix { !"/?#".contains($0) }
        let at = authority.lastIndex(of: "@")
        let place = at.map { authority[authority.index(after: $0)...] } ?? authority
        host = place.lowercased()
        origin = scheme + host
        self.url = scheme + place + rest[authority.endIndex...]
        guard let at else { return }
        let login = authority[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map {
            PercentEncoding.decoded(String($0))
        }
        user = login.first.flatMap { $0.isEmpty ? nil : $0 }
        password = login.count == 2 ? login[1] : nil
    }

    /// ``host`` without the port.
    var hostName: String {
        // An address of IPv6 is in brackets (RFC 3986, section 3.2.2).
        guard let colon = host.lastIndex(of: ":"), !host[colon...].contains("]") else { return host }
        return String(host[..<colon])
    }
}
