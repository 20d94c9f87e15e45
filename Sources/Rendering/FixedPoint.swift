/// A floating-point number as decimal text, rounded from its exact binary value, ties to even, as C's `%.Nf` does.
package enum FixedPoint {
    /// - Parameter decimals: digits after the point; more than 18 are filled with zeros.
    /// - Returns: nil for a number that is negative, not finite, or too large for exact digits (2⁶³).
    package static func text(_ value: Double, decimals: Int) -> String? {
        guard value.isFinite, value >= 0, value < 0x1p63, decimals >= 0 else { return nil }
        let exact = min(decimals, 18)
        var scale: UInt64 = 1
        for _ in 0..<exact { scale *= 10 }
        let whole = value.rounded(.towardZero)
        var integer = UInt64(whole)
        var fraction = Self.round(value - whole, times: scale)
        if fraction == scale { (integer, fraction) = (integer + 1, 0) }
        guard decimals > 0 else { return "\(Self.roundToEven(value))" }
        let digits = String(fraction)
        return "\(integer)." + String(repeating: "0", count: exact - digits.count) + digits
            + String(repeating: "0", count: decimals - exact)
    }

    private static func roundToEven(_ value: Double) -> UInt64 { UInt64(value.rounded(.toNearestOrEven)) }

    /// The fraction (0 up to 1) times the scale, rounded once. The product of a significand of 53 bits and a scale
    /// below 2⁶⁰ is exact in 128 bits.
    private static func round(_ fraction: Double, times scale: UInt64) -> UInt64 {
        guard fraction > 0 else { return 0 }
        // fraction = significand × 2^(exponent - 52), with an exponent below zero
        let significand = UInt128(fraction.significandBitPattern | (1 << 52))
        let shift = 52 - Int(fraction.exponent)
        let product = significand * UInt128(scale)
        guard shift < 127 else { return 0 }
        let quotient = UInt64(truncatingIfNeeded: product >> UInt128(shift))
        let remainder = product & ((1 << UInt128(shift)) - 1)
        let half: UInt128 = 1 << UInt128(shift - 1)
        let roundsUp = remainder > half || (remainder == half && quotient & 1 == 1)
        return quotient + (roundsUp ? 1 : 0)
    }
}
