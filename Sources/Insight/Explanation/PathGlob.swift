/// A pattern over absolute paths: `*` and `?` within a name, `**` over any number of names.
///
/// Matching takes at most the pattern's length times the path's, whatever stands in them.
struct PathGlob {
    private enum Token: Hashable {
        case byte(UInt8)
        case any
        /// Anything within a name.
        case star
        /// Anything.
        case rest
    }

    private let tokens: [Token]

    init(_ text: String) {
        var tokens: [Token] = []
        var bytes = Array(text.utf8)[...]
        // A pattern without a slash is a name, wherever it is.
        if bytes.first != UInt8(ascii: "/") {
            tokens = bytes.contains(UInt8(ascii: "/")) ? [.byte(UInt8(ascii: "/"))] : [.rest, .byte(UInt8(ascii: "/"))]
        }
        while let byte = bytes.popFirst() {
            switch byte {
            case UInt8(ascii: "*"):
                if bytes.first == byte {
                    bytes = bytes.dropFirst()
                    tokens.append(.rest)
                    // `/a/**/b` means `/a/b` too.
                    if tokens.dropLast().last == .byte(UInt8(ascii: "/")), bytes.first == UInt8(ascii: "/") {
                        bytes = bytes.dropFirst()
                    }
                } else {
                    tokens.append(.star)
                }
            case UInt8(ascii: "?"): tokens.append(.any)
            default: tokens.append(.byte(byte))
            }
        }
        self.tokens = tokens
    }

    /// - Parameter path: from the root on, without a slash in front.
    func matches(_ path: [UInt8]) -> Bool {
        let slash = UInt8(ascii: "/")
        // Which tokens may come next.
        var states = [Bool](repeating: false, count: tokens.count + 1)
        states[0] = true
        passStars(&states)
        for byte in [slash] + path {
            var next = [Bool](repeating: false, count: tokens.count + 1)
            var isAny = false
            for state in tokens.indices where states[state] {
                switch tokens[state] {
                case .byte(let wanted): if wanted == byte { (next[state + 1], isAny) = (true, true) }
                case .any: if byte != slash { (next[state + 1], isAny) = (true, true) }
                case .star: if byte != slash { (next[state], isAny) = (true, true) }
                case .rest: (next[state], isAny) = (true, true)
                }
            }
            if !isAny { return false }
            states = next
            passStars(&states)
        }
        return states[tokens.count]
    }

    /// A star may stand for nothing.
    private func passStars(_ states: inout [Bool]) {
        for state in tokens.indices where states[state] && (tokens[state] == .star || tokens[state] == .rest) {
            states[state + 1] = true
        }
    }
}
