extension Unicode.Scalar {
    /// Whether a terminal acts on the scalar, or a reader does not see it where it stands: controls (ECMA-48 C0, DEL and C1),
    /// line separators, what changes the direction of text (Unicode TR 9), and what has no shape of its own.
    ///
    /// Joiners and the sixteen variation selectors are no such scalars: emoji and several scripts are written with them.
    package var isHidden: Bool {
        switch value {
        case 0..<0x20, 0x7F...0x9F, 0x2028, 0x2029, 0xFFF9...0xFFFB: true
        case 0x20..<0xA0, 0x200C, 0x200D, 0xFE00...0xFE0F: false
        default: properties.isBidiControl || properties.isDefaultIgnorableCodePoint
        }
    }

    /// The scalar as people and programming languages write it: `\n`, `\x1b`, `\u{202E}`.
    fileprivate var visibleEscape: String {
        switch self {
        case "\n": return "\\n"
        case "\r": return "\\r"
        case "\t": return "\\t"
        default:
            let digits = String(value, radix: 16)
            let padding = String(repeating: "0", count: max(0, (value < 0x100 ? 2 : 4) - digits.count))
            return value < 0x100 ? "\\x" + padding + digits : "\\u{" + padding + digits.uppercased() + "}"
        }
    }

    /// The escape of JSON (RFC 8259, section 7), as two surrogates where the scalar needs more than four digits.
    fileprivate var escapedInJSON: String {
        String(self).utf16.map { unit in
            let digits = String(unit, radix: 16)
            return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }.joined()
    }
}

extension String {
    /// The text with every scalar that is not seen written out.
    ///
    /// - Parameter kept: controls that stay because the text is laid out with them.
    package func showingHidden(keeping kept: String = "") -> String {
        replacingHidden { kept.unicodeScalars.contains($0) ? nil : $0.visibleEscape }
    }

    /// A document of JSON with the same meaning, in which nothing is hidden. Its line feeds are those between its parts:
    /// those within a text are escaped by whoever writes JSON.
    package var showingHiddenInJSON: String {
        replacingHidden { $0 == "\n" || $0 == "\t" || $0 == "\r" ? nil : $0.escapedInJSON }
    }

    /// Whether each byte is a character of one column, as in nearly all texts: the rest looks at one scalar after the other.
    var isPrintableASCII: Bool { utf8.allSatisfy { (0x20..<0x7F).contains($0) } }

    /// - Parameter replacement: nil leaves the scalar as it is.
    private func replacingHidden(_ replacement: (Unicode.Scalar) -> String?) -> String {
        guard !isPrintableASCII, unicodeScalars.contains(where: \.isHidden) else { return self }
        var result = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            if scalar.isHidden, let text = replacement(scalar) {
                result += text.unicodeScalars
            } else {
                result.append(scalar)
            }
        }
        return String(result)
    }
}
