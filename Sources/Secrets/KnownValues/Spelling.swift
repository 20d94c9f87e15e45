/// The ways in which a value may be written.
enum Spelling: String, CaseIterable {
    case literal, base64, hex, percent, json, markup

    /// Whether line ends may break it.
    var mayBreak: Bool { self == .base64 || self == .hex }

    /// Every form of a value, each once.
    static func forms(of value: [UInt8]) -> [(spelling: Spelling, bytes: [UInt8])] {
        var result: [(spelling: Spelling, bytes: [UInt8])] = [(.literal, value)]
        func add(_ spelling: Spelling, _ bytes: [UInt8]) {
            if bytes.count >= KnownValue.shortest, !result.contains(where: { $0.bytes == bytes }) {
                result.append((spelling, bytes))
            }
        }
        for offset in 0..<3 {
            let standard = base64(value, offset: offset)
            add(.base64, standard)
            add(.base64, standard.map { $0 == 43 ? 45 : $0 == 47 ? 95 : $0 })
        }
        let hex = value.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        add(.hex, hex)
        add(.hex, hex.map { (97...122).contains($0) ? $0 - 32 : $0 })
        for kept in ["-._~", "-._~!*'()", "-._~/", "-_.", "-._~!$&'()*+,;=:@/"] {
            for isUpper in [true, false] {
                let escaped = percent(value, keeping: ByteSet(alphanumericAnd: kept), isUpper: isUpper)
                add(.percent, escaped)
                add(.percent, withPlus(escaped))
            }
        }
        for style in JSONStyle.allCases { add(.json, json(value, style)) }
        add(.markup, markup(value))
        return result
    }

    private static let digits = Array("0123456789abcdef".utf8)
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// The characters of base64 (RFC 4648) that depend on the value alone when so many bytes of something else stand before it
    /// in its first group.
    static func base64(_ value: [UInt8], offset: Int) -> [UInt8] {
        let first = (offset * 8 + 5) / 6
        let last = (offset + value.count) * 8 / 6
        guard first < last else { return [] }
        func byte(_ index: Int) -> Int {
            index >= offset && index - offset < value.count ? Int(value[index - offset]) : 0
        }
        return (first..<last).map { index in
            let bit = index * 6
            let pair = byte(bit / 8) << 8 | byte(bit / 8 + 1)
            return alphabet[pair >> (10 - bit % 8) & 63]
        }
    }

    private static func percent(_ value: [UInt8], keeping kept: ByteSet, isUpper: Bool) -> [UInt8] {
        let digits = isUpper ? Array("0123456789ABCDEF".utf8) : Self.digits
        return value.flatMap { kept.contains($0) ? [$0] : [37, digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    }

    /// A space of forms (HTML, application/x-www-form-urlencoded).
    private static func withPlus(_ escaped: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var place = 0
        while place < escaped.count {
            if escaped[place...].starts(with: Array("%20".utf8)) {
                result.append(UInt8(ascii: "+"))
                place += 3
            } else {
                result.append(escaped[place])
                place += 1
            }
        }
        return result
    }

    private enum JSONStyle: CaseIterable { case plain, slashes, markupSafe }

    private static func json(_ value: [UInt8], _ style: JSONStyle) -> [UInt8] {
        value.flatMap { byte -> [UInt8] in
            switch byte {
            case 8: Array("\\b".utf8)
            case 9: Array("\\t".utf8)
            case 10: Array("\\n".utf8)
            case 12: Array("\\f".utf8)
            case 13: Array("\\r".utf8)
            case 34: Array("\\\"".utf8)
            case 92: Array("\\\\".utf8)
            case 47 where style == .slashes: Array("\\/".utf8)
            case 38, 60, 62: style == .markupSafe ? code(byte) : [byte]
            case ..<32: code(byte)
            default: [byte]
            }
        }
    }

    private static func code(_ byte: UInt8) -> [UInt8] {
        Array("\\u00".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }

    private static func markup(_ value: [UInt8]) -> [UInt8] {
        value.flatMap { byte -> [UInt8] in
            switch byte {
            case 34: Array("&quot;".utf8)
            case 38: Array("&amp;".utf8)
            case 39: Array("&#39;".utf8)
            case 60: Array("&lt;".utf8)
            case 62: Array("&gt;".utf8)
            default: [byte]
            }
        }
    }
}
