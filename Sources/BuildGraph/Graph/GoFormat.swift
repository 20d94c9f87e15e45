/// Values as Go prints them: the history of an image is read by people who know docker's.
enum GoFormat {
    /// `[a b]`, Go's `%v` of a list of strings.
    static func list(_ texts: [String]) -> String { "[" + texts.joined(separator: " ") + "]" }

    /// `["a" "b"]`, Go's `%q` of a list of strings.
    static func quotedList(_ texts: [String]) -> String { list(texts.map(quoted)) }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\\(scalar)"
            case "\u{07}": result += "\\a"
            case "\u{08}": result += "\\b"
            case "\u{0C}": result += "\\f"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\u{0B}": result += "\\v"
            default: result += scalar.isPrintable ? String(scalar) : scalar.goEscape
            }
        }
        return result + "\""
    }

    /// A length of time in nanoseconds: `1m30s`, `500ms`, `1.5s`, `0s`.
    static func duration(_ nanoseconds: Int64) -> String {
        guard nanoseconds > 0 else { return "0s" }
        if nanoseconds < 1_000_000_000 {
            let (scale, unit): (Int64, String) =
                nanoseconds < 1000 ? (1, "ns") : nanoseconds < 1_000_000 ? (1000, "µs") : (1_000_000, "ms")
            return decimal(nanoseconds, scale) + unit
        }
        let seconds = nanoseconds / 1_000_000_000
        let (hours, minutes) = (seconds / 3600, seconds / 60 % 60)
        let rest = decimal(nanoseconds - (seconds - seconds % 60) * 1_000_000_000, 1_000_000_000) + "s"
        if hours > 0 { return "\(hours)h\(minutes)m\(rest)" }
        return minutes > 0 ? "\(minutes)m\(rest)" : rest
    }

    /// A quotient without trailing zeros.
    private static func decimal(_ value: Int64, _ scale: Int64) -> String {
        guard value % scale != 0 else { return "\(value / scale)" }
        let digits = String(scale).count - 1
        let fraction = String(value % scale)
        var text = String(repeating: "0", count: digits - fraction.count) + fraction
        while text.hasSuffix("0") { text.removeLast() }
        return "\(value / scale).\(text)"
    }
}

extension Unicode.Scalar {
    fileprivate var isPrintable: Bool {
        switch properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
        case .spaceSeparator: self == " "
        default: true
        }
    }

    fileprivate var goEscape: String {
        func hex(_ width: Int) -> String {
            let digits = String(value, radix: 16)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        return value < 0x80 ? "\\x" + hex(2) : value < 0x1_0000 ? "\\u" + hex(4) : "\\U" + hex(8)
    }
}
