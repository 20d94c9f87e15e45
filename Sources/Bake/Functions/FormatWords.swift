import OCI

/// `format`: verbs in a text, in the manner of printf.
struct FormatWords {
    private let form: [Unicode.Scalar]
    private let values: [BakeValue]
    private var index = 0
    private var next = 0
    private var used = 0
    private var result = ""

    static func format(_ form: String, _ values: [BakeValue]) throws(BakeError.FunctionFault) -> String {
        var words = FormatWords(form, values)
        return try words.run()
    }

    private init(_ form: String, _ values: [BakeValue]) {
        (self.form, self.values) = (Array(form.unicodeScalars), values)
    }

    private struct Verb {
        var flags: Set<Unicode.Scalar> = []
        var width = 0
        var precision: Int?
        var letter: Unicode.Scalar = "v"
        var argument = 0
    }

    private var peek: Unicode.Scalar? { index < form.count ? form[index] : nil }

    private mutating func run() throws(BakeError.FunctionFault) -> String {
        while let scalar = peek {
            index += 1
            guard scalar == "%" else {
                result.unicodeScalars.append(scalar)
                continue
            }
            if peek == "%" {
                index += 1
                result += "%"
                continue
            }
            try append(verb())
            guard result.utf8.count <= Functions.sizeLimit else { throw .outOfRange }
        }
        guard used >= values.count else { throw .invalid(String(String.UnicodeScalarView(form))) }
        return result
    }

    private mutating func number() -> Int? {
        var value: Int?
        while let scalar = peek, ("0"..."9").contains(scalar), value ?? 0 < 100_000 {
            value = (value ?? 0) * 10 + Int(scalar.value - 0x30)
            index += 1
        }
        return value
    }

    private mutating func verb() throws(BakeError.FunctionFault) -> Verb {
        var verb = Verb()
        while let scalar = peek, "+-# 0".unicodeScalars.contains(scalar) {
            verb.flags.insert(scalar)
            index += 1
        }
        verb.width = min(number() ?? 0, 1024)
        if peek == "." {
            index += 1
            verb.precision = min(number() ?? 0, 1024)
        }
        if peek == "[" {
            index += 1
            guard let place = number(), place > 0, peek == "]" else { throw .invalid("%[") }
            index += 1
            next = place - 1
        }
        guard let letter = peek else { throw .invalid("%") }
        index += 1
        guard values.indices.contains(next) else { throw .outOfRange }
        (verb.letter, verb.argument) = (letter, next)
        next += 1
        used = max(used, next)
        return verb
    }

    private mutating func append(_ verb: Verb) throws(BakeError.FunctionFault) {
        let value = values[verb.argument]
        let sign: (Double) -> String = { $0 >= 0 && verb.flags.contains("+") ? "+" : "" }
        var text: String
        switch verb.letter {
        case "v":
            text = if case .text(let text) = value { text } else { value.string ?? value.json.text }
            if verb.flags.contains("#") { text = value.json.text }
        case "s":
            guard let string = value.string else { throw .wrongKind(expected: .text, found: value.kind) }
            text = verb.precision.map { String(string.prefix($0)) } ?? string
        case "q":
            guard let string = value.string else { throw .wrongKind(expected: .text, found: value.kind) }
            text = BakeValue.text(string).json.text
        case "t":
            guard let truth = value.truth else { throw .wrongKind(expected: .boolean, found: value.kind) }
            text = truth ? "true" : "false"
        case "d", "b", "o", "x", "X": text = try whole(value, verb, sign)
        case "f", "F", "g", "G", "e", "E":
            guard let number = value.double else { throw .wrongKind(expected: .number, found: value.kind) }
            guard number.isFinite else { throw .outOfRange }
            text = sign(number) + Self.real(number, verb.letter, verb.precision)
        default: throw .invalid("%\(verb.letter)")
        }
        result += Self.padded(text, verb)
    }

    private func whole(_ value: BakeValue, _ verb: Verb, _ sign: (Double) -> String) throws(BakeError.FunctionFault)
        -> String
    {
        if verb.letter == "x" || verb.letter == "X", case .text(let text) = value, value.double == nil {
            let digits = text.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            return verb.letter == "X" ? digits.uppercased() : digits
        }
        guard let number = value.double, abs(number) < 9e18 else {
            throw .wrongKind(expected: .number, found: value.kind)
        }
        let radix = ["b": 2, "o": 8, "x": 16, "X": 16][Character(verb.letter)] ?? 10
        return sign(number) + String(Int64(number), radix: radix, uppercase: verb.letter == "X")
    }

    private static func real(_ number: Double, _ letter: Unicode.Scalar, _ precision: Int?) -> String {
        switch letter {
        case "f", "F": return Decimals.fixed(number, digits: precision ?? 6)
        case "g", "G": return BakeValue.text(of: number)
        default: break
        }
        var (scaled, exponent) = (number.magnitude, 0)
        while scaled >= 10 { (scaled, exponent) = (scaled / 10, exponent + 1) }
        while scaled > 0, scaled < 1 { (scaled, exponent) = (scaled * 10, exponent - 1) }
        let digits = String(abs(exponent))
        return (number < 0 ? "-" : "") + Decimals.fixed(scaled, digits: precision ?? 6) + String(Character(letter))
            + (exponent < 0 ? "-" : "+") + (digits.count < 2 ? "0" : "") + digits
    }

    private static func padded(_ text: String, _ verb: Verb) -> String {
        let missing = verb.width - text.count
        guard missing > 0 else { return text }
        if verb.flags.contains("-") { return text + String(repeating: " ", count: missing) }
        guard verb.flags.contains("0"), "dboxXfFgGeE".unicodeScalars.contains(verb.letter) else {
            return String(repeating: " ", count: missing) + text
        }
        let sign = text.prefix { $0 == "-" || $0 == "+" }
        return sign + String(repeating: "0", count: missing) + text.dropFirst(sign.count)
    }
}
