/// The variables of proxies as curl's library reads them (curl(1), "Environment"), for a program that fetches by it: it is to go
/// the ways that this one goes.
package struct CurlProxies {
    /// All names that it may read; what ``variables`` lacks of them is to be unset.
    package static let names = [
        "http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY",
    ]

    /// In small letters, which it reads first.
    package let variables: [String: String]

    /// - Parameters:
    ///   - environment: what the caller has.
    ///   - url: what is fetched first: to its host the way is ours. To others, to which it leads, it is, as far as the library knows
    ///     the form of an exception.
    package init(_ environment: [String: String], towards url: String) {
        var result: [String: String] = [:]
        for scheme in ["http", "https", "all"] {
            var names = [scheme + "_proxy", scheme.uppercased() + "_PROXY"]
            if scheme == "http", environment["REQUEST_METHOD"] != nil { names.removeLast() }
            guard let text = names.lazy.compactMap({ environment[$0] }).first(where: { !$0.isEmpty }) else { continue }
            // Ours has the proxy resolve names.
            result[scheme + "_proxy"] = text.hasPrefix("socks5://") ? "socks5h" + text.dropFirst(6) : text
        }
        let settings = ProxySettings(environment: environment)
        let origin = HTTPURL(url)?.origin
        var exceptions = settings.exceptions.compactMap { $0.curlForm(besides: origin?.bareHost) }
        if let origin, settings.isExcepted(origin) { exceptions.append(origin.bareHost) }
        // It knows the star only where it stands alone.
        if exceptions.contains("*") { exceptions = ["*"] }
        if !exceptions.isEmpty { result["no_proxy"] = exceptions.joined(separator: ",") }
        variables = result
    }
}
