/// A place in a source file: line and column, both from 1. A column counts Unicode scalars.
public struct SourcePosition: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let line: Int
    public let column: Int

    public init(line: Int, column: Int) { (self.line, self.column) = (line, column) }

    public var description: String { "\(line):\(column)" }

    public static func < (left: SourcePosition, right: SourcePosition) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }
}

/// A stretch of a source file; `end` is the place behind its last character.
public struct SourceRange: Hashable, Sendable, CustomStringConvertible {
    public let start: SourcePosition
    public let end: SourcePosition

    public init(start: SourcePosition, end: SourcePosition) { (self.start, self.end) = (start, end) }

    /// The lines that the range touches.
    public var lines: ClosedRange<Int> { start.line...max(start.line, end.line) }

    public var description: String { "\(start)-\(end)" }
}

/// The name and the bytes of a Dockerfile or an ignore file.
public struct SourceFile: Hashable, Sendable {
    /// As people wrote it, for messages.
    public let name: String
    public let bytes: [UInt8]
    /// Where each line begins.
    private let lineStarts: [Int]

    public init(name: String, bytes: [UInt8]) {
        (self.name, self.bytes) = (name, bytes)
        var starts = [0]
        for (index, byte) in bytes.enumerated() where byte == 0x0A { starts.append(index + 1) }
        lineStarts = starts
    }

    public init(name: String, text: String) { self.init(name: name, bytes: Array(text.utf8)) }

    /// A line, counted from 1, without its line ending; nil if there is none. Bytes that are not UTF-8 are replaced.
    public func line(_ number: Int) -> String? {
        guard number > 0, number <= lineStarts.count, lineStarts[number - 1] < bytes.count else { return nil }
        let start = lineStarts[number - 1]
        var end = number < lineStarts.count ? lineStarts[number] - 1 : bytes.count
        while end > start, bytes[end - 1] == 0x0D { end -= 1 }
        var line = bytes[start..<end]
        if number == 1, line.starts(with: [0xEF, 0xBB, 0xBF]) { line = line.dropFirst(3) }
        return String(decoding: line, as: UTF8.self)
    }
}
