extension Parser {
    /// What ends a template.
    enum TemplateEnd { case quote, limit }

    /// Reads a template up to its end, and over it.
    mutating func template(until end: TemplateEnd) throws(Fault) -> [Expression.Part] {
        var reading = TemplateReading(end: end)
        let parts = try parts(&reading)
        guard reading.keyword == nil else { throw scanner.failure(.syntax(expected: "the end of the template")) }
        return parts
    }

    /// How far a template is read.
    struct TemplateReading {
        let end: TemplateEnd
        /// The word that ended the parts: `else`, `endif` or `endfor`.
        var keyword: String?
        /// Whether spaces before what is read next do not count.
        var trimsNext = false
    }

    /// Text that is read, and not yet a part.
    private struct Pending {
        var bytes: [UInt8] = []

        mutating func flush(_ parts: inout [Expression.Part], trimsEnd: Bool = false) {
            if trimsEnd { while let last = bytes.last, Self.isSpace(last) { bytes.removeLast() } }
            if !bytes.isEmpty { parts.append(.text(String(decoding: bytes, as: UTF8.self))) }
            bytes = []
        }

        static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x09 || byte == 0x0D }
    }

    private mutating func parts(_ reading: inout TemplateReading) throws(Fault) -> [Expression.Part] {
        try deeper()
        defer { depth -= 1 }
        var parts: [Expression.Part] = []
        var text = Pending()
        let start = scanner.index
        while let byte = scanner.peek {
            if reading.trimsNext, text.bytes.isEmpty, Pending.isSpace(byte) {
                scanner.index += 1
                continue
            }
            switch byte {
            case UInt8(ascii: "\"") where reading.end == .quote:
                scanner.index += 1
                text.flush(&parts)
                return parts
            case UInt8(ascii: "\\") where reading.end == .quote: text.bytes += try escape()
            case UInt8(ascii: "$"), UInt8(ascii: "%"):
                if scanner.peek(1) == byte, scanner.peek(2) == UInt8(ascii: "{") {
                    text.bytes += [byte, UInt8(ascii: "{")]
                    scanner.index += 3
                } else if scanner.peek(1) == UInt8(ascii: "{") {
                    scanner.index += 2
                    let trims = scanner.take("~")
                    text.flush(&parts, trimsEnd: trims)
                    reading.trimsNext = false
                    if byte == UInt8(ascii: "$") {
                        parts.append(.value(try inside { parser throws(Fault) in try parser.expression() }))
                        try closeBrace(&reading)
                        continue
                    }
                    guard let part = try directive(&reading) else { return parts }
                    parts.append(part)
                    continue
                } else {
                    text.bytes.append(byte)
                    scanner.index += 1
                }
            case 0x0A where reading.end == .quote: throw scanner.failure(.unterminated(.text))
            default:
                text.bytes.append(byte)
                scanner.index += 1
            }
            reading.trimsNext = false
        }
        guard reading.end == .limit else { throw Fault(.unterminated(.text), at: scanner.spot(from: start)) }
        text.flush(&parts)
        return parts
    }

    private mutating func closeBrace(_ reading: inout TemplateReading) throws(Fault) {
        try scanner.skipLines()
        reading.trimsNext = scanner.take("~")
        guard scanner.take("}") else { throw scanner.failure(.syntax(expected: "'}'")) }
    }

    /// Reads behind `%{`.
    ///
    /// - Returns: nil for a word that ends the parts around it.
    private mutating func directive(_ reading: inout TemplateReading) throws(Fault) -> Expression.Part? {
        try scanner.skipLines()
        guard let word = scanner.name() else { throw scanner.failure(.syntax(expected: "if, for, else or an end")) }
        switch word {
        case "if":
            let condition = try inside { parser throws(Fault) in try parser.expression() }
            try closeBrace(&reading)
            let first = try parts(&reading)
            var second: [Expression.Part] = []
            if reading.keyword == "else" {
                reading.keyword = nil
                second = try parts(&reading)
            }
            try expect("endif", &reading)
            return .choice(condition, first, second)
        case "for":
            let (names, collection) = try inside { parser throws(Fault) in try parser.loopHead() }
            try closeBrace(&reading)
            let body = try parts(&reading)
            try expect("endfor", &reading)
            return .loop(keyName: names.key, valueName: names.value, collection: collection, body)
        case "else", "endif", "endfor":
            try closeBrace(&reading)
            reading.keyword = word
            return nil
        default: throw scanner.failure(.syntax(expected: "if, for, else or an end"))
        }
    }

    private func expect(_ word: String, _ reading: inout TemplateReading) throws(Fault) {
        guard reading.keyword == word else { throw scanner.failure(.syntax(expected: "'%{ \(word) }'")) }
        reading.keyword = nil
    }

    /// Reads an escape of a text in quotes.
    private mutating func escape() throws(Fault) -> [UInt8] {
        let start = scanner.index
        let letter = scanner.peek(1)
        scanner.index = min(scanner.index + 2, scanner.end)
        switch letter {
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): return [letter ?? 0]
        case UInt8(ascii: "u"), UInt8(ascii: "U"):
            let count = letter == UInt8(ascii: "u") ? 4 : 8
            let digits = scanner.bytes[scanner.index..<min(scanner.index + count, scanner.end)]
            if digits.count == count, let value = UInt32(String(decoding: digits, as: UTF8.self), radix: 16),
                let scalar = Unicode.Scalar(value)
            {
                scanner.index += count
                return Array(String(Character(scalar)).utf8)
            }
        default: break
        }
        throw Fault(.invalidEscape, at: scanner.spot(from: start))
    }

    /// `<<WORD` and `<<-WORD`: lines up to one that is the word alone.
    mutating func heredoc() throws(Fault) -> Expression {
        let start = scanner.index
        scanner.index += 2
        let isFlush = scanner.take("-")
        guard let word = scanner.name() else { throw scanner.failure(.syntax(expected: "a word behind '<<'")) }
        if scanner.peek == 0x0D { scanner.index += 1 }
        guard scanner.take("\n") else { throw scanner.failure(.syntax(expected: "the end of the line")) }
        let begin = scanner.index
        guard let (contentEnd, behind) = heredocEnd(word) else {
            throw Fault(.unterminated(.document), at: scanner.spot(from: start))
        }
        let outer = scanner.end
        scanner.end = contentEnd
        let crossed = scanner.crossesLines
        var parts = try template(until: .limit)
        scanner.crossesLines = crossed
        scanner.end = outer
        scanner.index = behind
        if isFlush { parts = Indentation.removed(from: parts) }
        // A document is a text, even if one value is all that stands in it.
        if begin == contentEnd { parts = [.text("")] }
        return Expression(content: .template(parts), spot: Spot(file: scanner.file, bytes: start..<begin))
    }

    /// Where the lines end, and what stands behind the word that ends them.
    private func heredocEnd(_ word: String) -> (content: Int, behind: Int)? {
        var line = scanner.index
        while line <= scanner.end {
            var next = line
            while next < scanner.end, scanner.bytes[next] != 0x0A { next += 1 }
            let text = scanner.bytes[line..<next].drop { $0 == 0x20 || $0 == 0x09 }
            let trimmed = text.reversed().drop { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }.reversed()
            if trimmed.elementsEqual(word.utf8) { return (line, next) }
            guard next < scanner.end else { return nil }
            line = next + 1
        }
        return nil
    }
}

/// The spaces that all lines of a document begin with.
enum Indentation {
    static func removed(from parts: [Expression.Part]) -> [Expression.Part] {
        var least = Int.max
        var beginsLine = true
        measure(parts, &least, &beginsLine)
        guard least > 0, least < .max else { return parts }
        beginsLine = true
        return cut(parts, least, &beginsLine)
    }

    private static func measure(_ parts: [Expression.Part], _ least: inout Int, _ beginsLine: inout Bool) {
        for part in parts {
            switch part {
            case .text(let text):
                for line in lines(text) {
                    if beginsLine {
                        let spaces = line.prefix { $0 == " " }.count
                        // An empty line has no beginning.
                        if line.utf8.count > spaces, line.dropFirst(spaces) != "\n" { least = min(least, spaces) }
                    }
                    beginsLine = line.last == "\n"
                }
            case .value:
                if beginsLine { least = 0 }
                beginsLine = false
            case .choice(_, let first, let second):
                measure(first, &least, &beginsLine)
                measure(second, &least, &beginsLine)
            case .loop(_, _, _, let body): measure(body, &least, &beginsLine)
            }
        }
    }

    private static func cut(_ parts: [Expression.Part], _ count: Int, _ beginsLine: inout Bool) -> [Expression.Part] {
        var result: [Expression.Part] = []
        for part in parts {
            switch part {
            case .text(let text):
                var kept = ""
                for line in lines(text) {
                    let spaces = line.prefix { $0 == " " }.count
                    kept += beginsLine ? line.dropFirst(min(count, spaces)) : line
                    beginsLine = line.last == "\n"
                }
                result.append(.text(kept))
            case .value:
                beginsLine = false
                result.append(part)
            case .choice(let condition, let first, let second):
                let first = cut(first, count, &beginsLine)
                result.append(.choice(condition, first, cut(second, count, &beginsLine)))
            case .loop(let key, let value, let collection, let body):
                result.append(
                    .loop(keyName: key, valueName: value, collection: collection, cut(body, count, &beginsLine)))
            }
        }
        return result
    }

    /// Each with the line feed that ends it.
    private static func lines(_ text: String) -> [Substring] {
        var lines: [Substring] = []
        var rest = text.unicodeScalars[...]
        while let end = rest.firstIndex(of: "\n") {
            let next = rest.index(after: end)
            lines.append(Substring(rest[..<next]))
            rest = rest[next...]
        }
        if !rest.isEmpty { lines.append(Substring(rest)) }
        return lines
    }
}
