/// A word of PHP's language (PHP manual, "Language reference").
enum PHPToken: Hashable, Sendable {
    /// A variable, without its dollar.
    case variable(String)
    /// A word, with the backslashes of its namespace.
    case name(String)
    case text(String)
    /// A text into which values are put.
    case template([Part])
    case number(String)
    case sign(String)

    enum Part: Hashable, Sendable {
        case text(String)
        case variable(String)
        case computed
    }

    /// Whether it is a certain word, in whatever case.
    func isWord(_ word: String) -> Bool {
        if case .name(let name) = self { name.lowercased() == word } else { false }
    }
}

/// Reads the words of a PHP file; what stands outside of its marks is an empty statement.
struct PHPLexer {
    private static let signs = [
        "<<<", "===", "!==", "<=>", "**=", "...", "??=", "?->", "<<=", ">>=", "=>", "->", "::", "==", "!=", "<>", "<=",
        ">=", "&&", "||", "??", "++", "--", "+=", "-=", "*=", "/=", ".=", "%=", "&=", "|=", "^=", "<<", ">>", "**",
    ].map { Array($0.utf8) }

    let bytes: [UInt8]
    private var place = 0
    private var tokens: [PHPToken] = []
    /// Something has no end, or a bracket no other.
    private var isBroken = false
    private var attributes = 0

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The words of a file; nil where a bracket, a text or a comment has no end.
    static func tokens(_ bytes: [UInt8], isInside: Bool = false) -> [PHPToken]? {
        var lexer = PHPLexer(bytes)
        if bytes.starts(with: "#!".utf8) { lexer.skipLine() }
        if !isInside { lexer.skipText() }
        while lexer.place < bytes.count, !lexer.isBroken { lexer.word() }
        return lexer.isBroken || !balanced(lexer.tokens) ? nil : lexer.tokens
    }

    private static func balanced(_ tokens: [PHPToken]) -> Bool {
        let others = [")": "(", "]": "[", "}": "{"]
        var open: [String] = []
        for case .sign(let sign) in tokens {
            if ["(", "[", "{"].contains(sign) { open.append(sign) }
            if let other = others[sign], open.popLast() != other { return false }
        }
        return open.isEmpty
    }

    // MARK: Bytes

    private func at(_ text: StaticString) -> Bool {
        guard place + text.utf8CodeUnitCount <= bytes.count else { return false }
        return text.withUTF8Buffer { buffer in buffer.indices.allSatisfy { bytes[place + $0] == buffer[$0] } }
    }

    private mutating func skipLine() { while place < bytes.count, bytes[place] != 0x0A { place += 1 } }

    /// What is no program, up to the next mark.
    private mutating func skipText() {
        tokens.append(.sign(";"))
        while place < bytes.count {
            if at("<?=") {
                place += 3
                return tokens.append(.name("echo"))
            }
            if at("<?php") || at("<?PHP") {
                place += 5
                return
            }
            place += 1
        }
    }

    private static func isStart(_ byte: UInt8) -> Bool {
        byte == 0x5F || byte == 0x5C || byte >= 0x80 || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }

    private static func isPart(_ byte: UInt8) -> Bool { isStart(byte) || (0x30...0x39).contains(byte) }

    private mutating func run(_ isPart: (UInt8) -> Bool) -> String {
        let start = place
        while place < bytes.count, isPart(bytes[place]) { place += 1 }
        return String(decoding: bytes[start..<place], as: UTF8.self)
    }

    // MARK: Words

    private mutating func word() {
        let byte = bytes[place]
        switch byte {
        case 0x20, 0x09, 0x0A, 0x0D, 0x0B, 0x0C: place += 1
        case 0x3F where at("?>"):
            place += 2
            skipText()
        case 0x2F where at("//"): skipComment()
        case 0x2F where at("/*"): skipLongComment()
        case 0x23: at("#[") ? skipAttribute() : skipComment()
        case 0x24 where place + 1 < bytes.count && Self.isStart(bytes[place + 1]) && bytes[place + 1] != 0x5C:
            place += 1
            tokens.append(.variable(run { Self.isPart($0) && $0 != 0x5C }))
        case 0x27: single()
        case 0x22, 0x60: double(byte)
        case 0x30...0x39:
            tokens.append(.number(run { (0x30...0x39).contains($0) || $0 == 0x5F || $0 == 0x2E || Self.isPart($0) }))
        case 0x3C where at("<<<"): document()
        case _ where Self.isStart(byte):
            let name = run(Self.isPart)
            // Data follow.
            if name.lowercased() == "__halt_compiler" { place = bytes.count } else { tokens.append(.name(name)) }
        default:
            let sign = Self.signs.first { bytes[place...].starts(with: $0) } ?? [byte]
            tokens.append(.sign(String(decoding: sign, as: UTF8.self)))
            place += sign.count
        }
    }

    private mutating func skipComment() {
        while place < bytes.count, bytes[place] != 0x0A, !at("?>") { place += 1 }
    }

    private mutating func skipLongComment() {
        place += 2
        while place < bytes.count, !at("*/") { place += 1 }
        isBroken = isBroken || place >= bytes.count
        place += 2
    }

    /// `#[Attribute('x')]`.
    private mutating func skipAttribute() {
        let count = tokens.count
        place += 2
        attributes += 1
        defer { attributes -= 1 }
        guard attributes < 20 else { return }
        var level = 1
        while place < bytes.count, level > 0, !isBroken {
            let before = tokens.count
            word()
            if tokens.count > before, tokens[tokens.count - 1] == .sign("[") { level += 1 }
            if tokens.count > before, tokens[tokens.count - 1] == .sign("]") { level -= 1 }
        }
        tokens.removeSubrange(count...)
    }

    private mutating func single() {
        place += 1
        var text: [UInt8] = []
        while place < bytes.count, bytes[place] != 0x27 {
            if bytes[place] == 0x5C, place + 1 < bytes.count, bytes[place + 1] == 0x27 || bytes[place + 1] == 0x5C {
                place += 1
            }
            text.append(bytes[place])
            place += 1
        }
        isBroken = isBroken || place >= bytes.count
        place += 1
        tokens.append(.text(String(decoding: text, as: UTF8.self)))
    }

    private mutating func double(_ quote: UInt8) {
        place += 1
        let start = place
        while place < bytes.count, bytes[place] != quote { place += bytes[place] == 0x5C ? 2 : 1 }
        guard place < bytes.count else {
            isBroken = true
            return
        }
        let parts = Self.parts(Array(bytes[start..<place]))
        place += 1
        tokens.append(quote == 0x60 ? .template([.computed]) : Self.token(parts))
    }

    private static func token(_ parts: [PHPToken.Part]) -> PHPToken {
        if parts.isEmpty { return .text("") }
        if parts.count == 1, case .text(let text) = parts[0] { return .text(text) }
        return .template(parts)
    }

    /// `<<<NAME` and `<<<'NAME'`: up to a line that begins with the name, behind blanks.
    private mutating func document() {
        let start = place
        place += 3
        _ = run { $0 == 0x20 || $0 == 0x09 }
        let quote: UInt8? =
            place < bytes.count && (bytes[place] == 0x27 || bytes[place] == 0x22) ? bytes[place] : nil
        if quote != nil { place += 1 }
        let label = Array(run(Self.isPart).utf8)
        if quote != nil { place += 1 }
        guard !label.isEmpty else {
            place = start + 2
            return tokens.append(.sign("<<"))
        }
        skipLine()
        place += 1
        let body = place
        while place < bytes.count {
            let line = place
            _ = run { $0 == 0x20 || $0 == 0x09 }
            let isEnd =
                bytes[place...].starts(with: label)
                && !(place + label.count < bytes.count && Self.isPart(bytes[place + label.count]))
            if isEnd {
                let text = Array(bytes[body..<max(body, line - 1)])
                place += label.count
                tokens.append(
                    quote == 0x27 ? .text(String(decoding: text, as: UTF8.self)) : Self.token(Self.parts(text)))
                return
            }
            skipLine()
            place += 1
        }
        isBroken = true
    }

    // MARK: Parts of texts

    /// What a text in double quotes is put together of.
    private static func parts(_ bytes: [UInt8]) -> [PHPToken.Part] {
        var result: [PHPToken.Part] = []
        var text: [UInt8] = []
        var place = 0
        func name(_ start: Int) -> Int {
            var end = start
            while end < bytes.count, isPart(bytes[end]), bytes[end] != 0x5C { end += 1 }
            return end
        }
        func flush() {
            if !text.isEmpty { result.append(.text(String(decoding: text, as: UTF8.self))) }
            text = []
        }
        while place < bytes.count {
            let byte = bytes[place]
            let next = place + 1 < bytes.count ? bytes[place + 1] : 0
            if byte == 0x5C, place + 1 < bytes.count {
                text += escaped(next)
                place += 2
            } else if byte == 0x24, isStart(next), next != 0x5C {
                flush()
                let end = name(place + 1)
                let isPlain = end >= bytes.count || (bytes[end] != 0x5B && !bytes[end...].starts(with: "->".utf8))
                result.append(
                    isPlain ? .variable(String(decoding: bytes[(place + 1)..<end], as: UTF8.self)) : .computed)
                place = end
            } else if (byte == 0x7B && next == 0x24) || (byte == 0x24 && next == 0x7B) {
                flush()
                let end = bytes[place...].firstIndex(of: 0x7D) ?? bytes.count - 1
                let inner = bytes[min(place + 2, end)..<end]
                let isPlain = byte == 0x7B && !inner.isEmpty && inner.allSatisfy { isPart($0) && $0 != 0x5C }
                result.append(isPlain ? .variable(String(decoding: inner, as: UTF8.self)) : .computed)
                place = end + 1
            } else {
                text.append(byte)
                place += 1
            }
        }
        flush()
        return result
    }

    private static func escaped(_ byte: UInt8) -> [UInt8] {
        switch byte {
        case 0x6E: [0x0A]
        case 0x74: [0x09]
        case 0x72: [0x0D]
        case 0x24, 0x22, 0x5C: [byte]
        default: [0x5C, byte]
        }
    }
}
