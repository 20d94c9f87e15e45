/// A token of a JavaScript file, or what stands between brackets.
indirect enum JavaScript: Hashable, Sendable {
    case name(String)
    /// - Parameter value: nil where it is put together when it is needed.
    case text(String?)
    /// - Parameter value: nil for one that is no plain number.
    case number(Int?)
    case zero
    case sign(Unicode.Scalar)
    /// An operator that decides whether what is behind it is computed: `&&`, `||`, `??`.
    case decides(String)
    case arrow
    /// `===` and `==`, or their negations.
    case equals(isNegated: Bool)
    case regex
    /// A line's end.
    case line
    case round([JavaScript])
    case curly([JavaScript])
    case square([JavaScript])

    func isName(_ text: String) -> Bool { self == .name(text) }
}

/// Reads the tokens of a JavaScript file (ECMA-262, 12), brackets matched. What is no JavaScript gives tokens too.
struct JavaScriptParser {
    private static let depthLimit = 100
    /// Words behind which a slash begins a regular expression.
    private static let operators: Set = [
        "return", "typeof", "case", "in", "of", "delete", "void", "throw", "new", "else", "do", "await", "yield",
    ]

    private let bytes: [UInt8]
    private var place = 0
    private var depth = 0
    /// The bracket with which the file ends before it is closed.
    private var unclosed: String?

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    static func tokens(_ bytes: [UInt8]) -> [JavaScript] { read(bytes).tokens }

    /// The tokens of a file, and what of it no version of the language reads; nil where nothing of that kind is seen.
    static func read(_ bytes: [UInt8]) -> (tokens: [JavaScript], mistake: String?) {
        var parser = JavaScriptParser(bytes)
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { parser.place = 3 }
        if bytes[parser.place...].starts(with: "#!".utf8) { parser.skipLine() }
        var result: [JavaScript] = []
        var mistake: String?
        while parser.place < bytes.count {
            result += parser.group(until: 0)
            // A bracket that nobody opened.
            if parser.place < bytes.count, mistake == nil {
                mistake = String(decoding: [bytes[parser.place]], as: UTF8.self)
            }
            parser.place += 1
        }
        return (result, mistake ?? parser.unclosed ?? Self.mistake(result, isOutermost: true))
    }

    /// What stands where nothing of the kind may: types, elements of markup, decorators, a value that is missing.
    private static func mistake(_ tokens: [JavaScript], isOutermost: Bool, depth: Int = 0) -> String? {
        var declared: Set<String> = []
        for (index, token) in tokens.enumerated() {
            let next: JavaScript? = index + 1 < tokens.count ? tokens[index + 1] : nil
            let isFirst = index == 0 || tokens[index - 1] == .line || tokens[index - 1] == .sign(";")
            switch token {
            case .sign("@") where isFirst: return "@"
            case .sign("="):
                if next == .sign("<") { return "<" }
                if next == .sign(";"), index > 0, case .name = tokens[index - 1] { return "=" }
            case .name("const"), .name("let"), .name("var"):
                guard isFirst, case .name(let name)? = next, index + 2 < tokens.count else { continue }
                if tokens[index + 2] == .sign(":"), name != "in" { return ":" }
                if isOutermost, token != .name("var"), tokens[index + 2] == .sign("="), !declared.insert(name).inserted
                {
                    return name
                }
            case .name("enum") where isFirst, .name("interface") where isFirst:
                if case .name(let name)? = next, index + 2 < tokens.count, case .curly = tokens[index + 2] {
                    return name
                }
            case .name("import") where isFirst && next == .name("type"):
                if index + 2 < tokens.count, case .curly = tokens[index + 2] { return "type" }
            case .round(let inner), .square(let inner), .curly(let inner):
                if depth < 40, let found = mistake(inner, isOutermost: false, depth: depth + 1) { return found }
            default: continue
            }
        }
        return nil
    }

    private mutating func skipLine() { while place < bytes.count, bytes[place] != 0x0A { place += 1 } }

    private func at(_ text: StaticString) -> Bool {
        guard place + text.utf8CodeUnitCount <= bytes.count else { return false }
        return text.withUTF8Buffer { buffer in buffer.indices.allSatisfy { bytes[place + $0] == buffer[$0] } }
    }

    /// The tokens up to a closing bracket, which stays unread.
    private mutating func group(until end: UInt8) -> [JavaScript] {
        var tokens: [JavaScript] = []
        while place < bytes.count {
            let byte = bytes[place]
            switch byte {
            case 0x29, 0x5D, 0x7D: return tokens
            case 0x0A, 0x0D:
                if tokens.last != .line { tokens.append(.line) }
                place += 1
            case 0x20, 0x09, 0x0B, 0x0C: place += 1
            case 0x2F where at("//"): skipLine()
            case 0x2F where at("/*"):
                place += 2
                while place < bytes.count, !at("*/") { place += 1 }
                place += 2
            case 0x2F where isOperandExpected(tokens): tokens.append(regex())
            case 0x22, 0x27: tokens.append(text(byte))
            case 0x60: tokens += template()
            case 0x28, 0x5B, 0x7B: tokens.append(bracket(byte))
            case 0x30...0x39:
                let start = place
                skipWord()
                tokens.append(
                    place == start + 1 && byte == 0x30
                        ? .zero : .number(Int(String(decoding: bytes[start..<place], as: UTF8.self))))
            case 0x41...0x5A, 0x61...0x7A, 0x5F, 0x24, 0x80...0xFF, 0x23:
                let start = place
                place += 1
                skipWord()
                tokens.append(.name(String(decoding: bytes[start..<place], as: UTF8.self)))
            default: tokens.append(sign(byte))
            }
        }
        return tokens
    }

    private mutating func skipWord() {
        while place < bytes.count {
            switch bytes[place] {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F, 0x24, 0x80...0xFF: place += 1
            default: return
            }
        }
    }

    private mutating func sign(_ byte: UInt8) -> JavaScript {
        for (text, token) in [
            ("===", JavaScript.equals(isNegated: false)), ("!==", .equals(isNegated: true)), ("&&=", .sign("=")),
            ("||=", .sign("=")),
            ("??=", .sign("=")), ("==", .equals(isNegated: false)), ("!=", .equals(isNegated: true)), ("=>", .arrow),
            ("&&", .decides("&&")),
            ("||", .decides("||")), ("??", .decides("??")), ("?.", .sign("\u{2025}")),
        ] where bytes[place...].starts(with: text.utf8) {
            place += text.utf8.count
            return token
        }
        place += 1
        return .sign(Unicode.Scalar(byte))
    }

    private mutating func bracket(_ open: UInt8) -> JavaScript {
        place += 1
        depth += 1
        defer { depth -= 1 }
        let inner: [JavaScript]
        if depth < Self.depthLimit {
            inner = group(until: open)
            if place >= bytes.count { unclosed = unclosed ?? String(decoding: [open], as: UTF8.self) }
            place += 1
        } else {
            inner = []
            place = bytes.count
        }
        switch open {
        case 0x28: return .round(inner)
        case 0x5B: return .square(inner)
        default: return .curly(inner)
        }
    }

    private func isOperandExpected(_ tokens: [JavaScript]) -> Bool {
        switch tokens.last(where: { $0 != .line }) {
        case nil, .sign, .decides, .arrow, .equals, .curly: true
        case .name(let name): Self.operators.contains(name)
        case .text, .number, .zero, .regex, .line, .round, .square: false
        }
    }

    private mutating func regex() -> JavaScript {
        place += 1
        var isClass = false
        while place < bytes.count, bytes[place] != 0x0A {
            switch bytes[place] {
            case 0x5C: place += 1
            case 0x5B: isClass = true
            case 0x5D: isClass = false
            case 0x2F where !isClass:
                place += 1
                skipWord()
                return .regex
            default: break
            }
            place += 1
        }
        return .regex
    }

    private mutating func text(_ quote: UInt8) -> JavaScript {
        place += 1
        var content: [UInt8] = []
        while place < bytes.count, bytes[place] != quote, bytes[place] != 0x0A {
            if bytes[place] == 0x5C { place += 1 }
            if place < bytes.count { content.append(bytes[place]) }
            place += 1
        }
        place += 1
        return .text(String(decoding: content, as: UTF8.self))
    }

    /// A template: its text, or what is computed in it between brackets.
    private mutating func template() -> [JavaScript] {
        place += 1
        var content: [UInt8] = []
        var values: [JavaScript] = []
        while place < bytes.count, bytes[place] != 0x60 {
            if bytes[place] == 0x5C {
                place += 1
                if place < bytes.count { content.append(bytes[place]) }
                place += 1
            } else if at("${") {
                place += 1
                if case .curly(let inner) = bracket(0x7B) {
                    values += [.text(String(decoding: content, as: UTF8.self)), .sign("+"), .round(inner), .sign("+")]
                    content = []
                }
            } else {
                content.append(bytes[place])
                place += 1
            }
        }
        place += 1
        let rest = JavaScript.text(String(decoding: content, as: UTF8.self))
        return values.isEmpty ? [rest] : [.round(values + [rest])]
    }
}
