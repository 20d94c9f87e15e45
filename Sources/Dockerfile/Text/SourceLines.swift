/// The lines of a source file, one after the other, as bytes without their line endings.
struct SourceLines {
    struct Line {
        /// From 1.
        let number: Int
        let bytes: ArraySlice<UInt8>
        /// The bytes with their line ending, as a here-document keeps them.
        let raw: ArraySlice<UInt8>

        /// The place behind the last character.
        var end: SourcePosition {
            SourcePosition(line: number, column: 1 + String(decoding: bytes, as: UTF8.self).unicodeScalars.count)
        }

        var isComment: Bool { firstVisible == "#" }

        var isBlank: Bool { firstVisible == nil }

        private var firstVisible: Unicode.Scalar? {
            let rest = bytes.drop { $0 == 0x20 || (0x09...0x0D).contains($0) }
            guard let first = rest.first, first >= 0x80 else { return rest.first.map { Unicode.Scalar($0) } }
            return String(decoding: rest, as: UTF8.self).unicodeScalars.first { !$0.isSpace }
        }
    }

    /// The longest line that the reference frontend reads, in bytes with the line ending.
    static let maximumLength = 65_535

    private let bytes: [UInt8]
    private var offset = 0
    private(set) var number = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { offset = 3 }
    }

    mutating func next() throws(Diagnostic) -> Line? {
        guard offset < bytes.count else { return nil }
        number += 1
        let newline = bytes[offset...].firstIndex(of: 0x0A)
        let rawEnd = newline.map { $0 + 1 } ?? bytes.count
        let raw = bytes[offset..<rawEnd]
        offset = rawEnd
        guard raw.count <= Self.maximumLength else {
            throw Diagnostic(
                .error(.lineTooLong), at: Self.range(line: number),
                "the line has \(raw.count) bytes, more than the \(Self.maximumLength) that are allowed")
        }
        var content = raw
        while let last = content.last, last == 0x0A || last == 0x0D { content = content.dropLast() }
        return Line(number: number, bytes: content, raw: raw)
    }

    /// Decodes a line. Instructions end up in the image's config and in JSON, neither of which holds other bytes.
    static func decode(_ line: Line) throws(Diagnostic) -> LogicalText {
        guard let text = String(validating: line.bytes, as: UTF8.self) else {
            throw Diagnostic(.error(.notUTF8), at: range(line: line.number), "the line is not valid UTF-8")
        }
        return LogicalText(text.unicodeScalars, at: SourcePosition(line: line.number, column: 1))
    }

    static func range(line: Int) -> SourceRange {
        let position = SourcePosition(line: line, column: 1)
        return SourceRange(start: position, end: position)
    }
}
