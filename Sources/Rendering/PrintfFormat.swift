package import OCI

/// The verbs of Go's fmt that templates use: `%s %v %q %d %x %X %t %f %c %%` with `-`, `0`, `+`, width and precision.
package struct PrintfFormat {
    private let scalars: [Unicode.Scalar]

    package init(_ format: String) { scalars = Array(format.unicodeScalars) }

    /// The text; nil when a verb is unknown, lacks its value or does not fit it, or a value is left over.
    package func fill(_ values: [JSON]) -> String? {
        var text = ""
        var values = values[...]
        var position = 0
        while position < scalars.count {
            let scalar = scalars[position]
            position += 1
            guard scalar == "%" else {
                text.unicodeScalars.append(scalar)
                continue
            }
            guard let verb = verb(at: &position) else { return nil }
            if verb.letter == "%" {
                text += "%"
                continue
            }
            guard let value = values.popFirst(), let part = verb.text(of: value) else { return nil }
            text += part
        }
        return values.isEmpty ? text : nil
    }

    private func verb(at position: inout Int) -> Verb? {
        var verb = Verb()
        while position < scalars.count, "-+0 ".unicodeScalars.contains(scalars[position]) {
            switch scalars[position] {
            case "-": verb.alignsLeft = true
            case "0": verb.pad = "0"
            case "+": verb.sign = "+"
            default: verb.sign = " "
            }
            position += 1
        }
        guard let width = number(at: &position) else { return nil }
        verb.width = width
        if position < scalars.count, scalars[position] == "." {
            position += 1
            guard let precision = number(at: &position) else { return nil }
            verb.precision = precision
        }
        guard position < scalars.count else { return nil }
        verb.letter = scalars[position]
        position += 1
        return verb
    }

    /// The digits at the position, 0 for none; nil when the number is unreasonable.
    private func number(at position: inout Int) -> Int? {
        var number = 0
        while position < scalars.count, ("0"..."9").contains(scalars[position]) {
            number = number * 10 + Int(scalars[position].value - 48)
            if number > 1024 { return nil }
            position += 1
        }
        return number
    }
}

/// One `%…` of a format.
private struct Verb {
    var letter: Unicode.Scalar = "%"
    var alignsLeft = false
    var pad: Character = " "
    var sign = ""
    var width = 0
    var precision: Int?

    func text(of value: JSON) -> String? {
        switch letter {
        case "v": padded(value.goText)
        case "s": padded(String(value.goText.prefix(precision ?? .max)))
        case "q": value.string.map { padded(JSON.string($0).text) }
        case "t": value.bool.map { padded("\($0)") }
        case "d": value.integer.map { number("\($0.magnitude)", isNegative: $0 < 0) }
        case "x", "X": hexadecimal(value)
        case "c": value.integer.flatMap { UInt32(exactly: $0) }.flatMap(Unicode.Scalar.init).map { padded("\($0)") }
        case "f": floating(value)
        default: nil
        }
    }

    private func hexadecimal(_ value: JSON) -> String? {
        let upper = letter == "X"
        if let number = value.integer {
            return self.number(String(number.magnitude, radix: 16, uppercase: upper), isNegative: number < 0)
        }
        return value.string.map { text in
            padded(
                text.utf8.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: upper) }.joined())
        }
    }

    private func floating(_ value: JSON) -> String? {
        guard case .number(let text) = value, let double = Double(text),
            let digits = FixedPoint.text(double.magnitude, decimals: precision ?? 6)
        else { return nil }
        return number(digits, isNegative: double < 0)
    }

    private func number(_ digits: String, isNegative: Bool) -> String {
        let sign = isNegative ? "-" : sign
        guard pad == "0", !alignsLeft else { return padded(sign + digits) }
        return sign + String(repeating: "0", count: max(0, width - sign.count - digits.count)) + digits
    }

    private func padded(_ text: String) -> String {
        let padding = String(repeating: " ", count: max(0, width - text.count))
        return alignsLeft ? text + padding : padding + text
    }
}
