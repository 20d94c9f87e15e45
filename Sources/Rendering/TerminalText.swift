/// Text as a terminal shows it: how many columns it takes, and how it is cut to fit.
package enum TerminalText {
    /// What a program wrote, as one line without what it meant for its terminal: escape sequences and control characters are
    /// dropped, a tab is a space, and what follows the last carriage return counts.
    ///
    /// For output of programs alone: of names and other foreign texts nothing is dropped (``ShownText``).
    package static func singleLine(_ text: String) -> String {
        var scalars = String.UnicodeScalarView()
        var pieces = Pieces(text)
        while let piece = pieces.next() {
            guard case .scalar(let scalar) = piece else { continue }
            switch scalar {
            case "\t": scalars.append(" ")
            case "\r": if pieces.hasVisibleRest { scalars.removeAll() }
            case _ where scalar.isControl: continue
            default: scalars.append(scalar)
            }
        }
        return String(scalars)
    }

    /// The columns that the text takes; our own colour sequences take none.
    package static func width(_ text: ShownText) -> Int {
        if text.text.isPrintableASCII { return text.text.utf8.count }
        var pieces = Pieces(text.text)
        var width = 0
        while let piece = pieces.next() {
            if case .scalar(let scalar) = piece { width += scalar.columns }
        }
        return width
    }

    /// The beginning of the text that fits, with `…` where something was cut; colours are ended.
    package static func truncated(_ text: ShownText, columns: Int) -> ShownText {
        guard width(text) > columns else { return text }
        guard columns > 0 else { return "" }
        var result = ""
        var used = 0
        var isColored = false
        var pieces = Pieces(text.text)
        while let piece = pieces.next() {
            switch piece {
            case .sequence(let sequence):
                result += sequence
                isColored = !sequence.hasSuffix("[0m")
            case .scalar(let scalar):
                guard used + scalar.columns < columns else {
                    return ShownText(passedOn: result + "…" + (isColored ? "\u{1B}[0m" : ""))
                }
                used += scalar.columns
                result.unicodeScalars.append(scalar)
            }
        }
        return text
    }

    /// A line with something at its right end: the left part is cut first, and only where it has no room at all is the
    /// right one.
    package static func line(_ left: ShownText, right: ShownText, columns: Int) -> ShownText {
        guard !right.isEmpty else { return truncated(left, columns: columns) }
        let room = columns - width(right) - 1
        guard room >= 4 else { return truncated("\(left) \(right)", columns: columns) }
        return "\(padded(truncated(left, columns: room), columns: room)) \(right)"
    }

    package static func padded(_ text: ShownText, columns: Int) -> ShownText {
        text + ShownText(passedOn: String(repeating: " ", count: max(0, columns - width(text))))
    }
}

/// A text's visible scalars and escape sequences, in order (ECMA-48: CSI, OSC, and escapes of two characters).
private struct Pieces {
    enum Piece {
        case scalar(Unicode.Scalar)
        case sequence(String)
    }

    private var rest: Substring.UnicodeScalarView

    init(_ text: String) { rest = text[...].unicodeScalars }

    var hasVisibleRest: Bool { rest.contains { !$0.isControl } }

    mutating func next() -> Piece? {
        guard let first = rest.popFirst() else { return nil }
        guard first == "\u{1B}" else { return .scalar(first) }
        var sequence = String.UnicodeScalarView([first])
        guard let kind = rest.popFirst() else { return .sequence(String(sequence)) }
        sequence.append(kind)
        switch kind {
        case "[":
            while let scalar = rest.popFirst() {
                sequence.append(scalar)
                if ("@"..."~").contains(scalar) { break }
            }
        case "]":
            while let scalar = rest.popFirst() {
                sequence.append(scalar)
                if scalar == "\u{07}" || scalar == "\u{9C}" { break }
                if scalar == "\u{1B}" {
                    if let end = rest.popFirst() { sequence.append(end) }
                    break
                }
            }
        default: break
        }
        return .sequence(String(sequence))
    }
}

extension Unicode.Scalar {
    fileprivate var isControl: Bool { value < 0x20 || (0x7F...0x9F).contains(value) }

    /// Columns on a terminal: none for marks that combine, two for wide characters (Unicode TR 11, W and F).
    fileprivate var columns: Int {
        if isControl { return 0 }
        if value < 0x300 { return 1 }
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: return Self.wide.contains { $0.contains(value) } ? 2 : 1
        }
    }

    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF,
        0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F,
        0x1F680...0x1F6FF, 0x1F900...0x1F9FF, 0x20000...0x3FFFD,
    ]
}
