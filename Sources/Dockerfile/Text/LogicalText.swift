/// Text put together from source lines, which knows where each of its scalars stands.
///
/// An instruction that spans lines is read as one text without its continuation marks; errors must still point at the
/// line and column that people see.
struct LogicalText {
    private(set) var scalars: [Unicode.Scalar] = []
    /// Runs that lie on one source line, by their offset in `scalars`, ascending.
    private var runs: [(offset: Int, position: SourcePosition)] = []

    init() {}

    init(_ text: some Sequence<Unicode.Scalar>, at position: SourcePosition) {
        append(text, at: position)
    }

    mutating func append(_ text: some Sequence<Unicode.Scalar>, at position: SourcePosition) {
        runs.append((scalars.count, position))
        scalars.append(contentsOf: text)
    }

    var count: Int { scalars.count }

    /// Where the scalar at an offset stands; for the end, the place behind the last scalar.
    func position(_ offset: Int) -> SourcePosition {
        var low = 0
        var high = runs.count
        // Behind the last scalar of a run is still that run, unless the text goes on.
        while high - low > 1 {
            let middle = (low + high) / 2
            if runs[middle].offset <= offset && runs[middle].offset < scalars.count {
                low = middle
            } else {
                high = middle
            }
        }
        guard low < runs.count else { return SourcePosition(line: 1, column: 1) }
        let run = runs[low]
        return SourcePosition(line: run.position.line, column: run.position.column + (offset - run.offset))
    }

    /// From the first scalar of `offsets` to behind its last one.
    func range(_ offsets: Range<Int>) -> SourceRange {
        let start = position(offsets.lowerBound)
        guard offsets.upperBound > offsets.lowerBound else { return SourceRange(start: start, end: start) }
        let last = position(offsets.upperBound - 1)
        return SourceRange(start: start, end: SourcePosition(line: last.line, column: last.column + 1))
    }

    func string(_ offsets: Range<Int>) -> String { String(scalars: scalars[offsets]) }

    /// The text from an offset on, with its positions.
    func suffix(from offset: Int) -> LogicalText {
        var result = LogicalText()
        for (index, run) in runs.enumerated() {
            let end = index + 1 < runs.count ? runs[index + 1].offset : scalars.count
            guard end > offset else { continue }
            let start = max(run.offset, offset)
            let skipped = start - run.offset
            result.append(
                scalars[start..<end],
                at: SourcePosition(line: run.position.line, column: run.position.column + skipped))
        }
        if result.runs.isEmpty { result.append([], at: position(offset)) }
        return result
    }

    /// `offsets` without white space at both ends.
    func trimmed(_ offsets: Range<Int>) -> Range<Int> {
        var (low, high) = (offsets.lowerBound, offsets.upperBound)
        while low < high, scalars[low].isSpace { low += 1 }
        while high > low, scalars[high - 1].isSpace { high -= 1 }
        return low..<high
    }
}

extension Unicode.Scalar {
    /// White space as Go's `unicode.IsSpace` has it.
    var isSpace: Bool {
        value < 0x80 ? value == 0x20 || (0x09...0x0D).contains(value) : properties.isWhitespace
    }

    /// White space that separates words of an instruction: `[\t\v\f\r ]`.
    var isTokenSpace: Bool { self == " " || self == "\t" || self == "\r" || value == 0x0B || value == 0x0C }

    var isASCIILetter: Bool { ("a"..."z").contains(self) || ("A"..."Z").contains(self) }

    var isASCIIDigit: Bool { ("0"..."9").contains(self) }
}

extension String {
    init(scalars: some Sequence<Unicode.Scalar>) {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        self.init(view)
    }
}

/// A part of an instruction as it was written, before variables are expanded and quotes are removed.
package struct Word: Hashable, Sendable, CustomStringConvertible {
    package let text: String
    package let range: SourceRange

    package init(_ text: String, at range: SourceRange) { (self.text, self.range) = (text, range) }

    package var description: String { text }
}
