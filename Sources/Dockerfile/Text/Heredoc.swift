/// A here-document of RUN, COPY or ADD (reference, "Here-Documents").
package struct Heredoc: Hashable, Sendable {
    package enum Tabs: Hashable, Sendable { case kept, stripped }
    package enum Expansion: Hashable, Sendable { case expanded, literal }

    /// The delimiter without quotes; COPY's file name.
    package let name: String
    /// Whether `<<-` asks for leading tabs to be removed.
    package let tabs: Tabs
    /// Literal if any part of the delimiter was quoted.
    package let expansion: Expansion
    /// The number before `<<`, 0 if there is none.
    package let fileDescriptor: Int
    /// Whether white space stands in front of the delimiter, as in `<< EOF`.
    let isSpaced: Bool
    /// The lines between, with their line endings, tabs not yet removed.
    package internal(set) var content: String
    /// From the first to the last line of the content; the terminator excluded.
    package internal(set) var range: SourceRange

    /// The content as it is used: without leading tabs for `<<-`.
    package var text: String {
        guard tabs == .stripped else { return content }
        var result: [Unicode.Scalar] = []
        var atLineStart = true
        for scalar in content.unicodeScalars {
            if atLineStart, scalar == "\t" { continue }
            atLineStart = scalar == "\n"
            result.append(scalar)
        }
        return String(scalars: result)
    }
}

extension Heredoc {
    /// Reads `^(\d*)<<(-?)\s*([^<]*)$`; nil for a word that opens no here-document.
    init?(opening word: String) {
        let scalars = Array(word.unicodeScalars)
        var index = 0
        while index < scalars.count, scalars[index].isASCIIDigit { index += 1 }
        let descriptor = Int(String(scalars: scalars[..<index])) ?? 0
        guard index + 1 < scalars.count, scalars[index] == "<", scalars[index + 1] == "<" else { return nil }
        index += 2
        let strips = index < scalars.count && scalars[index] == "-"
        if strips { index += 1 }
        let start = index
        while index < scalars.count, scalars[index].isTokenSpace || scalars[index] == "\n" { index += 1 }
        isSpaced = index > start
        let rest = String(scalars: scalars[index...])
        guard !rest.isEmpty, !rest.unicodeScalars.contains("<") else { return nil }

        guard let plain = Self.words(rest, options: [.keepUndefined]), plain.count == 1,
            let quoted = Self.words(rest, options: [.keepUndefined, .keepQuotes]), quoted.count == 1
        else { return nil }
        name = plain[0]
        tabs = strips ? .stripped : .kept
        expansion = Self.quoteCount(plain[0]) == Self.quoteCount(quoted[0]) ? .expanded : .literal
        fileDescriptor = descriptor
        content = ""
        range = SourceRange(start: SourcePosition(line: 1, column: 1), end: SourcePosition(line: 1, column: 1))
    }

    /// The here-documents that an instruction opens, in order.
    static func openings(in instruction: String) -> [Heredoc] {
        guard instruction.utf8.contains(UInt8(ascii: "<")),
            let words = words(instruction, options: [.keepUndefined, .keepQuotes, .keepEscapes, .joinHeredocs])
        else { return [] }
        return words.compactMap(Heredoc.init(opening:))
    }

    /// Whether a word is `<<` or `<<-`, with or without a number in front and white space behind.
    static func isMark(_ word: [Unicode.Scalar]) -> Bool {
        var rest = word.drop { $0.isASCIIDigit }
        guard rest.starts(with: ["<", "<"]) else { return false }
        rest = rest.dropFirst(2)
        if rest.first == "-" { rest = rest.dropFirst() }
        return rest.allSatisfy(\.isSpace)
    }

    /// Whether what looks like a here-document that nothing closes is the shell's shift, as in `$((1 << 2))`: the reference
    /// refuses it, for there white space never parts the two.
    var isShift: Bool {
        isSpaced && !name.unicodeScalars.allSatisfy { $0 == "_" || $0 == "-" || $0 == "." || $0.isASCIILetter }
    }

    /// Words by the shell's rules, always with a backslash as the escape character, as the reference frontend has it.
    /// Nil for text that cannot be read, such as an open quote: then there is no here-document.
    private static func words(_ text: String, options: WordExpander.Options) -> [String]? {
        // An error means "no here-document here", not a broken file: `RUN echo it's` is a fine instruction.
        try? WordExpander(escape: .backslash, options: options).expand(text).words
    }

    private static func quoteCount(_ text: String) -> Int {
        text.utf8.count { $0 == UInt8(ascii: "'") || $0 == UInt8(ascii: "\"") }
    }
}
