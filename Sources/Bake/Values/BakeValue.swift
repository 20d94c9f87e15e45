package import OCI

/// What an expression comes to.
package indirect enum BakeValue: Hashable, Sendable {
    case null
    case bool(Bool)
    case number(Double)
    case text(String)
    case list([BakeValue])
    case mapping([String: BakeValue])

    package var kind: BakeError.Kind {
        switch self {
        case .null: .null
        case .bool: .boolean
        case .number: .number
        case .text: .text
        case .list: .list
        case .mapping: .mapping
        }
    }

    /// The value as a text, where it has one form as such; nil for null, lists and mappings.
    package var string: String? {
        switch self {
        case .bool(let value): value ? "true" : "false"
        case .number(let value): Self.text(of: value)
        case .text(let text): text
        case .null, .list, .mapping: nil
        }
    }

    /// The value as a number; a text that is one counts.
    var double: Double? {
        switch self {
        case .number(let value): value
        case .text(let text): Self.number(text)
        case .null, .bool, .list, .mapping: nil
        }
    }

    /// The value as a truth; the texts `true` and `false` count.
    var truth: Bool? {
        switch self {
        case .bool(let value): value
        case .text("true"): true
        case .text("false"): false
        case .null, .number, .text, .list, .mapping: nil
        }
    }

    /// A whole number in the range of Int32, which no count of this language leaves.
    var count: Int? {
        guard let double, double.rounded(.towardZero) == double, abs(double) <= Double(Int32.max) else { return nil }
        return Int(double)
    }

    /// Reads a number as it is written; nil for anything else, infinities among it.
    static func number(_ text: String) -> Double? {
        guard let first = text.utf8.first, first != UInt8(ascii: "+"), !text.utf8.contains(UInt8(ascii: "x")),
            let value = Double(text), value.isFinite
        else { return nil }
        return value
    }

    /// A number without an exponent, as short as it can be.
    static func text(of number: Double) -> String {
        if number == 0 { return "0" }
        if number.rounded(.towardZero) == number {
            return abs(number) < 1e15 ? String(Int64(number)) : Decimals.whole(number)
        }
        return Decimals.fraction(number)
    }

    /// The value as a JSON document; members are in the order of their names.
    package var json: JSON {
        switch self {
        case .null: .null
        case .bool(let value): .bool(value)
        case .number(let value): .number(Self.text(of: value))
        case .text(let text): .string(text)
        case .list(let items): .array(items.map(\.json))
        case .mapping(let members):
            .object(
                members.sorted { $0.key < $1.key }.reduce(into: JSONObject()) { $0[$1.key] = $1.value.json })
        }
    }

    package init(_ json: JSON) {
        switch json {
        case .null: self = .null
        case .bool(let value): self = .bool(value)
        case .number(let text): self = .number(Self.number(text) ?? 0)
        case .string(let text): self = .text(text)
        case .array(let items): self = .list(items.map(BakeValue.init))
        case .object(let object):
            self = .mapping(Dictionary(object.members.map { ($0.key, BakeValue($0.value)) }) { $1 })
        }
    }

    /// Whether lists and mappings are in one another at most so many times: values of variables pile up.
    func isNested(within limit: Int) -> Bool {
        switch self {
        case .null, .bool, .number, .text: true
        case .list(let items): limit > 0 && items.allSatisfy { $0.isNested(within: limit - 1) }
        case .mapping(let members): limit > 0 && members.values.allSatisfy { $0.isNested(within: limit - 1) }
        }
    }

    /// Takes from the budget how much memory and work the value stands for, roughly in bytes; a part counts each
    /// time that it stands there. False where there is too little, or lists and mappings are in one another more than
    /// `limit` times.
    func isPaid(from budget: inout Int, depth limit: Int) -> Bool {
        budget -= 8
        guard budget > 0 else { return false }
        switch self {
        case .null, .bool, .number: return true
        case .text(let text):
            budget -= text.utf8.count
            return budget > 0
        case .list(let items):
            guard limit > 0 else { return false }
            for item in items { guard item.isPaid(from: &budget, depth: limit - 1) else { return false } }
            return true
        case .mapping(let members):
            guard limit > 0 else { return false }
            for (name, value) in members {
                budget -= 8 + name.utf8.count
                guard value.isPaid(from: &budget, depth: limit - 1) else { return false }
            }
            return true
        }
    }
}

/// Numbers as digits.
enum Decimals {
    /// A whole number of any size.
    static func whole(_ number: Double) -> String {
        var digits: [UInt8] = []
        var rest = number.magnitude
        while rest >= 1, digits.count < 310 {
            let tenth = (rest / 10).rounded(.down)
            digits.append(UInt8(ascii: "0") + UInt8(max(0, min(9, rest - tenth * 10))))
            rest = tenth
        }
        return (number < 0 ? "-" : "") + String(decoding: digits.reversed(), as: UTF8.self)
    }

    /// Up to fifteen digits, which hide what binary fractions add to decimal ones.
    static func fraction(_ number: Double) -> String {
        let magnitude = number.magnitude
        var exponent = 0
        var scaled = magnitude
        while scaled >= 10 { (scaled, exponent) = (scaled / 10, exponent + 1) }
        while scaled < 1 { (scaled, exponent) = (scaled * 10, exponent - 1) }
        return fixed(number, digits: max(0, min(330, 14 - exponent)), trims: true)
    }

    /// With a number of digits behind the point.
    static func fixed(_ number: Double, digits: Int, trims: Bool = false) -> String {
        let sign = number < 0 ? "-" : ""
        let magnitude = number.magnitude
        var text: String
        if digits <= 15, magnitude < 1e15 {
            var power = 1.0
            for _ in 0..<digits { power *= 10 }
            let scaled = (magnitude * power).rounded(.toNearestOrEven)
            if scaled < 9e18 {
                text = String(Int64(scaled))
                text = String(repeating: "0", count: max(0, digits + 1 - text.utf8.count)) + text
                let point = text.index(text.endIndex, offsetBy: -digits)
                text = digits == 0 ? text : text[..<point] + "." + text[point...]
                return sign + (trims ? trimmed(text) : text)
            }
        }
        text = whole(magnitude.rounded(.down))
        if text.isEmpty { text = "0" }
        var rest = magnitude - magnitude.rounded(.down)
        if digits > 0 { text += "." }
        for _ in 0..<digits {
            rest *= 10
            text.append(Character(Unicode.Scalar(UInt8(ascii: "0") + UInt8(min(9, rest.rounded(.down))))))
            rest -= rest.rounded(.down)
        }
        return sign + (trims ? trimmed(text) : text)
    }

    private static func trimmed(_ text: String) -> String {
        guard text.contains(".") else { return text }
        var text = text[...]
        while text.last == "0" { text.removeLast() }
        if text.last == "." { text.removeLast() }
        return String(text)
    }
}
