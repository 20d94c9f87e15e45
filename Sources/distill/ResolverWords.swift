import Engine
import OCI
import Storage

/// What `--dns`, `--dns-search` and `--dns-option` of docker's `run` put in place of this machine's /etc/resolv.conf.
struct ResolverWords {
    private let servers: [String]
    private let domains: [String]
    private let options: [String]

    /// - Throws: ``InvalidOption``.
    init(servers: [String], domains: [String], options: [String]) throws {
        for server in servers where !Self.isAddress(server) {
            throw InvalidOption(name: "--dns", value: server, reason: "it is no address")
        }
        for (name, values) in [("--dns-search", domains), ("--dns-option", options)] {
            for value in values where value.isEmpty || value.contains(where: { $0.isWhitespace || $0 == "\0" }) {
                throw InvalidOption(name: name, value: value, reason: "it is one word")
            }
        }
        (self.servers, self.domains, self.options) = (servers, domains, options)
    }

    private static func isAddress(_ text: String) -> Bool {
        if text.contains(":") {
            let groups = text.split(separator: ":", omittingEmptySubsequences: false)
            return (3...9).contains(groups.count) && groups.contains { !$0.isEmpty }
                && groups.allSatisfy { isGroup($0) || ($0 == groups.last && isAddress(String($0))) }
        }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.allSatisfy { UInt8($0) != nil && $0.first != "+" }
    }

    /// Of an IPv6 address; an empty one stands for those that are left out.
    private static func isGroup(_ text: Substring) -> Bool {
        text.utf8.count <= 4 && text.allSatisfy { $0.isASCII && $0.isHexDigit }
    }

    /// Puts what was said in the place of what a file has of its kind (resolv.conf(5)).
    func applied(to files: [RootFileSystem.HostFile]) -> [RootFileSystem.HostFile] {
        files.map { file in
            guard file.target.description == "/etc/resolv.conf" else { return file }
            let text = applied(to: String(decoding: file.content, as: UTF8.self))
            return .init(target: file.target, content: Array(text.utf8))
        }
    }

    func applied(to text: String) -> String {
        var replaced: Set<Substring> = []
        if !servers.isEmpty { replaced.insert("nameserver") }
        if !domains.isEmpty { replaced.formUnion(["search", "domain"]) }
        if !options.isEmpty { replaced.insert("options") }
        guard !replaced.isEmpty else { return text }
        var lines = text.split(whereSeparator: \.isNewline)
            .filter { line in !replaced.contains(line.prefix { $0 != " " && $0 != "\t" }) }.map(String.init)
        lines += servers.map { "nameserver \($0)" }
        // A dot alone: none at all.
        let searched = domains.filter { $0 != "." }
        if !searched.isEmpty { lines.append("search \(searched.joined(separator: " "))") }
        if !options.isEmpty { lines.append("options \(options.joined(separator: " "))") }
        return lines.map { $0 + "\n" }.joined()
    }
}
