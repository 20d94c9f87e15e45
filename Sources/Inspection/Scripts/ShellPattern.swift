/// A pattern of `case` and of file names (POSIX.1-2017, XCU 2.13).
enum ShellPattern {
    enum Element: Equatable {
        case any, one
        case scalar(Unicode.Scalar)
        case set(String, isNegated: Bool)
    }

    private static let stepLimit = 16 << 20

    static func elements(_ text: String) -> [Element] {
        var result: [Element] = []
        var rest = text.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            switch scalar {
            case "*": if result.last != .any { result.append(.any) }
            case "?": result.append(.one)
            case "[":
                guard let end = rest.dropFirst().firstIndex(of: "]") else {
                    result.append(.scalar(scalar))
                    continue
                }
                var set = rest[..<end]
                let isNegated = set.first == "!" || set.first == "^"
                if isNegated { set = set.dropFirst() }
                result.append(.set(String(String.UnicodeScalarView(set)), isNegated: isNegated))
                rest = rest[rest.index(after: end)...]
            default: result.append(.scalar(scalar))
            }
        }
        return result
    }

    /// Without going back further than to the last `*`, so that no pattern takes long; a long one of a long text
    /// matches nothing.
    static func matches(_ text: String, _ pattern: [Element]) -> Bool {
        let scalars = Array(text.unicodeScalars)
        guard scalars.count <= stepLimit / max(1, pattern.count) else { return false }
        var (place, element, star, resume) = (0, 0, -1, 0)
        while place < scalars.count {
            if element < pattern.count, pattern[element] == .any {
                (star, resume) = (element, place)
                element += 1
            } else if element < pattern.count, accepts(pattern[element], scalars[place]) {
                place += 1
                element += 1
            } else if star >= 0 {
                resume += 1
                (element, place) = (star + 1, resume)
            } else {
                return false
            }
        }
        return pattern[element...].allSatisfy { $0 == .any }
    }

    private static func accepts(_ element: Element, _ scalar: Unicode.Scalar) -> Bool {
        switch element {
        case .any: return false
        case .one: return true
        case .scalar(let wanted): return wanted == scalar
        case .set(let text, let isNegated):
            let set = Array(text.unicodeScalars)
            var isMember = false
            for (index, low) in set.enumerated() {
                if low == scalar { isMember = true }
                if index + 2 < set.count, set[index + 1] == "-", low <= scalar, scalar <= set[index + 2] {
                    isMember = true
                }
            }
            return isMember != isNegated
        }
    }
}
