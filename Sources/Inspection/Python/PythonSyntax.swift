/// A statement of a Python program and the block below it (The Python Language Reference, 2 and 8).
struct PythonStatement {
    var tokens: [PythonToken]
    fileprivate var block: [PythonStatement] = []
    /// The block of a function, which is read when somebody asks for it: most are never called.
    fileprivate var later: PythonParser.Block?

    /// The statements of the block below it.
    var body: [PythonStatement] { later.map { block + $0.statements } ?? block }

    init(tokens: [PythonToken], block: [PythonStatement] = []) {
        (self.tokens, self.block) = (tokens, block)
    }

    /// The word that it begins with: `if`, `import`; `async def` is `def`.
    var keyword: String? {
        guard case .name(let first)? = tokens.first else { return nil }
        if first == "async", tokens.count > 1, case .name(let second) = tokens[1] { return second }
        return first
    }
}

enum PythonToken: Hashable, Sendable {
    case name(String)
    /// - Parameter value: nil where it is put together when it is needed (`f"…"`).
    case text(String?)
    case number(String)
    case sign(Unicode.Scalar)

    func isName(_ text: String) -> Bool { self == .name(text) }
}

/// Reads the statements of a Python file. What is no Python becomes statements too, which say nothing.
struct PythonParser {
    /// A logical line: where it begins and ends in the file.
    fileprivate struct Line: Sendable {
        let indent: Int
        /// The same with a tab as one blank; nil where it is counted in another way.
        var narrow: Int?
        let place: Range<Int>
    }

    /// Lines that belong together.
    fileprivate final class Block {
        private let bytes: [UInt8]
        private let lines: ArraySlice<Line>
        private let depth: Int
        private var known: [PythonStatement]?

        init(_ bytes: [UInt8], _ lines: ArraySlice<Line>, depth: Int) {
            (self.bytes, self.lines, self.depth) = (bytes, lines, depth)
        }

        var statements: [PythonStatement] {
            if let known { return known }
            var parser = PythonParser(bytes)
            var index = lines.startIndex
            let result = parser.block(lines, &index, indent: -1, depth: depth)
            known = result
            return result
        }
    }

    private static let depthLimit = 40
    private static let compound: Set = [
        "if", "elif", "else", "try", "except", "finally", "for", "while", "with", "def", "class",
    ]

    private let bytes: [UInt8]
    private var place = 0
    /// Texts with what is computed in one another.
    private var templates = 0
    /// Whether the file ends within brackets.
    private var isOpen = false

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    static func statements(_ bytes: [UInt8]) -> [PythonStatement] {
        var parser = PythonParser(bytes)
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { parser.place = 3 }
        var lines: [Line] = []
        while parser.place < bytes.count {
            if let line = parser.line() { lines.append(line) }
        }
        return Block(bytes, lines[...], depth: 0).statements
    }

    /// What a file has that an interpreter of a version does not read: a bracket that is not closed, statements of Python 2 or of
    /// a newer version; nil where nothing of that kind is seen.
    static func mistake(_ bytes: [UInt8], _ version: String) -> String? {
        var parser = PythonParser(bytes)
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { parser.place = 3 }
        var indentation = PythonIndentation()
        let isForeign = PythonIndentation.isForeign(bytes)
        while parser.place < bytes.count {
            guard let line = parser.line() else { continue }
            if let mistake = indentation.mistake(line.indent, line.narrow) { return mistake }
            let words = parser.tokens(line)
            if isForeign, words.contains(where: PythonIndentation.isForeign) { return "byte that is no UTF-8" }
            for tokens in words.split(separator: .sign(";")) where tokens.count > 1 {
                let tokens = Array(tokens)
                if tokens[0].isName("print") || tokens[0].isName("exec") {
                    switch tokens[1] {
                    case .text, .number: return tokens[0].isName("print") ? "print" : "exec"
                    case .name(let word):
                        if !["in", "is", "and", "or", "if", "not", "for", "else"].contains(word) {
                            return tokens[0].isName("print") ? "print" : "exec"
                        }
                    case .sign: break
                    }
                }
                if tokens[0].isName("except"), tokens.count > 3, case .name = tokens[1], tokens[2] == .sign(","),
                    VersionNumber(version) < VersionNumber("3.12")
                {
                    return "except"
                }
                if tokens[0].isName("def") || tokens[0].isName("class"), tokens.count > 2, case .name = tokens[1],
                    tokens[2] == .sign("["), VersionNumber(version) < VersionNumber("3.12")
                {
                    return "["
                }
                if tokens[0].isName("type"), tokens.count > 2, case .name = tokens[1],
                    [.sign("="), .sign("[")].contains(tokens[2]), VersionNumber(version) < VersionNumber("3.12")
                {
                    return "type"
                }
            }
        }
        return parser.isOpen ? "(" : nil
    }

    // MARK: Blocks

    fileprivate mutating func block(_ lines: ArraySlice<Line>, _ index: inout Int, indent: Int, depth: Int)
        -> [PythonStatement]
    {
        var result: [PythonStatement] = []
        while index < lines.endIndex, lines[index].indent > indent {
            let line = lines[index]
            index += 1
            var statements = Self.simple(tokens(line))
            if index < lines.endIndex, lines[index].indent > line.indent {
                let last = statements.count - 1
                if depth < Self.depthLimit, last >= 0, statements[last].keyword != "def" {
                    statements[last].block += block(lines, &index, indent: line.indent, depth: depth + 1)
                } else {
                    let start = index
                    while index < lines.endIndex, lines[index].indent > line.indent { index += 1 }
                    if depth < Self.depthLimit, last >= 0 {
                        statements[last].later = Block(bytes, lines[start..<index], depth: depth + 1)
                    }
                }
            }
            result += statements
        }
        return result
    }

    /// The statements of one line: those between semicolons, and that behind a colon as the block of what is before it.
    private static func simple(_ tokens: [PythonToken]) -> [PythonStatement] {
        let first = PythonStatement(tokens: tokens)
        if let keyword = first.keyword, compound.contains(keyword), let colon = blockColon(tokens) {
            let rest = Array(tokens[(colon + 1)...])
            return [PythonStatement(tokens: Array(tokens[..<colon]), block: rest.isEmpty ? [] : split(rest))]
        }
        return split(tokens)
    }

    private static func split(_ tokens: [PythonToken]) -> [PythonStatement] {
        tokens.split(separator: .sign(";")).map { PythonStatement(tokens: Array($0)) }
    }

    /// The colon behind which a block begins: outside of brackets and lambdas.
    private static func blockColon(_ tokens: [PythonToken]) -> Int? {
        var (level, lambdas) = (0, 0)
        for (index, token) in tokens.enumerated() {
            switch token {
            case .sign("("), .sign("["), .sign("{"): level += 1
            case .sign(")"), .sign("]"), .sign("}"): level -= 1
            case .name("lambda"): if level == 0 { lambdas += 1 }
            case .sign(":") where level == 0:
                if lambdas == 0 { return index }
                lambdas -= 1
            default: continue
            }
        }
        return nil
    }

    // MARK: Lines

    /// Goes over one logical line: brackets, backslashes and long texts go over several.
    ///
    /// - Returns: nil for one that says nothing.
    private mutating func line() -> Line? {
        var indent = 0
        let begin = place
        while place < bytes.count, bytes[place] == 0x20 || bytes[place] == 0x09 || bytes[place] == 0x0C {
            indent = bytes[place] == 0x09 ? (indent / 8 + 1) * 8 : indent + 1
            place += 1
        }
        let start = place
        let isOther = bytes[begin..<start].contains(0x0C) || (start < bytes.count && bytes[start] == 0x5C)
        let narrow = isOther ? nil : start - begin
        var level = 0
        var isEmpty = true
        while place < bytes.count {
            let byte = bytes[place]
            place += 1
            switch byte {
            case 0x0A:
                if level <= 0 { return isEmpty ? nil : Line(indent: indent, narrow: narrow, place: start..<place) }
            case 0x20, 0x09, 0x0D, 0x0C: continue
            case 0x23: while place < bytes.count, bytes[place] != 0x0A { place += 1 }
            case 0x5C: skipLineEnd()
            case 0x22, 0x27:
                place -= 1
                isEmpty = false
                _ = text()
            case 0x28, 0x5B, 0x7B: (isEmpty, level) = (false, level + 1)
            case 0x29, 0x5D, 0x7D: (isEmpty, level) = (false, level - 1)
            default: isEmpty = false
            }
        }
        isOpen = level > 0
        return isEmpty ? nil : Line(indent: indent, narrow: narrow, place: start..<place)
    }

    /// What a backslash joins.
    private mutating func skipLineEnd() {
        if place < bytes.count, bytes[place] == 0x0D { place += 1 }
        if place < bytes.count, bytes[place] == 0x0A { place += 1 }
    }

    /// The words and signs of a line. The parser goes on where it was.
    private mutating func tokens(_ line: Line) -> [PythonToken] {
        let before = place
        defer { place = before }
        place = line.place.lowerBound
        var tokens: [PythonToken] = []
        while place < line.place.upperBound {
            let byte = bytes[place]
            switch byte {
            case 0x20, 0x09, 0x0A, 0x0D, 0x0C: place += 1
            case 0x23: while place < bytes.count, bytes[place] != 0x0A { place += 1 }
            case 0x5C:
                place += 1
                skipLineEnd()
            case 0x22, 0x27: tokens.append(token(text()))
            case 0x30...0x39: tokens.append(.number(word()))
            case 0x41...0x5A, 0x61...0x7A, 0x5F, 0x80...0xFF:
                let name = word()
                // Letters before a quote say what kind of text it is.
                if name.utf8.count <= 2, place < bytes.count, bytes[place] == 0x22 || bytes[place] == 0x27,
                    name.utf8.allSatisfy("rRbBuUfFtT".utf8.contains)
                {
                    let content = text()
                    let isTemplate = name.utf8.contains { "fFtT".utf8.contains($0) }
                    tokens += isTemplate ? template(content) : [token(content)]
                } else {
                    tokens.append(.name(name))
                }
            default:
                tokens.append(.sign(Unicode.Scalar(byte)))
                place += 1
            }
        }
        return tokens
    }

    /// The parts of `f"…"`: its texts, and what is computed between them, joined by `+` (The Python Language Reference, 2.4.3).
    private mutating func template(_ content: Range<Int>) -> [PythonToken] {
        templates += 1
        defer { templates -= 1 }
        guard templates < Self.depthLimit else { return [.text(nil)] }
        var parts: [[PythonToken]] = []
        var text: [UInt8] = []
        var index = content.lowerBound
        func flush() {
            if !text.isEmpty { parts.append([.text(String(decoding: text, as: UTF8.self))]) }
            text = []
        }
        while index < content.upperBound {
            let byte = bytes[index]
            let isDoubled = index + 1 < content.upperBound && bytes[index + 1] == byte
            if byte == 0x7B || byte == 0x7D, isDoubled {
                text.append(byte)
                index += 2
            } else if byte == 0x7B {
                guard let (inner, end) = replacement(index + 1, content.upperBound) else { return [.text(nil)] }
                flush()
                var computed: [PythonToken] = [.sign("(")]
                computed += tokens(Line(indent: 0, place: inner))
                computed.append(.sign(")"))
                parts.append(computed)
                index = end + 1
            } else {
                text.append(byte)
                index += 1
            }
        }
        if parts.isEmpty { return [.text(String(decoding: text, as: UTF8.self))] }
        flush()
        var result: [PythonToken] = [.sign("(")]
        result += parts.joined(separator: [PythonToken.sign("+")])
        result.append(.sign(")"))
        return result
    }

    /// What is computed between braces, without how it is to look, and where the brace is that closes.
    private func replacement(_ start: Int, _ limit: Int) -> (Range<Int>, Int)? {
        var (level, index): (Int, Int) = (0, start)
        var end: Int?
        while index < limit {
            switch bytes[index] {
            case 0x22, 0x27:
                let quote = bytes[index]
                index += 1
                while index < limit, bytes[index] != quote { index += 1 }
            case 0x28, 0x5B, 0x7B: level += 1
            case 0x7D where level == 0:
                var last = end ?? index
                // `{x=}` shows the name too.
                if last - 1 > start, bytes[last - 1] == 0x3D, !"=!<>".utf8.contains(bytes[last - 2]) { last -= 1 }
                return (start..<last, index)
            case 0x29, 0x5D, 0x7D: level -= 1
            case 0x3A where level == 0: end = end ?? index
            case 0x21 where level == 0 && index + 1 < limit && bytes[index + 1] != 0x3D: end = end ?? index
            default: break
            }
            index += 1
        }
        return nil
    }

    private func token(_ text: Range<Int>) -> PythonToken { .text(String(decoding: bytes[text], as: UTF8.self)) }

    private mutating func word() -> String {
        let start = place
        while place < bytes.count {
            switch bytes[place] {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F, 0x80...0xFF: place += 1
            default: return String(decoding: bytes[start..<place], as: UTF8.self)
            }
        }
        return String(decoding: bytes[start..<place], as: UTF8.self)
    }

    /// Goes over a text, from its first quote on; escapes matter in no name of a module or a file.
    ///
    /// - Returns: what is between the quotes.
    private mutating func text() -> Range<Int> {
        let quote = bytes[place]
        let isLong = isTripled(quote)
        place += isLong ? 3 : 1
        let start = place
        while place < bytes.count {
            let byte = bytes[place]
            if byte == 0x5C, place + 1 < bytes.count {
                place += 2
            } else if byte == quote, !isLong || isTripled(quote) {
                defer { place += isLong ? 3 : 1 }
                return start..<place
            } else if byte == 0x0A, !isLong {
                return start..<place
            } else {
                place += 1
            }
        }
        return min(start, bytes.count)..<bytes.count
    }

    /// Whether three quotes stand here.
    private func isTripled(_ quote: UInt8) -> Bool {
        place + 2 < bytes.count && bytes[place] == quote && bytes[place + 1] == quote && bytes[place + 2] == quote
    }
}
