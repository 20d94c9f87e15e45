/// A regular expression as bake's `regex` functions take it: RE2's syntax, without references back and without looking around, so that a
/// text is matched in time that grows with its length and with the pattern's, whatever both are.
///
/// Source: the syntax page of RE2; where two matches begin at one place, the one that Perl would choose (the first alternative, the most
/// for `*` and the least for `*?`) is taken.
struct Pattern {
    /// Where the pattern is wrong is not told: its text is.
    struct Mistake: Error {}

    /// More steps than a call may take.
    struct TooLong: Error {}

    /// The names of the groups, from the first on; nil for one without a name.
    let groups: [String?]
    private let program: PatternProgram

    init(_ text: String) throws(Mistake) {
        var syntax = PatternSyntax(text)
        let node = try syntax.pattern()
        groups = syntax.groups
        program = try PatternProgram(node, groups: groups.count)
    }

    /// All matches that don't overlap, from the left: for each its range and the ranges of its groups, nil for those that took no part. An
    /// empty match just behind another is none.
    /// - Parameters:
    ///   - limit: How many are looked for.
    ///   - steps: How many may be taken; these are a second or so.
    func matches(
        in text: [Unicode.Scalar], limit: Int = .max, steps: Int = 50_000_000
    ) throws(TooLong) -> [[Range<Int>?]] {
        var search = PatternProgram.Search(program, text, steps: steps)
        var result: [[Range<Int>?]] = []
        var start = 0
        var end: Int?
        while result.count < limit, start <= text.count, let found = try search.first(from: start) {
            guard let whole = found[0] else { break }
            if !whole.isEmpty || whole.lowerBound != end { result.append(found) }
            end = whole.upperBound
            start = whole.isEmpty ? whole.upperBound + 1 : whole.upperBound
        }
        return result
    }
}
