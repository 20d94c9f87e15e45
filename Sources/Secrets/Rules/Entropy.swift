/// How much text looks like chance.
enum Entropy {
    /// Bits of a byte, by how often each byte stands in a text (Shannon); of long ones the first 512 bytes count.
    static func bits(_ text: some Collection<UInt8>) -> Double {
        var counts = [Int](repeating: 0, count: 256)
        var total = 0
        for byte in text.prefix(512) {
            counts[Int(byte)] += 1
            total += 1
        }
        guard total > 1 else { return 0 }
        var sum = 0.0
        for count in counts where count > 1 { sum += Double(count) * log2(Double(count)) }
        return log2(Double(total)) - sum / Double(total)
    }

    /// The logarithm to base 2 of a number that is at least 1, to six digits: its bits are had by squaring.
    static func log2(_ number: Double) -> Double {
        guard number >= 1, number.isFinite else { return 0 }
        var result = Double(number.exponent)
        var rest = number.significand
        var bit = 0.5
        for _ in 0..<22 {
            rest *= rest
            if rest >= 2 {
                rest /= 2
                result += bit
            }
            bit /= 2
        }
        return result
    }

    /// How many of the kinds lower case, upper case, digit and other a text has.
    static func kinds(_ text: some Collection<UInt8>) -> (count: Int, hasDigit: Bool, hasUpper: Bool, hasLower: Bool) {
        var (lower, upper, digit, other) = (false, false, false, false)
        for byte in text {
            switch byte {
            case 48...57: digit = true
            case 65...90: upper = true
            case 97...122: lower = true
            default: other = true
            }
        }
        return ([lower, upper, digit, other].count { $0 }, digit, upper, lower)
    }
}
