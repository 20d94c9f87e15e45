extension PublishedPort {
    /// Reads `[[HOST:]PUBLISHED:]TARGET[/tcp]`, or the long form (Compose specification, "ports").
    init(_ node: ComposeNode) throws(ComposeError) {
        if case .mapping = node.content { self = try Self.long(node) } else { self = try Self.short(node) }
    }

    private static func short(_ node: ComposeNode) throws(ComposeError) -> PublishedPort {
        let text = try node.text("ports")
        func invalid(_ form: ComposeError.Form) -> ComposeError { node.error(.invalidValue(key: "ports", value: text, expected: form)) }
        var rest = text[...]
        if let slash = rest.lastIndex(of: "/") {
            let transport = rest[rest.index(after: slash)...]
            guard transport == "tcp" else {
                throw transport == "udp" || transport == "sctp" ? node.error(.unsupportedValue(key: "ports", value: text)) : invalid(.port)
            }
            rest = rest[..<slash]
        }
        var host: String?
        if rest.hasPrefix("[") {
            guard let end = rest.firstIndex(of: "]"), rest[rest.index(after: end)...].hasPrefix(":") else { throw invalid(.port) }
            host = String(rest[rest.index(after: rest.startIndex)..<end])
            rest = rest[rest.index(end, offsetBy: 2)...]
        }
        var parts = rest.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        if host == nil, parts.count == 3 { host = parts.removeFirst() }
        guard (1...2).contains(parts.count), let target = parts.last else { throw invalid(.port) }
        let published = parts.count == 2 ? parts[0] : ""
        guard !target.contains("-"), !published.contains("-") else { throw invalid(.portRange) }
        guard let targetPort = number(target), let publishedPort = published.isEmpty ? 0 : number(published) else { throw invalid(.port) }
        guard host == nil || isAddress(host ?? "") else { throw invalid(.port) }
        return PublishedPort(host: host, published: publishedPort, target: targetPort, place: node.place)
    }

    private static func long(_ node: ComposeNode) throws(ComposeError) -> PublishedPort {
        let fields = try node.fields("a port", "ports", known: ["target", "published", "host_ip", "protocol", "mode", "name", "app_protocol"])
        func port(_ key: String) throws(ComposeError) -> Int? {
            guard let field = fields[key] else { return nil }
            let text = try field.text(key)
            if text.isEmpty { return nil }
            guard !text.contains("-") else { throw field.error(.invalidValue(key: key, value: text, expected: .portRange)) }
            guard let number = number(text) else { throw field.error(.invalidValue(key: key, value: text, expected: .port)) }
            return number
        }
        if let transport = fields["protocol"], try transport.text("protocol") != "tcp" {
            throw transport.error(.unsupportedValue(key: "protocol", value: try transport.text("protocol")))
        }
        if let mode = fields["mode"] { _ = try mode.choice("mode", ["host", "ingress"]) }
        guard let target = try port("target") else { throw node.error(.missingKey("target", owner: "a port")) }
        let host = try fields["host_ip"].map { field throws(ComposeError) in
            let text = try field.text("host_ip")
            guard isAddress(text) else { throw field.error(.invalidValue(key: "host_ip", value: text, expected: .port)) }
            return text
        }
        return PublishedPort(host: host, published: try port("published") ?? 0, target: target, place: node.place)
    }

    private static func number(_ text: String) -> Int? {
        guard text.allSatisfy({ $0.isASCII && $0.isNumber }), let number = Int(text), (1...65535).contains(number) else { return nil }
        return number
    }

    private static func isAddress(_ text: String) -> Bool {
        if text.contains(":") { return text.allSatisfy { $0.isHexDigit || $0 == ":" || $0 == "." } }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.allSatisfy { UInt8($0) != nil }
    }
}
