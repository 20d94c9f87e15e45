/// What `/etc/resolv.conf` of a container with a network of its own says (resolv.conf(5)): this machine's, as docker does it.
package enum ResolverText {
    /// Servers that are reached from there stay, and one of this machine's loopback is asked by way of the network's own. IPv6 leads
    /// nowhere.
    ///
    /// - Parameters:
    ///   - host: this machine's file.
    ///   - nameServer: what hands on to the first of this machine's servers.
    package static func make(from host: String, nameServer: String) -> String {
        var servers: [String] = []
        var others: [Substring] = []
        for line in host.split(whereSeparator: \.isNewline) {
            let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
            switch words.first {
            case "nameserver":
                guard words.count > 1, let server = reachable(words[1], nameServer), !servers.contains(server) else {
                    continue
                }
                servers.append(server)
            case "search", "domain", "options": others.append(line)
            default: continue
            }
        }
        if servers.isEmpty { servers = [nameServer] }
        return (servers.map { "nameserver \($0)" } + others.map(String.init)).map { $0 + "\n" }.joined()
    }

    private static func reachable(_ server: Substring, _ nameServer: String) -> String? {
        if server == "::1" || server.hasPrefix("127.") || server.hasPrefix("0.") { return nameServer }
        return server.contains(":") ? nil : String(server)
    }
}
