/// A part of a regular expression.
indirect enum PatternNode {
    case empty
    case scalar(PatternSet)
    case assertion(PatternAssertion)
    case sequence([PatternNode])
    case choice([PatternNode])
    /// `most` is nil where there is no end to it.
    case repetition(PatternNode, least: Int, most: Int?, isGreedy: Bool)
    case group(Int, PatternNode)
}

/// What is asked of a place between two characters.
enum PatternAssertion {
    case textStart, textEnd, lineStart, lineEnd, wordBoundary, noWordBoundary
}

/// Reads a regular expression.
struct PatternSyntax {
    /// How deep groups may be in each other, and how often a part may be told to repeat (RE2's limit, for all repetitions in each other).
    private static let (depthLimit, repetitionLimit) = (200, 1000)

    struct Flags {
        var (ignoresCase, dotTakesLines, hasLines, isLazy) = (false, false, false, false)
    }

    var cursor: PatternCursor
    private(set) var groups: [String?] = []
    var flags = Flags()
    private var depth = 0

    init(_ text: String) { cursor = PatternCursor(rest: text.unicodeScalars[...]) }

    mutating func pattern() throws(Pattern.Mistake) -> PatternNode {
        let result = try choice()
        guard cursor.rest.isEmpty, Self.repetitions(result) <= Self.repetitionLimit else { throw Pattern.Mistake() }
        return result
    }

    /// How often the innermost part is there when every repetition with a number is written out.
    private static func repetitions(_ node: PatternNode) -> Int {
        switch node {
        case .empty, .scalar, .assertion: 1
        case .sequence(let parts), .choice(let parts): parts.reduce(1) { max($0, repetitions($1)) }
        case .group(_, let part): repetitions(part)
        case .repetition(let part, let least, let most, _): min(max(most ?? least, 1) * repetitions(part), 1 << 32)
        }
    }

    private mutating func choice() throws(Pattern.Mistake) -> PatternNode {
        var parts = [try sequence()]
        while cursor.take("|") { parts.append(try sequence()) }
        return parts.count == 1 ? parts[0] : .choice(parts)
    }

    private mutating func sequence() throws(Pattern.Mistake) -> PatternNode {
        var parts: [PatternNode] = []
        while let next = cursor.rest.first, next != "|", next != ")" {
            if cursor.take("\\Q") {
                while !cursor.rest.isEmpty, !cursor.take("\\E") { parts.append(literal(cursor.rest.removeFirst())) }
            } else if let atom = try atom() {
                parts.append(atom)
            }
            // What repeats is the part before, with flags between them too.
            if let last = parts.popLast() { parts.append(try repeated(last)) }
        }
        return parts.count == 1 ? parts[0] : parts.isEmpty ? .empty : .sequence(parts)
    }

    private func literal(_ scalar: Unicode.Scalar) -> PatternNode {
        .scalar(PatternSet(ranges: [scalar.value...scalar.value], ignoresCase: flags.ignoresCase))
    }

    /// Nil where only flags are set.
    private mutating func atom() throws(Pattern.Mistake) -> PatternNode? {
        guard try quantity() == nil, let first = cursor.rest.popFirst() else { throw Pattern.Mistake() }
        switch first {
        case "(": return try group()
        case "[": return .scalar(try bracket())
        case ".": return .scalar(flags.dotTakesLines ? .all : .notNewline)
        case "^": return .assertion(flags.hasLines ? .lineStart : .textStart)
        case "$": return .assertion(flags.hasLines ? .lineEnd : .textEnd)
        case "\\": return try escaped()
        default: return literal(first)
        }
    }

    private mutating func repeated(_ atom: PatternNode) throws(Pattern.Mistake) -> PatternNode {
        guard let (least, most) = try quantity() else { return atom }
        let isLazy = cursor.take("?")
        // `a**` is not Perl's; what follows would be told of nothing.
        guard try quantity() == nil else { throw Pattern.Mistake() }
        return .repetition(atom, least: least, most: most, isGreedy: isLazy == flags.isLazy)
    }

    /// `*`, `+`, `?`, `{n}`, `{n,}` and `{n,m}`; braces with something else in them are text.
    private mutating func quantity() throws(Pattern.Mistake) -> (least: Int, most: Int?)? {
        if cursor.take("*") { return (0, nil) }
        if cursor.take("+") { return (1, nil) }
        if cursor.take("?") { return (0, 1) }
        var ahead = cursor
        guard ahead.take("{"), let least = ahead.number() else { return nil }
        var most: Int? = least
        if ahead.take(",") { most = ahead.number() }
        guard ahead.take("}") else { return nil }
        guard max(least, most ?? 0) <= Self.repetitionLimit, least <= most ?? least else { throw Pattern.Mistake() }
        cursor = ahead
        return (least, most)
    }

    private mutating func group() throws(Pattern.Mistake) -> PatternNode? {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.depthLimit else { throw Pattern.Mistake() }
        let outer = flags
        var number: Int?
        if cursor.take("?P<") || cursor.take("?<") {
            groups.append(try name())
            number = groups.count
        } else if cursor.take("?") {
            guard try setFlags() else { return nil }
        } else {
            groups.append(nil)
            number = groups.count
        }
        let inner = try choice()
        guard cursor.take(")") else { throw Pattern.Mistake() }
        flags = outer
        return number.map { .group($0, inner) } ?? inner
    }

    private mutating func name() throws(Pattern.Mistake) -> String {
        var name = ""
        while let next = cursor.rest.popFirst() {
            if next == ">", !name.isEmpty { return name }
            guard PatternSet.word.contains(next) else { break }
            name.unicodeScalars.append(next)
        }
        throw Pattern.Mistake()
    }

    /// `(?i)` and `(?i:…)`. False where the group ends with the flags, which hold until the end of the group around it then.
    private mutating func setFlags() throws(Pattern.Mistake) -> Bool {
        var value = true
        var count = 0
        while let next = cursor.rest.popFirst() {
            count += 1
            switch next {
            case "i": flags.ignoresCase = value
            case "s": flags.dotTakesLines = value
            case "m": flags.hasLines = value
            case "U": flags.isLazy = value
            case "-" where value: (value, count) = (false, 0)
            case ":" where value || count > 1: return true
            case ")" where count > 1: return false
            default: throw Pattern.Mistake()
            }
        }
        throw Pattern.Mistake()
    }
}
