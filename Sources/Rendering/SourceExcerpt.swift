/// A line of a file as an error shows it, and carets below the part that is meant:
///
///       3 | RUN frob
///         |     ^^^^
package struct SourceExcerpt {
    package let line: String
    package let number: Int
    /// Scalars of the line, counted from 1.
    package let columns: Range<Int>

    package init(line: String, number: Int, columns: Range<Int>) {
        (self.line, self.number, self.columns) = (line, number, columns)
    }

    /// The carets stand where a terminal shows the part: what is hidden takes the columns of its escape, wide characters two, and a
    /// tab before it stays a tab.
    package var lines: [ShownText] {
        let scalars = line.unicodeScalars
        let before = scalars.prefix(max(0, columns.lowerBound - 1))
        let meant = scalars.dropFirst(before.count).prefix(columns.count)
        let lead = before.map { $0 == "\t" ? "\t" : Self.blanks($0) }.joined()
        // A place behind the line's end has a caret too.
        let width = max(1, meant.reduce(0) { $0 + ($1 == "\t" ? 1 : Self.width($1)) } + columns.count - meant.count)
        let margin = String(repeating: " ", count: String(number).count)
        return [
            "  \(number) | \(ShownText(sourceLine: line))",
            "  \(margin) | \(ShownText(sourceLine: lead))\(String(repeating: "^", count: width))",
        ]
    }

    private static func width(_ scalar: Unicode.Scalar) -> Int { TerminalText.width(ShownText(line: String(scalar))) }

    private static func blanks(_ scalar: Unicode.Scalar) -> String { String(repeating: " ", count: width(scalar)) }
}
