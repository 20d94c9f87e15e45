/// Reads TOML 1.0: tables, arrays of tables, dotted and quoted keys, strings of all kinds, Booleans, arrays, inline tables.
/// Numbers and times are passed over.
struct TOMLReader {
    private let bytes: [UInt8]
    private var offset = 0
    private var line = 1
    /// Arrays and inline tables in one another.
    private var depth = 0

    private init(_ text: String) { bytes = Array(text.utf8) }

    static func table(_ text: String) throws(TOMLError) -> TOMLTable {
        var reader = TOMLReader(text)
        return try reader.document()
    }

    private var failure: TOMLError { TOMLError(line: line) }

    private var peek: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    private mutating func document() throws(TOMLError) -> TOMLTable {
        var root = TOMLTable()
        var section = TOMLTable()
        var header: (path: [String], isElement: Bool, line: Int) = ([], false, 1)
        while true {
            skipBlank()
            guard let byte = peek else { break }
            if byte == UInt8(ascii: "[") {
                guard root.put(section, at: header.path[...], isElement: header.isElement, line: header.line) else {
                    throw TOMLError(line: header.line)
                }
                section = TOMLTable()
                header = try self.header()
            } else {
                try member(of: &section)
            }
            try endOfLine()
        }
        guard root.put(section, at: header.path[...], isElement: header.isElement, line: header.line) else {
            throw TOMLError(line: header.line)
        }
        return root
    }

    private mutating func header() throws(TOMLError) -> (path: [String], isElement: Bool, line: Int) {
        offset += 1
        let isElement = take("[")
        let path = try keys()
        guard take("]"), !isElement || take("]") else { throw failure }
        return (path, isElement, line)
    }

    private mutating func member(of table: inout TOMLTable) throws(TOMLError) {
        let start = line
        let path = try keys()
        guard take("=") else { throw failure }
        skipSpace()
        guard table.add(try value(), at: path[...], line: start) else { throw TOMLError(line: start) }
    }

    /// `a."b c".d`, up to what follows it.
    private mutating func keys() throws(TOMLError) -> [String] {
        var path: [String] = []
        repeat {
            skipSpace()
            switch peek {
            case UInt8(ascii: "\""), UInt8(ascii: "'"): path.append(try string())
            default:
                let key = word { $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-") }
                guard !key.isEmpty else { throw failure }
                path.append(key)
            }
            skipSpace()
            guard path.count <= 32 else { throw failure }
        } while take(".")
        return path
    }

    private mutating func value() throws(TOMLError) -> TOMLValue {
        switch peek {
        case UInt8(ascii: "\""), UInt8(ascii: "'"): return .text(try string())
        case UInt8(ascii: "["): return try nested { reader throws(TOMLError) in try reader.list() }
        case UInt8(ascii: "{"): return try nested { reader throws(TOMLError) in try reader.inlineTable() }
        default:
            let text = word { "+-_.:".utf8.contains($0) }
            guard !text.isEmpty else { throw failure }
            return text == "true" ? .flag(true) : text == "false" ? .flag(false) : .other
        }
    }

    private mutating func nested(
        _ body: (inout TOMLReader) throws(TOMLError) -> TOMLValue
    ) throws(TOMLError) -> TOMLValue {
        offset += 1
        depth += 1
        guard depth <= 32 else { throw failure }
        let value = try body(&self)
        depth -= 1
        return value
    }

    private mutating func list() throws(TOMLError) -> TOMLValue {
        var values: [TOMLValue] = []
        while true {
            skipBlank()
            if take("]") { return .list(values) }
            values.append(try value())
            skipBlank()
            if take("]") { return .list(values) }
            guard take(",") else { throw failure }
        }
    }

    private mutating func inlineTable() throws(TOMLError) -> TOMLValue {
        var table = TOMLTable()
        skipSpace()
        if take("}") { return .table(table) }
        while true {
            skipSpace()
            try member(of: &table)
            skipSpace()
            if take("}") { return .table(table) }
            guard take(",") else { throw failure }
        }
    }

    private mutating func string() throws(TOMLError) -> String {
        guard let quote = peek else { throw failure }
        let isLong = bytes[offset...].starts(with: [quote, quote, quote])
        offset += isLong ? 3 : 1
        // The line end behind the opening belongs to nothing.
        if isLong {
            if peek == 0x0D { offset += 1 }
            if peek == 0x0A { newline() }
        }
        var result: [UInt8] = []
        while let byte = peek {
            if byte == quote, !isLong || bytes[offset...].starts(with: [quote, quote, quote]) {
                offset += isLong ? 3 : 1
                guard let text = String(validating: result, as: UTF8.self) else { throw failure }
                return text
            }
            if byte == 0x0A {
                guard isLong else { throw failure }
                newline()
                result.append(byte)
            } else if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
                result += try escape(isLong)
            } else {
                offset += 1
                result.append(byte)
            }
        }
        throw failure
    }

    private mutating func escape(_ isLong: Bool) throws(TOMLError) -> [UInt8] {
        offset += 1
        guard let byte = peek else { throw failure }
        offset += 1
        switch byte {
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): return [byte]
        case UInt8(ascii: "u"), UInt8(ascii: "U"):
            let count = byte == UInt8(ascii: "u") ? 4 : 8
            let digits = bytes[offset...].prefix(count)
            guard digits.count == count, digits.first != UInt8(ascii: "+"),
                let number = UInt32(String(decoding: digits, as: UTF8.self), radix: 16),
                let scalar = Unicode.Scalar(number)
            else { throw failure }
            offset += count
            return Array(String(Character(scalar)).utf8)
        default:
            // A line that is only broken for its writer goes on where the next one's text begins.
            offset -= 1
            guard isLong, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D else { throw failure }
            while let space = peek, space == 0x20 || space == 0x09 || space == 0x0A || space == 0x0D {
                if space == 0x0A { newline() } else { offset += 1 }
            }
            return []
        }
    }

    private mutating func word(_ isAllowed: (UInt8) -> Bool) -> String {
        let start = offset
        while let byte = peek,
            isAllowed(byte) || (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
                || (0x61...0x7A).contains(byte)
        {
            offset += 1
        }
        return String(decoding: bytes[start..<offset], as: UTF8.self)
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard peek == UInt8(ascii: character) else { return false }
        offset += 1
        return true
    }

    private mutating func newline() {
        offset += 1
        line += 1
    }

    private mutating func skipSpace() { while peek == 0x20 || peek == 0x09 { offset += 1 } }

    private mutating func skipComment() {
        guard peek == UInt8(ascii: "#") else { return }
        while let byte = peek, byte != 0x0A { offset += 1 }
    }

    /// White space, line ends and comments.
    private mutating func skipBlank() {
        while true {
            skipSpace()
            skipComment()
            if peek == 0x0A { newline() } else if peek == 0x0D { offset += 1 } else { return }
        }
    }

    private mutating func endOfLine() throws(TOMLError) {
        skipSpace()
        skipComment()
        if peek == 0x0D { offset += 1 }
        if peek == 0x0A { newline() } else if peek != nil { throw failure }
    }
}
