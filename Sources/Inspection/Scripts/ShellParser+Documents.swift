/// Here-documents (POSIX.1-2017, XCU 2.7.4).
extension ShellParser {
    /// Documents of one script, more than which are not read.
    private static let documentLimit = 64

    /// Whether a mark says that the text stands for itself.
    static func isQuoted(_ mark: Syntax.Word) -> Bool {
        mark.parts.contains { part in if case .text(_, isQuoted: true) = part { true } else { false } }
    }

    /// The text that begins behind the line in hand, and behind the texts that the line asked for before.
    mutating func document(until end: [UInt8], stripsTabs: Bool, isPlainText: Bool) -> Syntax.Word {
        documentCount += 1
        guard documentCount <= Self.documentLimit, place <= bytes.count,
            var start = bytes[place...].firstIndex(of: 0x0A).map({ $0 + 1 })
        else { return .init(parts: [.unknown]) }
        for document in hereDocuments { _ = Self.lines(bytes, &start, document.end, document.stripsTabs) }
        let text = Self.lines(bytes, &start, end, stripsTabs)
        if isPlainText { return .init(parts: [.text(String(decoding: text, as: UTF8.self), isQuoted: true)]) }
        // What commands in it print, and quotes behind a backslash, are not read.
        guard !text.contains(text: "$("), !text.contains(0x60), !text.contains(text: "\\\"") else {
            return .init(parts: [.unknown])
        }
        var quoted: [UInt8] = []
        for byte in text {
            if byte == 0x22 { quoted.append(0x5C) }
            quoted.append(byte)
        }
        var parser = ShellParser(quoted + [0x22], isPlain: isPlain)
        do { return .init(parts: try parser.quoted()) } catch { return .init(parts: [.unknown]) }
    }

    /// The lines up to the one that ends a document; the place is behind that then.
    private static func lines(_ bytes: [UInt8], _ place: inout Int, _ end: [UInt8], _ stripsTabs: Bool) -> [UInt8] {
        var text: [UInt8] = []
        while place < bytes.count {
            let whole = bytes[place...].prefix { $0 != 0x0A }
            place = min(bytes.count, whole.endIndex + 1)
            let line = stripsTabs ? whole.drop { $0 == 0x09 } : whole
            if line.elementsEqual(end) { break }
            text += line + [0x0A]
        }
        return text
    }

    /// `$'…'` of bash (bash(1), "QUOTING"): a text with line ends, tabs and quotes; what has other escapes is not known.
    mutating func escaped() throws(Unreadable) -> Syntax.Part {
        place += 1
        var text: [UInt8] = []
        var isKnown = !isPlain
        while !at("'") {
            guard !atEnd else { throw Unreadable() }
            if at("\\"), place + 1 < bytes.count {
                place += 1
                switch bytes[place] {
                case 0x6E: text.append(0x0A)
                case 0x74: text.append(0x09)
                case 0x22, 0x27, 0x5C: text.append(bytes[place])
                default: isKnown = false
                }
            } else {
                text.append(bytes[place])
            }
            place += 1
        }
        place += 1
        return isKnown ? .text(String(decoding: text, as: UTF8.self), isQuoted: true) : .unknown
    }
}
