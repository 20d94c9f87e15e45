/// Bytes of a file, and how far they are read.
struct Scanner {
    let bytes: [UInt8]
    let file: Int
    var index: Int
    /// Where what is read ends.
    var end: Int
    /// Whether the end of a line is a space: inside of parentheses and brackets.
    var crossesLines = false

    init(_ bytes: [UInt8], file: Int) {
        (self.bytes, self.file, end) = (bytes, file, bytes.count)
        index = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    }

    var peek: UInt8? { index < end ? bytes[index] : nil }

    func peek(_ offset: Int) -> UInt8? { index + offset < end ? bytes[index + offset] : nil }

    func spot(from start: Int) -> Spot { Spot(file: file, bytes: start..<max(start, index)) }

    /// The next byte.
    var here: Spot { Spot(file: file, bytes: index..<min(index + 1, max(index, end))) }

    func failure(_ reason: BakeError.Reason) -> Fault { Fault(reason, at: here) }

    func stands(_ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard index + count <= end else { return false }
        return text.withUTF8Buffer { $0.elementsEqual(bytes[index..<index + count]) }
    }

    mutating func take(_ text: StaticString) -> Bool {
        guard stands(text) else { return false }
        index += text.utf8CodeUnitCount
        return true
    }

    /// Passes over spaces and comments, and over ends of lines where those mean nothing.
    mutating func skipSpace() throws(Fault) {
        while let byte = peek {
            switch byte {
            case 0x20, 0x09, 0x0D: index += 1
            case 0x0A where crossesLines: index += 1
            case UInt8(ascii: "#"): skipLine()
            case UInt8(ascii: "/") where peek(1) == UInt8(ascii: "/"): skipLine()
            case UInt8(ascii: "/") where peek(1) == UInt8(ascii: "*"): try skipComment()
            default: return
            }
        }
    }

    /// Passes over spaces, comments and ends of lines.
    mutating func skipLines() throws(Fault) {
        let crossed = crossesLines
        crossesLines = true
        defer { crossesLines = crossed }
        try skipSpace()
    }

    private mutating func skipLine() { while let byte = peek, byte != 0x0A { index += 1 } }

    private mutating func skipComment() throws(Fault) {
        let start = index
        index += 2
        while index < end {
            if take("*/") { return }
            index += 1
        }
        throw Fault(.unterminated(.comment), at: Spot(file: file, bytes: start..<start + 2))
    }

    /// A name (HCL native syntax specification, "Identifiers"); nil if none stands here.
    mutating func name() -> String? {
        let start = index
        guard let first = peek, Self.beginsName(first) else { return nil }
        while let byte = peek, Self.beginsName(byte) || Self.isDigit(byte) || byte == UInt8(ascii: "-") { index += 1 }
        return String(decoding: bytes[start..<index], as: UTF8.self)
    }

    static func beginsName(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "_") || byte >= 0x80 || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }

    static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
