/// A statement of a Python program and the block below it (The Python Language Reference, 2 and 8).
struct PythonStatement: Sendable {
    var tokens: [PythonToken]
    var body: [PythonStatement] = []

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
    private typealias Line = (indent: Int, tokens: [PythonToken])

    private static let depthLimit = 40
    private static let compound: Set = [
        "if", "elif", "else", "try", "except", "finally", "for", "while", "with", "def", "class",
    ]

    private let bytes: [UInt8]
    private var place = 0
    /// Whether the file ends within brackets.
    private var isOpen = false

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    static func statements(_ bytes: [UInt8]) -> [PythonStatement] {
        var parser = PythonParser(bytes)
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { parser.place = 3 }
        var lines: [Line] = []
        while parser.place < bytes.count {
            let line = parser.line()
            if !line.tokens.isEmpty { lines.append(line) }
        }
        var index = 0
        return block(lines, &index, indent: -1, depth: 0)
    }

    /// What a file has that an interpreter of a version does not read: a bracket that is not closed, statements of Python 2 or of
    /// a newer version; nil where nothing of that kind is seen.
    static func mistake(_ bytes: [UInt8], _ version: String) -> String? {
        var parser = PythonParser(bytes)
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { parser.place = 3 }
        while parser.place < bytes.count {
            for tokens in parser.line().tokens.split(separator: .sign(";")) where tokens.count > 1 {
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
                    VersionNumber(version) < VersionNumber("3.14")
                {
                    return "except"
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

    private static func block(_ lines: [Line], _ index: inout Int, indent: Int, depth: Int) -> [PythonStatement] {
        var result: [PythonStatement] = []
        while index < lines.count, lines[index].indent > indent {
            let line = lines[index]
            index += 1
            var statements = simple(line.tokens)
            if index < lines.count, lines[index].indent > line.indent {
                if depth < depthLimit, !statements.isEmpty {
                    statements[statements.count - 1].body += block(lines, &index, indent: line.indent, depth: depth + 1)
                } else {
                    while index < lines.count, lines[index].indent > line.indent { index += 1 }
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
            return [PythonStatement(tokens: Array(tokens[..<colon]), body: rest.isEmpty ? [] : split(rest))]
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

    /// One logical line: brackets, backslashes and long texts go over several.
    private mutating func line() -> Line {
        var indent = 0
        while place < bytes.count, bytes[place] == 0x20 || bytes[place] == 0x09 || bytes[place] == 0x0C {
            indent = bytes[place] == 0x09 ? (indent / 8 + 1) * 8 : indent + 1
            place += 1
        }
        var tokens: [PythonToken] = []
        var level = 0
        while place < bytes.count {
            let byte = bytes[place]
            switch byte {
            case 0x0A:
                place += 1
                if level <= 0 { return (indent, tokens) }
            case 0x20, 0x09, 0x0D, 0x0C: place += 1
            case 0x23: while place < bytes.count, bytes[place] != 0x0A { place += 1 }
            case 0x5C:
                place += 1
                if place < bytes.count, bytes[place] == 0x0D { place += 1 }
                if place < bytes.count, bytes[place] == 0x0A { place += 1 }
            case 0x22, 0x27: tokens.append(text(prefix: ""))
            case 0x30...0x39: tokens.append(.number(word()))
            case 0x41...0x5A, 0x61...0x7A, 0x5F, 0x80...0xFF:
                let name = word()
                let isPrefix = name.count <= 2 && name.allSatisfy { "rRbBuUfFtT".contains($0) }
                if isPrefix, place < bytes.count, bytes[place] == 0x22 || bytes[place] == 0x27 {
                    tokens.append(text(prefix: name.lowercased()))
                } else {
                    tokens.append(.name(name))
                }
            default:
                if byte == 0x28 || byte == 0x5B || byte == 0x7B { level += 1 }
                if byte == 0x29 || byte == 0x5D || byte == 0x7D { level -= 1 }
                tokens.append(.sign(Unicode.Scalar(byte)))
                place += 1
            }
        }
        isOpen = level > 0
        return (indent, tokens)
    }

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

    private mutating func text(prefix: String) -> PythonToken {
        let quote = bytes[place]
        let isLong = bytes[place...].starts(with: [quote, quote, quote])
        place += isLong ? 3 : 1
        var content: [UInt8] = []
        while place < bytes.count {
            let byte = bytes[place]
            if byte == 0x5C, place + 1 < bytes.count {
                // Escapes matter in no name of a module or a file.
                content += [byte, bytes[place + 1]]
                place += 2
            } else if byte == quote, !isLong || bytes[place...].starts(with: [quote, quote, quote]) {
                place += isLong ? 3 : 1
                break
            } else if byte == 0x0A, !isLong {
                break
            } else {
                content.append(byte)
                place += 1
            }
        }
        return .text(prefix.contains("f") || prefix.contains("t") ? nil : String(decoding: content, as: UTF8.self))
    }
}
