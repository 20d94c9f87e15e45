/// A place in a source file: line and column, both from 1. A column counts Unicode scalars.
package struct SourcePosition: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let line: Int
    package let column: Int

    package init(line: Int, column: Int) { (self.line, self.column) = (line, column) }

    package var description: String { "\(line):\(column)" }

    package static func < (left: SourcePosition, right: SourcePosition) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }
}

/// A stretch of a source file; `end` is the place behind its last character.
package struct SourceRange: Hashable, Sendable, CustomStringConvertible {
    package let start: SourcePosition
    package let end: SourcePosition

    package init(start: SourcePosition, end: SourcePosition) { (self.start, self.end) = (start, end) }

    /// The lines that the range touches.
    package var lines: ClosedRange<Int> { start.line...max(start.line, end.line) }

    package var description: String { "\(start)-\(end)" }
}

/// The name and the bytes of a Dockerfile or an ignore file.
package struct SourceFile: Hashable, Sendable {
    /// As people wrote it, for messages.
    package let name: String
    package let bytes: [UInt8]
    /// Where each line begins.
    private let lineStarts: [Int]

    package init(name: String, bytes: [UInt8]) {
        (self.name, self.bytes) = (name, bytes)
        var starts = [0]
        for (index, byte) in bytes.enumerated() where byte == 0x0A { starts.append(index + 1) }
        lineStarts = starts
    }

    package init(name: String, text: String) { self.init(name: name, bytes: Array(text.utf8)) }

    /// A line, counted from 1, without its line ending; nil if there is none. Bytes that are not UTF-8 are replaced.
    package func line(_ number: Int) -> String? {
        guard number > 0, number <= lineStarts.count, lineStarts[number - 1] < bytes.count else { return nil }
        let start = lineStarts[number - 1]
        var end = number < lineStarts.count ? lineStarts[number] - 1 : bytes.count
        while end > start, bytes[end - 1] == 0x0D { end -= 1 }
        var line = bytes[start..<end]
        if number == 1, line.starts(with: [0xEF, 0xBB, 0xBF]) { line = line.dropFirst(3) }
        return String(decoding: line, as: UTF8.self)
    }
}
