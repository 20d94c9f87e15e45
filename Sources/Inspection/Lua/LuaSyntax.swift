/// A word of Lua's language (Lua 5.4 reference manual, 3.1).
enum LuaToken: Hashable, Sendable {
    case name(String)
    case keyword(String)
    case text(String)
    case number(Double)
    case sign(String)
}

/// An expression (the manual, 3.4).
indirect enum LuaExpression: Sendable {
    case constant(LuaConstant)
    case rest
    case name(String)
    case index(LuaExpression, LuaExpression)
    case call(LuaExpression, [LuaExpression])
    case method(LuaExpression, String, [LuaExpression])
    case function(LuaFunction)
    case table([(key: LuaExpression?, value: LuaExpression)])
    case unary(String, LuaExpression)
    case binary(String, LuaExpression, LuaExpression)
}

enum LuaConstant: Hashable, Sendable {
    case none
    case truth(Bool)
    case number(Double)
    case text(String)
}

struct LuaFunction: Sendable {
    let parameters: [String]
    let body: [LuaStatement]
}

/// A statement (the manual, 3.3).
indirect enum LuaStatement: Sendable {
    case local([String], [LuaExpression])
    case assign([LuaExpression], [LuaExpression])
    case call(LuaExpression)
    case block([LuaStatement])
    case loop(condition: LuaExpression?, body: [LuaStatement])
    case count(String, [LuaExpression], [LuaStatement])
    case each([String], [LuaExpression], [LuaStatement])
    case branch([(condition: LuaExpression?, body: [LuaStatement])])
    case localFunction(String, LuaFunction)
    case returns([LuaExpression])
    case leaves
}

/// A text that no Lua of its release reads.
struct LuaMistake: Error, Equatable {
    let text: String

    /// More brackets in each other than are followed.
    static let tooDeep = LuaMistake(text: "\0")
}

/// Reads the words of a Lua file.
struct LuaLexer {
    private static let keywords: Set = [
        "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "if", "in", "local", "nil", "not",
        "or",
        "repeat", "return", "then", "true", "until", "while", "goto",
    ]
    private static let signs = ["...", "<<", ">>", "//", "==", "~=", "<=", ">=", "::", ".."].map { Array($0.utf8) }

    private let bytes: [UInt8]
    private var place = 0

    static func tokens(_ bytes: [UInt8]) throws(LuaMistake) -> [LuaToken] {
        var lexer = LuaLexer(bytes: bytes)
        if bytes.first == 0x23 { lexer.skipLine() }
        var result: [LuaToken] = []
        while let token = try lexer.token() { result.append(token) }
        return result
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private mutating func skipLine() { while place < bytes.count, bytes[place] != 0x0A { place += 1 } }

    private static func isPart(_ byte: UInt8) -> Bool {
        byte == 0x5F || (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }

    private mutating func token() throws(LuaMistake) -> LuaToken? {
        while place < bytes.count {
            let byte = bytes[place]
            if byte == 0x20 || (0x09...0x0D).contains(byte) {
                place += 1
            } else if bytes[place...].starts(with: "--".utf8) {
                place += 2
                if try long() == nil { skipLine() }
            } else {
                break
            }
        }
        guard place < bytes.count else { return nil }
        let byte = bytes[place]
        if byte == 0x22 || byte == 0x27 { return .text(try quoted(byte)) }
        if byte == 0x5B, let text = try long() { return .text(text) }
        let isDigit = (0x30...0x39).contains(byte)
        if isDigit || (byte == 0x2E && place + 1 < bytes.count && (0x30...0x39).contains(bytes[place + 1])) {
            return number()
        }
        if Self.isPart(byte) {
            let start = place
            while place < bytes.count, Self.isPart(bytes[place]) { place += 1 }
            let word = String(decoding: bytes[start..<place], as: UTF8.self)
            return Self.keywords.contains(word) ? .keyword(word) : .name(word)
        }
        let sign = Self.signs.first { bytes[place...].starts(with: $0) } ?? [byte]
        place += sign.count
        return .sign(String(decoding: sign, as: UTF8.self))
    }

    private mutating func number() -> LuaToken {
        let start = place
        let isHexadecimal = bytes[place] == 0x30 && place + 1 < bytes.count && bytes[place + 1] | 0x20 == 0x78
        while place < bytes.count {
            let byte = bytes[place]
            let isSigned =
                (byte == 0x2B || byte == 0x2D) && [isHexadecimal ? 0x70 : 0x65].contains(bytes[place - 1] | 0x20)
            guard Self.isPart(byte) || byte == 0x2E || (isSigned && place > start) else { break }
            place += 1
        }
        let text = String(decoding: bytes[start..<place], as: UTF8.self)
        return .number(Double(text) ?? .nan)
    }

    private mutating func quoted(_ quote: UInt8) throws(LuaMistake) -> String {
        place += 1
        var text: [UInt8] = []
        while place < bytes.count, bytes[place] != quote {
            if bytes[place] == 0x0A { throw LuaMistake(text: String(decoding: [quote], as: UTF8.self)) }
            if bytes[place] == 0x5C, place + 1 < bytes.count {
                place += 1
                let escapes: [UInt8: UInt8] = [0x6E: 0x0A, 0x74: 0x09, 0x72: 0x0D]
                if bytes[place] == 0x7A {
                    // `\z` passes over what is blank behind it.
                    while place + 1 < bytes.count, bytes[place + 1] == 0x20 || (0x09...0x0D).contains(bytes[place + 1])
                    {
                        place += 1
                    }
                } else {
                    text.append(escapes[bytes[place]] ?? bytes[place])
                }
            } else {
                text.append(bytes[place])
            }
            place += 1
        }
        guard place < bytes.count else { throw LuaMistake(text: String(decoding: [quote], as: UTF8.self)) }
        place += 1
        return String(decoding: text, as: UTF8.self)
    }

    /// `[[…]]` and `[=[…]=]`; nil where something else stands.
    private mutating func long() throws(LuaMistake) -> String? {
        guard place < bytes.count, bytes[place] == 0x5B else { return nil }
        var level = 0
        while place + 1 + level < bytes.count, bytes[place + 1 + level] == 0x3D { level += 1 }
        guard place + 1 + level < bytes.count, bytes[place + 1 + level] == 0x5B else { return nil }
        var start = place + level + 2
        let end = [0x5D] + [UInt8](repeating: 0x3D, count: level) + [0x5D]
        if start < bytes.count, bytes[start] == 0x0A { start += 1 }
        place = start
        while place < bytes.count {
            if bytes[place] == 0x5D, bytes[place...].starts(with: end) {
                defer { place += end.count }
                return String(decoding: bytes[start..<place], as: UTF8.self)
            }
            place += 1
        }
        throw LuaMistake(text: "[[")
    }
}
