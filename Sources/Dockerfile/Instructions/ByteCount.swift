/// A number of bytes with an optional unit, `64m` or `1.5GiB`; units are powers of 1024.
package enum ByteCount {
    package static func parse(_ text: String) -> Int64? {
        let number = text.prefix { $0.isNumber || $0 == "." }
        guard number.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2E }), let value = Double(number) else {
            return nil
        }
        var unit = text.dropFirst(number.count).drop { $0 == " " }.lowercased()[...]
        var factor = 1.0
        if let letter = unit.first, let power = ["k", "m", "g", "t", "p"].firstIndex(of: String(letter)) {
            for _ in 0...power { factor *= 1024 }
            unit = unit.dropFirst()
            if unit.hasPrefix("i") {
                guard unit == "ib" else { return nil }
            }
        }
        guard ["", "b", "ib"].contains(unit), unit != "ib" || factor > 1 else { return nil }
        let bytes = value * factor
        return bytes < 9e18 ? Int64(bytes) : nil
    }
}

/// Slash-separated paths without a file system, as Go's `path` package cleans them.
package enum CleanPath {
    /// The shortest path that means the same: no empty or `.` elements, `..` resolved where it can be; `.` for nothing.
    package static func clean(_ path: String) -> String {
        let isRooted = path.utf8.first == UInt8(ascii: "/")
        var parts: [Substring] = []
        for part in path.split(separator: "/") {
            switch part {
            case ".": continue
            case "..":
                if let last = parts.last, last != ".." {
                    parts.removeLast()
                } else if !isRooted {
                    parts.append(part)
                }
            default: parts.append(part)
            }
        }
        let joined = parts.joined(separator: "/")
        return isRooted ? "/" + joined : joined.isEmpty ? "." : joined
    }

    /// The last element; `.` for nothing, `/` for the root.
    package static func base(_ path: String) -> String {
        guard let last = path.split(separator: "/").last else { return path.isEmpty ? "." : "/" }
        return String(last)
    }
}
