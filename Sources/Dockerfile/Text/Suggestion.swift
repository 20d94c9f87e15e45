/// The nearest of several known words, for "did you mean".
package enum Suggestion {
    /// The first option with the smallest edit distance to `word`, letter case aside; nil if none is near.
    ///
    /// Near is at most two edits and at most half of the word, so that short words do not attract everything.
    package static func nearest(to word: String, among options: some Sequence<String>) -> String? {
        let wanted = Array(word.lowercased().unicodeScalars)
        guard !wanted.isEmpty, wanted.count <= 64 else { return nil }
        var best: (option: String, distance: Int)?
        for option in options {
            let candidate = Array(option.lowercased().unicodeScalars)
            let limit = min(2, max(wanted.count, candidate.count) / 2)
            guard abs(candidate.count - wanted.count) <= limit else { continue }
            let distance = editDistance(wanted, candidate)
            if distance <= limit, distance < best?.distance ?? .max { best = (option, distance) }
        }
        return best?.option
    }

    /// ``nearest(to:among:)`` as a question.
    package static func hint(for word: String, among options: some Sequence<String>) -> String? {
        nearest(to: word, among: options).map { "did you mean \($0)?" }
    }

    /// Insertions, deletions, replacements and swaps of neighbours (optimal string alignment).
    private static func editDistance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
        var beforePrevious = Array(repeating: 0, count: right.count + 1)
        var previous = Array(0...right.count)
        var current = previous
        for row in left.indices {
            current[0] = row + 1
            for column in right.indices {
                var cost = previous[column] + (left[row] == right[column] ? 0 : 1)
                cost = min(cost, previous[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                    cost = min(cost, beforePrevious[column - 1] + 1)
                }
                current[column + 1] = cost
            }
            swap(&beforePrevious, &previous)
            swap(&previous, &current)
        }
        return previous[right.count]
    }
}
