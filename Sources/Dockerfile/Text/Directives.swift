/// The character that escapes and that continues a line.
package enum EscapeCharacter: String, Hashable, Sendable {
    case backslash = "\\"
    case backtick = "`"

    var scalar: Unicode.Scalar { self == .backslash ? "\\" : "`" }
}

/// A `# name=value` line at the top of a Dockerfile (reference, "Parser directives").
package struct Directive: Hashable, Sendable {
    package enum Name: String, Hashable, Sendable { case syntax, escape, check }

    package let name: Name
    package let value: Word
}

/// Reads directives until the first line that is none.
struct DirectiveReader {
    private(set) var directives: [Directive] = []
    private(set) var escape = EscapeCharacter.backslash
    /// A line that is no directive ends them all. A `#!` line ends `escape` only, as in the reference frontend, where the
    /// other two are searched for apart.
    private(set) var isDone = false
    private var sawInterpreter = false

    mutating func read(_ line: LogicalText, number: Int) throws(Diagnostic) {
        guard !isDone else { return }
        if number == 1, line.scalars.starts(with: ["#", "!"]) {
            sawInterpreter = true
            return
        }
        guard let (key, value) = Self.match(line), let name = Directive.Name(rawValue: line.string(key).lowercased())
        else {
            isDone = true
            return
        }
        let range = line.range(0..<line.count)
        guard !directives.contains(where: { $0.name == name }) else {
            throw Diagnostic(
                .error(.invalidDirective), at: range, "only one \(name.rawValue) parser directive can be used")
        }
        let word = Word(line.string(value), at: line.range(value))
        directives.append(Directive(name: name, value: word))
        guard name == .escape, !sawInterpreter else { return }
        guard let escape = EscapeCharacter(rawValue: word.text) else {
            throw Diagnostic(
                .error(.invalidDirective), at: word.range, "invalid escape character '\(word.text)'",
                hint: "use ` or \\")
        }
        self.escape = escape
    }

    /// `^#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+?)\s*$`
    private static func match(_ line: LogicalText) -> (key: Range<Int>, value: Range<Int>)? {
        let scalars = line.scalars
        guard scalars.first == "#" else { return nil }
        var index = 1
        while index < scalars.count, scalars[index].isPatternSpace { index += 1 }
        let start = index
        guard index < scalars.count, scalars[index].isASCIILetter else { return nil }
        while index < scalars.count, scalars[index].isASCIILetter || scalars[index].isASCIIDigit { index += 1 }
        let key = start..<index
        while index < scalars.count, scalars[index].isPatternSpace { index += 1 }
        guard index < scalars.count, scalars[index] == "=" else { return nil }
        index += 1
        while index < scalars.count, scalars[index].isPatternSpace { index += 1 }
        var end = scalars.count
        while end > index, scalars[end - 1].isPatternSpace { end -= 1 }
        return end > index ? (key, index..<end) : nil
    }
}

extension Unicode.Scalar {
    /// `\s` of Go's regular expressions, which has no vertical tab.
    fileprivate var isPatternSpace: Bool { isTokenSpace && value != 0x0B }
}
