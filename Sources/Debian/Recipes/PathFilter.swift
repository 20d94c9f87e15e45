/// Which paths of packages are left out, as dpkg's `--path-exclude` and `--path-include` say it (dpkg(1)): the last
/// rule that matches counts.
package struct PathFilter: Hashable, Sendable {
    package enum Rule: Hashable, Sendable {
        /// A pattern over absolute paths, in which `*` matches slashes too.
        case exclude(String)
        case include(String)
    }

    package let rules: [Rule]

    package init(_ rules: [Rule]) { self.rules = rules }

    /// Whether a path is left out.
    ///
    /// - Parameter path: from `/` on, without a slash at its end.
    package func excludes(_ path: [UInt8]) -> Bool {
        for rule in rules.reversed() {
            switch rule {
            case .exclude(let pattern) where Self.matches(path, pattern: Array(pattern.utf8)): return true
            case .include(let pattern) where Self.matches(path, pattern: Array(pattern.utf8)): return false
            case .exclude, .include: continue
            }
        }
        return false
    }

    /// Lines for a file in `/etc/dpkg/dpkg.cfg.d`.
    var configuration: String {
        rules.map { rule in
            switch rule {
            case .exclude(let pattern): "path-exclude=\(pattern)\n"
            case .include(let pattern): "path-include=\(pattern)\n"
            }
        }.joined()
    }

    /// Matches `*`, `?` and `[…]` (fnmatch(3) without flags). Only the last star is ever tried again, so the time is
    /// bounded by the product of the lengths.
    static func matches(_ text: [UInt8], pattern: [UInt8]) -> Bool {
        var (place, next) = (0, 0)
        var star: (next: Int, place: Int)?
        while place < text.count {
            if next < pattern.count, pattern[next] == UInt8(ascii: "*") {
                star = (next + 1, place)
                next += 1
            } else if let after = element(pattern, at: next, matches: text[place]) {
                next = after
                place += 1
            } else if let last = star {
                star = (last.next, last.place + 1)
                (next, place) = (last.next, last.place + 1)
            } else {
                return false
            }
        }
        return pattern[next...].allSatisfy { $0 == UInt8(ascii: "*") }
    }

    /// The place behind the pattern's element if it matches a byte.
    private static func element(_ pattern: [UInt8], at start: Int, matches byte: UInt8) -> Int? {
        guard start < pattern.count else { return nil }
        switch pattern[start] {
        case UInt8(ascii: "?"): return start + 1
        case UInt8(ascii: "\\") where start + 1 < pattern.count: return pattern[start + 1] == byte ? start + 2 : nil
        case UInt8(ascii: "["):
            var index = start + 1
            let isNegated =
                index < pattern.count && (pattern[index] == UInt8(ascii: "!") || pattern[index] == UInt8(ascii: "^"))
            if isNegated { index += 1 }
            let first = index
            var isMember = false
            while index < pattern.count, pattern[index] != UInt8(ascii: "]") || index == first {
                if index + 2 < pattern.count, pattern[index + 1] == UInt8(ascii: "-"),
                    pattern[index + 2] != UInt8(ascii: "]")
                {
                    if pattern[index] <= byte, byte <= pattern[index + 2] { isMember = true }
                    index += 3
                } else {
                    if pattern[index] == byte { isMember = true }
                    index += 1
                }
            }
            guard index < pattern.count else { return byte == UInt8(ascii: "[") ? start + 1 : nil }
            return isMember != isNegated ? index + 1 : nil
        case byte: return start + 1
        default: return nil
        }
    }
}
