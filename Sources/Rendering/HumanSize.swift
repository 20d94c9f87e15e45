/// Bytes in decimal units with a few significant digits, as docker prints them: `0B`, `13.3kB`, `1.83MB`.
///
/// Three digits are docker's choice in `image ls` and `history`; four in `system df`.
package enum HumanSize {
    private static let units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"]

    package static func text(_ bytes: Int64, significantDigits: Int = 3) -> String {
        let magnitude = bytes.magnitude
        var unit = 0
        var size: UInt64 = 1
        // What would be rounded up to 1000 belongs to the next unit: 999.9 kB is 1MB.
        while unit + 1 < units.count, magnitude >= 1000 * size || rounded(magnitude, size, significantDigits) == "1000"
        {
            unit += 1
            size *= 1000
        }
        return (bytes < 0 ? "-" : "") + rounded(magnitude, size, significantDigits) + units[unit]
    }

    private static func rounded(_ bytes: UInt64, _ size: UInt64, _ significantDigits: Int) -> String {
        let value = Double(bytes) / Double(size)
        let before = value < 10 ? 1 : value < 100 ? 2 : 3
        let decimals = max(0, significantDigits - before)
        var text = FixedPoint.text(value, decimals: decimals) ?? "\(bytes / size)"
        guard decimals > 0 else { return text }
        while text.hasSuffix("0") { text.removeLast() }
        if text.hasSuffix(".") { text.removeLast() }
        return text
    }
}
