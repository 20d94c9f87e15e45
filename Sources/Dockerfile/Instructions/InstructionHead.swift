/// An instruction taken apart at its outermost level: keyword, flags, and everything behind them.
struct InstructionHead {
    let text: LogicalText
    let keyword: Word
    /// Nil for a word that is no instruction.
    let name: InstructionName?
    let flags: [RawFlag]
    /// Where the arguments stand in `text`, without white space at both ends.
    let arguments: Range<Int>

    init(_ text: LogicalText) {
        self.text = text
        let bounds = text.trimmed(0..<text.count)
        var end = bounds.lowerBound
        while end < bounds.upperBound, !text.scalars[end].isTokenSpace { end += 1 }
        let word = bounds.lowerBound..<end
        keyword = Word(text.string(word), at: text.range(word))
        name = InstructionName(rawValue: keyword.text.uppercased())
        var start = end
        while start < bounds.upperBound, text.scalars[start].isTokenSpace { start += 1 }
        var reader = FlagReader(text: text, offset: start, end: bounds.upperBound)
        flags = reader.readAll()
        arguments = text.trimmed(reader.offset..<bounds.upperBound)
    }

    var argumentText: String { text.string(arguments) }

    /// Whether `<<` in the text can open a here-document: RUN, COPY and ADD, not in JSON form, also behind ONBUILD.
    static func mayHoldHeredocs(_ text: LogicalText) -> Bool {
        var head = InstructionHead(text)
        if head.name == .onbuild { head = InstructionHead(text.suffix(from: head.arguments.lowerBound)) }
        switch head.name {
        case .run, .copy, .add: break
        default: return false
        }
        if case .strings = JSONArguments(head.argumentText) { return false }
        return true
    }
}

/// A flag as the shell's quotes leave it: `--name` or `--name=value`.
struct RawFlag {
    let scalars: [Unicode.Scalar]
    /// Where each scalar stands in the instruction's text.
    let offsets: [Int]
    let range: SourceRange

    var name: String { String(scalars: scalars.dropFirst(2).prefix { $0 != "=" }) }

    /// The value behind `=`; nil if there is no `=`.
    func value(in text: LogicalText) -> FlagValue? {
        guard let equals = scalars.firstIndex(of: "=") else { return nil }
        return FlagValue(
            scalars: Array(scalars[(equals + 1)...]), offsets: Array(offsets[(equals + 1)...]), text: text,
            fallback: range)
    }
}

/// The value of a flag, whose parts can be pointed at.
struct FlagValue {
    let scalars: [Unicode.Scalar]
    /// Where each scalar stands in the instruction's text.
    private let offsets: [Int]
    private let text: LogicalText
    private let fallback: SourceRange

    init(scalars: [Unicode.Scalar], offsets: [Int], text: LogicalText, fallback: SourceRange) {
        (self.scalars, self.offsets, self.text, self.fallback) = (scalars, offsets, text, fallback)
    }

    /// The scalars at some offsets, with their positions.
    func part(_ part: some Sequence<Int>) -> FlagValue {
        let indices = part.filter { scalars.indices.contains($0) }
        return FlagValue(
            scalars: indices.map { scalars[$0] }, offsets: indices.map { offsets[$0] }, text: text, fallback: fallback)
    }

    var string: String { String(scalars: scalars) }

    var word: Word { Word(string, at: range(0..<scalars.count)) }

    func range(_ part: Range<Int>) -> SourceRange {
        guard !part.isEmpty, part.upperBound <= offsets.count else { return fallback }
        return text.range(offsets[part.lowerBound]..<(offsets[part.upperBound - 1] + 1))
    }
}

/// Reads the words with `--` at the start of an instruction's arguments.
///
/// Quotes are removed and a backslash escapes, whatever the escape directive says, as in the reference frontend.
private struct FlagReader {
    let text: LogicalText
    private(set) var offset: Int
    let end: Int

    init(text: LogicalText, offset: Int, end: Int) { (self.text, self.offset, self.end) = (text, offset, end) }

    mutating func readAll() -> [RawFlag] {
        var flags: [RawFlag] = []
        while true {
            while offset < end, text.scalars[offset].isSpace { offset += 1 }
            guard offset + 1 < end, text.scalars[offset] == "-", text.scalars[offset + 1] == "-" else { return flags }
            let flag = readWord()
            if String(scalars: flag.scalars) == "--" { return flags }
            flags.append(flag)
        }
    }

    private mutating func readWord() -> RawFlag {
        var scalars: [Unicode.Scalar] = []
        var offsets: [Int] = []
        var quote: Unicode.Scalar?
        let start = offset
        while offset < end {
            let scalar = text.scalars[offset]
            if quote == nil, scalar.isSpace { break }
            if scalar == quote {
                quote = nil
            } else if quote == nil, scalar == "'" || scalar == "\"" {
                quote = scalar
            } else if scalar == "\\" {
                offset += 1
                guard offset < end else { break }
                scalars.append(text.scalars[offset])
                offsets.append(offset)
            } else {
                scalars.append(scalar)
                offsets.append(offset)
            }
            offset += 1
        }
        return RawFlag(scalars: scalars, offsets: offsets, range: text.range(start..<offset))
    }
}
