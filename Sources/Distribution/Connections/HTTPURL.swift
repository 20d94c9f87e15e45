/// The address of a file on an HTTP server: an absolute `http` or `https` URL without its fragment (RFC 3986).
struct HTTPURL: Hashable, Sendable {
    /// Who answers, and to whom credentials may go (RFC 6454).
    struct Origin: Hashable, Sendable {
        let isSecure: Bool
        /// Lower case; an IPv6 address stands in brackets.
        let host: String
        let port: Int
    }

    let origin: Origin
    /// `name:password` or a name, percent-decoded.
    let credentials: String?
    /// From the first slash, with the query; octets that no URL may hold are percent-encoded.
    let target: String

    init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), bytes[(colon + 1)...].starts(with: "//".utf8) else {
            return nil
        }
        let isSecure: Bool
        switch String(decoding: bytes[..<colon], as: UTF8.self).lowercased() {
        case "http": isSecure = false
        case "https": isSecure = true
        default: return nil
        }
        let rest = bytes[(colon + 3)...]
        let end = rest.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") }
        let authority = rest[..<(end ?? rest.endIndex)]
        var hostAndPort = authority
        var credentials: String?
        if let at = authority.lastIndex(of: UInt8(ascii: "@")) {
            guard let decoded = Self.percentDecoded(authority[..<at]) else { return nil }
            credentials = decoded
            hostAndPort = authority[(at + 1)...]
        }
        guard let (host, port) = Self.hostAndPort(hostAndPort) else { return nil }
        origin = Origin(isSecure: isSecure, host: host, port: port ?? (isSecure ? 443 : 80))
        self.credentials = credentials
        target = Self.target(rest[(end ?? rest.endIndex)...])
    }

    private init(origin: Origin, credentials: String?, target: String) {
        (self.origin, self.credentials, self.target) = (origin, credentials, target)
    }

    /// The URL without credentials: what may be shown, logged and sent.
    var text: String {
        let isDefault = origin.port == (origin.isSecure ? 443 : 80)
        return (origin.isSecure ? "https" : "http") + "://" + origin.host + (isDefault ? "" : ":\(origin.port)")
            + target
    }

    /// Where a redirect leads (RFC 3986, section 5.2); credentials stay with their origin.
    func resolving(_ reference: String) -> HTTPURL? {
        let bytes = Array(reference.utf8)
        if let absolute = HTTPURL(reference) {
            guard absolute.credentials == nil, absolute.origin == origin else { return absolute }
            return HTTPURL(origin: origin, credentials: credentials, target: absolute.target)
        }
        if bytes.starts(with: "//".utf8) { return resolving((origin.isSecure ? "https:" : "http:") + reference) }
        if Self.hasScheme(bytes) { return nil }
        let path = target.prefix { $0 != "?" }
        let merged: String
        switch bytes.first {
        case UInt8(ascii: "/"): merged = reference
        case UInt8(ascii: "?"): merged = path + reference
        case nil, UInt8(ascii: "#"): merged = target
        default: merged = path[...(path.lastIndex(of: "/") ?? path.startIndex)] + reference
        }
        return HTTPURL(origin: origin, credentials: credentials, target: Self.target(Array(merged.utf8)[...]))
    }

    private static func hasScheme(_ bytes: [UInt8]) -> Bool {
        guard let end = bytes.firstIndex(where: { ":/?#".utf8.contains($0) }) else { return false }
        return bytes[end] == UInt8(ascii: ":")
    }

    private static func hostAndPort(_ bytes: ArraySlice<UInt8>) -> (host: String, port: Int?)? {
        var host = bytes
        var port: Int?
        let bracket = bytes.lastIndex(of: UInt8(ascii: "]")) ?? bytes.startIndex - 1
        if let colon = bytes.lastIndex(of: UInt8(ascii: ":")), colon > bracket {
            let digits = bytes[(colon + 1)...]
            if !digits.isEmpty {
                guard digits.allSatisfy({ (0x30...0x39).contains($0) }),
                    let number = UInt16(String(decoding: digits, as: UTF8.self)), number > 0
                else { return nil }
                port = Int(number)
            }
            host = bytes[..<colon]
        }
        let isAddress = host.first == UInt8(ascii: "[") && host.last == UInt8(ascii: "]") && host.count > 2
        let name = isAddress ? host.dropFirst().dropLast() : host
        guard !name.isEmpty,
            name.allSatisfy({ isUnreserved($0) || (isAddress && $0 == UInt8(ascii: ":")) })
        else { return nil }
        return (String(decoding: host, as: UTF8.self).lowercased(), port)
    }

    /// The path and query with `.` and `..` taken out of the path, and the fragment dropped.
    private static func target(_ bytes: ArraySlice<UInt8>) -> String {
        let withoutFragment = bytes.prefix { $0 != UInt8(ascii: "#") }
        let path = withoutFragment.prefix { $0 != UInt8(ascii: "?") }
        let query = withoutFragment.dropFirst(path.count)
        var segments: [ArraySlice<UInt8>] = []
        let parts = path.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            let isLast = index == parts.count - 1
            switch Array(part) {
            case Array(".".utf8): if isLast { segments.append([]) }
            case Array("..".utf8):
                _ = segments.popLast()
                if isLast { segments.append([]) }
            default: segments.append(part)
            }
        }
        return "/" + segments.map(encoded).joined(separator: "/") + encoded(query)
    }

    private static func encoded(_ bytes: ArraySlice<UInt8>) -> String {
        var text: [UInt8] = []
        for byte in bytes {
            if isUnreserved(byte) || ":/?[]@!$&'()*+,;=%".utf8.contains(byte) {
                text.append(byte)
            } else {
                let hex = String(byte, radix: 16, uppercase: true)
                text += Array(("%" + (hex.utf8.count < 2 ? "0" : "") + hex).utf8)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            true
        default: false
        }
    }

    private static func percentDecoded(_ bytes: ArraySlice<UInt8>) -> String? {
        var result: [UInt8] = []
        var rest = bytes
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                result.append(byte)
                continue
            }
            guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16),
                rest.first != UInt8(ascii: "+")
            else { return nil }
            result.append(value)
            rest = rest.dropFirst(2)
        }
        return String(validating: result, as: UTF8.self)
    }
}
