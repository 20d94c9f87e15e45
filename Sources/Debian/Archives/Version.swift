/// A package's version (Debian policy 5.6.12): `[epoch:]upstream[-revision]`.
///
/// Two versions that compare as equal may be spelled differently (`1.0` and `1.00`), and are equal here.
package struct Version: Comparable, Sendable, CustomStringConvertible {
    /// As it was written.
    package let description: String
    private let epoch: UInt32
    private let upstream: Substring
    private let revision: Substring

    /// Nil if the text is empty, has a space or a control character, an epoch that is no number, or nothing behind a
    /// hyphen.
    package init?(_ text: some StringProtocol) {
        let text = String(text)
        guard !text.isEmpty, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
        var rest = text[...]
        if let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")) {
            guard let epoch = UInt32(text[..<colon]), text[..<colon].utf8.first != UInt8(ascii: "+") else { return nil }
            self.epoch = epoch
            rest = text[text.utf8.index(after: colon)...]
        } else {
            epoch = 0
        }
        if let hyphen = rest.utf8.lastIndex(of: UInt8(ascii: "-")) {
            upstream = rest[..<hyphen]
            revision = rest[rest.utf8.index(after: hyphen)...]
            guard !revision.isEmpty else { return nil }
        } else {
            upstream = rest
            revision = ""
        }
        guard !upstream.isEmpty else { return nil }
        description = text
    }

    package static func == (left: Version, right: Version) -> Bool { compare(left, right) == 0 }

    package static func < (left: Version, right: Version) -> Bool { compare(left, right) < 0 }

    /// Negative, zero or positive, as `left` is earlier than, equal to or later than `right`.
    static func compare(_ left: Version, _ right: Version) -> Int {
        if left.epoch != right.epoch { return left.epoch < right.epoch ? -1 : 1 }
        let order = compareParts(left.upstream.utf8, right.upstream.utf8)
        return order != 0 ? order : compareParts(left.revision.utf8, right.revision.utf8)
    }

    /// Compares runs of non-digits by ``weight(_:)`` and runs of digits as numbers, in turn.
    private static func compareParts(_ left: Substring.UTF8View, _ right: Substring.UTF8View) -> Int {
        var (left, right) = (left[...], right[...])
        while !left.isEmpty || !right.isEmpty {
            while left.first.map(isNonDigit) ?? false || right.first.map(isNonDigit) ?? false {
                let difference = weight(left.first) - weight(right.first)
                if difference != 0 { return difference }
                left = left.dropFirst()
                right = right.dropFirst()
            }
            left = left.drop { $0 == 0x30 }
            right = right.drop { $0 == 0x30 }
            let (leftDigits, rightDigits) = (left.prefix { !isNonDigit($0) }, right.prefix { !isNonDigit($0) })
            let (leftCount, rightCount) = (leftDigits.count, rightDigits.count)
            if leftCount != rightCount { return leftCount - rightCount }
            for (a, b) in zip(leftDigits, rightDigits) where a != b { return a < b ? -1 : 1 }
            left = left.dropFirst(leftCount)
            right = right.dropFirst(rightCount)
        }
        return 0
    }

    private static func isNonDigit(_ byte: UInt8) -> Bool { !(0x30...0x39).contains(byte) }

    /// A tilde sorts before the end, the end and digits before letters, letters before everything else.
    private static func weight(_ byte: UInt8?) -> Int {
        guard let byte else { return 0 }
        switch byte {
        case 0x30...0x39: return 0
        case 0x41...0x5A, 0x61...0x7A: return Int(byte)
        case UInt8(ascii: "~"): return -1
        default: return Int(byte) + 256
        }
    }
}
