/// A wildcard pattern of COPY and ADD, with the rules of Go's `filepath.Match`.
///
/// `*` and `?` do not match a slash; `[a-z]` and `[^a-z]` match one character; a backslash escapes. Paths are bytes, for
/// names of files need not be UTF-8.
package struct PathPattern: Hashable, Sendable {
    private let glob: Glob

    package init(_ pattern: [UInt8]) throws(PathPatternError) {
        var compiler = GlobCompiler(pattern, dialect: .path)
        glob = Glob(try compiler.compile())
    }

    package init(_ pattern: String) throws(PathPatternError) { try self.init(Array(pattern.utf8)) }

    /// The bytes that the pattern stands for if it holds no wildcard.
    package var literal: [UInt8]? { glob.isLiteral ? glob.prefix : nil }

    package func matches(_ path: some Sequence<UInt8>) -> Bool { glob.matches(Array(path)[...]) }
}

/// A pattern with an open bracket, an empty class or a backslash at its end.
package struct PathPatternError: Error, Hashable, Sendable {
    package let pattern: [UInt8]
}

/// Reads the text of a pattern.
struct GlobCompiler {
    enum Dialect {
        /// Go's `filepath.Match`.
        case path
        /// moby/patternmatcher: `**` as well.
        case ignore
    }

    private let scalars: [Unicode.Scalar]
    private let pattern: [UInt8]
    private let dialect: Dialect
    private var index = 0

    init(_ pattern: [UInt8], dialect: Dialect) {
        (self.pattern, self.dialect) = (pattern, dialect)
        scalars = Array(String(decoding: pattern, as: UTF8.self).unicodeScalars)
    }

    mutating func compile() throws(PathPatternError) -> [Glob.Token] {
        var tokens: [Glob.Token] = []
        while index < scalars.count {
            let scalar = scalars[index]
            index += 1
            switch scalar {
            case "*":
                if dialect == .ignore, index < scalars.count, scalars[index] == "*" {
                    let stars = doubleStar()
                    // A second one in a row adds nothing.
                    if stars.first != .directories || tokens.last != .inDirectories { tokens += stars }
                } else if tokens.last != .star {
                    tokens.append(.star)
                }
            case "?": tokens.append(.any)
            case "[": tokens.append(.characters(try characterClass()))
            case "\\":
                guard index < scalars.count else { throw PathPatternError(pattern: pattern) }
                append(scalars[index], to: &tokens)
                index += 1
            default: append(scalar, to: &tokens)
            }
        }
        return tokens
    }

    /// `**/` is `**`; at the end it matches everything.
    private mutating func doubleStar() -> [Glob.Token] {
        index += 1
        if index < scalars.count, scalars[index] == "/" { index += 1 }
        return index == scalars.count ? [.rest] : [.directories, .inDirectories]
    }

    private func append(_ scalar: Unicode.Scalar, to tokens: inout [Glob.Token]) {
        for byte in String(scalar).utf8 { tokens.append(.byte(byte)) }
    }

    private mutating func characterClass() throws(PathPatternError) -> Glob.CharacterClass {
        var result = Glob.CharacterClass(ranges: [], isNegated: false)
        if index < scalars.count, scalars[index] == "^" {
            result.isNegated = true
            index += 1
        }
        while true {
            if index < scalars.count, scalars[index] == "]", !result.ranges.isEmpty {
                index += 1
                return result
            }
            let low = try classMember()
            var high = low
            if index < scalars.count, scalars[index] == "-" {
                index += 1
                high = try classMember()
            }
            // A range whose ends are the wrong way round holds nothing.
            result.ranges.append(low <= high ? low...high : 0x11_0000...0x11_0000)
        }
    }

    private mutating func classMember() throws(PathPatternError) -> UInt32 {
        guard index < scalars.count, scalars[index] != "-", scalars[index] != "]" else {
            throw PathPatternError(pattern: pattern)
        }
        if scalars[index] == "\\" { index += 1 }
        guard index < scalars.count else { throw PathPatternError(pattern: pattern) }
        index += 1
        // A class is not closed unless something follows its member.
        guard index < scalars.count else { throw PathPatternError(pattern: pattern) }
        return scalars[index - 1].value
    }
}
