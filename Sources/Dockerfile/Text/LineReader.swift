/// One instruction as it stands in the file: its lines joined, its here-documents and the comments above it.
struct LogicalLine {
    var text: LogicalText
    var range: SourceRange
    var heredocs: [Heredoc] = []
    /// The comment lines directly above, without `#`.
    var comments: [String] = []
    /// The blank lines inside a continued instruction.
    var emptyContinuations: [SourceRange] = []
}

/// Joins the lines of a Dockerfile to instructions (reference, "Format").
struct LineReader {
    private var lines: SourceLines
    private var directiveReader = DirectiveReader()
    private var comments: [String] = []

    var directives: [Directive] { directiveReader.directives }
    var escape: EscapeCharacter { directiveReader.escape }
    var lineCount: Int { lines.number }

    init(_ bytes: [UInt8]) { lines = SourceLines(bytes) }

    /// The next instruction; nil at the end of the file.
    mutating func next() throws(Diagnostic) -> LogicalLine? {
        while let line = try lines.next() {
            if line.isComment {
                try readComment(line)
                continue
            }
            let whole = try SourceLines.decode(line)
            let text = whole.suffix(from: whole.trimmed(0..<whole.count).lowerBound)
            try directiveReader.read(text, number: line.number)
            var result = LogicalLine(text: LogicalText(), range: text.range(0..<text.count))
            let continues = append(text, to: &result)
            if !continues, result.text.count == 0 {
                comments = []
                continue
            }
            if continues { try readContinuation(&result) }
            result.comments = comments
            comments = []
            try readHeredocs(&result)
            return result
        }
        return nil
    }

    private mutating func readComment(_ line: SourceLines.Line) throws(Diagnostic) {
        if !directiveReader.isDone {
            let text = LogicalText(
                String(decoding: line.bytes, as: UTF8.self).unicodeScalars,
                at: SourcePosition(line: line.number, column: 1))
            try directiveReader.read(text.suffix(from: text.trimmed(0..<text.count).lowerBound), number: line.number)
        }
        let text = String(decoding: line.bytes, as: UTF8.self).unicodeScalars
        let comment = text.drop { $0.isSpace }.dropFirst().drop { $0.isSpace }
        if comment.isEmpty { comments = [] } else { comments.append(String(scalars: comment)) }
    }

    private mutating func readContinuation(_ result: inout LogicalLine) throws(Diagnostic) {
        while let line = try lines.next() {
            result.range = SourceRange(start: result.range.start, end: line.end)
            if line.isComment { continue }
            if line.isBlank {
                result.emptyContinuations.append(SourceLines.range(line: line.number))
                continue
            }
            if try !append(SourceLines.decode(line), to: &result) { return }
        }
    }

    /// Appends a line without its continuation mark; true if it has one.
    ///
    /// The mark is the escape character at the end of the line, white space behind it aside, unless an escape character
    /// precedes it: `([^\\])\\[ \t]*$|^\\[ \t]*$`.
    private func append(_ line: LogicalText, to result: inout LogicalLine) -> Bool {
        let scalars = line.scalars
        var end = scalars.count
        while end > 0, scalars[end - 1] == " " || scalars[end - 1] == "\t" { end -= 1 }
        let mark = escape.scalar
        guard end > 0, scalars[end - 1] == mark, end == 1 || scalars[end - 2] != mark else {
            result.text.append(scalars, at: line.position(0))
            return false
        }
        result.text.append(scalars[..<(end - 1)], at: line.position(0))
        return true
    }

    private mutating func readHeredocs(_ result: inout LogicalLine) throws(Diagnostic) {
        guard result.text.scalars.contains("<"), InstructionHead.mayHoldHeredocs(result.text) else { return }
        let opened = Heredoc.openings(in: String(scalars: result.text.scalars))
        for var heredoc in opened {
            var content: [UInt8] = []
            var closed = false
            let behind = lines
            let first = lines.number + 1
            while let line = try lines.next() {
                var candidate = line.bytes
                if heredoc.tabs == .stripped { candidate = candidate.drop { $0 == 0x09 } }
                if candidate.elementsEqual(heredoc.name.utf8) {
                    closed = true
                    break
                }
                content.append(contentsOf: line.raw)
            }
            if !closed, heredoc.isShift {
                lines = behind
                continue
            }
            guard closed else {
                throw Diagnostic(
                    .error(.invalidHeredoc), at: result.range,
                    "the here-document '\(heredoc.name)' is not closed",
                    hint: "end it with a line that holds only \(heredoc.name)")
            }
            guard let text = String(validating: content, as: UTF8.self) else {
                throw Diagnostic(
                    .error(.notUTF8), at: result.range, "the here-document '\(heredoc.name)' is not valid UTF-8")
            }
            let last = SourcePosition(line: lines.number, column: 1 + heredoc.name.unicodeScalars.count)
            heredoc.content = text
            heredoc.range = SourceRange(
                start: SourcePosition(line: first, column: 1), end: SourcePosition(line: lines.number, column: 1))
            result.heredocs.append(heredoc)
            result.range = SourceRange(start: result.range.start, end: last)
        }
    }
}
