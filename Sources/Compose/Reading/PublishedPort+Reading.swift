extension PublishedPort {
    /// How many ports one entry may publish.
    private static let limit = 1000

    /// Reads `[[HOST:]PUBLISHED:]TARGET[/tcp|/udp]`, where both may be ranges of one length, or the long form (Compose
    /// specification, "ports").
    static func read(_ node: ComposeNode) throws(ComposeError) -> [PublishedPort] {
        if case .mapping = node.content { return try long(node) }
        return try short(node)
    }

    private static func short(_ node: ComposeNode) throws(ComposeError) -> [PublishedPort] {
        let text = try node.text("ports")
        func invalid(_ form: ComposeError.Form) -> ComposeError {
            node.error(.invalidValue(key: "ports", value: text, expected: form))
        }
        var rest = text[...]
        var transport = Transport.tcp
        if let slash = rest.lastIndex(of: "/") {
            let name = String(rest[rest.index(after: slash)...])
            guard let known = Transport(rawValue: name) else {
                throw name == "sctp" ? node.error(.unsupportedValue(key: "ports", value: text)) : invalid(.port)
            }
            transport = known
            rest = rest[..<slash]
        }
        var host: String?
        if rest.hasPrefix("[") {
            guard let end = rest.firstIndex(of: "]"), rest[rest.index(after: end)...].hasPrefix(":") else {
                throw invalid(.port)
            }
            host = String(rest[rest.index(after: rest.startIndex)..<end])
            rest = rest[rest.index(end, offsetBy: 2)...]
        }
        var parts = rest.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        if host == nil, parts.count == 3 { host = parts.removeFirst() }
        guard (1...2).contains(parts.count), let last = parts.last, let targets = range(last) else {
            throw invalid(.port)
        }
        guard host == nil || isAddress(host ?? "") else { throw invalid(.port) }
        let published = parts.count == 2 && !parts[0].isEmpty ? range(parts[0]) : 0...0
        guard let published else { throw invalid(.port) }
        guard let pairs = pairs(published, targets) else { throw invalid(.portRange) }
        return pairs.map {
            PublishedPort(
                host: host, published: $0.published, target: $0.target, transport: transport, place: node.place)
        }
    }

    private static func long(_ node: ComposeNode) throws(ComposeError) -> [PublishedPort] {
        let fields = try node.fields(
            "a port", "ports", known: ["target", "published", "host_ip", "protocol", "mode", "name", "app_protocol"])
        func ports(_ key: String) throws(ComposeError) -> ClosedRange<Int>? {
            guard let field = fields[key] else { return nil }
            let text = try field.text(key)
            if text.isEmpty { return nil }
            guard let range = range(text) else {
                throw field.error(.invalidValue(key: key, value: text, expected: .port))
            }
            return range
        }
        let transport = try fields["protocol"].map { field throws(ComposeError) in
            let text = try field.text("protocol")
            guard let known = Transport(rawValue: text) else {
                throw field.error(.unsupportedValue(key: "protocol", value: text))
            }
            return known
        }
        if let mode = fields["mode"] { _ = try mode.choice("mode", ["host", "ingress"]) }
        guard let targets = try ports("target") else { throw node.error(.missingKey("target", owner: "a port")) }
        let host = try fields["host_ip"].map { field throws(ComposeError) in
            let text = try field.text("host_ip")
            guard isAddress(text) else {
                throw field.error(.invalidValue(key: "host_ip", value: text, expected: .port))
            }
            return text
        }
        guard let pairs = pairs(try ports("published") ?? 0...0, targets) else {
            let text =
                "\(try fields["published"]?.text("published") ?? ""):\(try fields["target"]?.text("target") ?? "")"
            throw node.error(.invalidValue(key: "ports", value: text, expected: .portRange))
        }
        return pairs.map {
            PublishedPort(
                host: host, published: $0.published, target: $0.target, transport: transport ?? .tcp, place: node.place)
        }
    }

    /// The ports of two ranges that belong together; nil where the ranges differ in length or are too long.
    ///
    /// - Parameter published: 0 to 0 where the kernel chooses.
    private static func pairs(_ published: ClosedRange<Int>, _ targets: ClosedRange<Int>) -> [(
        published: Int, target: Int
    )]? {
        guard targets.count <= limit else { return nil }
        if published == 0...0 { return targets.map { (0, $0) } }
        guard published.count == targets.count else { return nil }
        return Array(zip(published, targets)).map { ($0, $1) }
    }

    /// `80` or `80-90`.
    private static func range(_ text: String) -> ClosedRange<Int>? {
        let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { number(String($0)) }
        guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1], first <= last else {
            return nil
        }
        return first...last
    }

    private static func number(_ text: String) -> Int? {
        guard text.allSatisfy({ $0.isASCII && $0.isNumber }), let number = Int(text), (1...65535).contains(number)
        else { return nil }
        return number
    }

    private static func isAddress(_ text: String) -> Bool {
        if text.contains(":") { return text.allSatisfy { $0.isHexDigit || $0 == ":" || $0 == "." } }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.allSatisfy { UInt8($0) != nil }
    }
}
