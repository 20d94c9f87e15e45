/// `1m30s`, `500ms`: spans of time (Compose specification, "Specifying durations").
enum ComposeDuration {
    static func parse(_ text: String) -> Duration? {
        let units: [(name: String, nanoseconds: Double)] = [
            ("us", 1e3), ("ms", 1e6), ("ns", 1), ("s", 1e9), ("m", 60e9), ("h", 3600e9), ("d", 86_400e9),
        ]
        guard text != "0" else { return .zero }
        var rest = text[...]
        var sum = 0.0
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            rest = rest.dropFirst(digits.count)
            guard let number = Double(digits), let unit = units.first(where: { rest.hasPrefix($0.name) }) else {
                return nil
            }
            rest = rest.dropFirst(unit.name.count)
            sum += number * unit.nanoseconds
        }
        // A hundred years.
        return sum < 3.2e18 ? .nanoseconds(Int64(sum)) : nil
    }
}
