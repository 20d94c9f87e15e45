/// A pattern of `${name#pattern}` and its kin: `*` and `?`, a backslash escapes, no brackets.
///
/// Neither wildcard crosses a line end, which is what the reference frontend's regular expressions do.
struct ShellPattern {
    enum Side { case prefix, suffix }
    enum Occurrences { case first, all }
    private enum Token: Equatable {
        case scalar(Unicode.Scalar)
        case any, star
    }

    /// Tokens times characters that one substitution may look at: a search from every start is quadratic.
    private static let maximumWork = 1_000_000

    private var tokens: [Token] = []

    init(_ text: String) throws(ExpansionError) {
        var scalars = text.unicodeScalars.makeIterator()
        var pending = scalars.next()
        while let scalar = pending {
            pending = scalars.next()
            switch scalar {
            case "*": if tokens.last != .star { tokens.append(.star) }
            case "?": tokens.append(.any)
            case "\\":
                // The braces and slashes of the substitution are escaped without being part of the pattern's syntax.
                if pending == "}" || pending == "/" { continue }
                guard let escaped = pending, ["*", "?", "\\"].contains(escaped) else { throw .invalidPattern(text) }
                tokens.append(.scalar(escaped))
                pending = scalars.next()
            default: tokens.append(.scalar(scalar))
            }
        }
    }

    /// Removes the shortest match at one side, or the longest one if the spelling repeats the sign, as in `##`.
    static func trim(_ value: String, spelling: String, side: Side) throws(ExpansionError) -> String {
        let sign: Unicode.Scalar = side == .prefix ? "#" : "%"
        let isLongest = spelling.unicodeScalars.first == sign
        var pattern = try ShellPattern(isLongest ? String(scalars: spelling.unicodeScalars.dropFirst()) : spelling)
        var scalars = Array(value.unicodeScalars)
        if side == .suffix {
            scalars.reverse()
            pattern.tokens.reverse()
        }
        var work = 0
        let ends = try pattern.ends(in: scalars, from: 0, work: &work)
        guard let end = isLongest ? ends.longest : ends.shortest else { return value }
        let rest = scalars[end...]
        return side == .prefix ? String(scalars: rest) : String(scalars: rest.reversed())
    }

    /// Replaces the first or every longest match, from the left.
    func replace(
        _ occurrences: Occurrences, in value: String, with replacement: String
    ) throws(ExpansionError) -> String {
        let scalars = Array(value.unicodeScalars)
        var result: [Unicode.Scalar] = []
        var length = 0
        var start = 0
        var done = false
        var afterMatch = false
        var work = 0
        while start <= scalars.count {
            // An empty match directly behind a match does not count (Go, regexp, "ReplaceAll").
            if !done, let end = try ends(in: scalars, from: start, work: &work).longest, end > start || !afterMatch {
                result.append(contentsOf: replacement.unicodeScalars)
                length += replacement.utf8.count
                guard length <= WordExpander.maximumLength else { throw .tooLong }
                done = occurrences == .first
                afterMatch = true
                if end > start {
                    start = end
                    continue
                }
            }
            afterMatch = false
            if start < scalars.count { result.append(scalars[start]) }
            start += 1
        }
        return String(scalars: result)
    }

    /// Where matches that begin at `start` end. No backtracking: one pass over the text with all states at once.
    private func ends(
        in text: [Unicode.Scalar], from start: Int, work: inout Int
    ) throws(ExpansionError) -> (shortest: Int?, longest: Int?) {
        var states = Array(repeating: false, count: tokens.count + 1)
        var following = states
        enter(0, &states)
        var shortest: Int?
        var longest: Int?
        var position = start
        while true {
            if states[tokens.count] {
                if shortest == nil { shortest = position }
                longest = position
            }
            guard position < text.count, states.contains(true) else { return (shortest, longest) }
            work += states.count
            guard work <= Self.maximumWork else { throw .tooComplex }
            for index in following.indices { following[index] = false }
            for (index, token) in tokens.enumerated() where states[index] {
                switch token {
                case .scalar(let scalar): if scalar == text[position] { enter(index + 1, &following) }
                case .any: if text[position] != "\n" { enter(index + 1, &following) }
                case .star: if text[position] != "\n" { enter(index, &following) }
                }
            }
            swap(&states, &following)
            position += 1
        }
    }

    private func enter(_ state: Int, _ states: inout [Bool]) {
        var state = state
        states[state] = true
        while state < tokens.count, tokens[state] == .star {
            state += 1
            states[state] = true
        }
    }
}
