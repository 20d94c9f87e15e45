/// A place in a regular expression.
struct PatternCursor {
    var rest: Substring.UnicodeScalarView

    mutating func take(_ text: String) -> Bool {
        guard rest.starts(with: text.unicodeScalars) else { return false }
        rest.removeFirst(text.unicodeScalars.count)
        return true
    }

    /// Digits; those that are too many for a number count as one that is too large.
    mutating func number() -> Int? {
        let digits = rest.prefix { $0 >= "0" && $0 <= "9" }
        guard !digits.isEmpty else { return nil }
        rest.removeFirst(digits.count)
        return Int(String(digits)) ?? .max
    }
}

extension PatternSyntax {
    /// What follows a backslash outside of brackets.
    mutating func escaped() throws(Pattern.Mistake) -> PatternNode {
        if cursor.take("A") { return .assertion(.textStart) }
        if cursor.take("z") { return .assertion(.textEnd) }
        if cursor.take("b") { return .assertion(.wordBoundary) }
        if cursor.take("B") { return .assertion(.noWordBoundary) }
        if let set = try classEscape() { return .scalar(set) }
        let scalar = try escapedScalar()
        return .scalar(PatternSet(ranges: [scalar.value...scalar.value], ignoresCase: flags.ignoresCase))
    }

    /// What is between `[` and `]`.
    mutating func bracket() throws(Pattern.Mistake) -> PatternSet {
        var set = PatternSet(ignoresCase: flags.ignoresCase)
        set.isInverted = cursor.take("^")
        var isFirst = true
        while isFirst || !cursor.take("]") {
            isFirst = false
            if let named = try namedClass() {
                set.members.append(named)
                continue
            }
            var ahead = cursor
            if ahead.take("\\") {
                (cursor, ahead) = (ahead, cursor)
                if let named = try classEscape() {
                    set.members.append(named)
                    continue
                }
                cursor = ahead
            }
            set.ranges.append(try range())
        }
        return set
    }

    /// `[:digit:]`; nil where nothing ends it, so that the bracket is one of the characters.
    private mutating func namedClass() throws(Pattern.Mistake) -> PatternSet? {
        var ahead = cursor
        guard ahead.take("[:") else { return nil }
        let isInverted = ahead.take("^")
        var name = ""
        while !ahead.take(":]") {
            guard let next = ahead.rest.popFirst() else { return nil }
            name.unicodeScalars.append(next)
        }
        guard var set = PatternSet.named[name] else { throw Pattern.Mistake() }
        set.isInverted = isInverted
        cursor = ahead
        return set
    }

    private mutating func range() throws(Pattern.Mistake) -> ClosedRange<UInt32> {
        let first = try bracketScalar().value
        var ahead = cursor
        guard ahead.take("-"), ahead.rest.first != "]" else { return first...first }
        cursor = ahead
        let last = try bracketScalar().value
        guard first <= last else { throw Pattern.Mistake() }
        return first...last
    }

    private mutating func bracketScalar() throws(Pattern.Mistake) -> Unicode.Scalar {
        guard let first = cursor.rest.popFirst() else { throw Pattern.Mistake() }
        return first == "\\" ? try escapedScalar() : first
    }

    /// `\d` and its kin, and `\pL`; nil where another escape follows.
    private mutating func classEscape() throws(Pattern.Mistake) -> PatternSet? {
        guard let letter = cursor.rest.first else { throw Pattern.Mistake() }
        switch letter {
        case "d", "s", "w":
            cursor.rest.removeFirst()
            return letter == "d" ? .digit : letter == "s" ? .space : .word
        case "D", "S", "W":
            cursor.rest.removeFirst()
            return (letter == "D" ? PatternSet.digit : letter == "S" ? .space : .word).inverted
        case "p", "P":
            cursor.rest.removeFirst()
            guard var name = cursor.rest.popFirst().map(String.init) else { throw Pattern.Mistake() }
            var isInverted = letter == "P"
            if name == "{" {
                if cursor.take("^") { isInverted.toggle() }
                name = String(String.UnicodeScalarView(cursor.rest.prefix { $0 != "}" }))
                cursor.rest.removeFirst(name.unicodeScalars.count)
                guard cursor.take("}") else { throw Pattern.Mistake() }
            }
            guard var set = PatternSet(category: name) else { throw Pattern.Mistake() }
            (set.isInverted, set.ignoresCase) = (isInverted, flags.ignoresCase)
            return set
        default:
            return nil
        }
    }

    private mutating func escapedScalar() throws(Pattern.Mistake) -> Unicode.Scalar {
        guard let letter = cursor.rest.popFirst() else { throw Pattern.Mistake() }
        switch letter {
        case "a": return "\u{7}"
        case "f": return "\u{C}"
        case "n": return "\n"
        case "r": return "\r"
        case "t": return "\t"
        case "v": return "\u{B}"
        case "x": return try hexadecimal()
        case "0"..."7": return try octal(letter)
        default:
            guard letter.isASCII, letter == "_" || !PatternSet.word.contains(letter) else { throw Pattern.Mistake() }
            return letter
        }
    }

    private mutating func hexadecimal() throws(Pattern.Mistake) -> Unicode.Scalar {
        let isBraced = cursor.take("{")
        let digits = isBraced ? cursor.rest.prefix { $0 != "}" } : cursor.rest.prefix(2)
        guard isBraced || digits.count == 2, digits.allSatisfy(\.properties.isASCIIHexDigit),
            let value = UInt32(String(digits), radix: 16), let scalar = Unicode.Scalar(value)
        else { throw Pattern.Mistake() }
        cursor.rest.removeFirst(digits.count)
        guard !isBraced || cursor.take("}") else { throw Pattern.Mistake() }
        return scalar
    }

    /// `\0` and up to two digits more, or `\1` and at least one more: one alone would refer back, which no text of this kind does.
    private mutating func octal(_ first: Unicode.Scalar) throws(Pattern.Mistake) -> Unicode.Scalar {
        var value = first.value - 48
        let more = cursor.rest.prefix(2).prefix { $0 >= "0" && $0 <= "7" }
        guard first == "0" || !more.isEmpty else { throw Pattern.Mistake() }
        for digit in more { value = value * 8 + digit.value - 48 }
        cursor.rest.removeFirst(more.count)
        guard let scalar = Unicode.Scalar(value) else { throw Pattern.Mistake() }
        return scalar
    }
}
