/// The ports of one word of EXPOSE: `port[-port][/protocol]`, also behind `[address:]port:`, which means nothing here.
package struct PortSpec: Hashable, Sendable {
    package let first: UInt16
    package let last: UInt16
    /// `tcp`, `udp` or `sctp`.
    package let transport: String
    /// Whether an address or a port of the host stands in front, which EXPOSE cannot use.
    package let hasHostPart: Bool

    /// - Parameter text: after expansion.
    package init(_ text: String) throws(PortSpecError) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard let container = parts.last else { throw .missingPort }
        let pieces = container.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let port = pieces.first, !port.isEmpty else { throw .missingPort }
        let transport = pieces.count > 1 ? pieces[1].lowercased() : ""
        guard ["", "tcp", "udp", "sctp"].contains(transport) else { throw .unknownTransport(String(pieces[1])) }
        (first, last) = try Self.range(port)
        self.transport = transport.isEmpty ? "tcp" : transport
        hasHostPart = parts.count > 1
        if parts.count > 1, !parts[parts.count - 2].isEmpty {
            let host = try Self.range(parts[parts.count - 2])
            guard last == first || host.1 - host.0 == last - first else { throw .invalidRange(text) }
        }
    }

    private static func range(_ text: Substring) throws(PortSpecError) -> (UInt16, UInt16) {
        let ends = text.split(separator: "-", omittingEmptySubsequences: false)
        let ports = ends.compactMap { $0.utf8.allSatisfy { (0x30...0x39).contains($0) } ? UInt16($0) : nil }
        guard (1...2).contains(ends.count), ports.count == ends.count, let first = ports.first, let last = ports.last,
            first <= last
        else { throw .invalidRange(String(text)) }
        return (first, last)
    }

    /// `80/tcp`, one for each port.
    package var ports: [String] { (first...last).map { "\($0)/\(transport)" } }
}

/// Why a word is no port.
package enum PortSpecError: Error, Hashable, Sendable {
    case missingPort
    case unknownTransport(String)
    case invalidRange(String)

    /// One sentence for people.
    package var message: String {
        switch self {
        case .missingPort: "a port number is missing"
        case .unknownTransport(let text): "'\(text)' is no protocol: use tcp, udp or sctp"
        case .invalidRange(let text): "'\(text)' is no port or range of ports"
        }
    }
}
