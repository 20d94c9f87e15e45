/// One challenge of a `WWW-Authenticate` header (RFC 9110, section 11.6.1; distribution token specification).
struct AuthenticationChallenge: Hashable, Sendable {
    /// Lower case.
    let scheme: String
    /// Names in lower case.
    let parameters: [String: String]

    /// Reads all challenges of the headers; what cannot be understood is left out.
    static func parse(_ headers: [String]) -> [AuthenticationChallenge] {
        headers.flatMap { header -> [AuthenticationChallenge] in
            // A server that means well needs far less.
            guard header.utf8.count <= 16 << 10 else { return [] }
            var parser = ChallengeParser(bytes: Array(header.utf8))
            return parser.challenges()
        }
    }
}

private struct ChallengeParser {
    let bytes: [UInt8]
    var offset = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func challenges() -> [AuthenticationChallenge] {
        var result: [AuthenticationChallenge] = []
        while true {
            skip { $0 == UInt8(ascii: ",") || Self.isSpace($0) }
            guard let scheme = token() else { return result }
            skip(Self.isSpace)
            result.append(AuthenticationChallenge(scheme: scheme.lowercased(), parameters: parameters()))
        }
    }

    /// `name=value` pairs, up to the token of the next challenge, which no `=` follows.
    private mutating func parameters() -> [String: String] {
        var result: [String: String] = [:]
        while true {
            skip { $0 == UInt8(ascii: ",") || Self.isSpace($0) }
            let mark = offset
            guard let name = token() else { return result }
            skip(Self.isSpace)
            guard peek == UInt8(ascii: "=") else {
                offset = mark
                return result
            }
            offset += 1
            skip(Self.isSpace)
            guard let value = peek == UInt8(ascii: "\"") ? quoted() : token() else { return result }
            if result[name.lowercased()] == nil { result[name.lowercased()] = value }
        }
    }

    private var peek: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    private mutating func skip(_ isSkipped: (UInt8) -> Bool) {
        while let byte = peek, isSkipped(byte) { offset += 1 }
    }

    private mutating func token() -> String? {
        let start = offset
        while let byte = peek, !Self.isSpace(byte), !"=,\"".utf8.contains(byte) { offset += 1 }
        return offset > start ? String(decoding: bytes[start..<offset], as: UTF8.self) : nil
    }

    private mutating func quoted() -> String? {
        offset += 1
        var value: [UInt8] = []
        while let byte = peek {
            offset += 1
            if byte == UInt8(ascii: "\"") { return String(decoding: value, as: UTF8.self) }
            if byte == UInt8(ascii: "\\"), let escaped = peek {
                offset += 1
                value.append(escaped)
            } else {
                value.append(byte)
            }
        }
        return nil
    }
}
