/// A compiled wildcard pattern over the bytes of a slash-separated path.
///
/// Shared by COPY's sources and by ignore files, whose dialects differ only in `**`. Matching looks at every pair of
/// token and byte at most once: hostile patterns cost their size times the path's, never more.
struct Glob: Hashable, Sendable {
    enum Token: Hashable, Sendable {
        case byte(UInt8)
        /// One character, no slash.
        case any
        /// Characters up to the next slash.
        case star
        /// Nothing, or anything up to a slash and that slash. Always followed by ``inDirectories``.
        case directories
        /// Anything up to a slash and that slash; the second half of ``directories``.
        case inDirectories
        /// Anything.
        case rest
        case characters(CharacterClass)
    }

    struct CharacterClass: Hashable, Sendable {
        var ranges: [ClosedRange<UInt32>]
        var isNegated: Bool

        func contains(_ value: UInt32) -> Bool { ranges.contains { $0.contains(value) } != isNegated }
    }

    /// The bytes that every match begins with, and ends with behind them.
    let prefix: [UInt8]
    private let suffix: [UInt8]
    /// The tokens between prefix and suffix.
    private let tokens: [Token]

    init(_ tokens: [Token]) {
        func literal(_ tokens: some Sequence<Token>) -> [UInt8] {
            var bytes: [UInt8] = []
            for token in tokens {
                guard case .byte(let byte) = token else { break }
                bytes.append(byte)
            }
            return bytes
        }
        prefix = literal(tokens)
        suffix = literal(tokens.dropFirst(prefix.count).reversed()).reversed()
        self.tokens = Array(tokens.dropFirst(prefix.count).dropLast(suffix.count))
    }

    var isLiteral: Bool { tokens.isEmpty && suffix.isEmpty }

    func matches(_ path: ArraySlice<UInt8>) -> Bool {
        guard path.count >= prefix.count + suffix.count, path.starts(with: prefix) else { return false }
        if isLiteral { return path.count == prefix.count }
        guard path.suffix(suffix.count).elementsEqual(suffix) else { return false }
        let middle = path.dropFirst(prefix.count).dropLast(suffix.count)
        // By far the most frequent patterns: `dir/**`, `*.o`, `**/*.o`.
        switch tokens {
        case [.rest], [.directories, .inDirectories, .star]: return true
        case [.star]: return !middle.contains(UInt8(ascii: "/"))
        default: return run(middle)
        }
    }

    /// All states at once; a character may take up to four bytes, so states for the next four places are kept.
    private func run(_ path: ArraySlice<UInt8>) -> Bool {
        let width = tokens.count + 1
        var states = StateWindow(width: width)
        enter(0, 0, &states)
        var position = path.startIndex
        while position < path.endIndex {
            guard states.isAlive else { return false }
            step(path, position, &states)
            states.advance()
            position += 1
        }
        return states.contains(tokens.count, ahead: 0)
    }

    private func step(_ path: ArraySlice<UInt8>, _ position: Int, _ states: inout StateWindow) {
        let byte = path[position]
        for index in tokens.indices where states.contains(index, ahead: 0) {
            switch tokens[index] {
            case .byte(let wanted): if byte == wanted { enter(index + 1, 1, &states) }
            case .any:
                if byte != UInt8(ascii: "/") { enter(index + 1, Self.character(path, at: position).length, &states) }
            case .star: if byte != UInt8(ascii: "/") { enter(index, 1, &states) }
            case .rest: enter(index, 1, &states)
            case .directories: break
            case .inDirectories:
                enter(index, 1, &states)
                if byte == UInt8(ascii: "/") { enter(index + 1, 1, &states) }
            case .characters(let characters):
                let (value, length) = Self.character(path, at: position)
                if characters.contains(value) { enter(index + 1, length, &states) }
            }
        }
    }

    /// Marks a state, and those behind it that are reached without a byte.
    private func enter(_ state: Int, _ ahead: Int, _ states: inout StateWindow) {
        states.insert(state, ahead: ahead)
        guard state < tokens.count else { return }
        switch tokens[state] {
        case .star, .rest: if !states.contains(state + 1, ahead: ahead) { enter(state + 1, ahead, &states) }
        case .directories:
            states.insert(state + 1, ahead: ahead)
            if !states.contains(state + 2, ahead: ahead) { enter(state + 2, ahead, &states) }
        case .byte, .any, .inDirectories, .characters: break
        }
    }

    /// The character at a place; a byte that is no UTF-8 counts as one replacement character, as in Go.
    private static func character(_ path: ArraySlice<UInt8>, at position: Int) -> (value: UInt32, length: Int) {
        let lead = path[position]
        guard lead >= 0x80 else { return (UInt32(lead), 1) }
        let length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 1
        let end = position + length
        guard length > 1, end <= path.endIndex,
            let text = String(validating: path[position..<end], as: UTF8.self),
            let scalar = text.unicodeScalars.first, text.unicodeScalars.count == 1
        else { return (0xFFFD, 1) }
        return (scalar.value, length)
    }
}

/// Sets of states for a place and the four behind it.
private struct StateWindow {
    private let width: Int
    private var cells: [Bool]
    private var first = 0

    init(width: Int) {
        self.width = width
        cells = Array(repeating: false, count: width * 5)
    }

    private func row(_ ahead: Int) -> Int { (first + ahead) % 5 * width }

    func contains(_ state: Int, ahead: Int) -> Bool { cells[row(ahead) + state] }

    mutating func insert(_ state: Int, ahead: Int) { cells[row(ahead) + state] = true }

    /// Whether any state is left, here or further on.
    var isAlive: Bool { cells.contains(true) }

    /// Goes one place on.
    mutating func advance() {
        let start = row(0)
        for index in start..<(start + width) { cells[index] = false }
        first = (first + 1) % 5
    }
}
