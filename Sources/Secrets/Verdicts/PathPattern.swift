/// Patterns of paths.
enum PathPattern {
    private enum Token {
        case byte(UInt8)
        case one, name, any
        /// `**/`: nothing, or directories with the slash behind them.
        case directories
    }

    /// `*` and `?` stand for bytes of one name, `**` for any; a backslash takes the next byte's meaning away. In time of the two
    /// lengths' product at most.
    static func matches(_ pattern: [UInt8], _ path: [UInt8]) -> Bool {
        guard pattern.count <= 4096, path.count <= 8192 else { return false }
        // From the last token to the first: at which places of the path the rest of the pattern fits what is left of the path.
        var fits = [Bool](repeating: false, count: path.count + 1)
        fits[path.count] = true
        for token in tokens(pattern).reversed() {
            var before = [Bool](repeating: false, count: path.count + 1)
            var fitsBehindSlash = false
            for place in stride(from: path.count, through: 0, by: -1) {
                let byte = place < path.count ? path[place] : nil
                let goesOn = place < path.count
                switch token {
                case .byte(let wanted): before[place] = byte == wanted && fits[place + 1]
                case .one: before[place] = goesOn && byte != UInt8(ascii: "/") && fits[place + 1]
                case .name: before[place] = fits[place] || goesOn && byte != UInt8(ascii: "/") && before[place + 1]
                case .any: before[place] = fits[place] || goesOn && before[place + 1]
                case .directories:
                    if byte == UInt8(ascii: "/"), fits[place + 1] { fitsBehindSlash = true }
                    before[place] = fits[place] || fitsBehindSlash
                }
            }
            fits = before
        }
        return fits[0]
    }

    private static func tokens(_ pattern: [UInt8]) -> [Token] {
        var tokens: [Token] = []
        var place = 0
        while place < pattern.count {
            let byte = pattern[place]
            let next = place + 1 < pattern.count ? pattern[place + 1] : nil
            switch byte {
            case UInt8(ascii: "*") where next == byte:
                let isDirectories = place + 2 < pattern.count && pattern[place + 2] == UInt8(ascii: "/")
                tokens.append(isDirectories ? .directories : .any)
                place += isDirectories ? 2 : 1
            case UInt8(ascii: "*"): tokens.append(.name)
            case UInt8(ascii: "?"): tokens.append(.one)
            case UInt8(ascii: "\\"):
                tokens.append(.byte(next ?? byte))
                place += 1
            default: tokens.append(.byte(byte))
            }
            place += 1
        }
        return tokens
    }
}
