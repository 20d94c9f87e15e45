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

    let tokens: [Token]
    /// The bytes that every match begins with.
    let prefix: [UInt8]

    init(_ tokens: [Token]) {
        self.tokens = tokens
        var prefix: [UInt8] = []
        for token in tokens {
            guard case .byte(let byte) = token else { break }
            prefix.append(byte)
        }
        self.prefix = prefix
    }

    var isLiteral: Bool { prefix.count == tokens.count }

    func matches(_ path: ArraySlice<UInt8>) -> Bool {
        guard path.starts(with: prefix) else { return false }
        if isLiteral { return path.count == prefix.count }
        return run(path.dropFirst(prefix.count), tokens[prefix.count...])
    }

    /// All states at once; a character may take up to four bytes, so states for the next four places are kept.
    private func run(_ path: ArraySlice<UInt8>, _ tokens: ArraySlice<Token>) -> Bool {
        let width = tokens.count + 1
        var rows = Array(repeating: Array(repeating: false, count: width), count: 5)
        rows[0][0] = true
        var row = 0
        var position = path.startIndex
        while true {
            Self.skipEmpty(&rows[row], tokens)
            if position == path.endIndex { return rows[row][width - 1] }
            if rows[row].contains(true) {
                let character = Self.character(path, at: position)
                for (index, token) in tokens.enumerated() where rows[row][index] {
                    step(token, index, row, path[position], character, &rows)
                }
            }
            for index in 0..<width { rows[row][index] = false }
            row = (row + 1) % 5
            position += 1
        }
    }

    private func step(
        _ token: Token, _ index: Int, _ row: Int, _ byte: UInt8, _ character: (value: UInt32, length: Int),
        _ rows: inout [[Bool]]
    ) {
        let next = (row + 1) % 5
        switch token {
        case .byte(let wanted): if byte == wanted { rows[next][index + 1] = true }
        case .any: if byte != UInt8(ascii: "/") { rows[(row + character.length) % 5][index + 1] = true }
        case .star: if byte != UInt8(ascii: "/") { rows[next][index] = true }
        case .rest: rows[next][index] = true
        case .directories: break
        case .inDirectories:
            rows[next][index] = true
            if byte == UInt8(ascii: "/") { rows[next][index + 1] = true }
        case .characters(let characters):
            if characters.contains(character.value) { rows[(row + character.length) % 5][index + 1] = true }
        }
    }

    /// Tokens that may match nothing.
    private static func skipEmpty(_ states: inout [Bool], _ tokens: ArraySlice<Token>) {
        for (index, token) in tokens.enumerated() where states[index] {
            switch token {
            case .star, .rest: states[index + 1] = true
            case .directories:
                states[index + 1] = true
                states[index + 2] = true
            case .inDirectories, .byte, .any, .characters: continue
            }
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
