extension Functions {
    static let numbers: [String: StandardFunction] = [
        "absolute": StandardFunction(1) { a throws(BakeError.FunctionFault) in .number(abs(try a.number(0))) },
        "add": StandardFunction(2) { a throws(BakeError.FunctionFault) in .number(try a.number(0) + a.number(1)) },
        "subtract": StandardFunction(2) { a throws(BakeError.FunctionFault) in .number(try a.number(0) - a.number(1)) },
        "multiply": StandardFunction(2) { a throws(BakeError.FunctionFault) in .number(try a.number(0) * a.number(1)) },
        "divide": StandardFunction(2) { a throws(BakeError.FunctionFault) in
            .number(try a.number(0) / nonzero(a.number(1)))
        },
        "modulo": StandardFunction(2) { a throws(BakeError.FunctionFault) in
            .number(try a.number(0).truncatingRemainder(dividingBy: nonzero(a.number(1))))
        },
        "negate": StandardFunction(1) { a throws(BakeError.FunctionFault) in .number(-(try a.number(0))) },
        "ceil": StandardFunction(1) { a throws(BakeError.FunctionFault) in .number(try a.number(0).rounded(.up)) },
        "floor": StandardFunction(1) { a throws(BakeError.FunctionFault) in .number(try a.number(0).rounded(.down)) },
        "int": StandardFunction(1) { a throws(BakeError.FunctionFault) in .number(try a.number(0).rounded(.towardZero))
        },
        "signum": StandardFunction(1) { a throws(BakeError.FunctionFault) in
            let number = try a.number(0)
            return .number(number == 0 ? 0 : number < 0 ? -1 : 1)
        },
        "max": StandardFunction(1...many) { a throws(BakeError.FunctionFault) in try best(a) { $0 > $1 } },
        "min": StandardFunction(1...many) { a throws(BakeError.FunctionFault) in try best(a) { $0 < $1 } },
        "pow": StandardFunction(2) { a throws(BakeError.FunctionFault) in
            try finite(Powers.power(a.number(0), a.number(1)))
        },
        "log": StandardFunction(2) { a throws(BakeError.FunctionFault) in
            try finite(Powers.logarithm(a.number(0)) / Powers.logarithm(a.number(1)))
        },
        "parseint": StandardFunction(2) { a throws(BakeError.FunctionFault) in
            let (text, base) = (try a.text(0), try a.whole(1))
            guard (2...36).contains(base), let value = Int64(text, radix: base) else { throw .invalid(text) }
            return .number(Double(value))
        },
        "range": StandardFunction(1...3) { a throws(BakeError.FunctionFault) in try range(a) },
    ]

    private static func nonzero(_ number: Double) throws(BakeError.FunctionFault) -> Double {
        guard number != 0 else { throw .outOfRange }
        return number
    }

    private static func finite(_ number: Double) throws(BakeError.FunctionFault) -> BakeValue {
        guard number.isFinite else { throw .outOfRange }
        return .number(number)
    }

    private static func best(_ a: Arguments, _ isBetter: (Double, Double) -> Bool) throws(BakeError.FunctionFault)
        -> BakeValue
    {
        var best = try a.number(0)
        for index in 0..<a.count {
            let number = try a.number(index)
            if isBetter(number, best) { best = number }
        }
        return .number(best)
    }

    private static func range(_ a: Arguments) throws(BakeError.FunctionFault) -> BakeValue {
        let start = a.count == 1 ? 0 : try a.number(0)
        let end = try a.number(a.count == 1 ? 0 : 1)
        let step = a.count == 3 ? try a.number(2) : end < start ? -1 : 1
        guard step != 0, (end - start) * step >= 0 else { throw .outOfRange }
        var items: [BakeValue] = []
        var number = start
        while step > 0 ? number < end : number > end {
            guard items.count < 1024 else { throw .outOfRange }
            items.append(.number(number))
            number += step
        }
        return .list(items)
    }

    static let logic: [String: StandardFunction] = [
        "and": StandardFunction(2) { a throws(BakeError.FunctionFault) in
            let (first, second) = (try a.truth(0), try a.truth(1))
            return .bool(first && second)
        },
        "or": StandardFunction(2) { a throws(BakeError.FunctionFault) in
            let (first, second) = (try a.truth(0), try a.truth(1))
            return .bool(first || second)
        },
        "not": StandardFunction(1) { a throws(BakeError.FunctionFault) in .bool(try !a.truth(0)) },
        "equal": StandardFunction(2) { a throws(BakeError.FunctionFault) in .bool(a[0] == a[1]) },
        "notequal": StandardFunction(2) { a throws(BakeError.FunctionFault) in .bool(a[0] != a[1]) },
        "lessthan": StandardFunction(2) { a throws(BakeError.FunctionFault) in .bool(try a.number(0) < a.number(1)) },
        "lessthanorequalto": StandardFunction(2) { a throws(BakeError.FunctionFault) in
            .bool(try a.number(0) <= a.number(1))
        },
        "greaterthan": StandardFunction(2) { a throws(BakeError.FunctionFault) in .bool(try a.number(0) > a.number(1))
        },
        "greaterthanorequalto": StandardFunction(2) { a throws(BakeError.FunctionFault) in
            .bool(try a.number(0) >= a.number(1))
        },
        "semvercmp": StandardFunction(2) { a throws(BakeError.FunctionFault) in
            let (version, constraint) = (try a.text(0), try a.text(1))
            guard let result = Versions.matches(version, constraint) else { throw .invalid("\(version) \(constraint)") }
            return .bool(result)
        },
    ]
}

/// Powers and logarithms without a library of the system.
enum Powers {
    static func power(_ base: Double, _ exponent: Double) -> Double {
        if exponent.rounded(.towardZero) == exponent, abs(exponent) <= 4096 {
            var result = 1.0
            for _ in 0..<Int(abs(exponent)) { result *= base }
            return exponent < 0 ? 1 / result : result
        }
        guard base > 0 else { return .nan }
        return exponential(exponent * logarithm(base))
    }

    /// The natural logarithm: an exponent of two, and a series for what remains.
    static func logarithm(_ number: Double) -> Double {
        guard number > 0, number.isFinite else { return .nan }
        let exponent = Double(number.exponent)
        let ratio = (number.significand - 1) / (number.significand + 1)
        var (term, sum) = (ratio, 0.0)
        for index in 0..<60 {
            sum += term / Double(2 * index + 1)
            term *= ratio * ratio
        }
        return 2 * sum + exponent * 0.693147180559945309417
    }

    private static func exponential(_ number: Double) -> Double {
        guard abs(number) < 700 else { return number < 0 ? 0 : .infinity }
        var (term, sum) = (1.0, 1.0)
        let small = number / 1024
        for index in 1..<30 {
            term *= small / Double(index)
            sum += term
        }
        for _ in 0..<10 { sum *= sum }
        return sum
    }
}

/// Versions and what they are compared with: `>= 1.2, < 2`, `^1.4`, `~1.2.3`.
enum Versions {
    private static func numbers(_ text: String) -> [Int]? {
        let plain = text.hasPrefix("v") ? String(text.dropFirst()) : text
        let core = plain.prefix { $0 != "-" && $0 != "+" }
        let parts = core.split(separator: ".", omittingEmptySubsequences: false).map { Int($0) }
        guard (1...3).contains(parts.count), parts.allSatisfy({ $0 != nil && $0 ?? 0 >= 0 }) else { return nil }
        return parts.compactMap { $0 }
    }

    static func matches(_ version: String, _ constraint: String) -> Bool? {
        guard let version = numbers(version).map(filled) else { return nil }
        var matches = false
        for alternative in constraint.split(separator: "|").map(String.init) where !alternative.isEmpty {
            var all = true
            for term in alternative.split(whereSeparator: { $0 == "," }) {
                guard let holds = holds(version, String(term.filter { $0 != " " })) else { return nil }
                all = all && holds
            }
            matches = matches || all
        }
        return matches
    }

    private static func filled(_ parts: [Int]) -> [Int] { parts + Array(repeating: 0, count: 3 - parts.count) }

    private static func holds(_ version: [Int], _ term: String) -> Bool? {
        if term == "*" { return true }
        let sign = String(term.prefix { "<>=!^~".contains($0) })
        guard let given = numbers(String(term.dropFirst(sign.count))) else { return nil }
        let other = filled(given)
        let order = zip(version, other).first { $0 != $1 }.map { $0 < $1 ? -1 : 1 } ?? 0
        switch sign {
        case "": return Array(version.prefix(given.count)) == given
        case "=": return order == 0
        case "!=": return order != 0
        case "<": return order < 0
        case "<=", "=<": return order <= 0
        case ">": return order > 0
        case ">=", "=>": return order >= 0
        case "~": return order >= 0 && version.prefix(min(2, given.count)) == other.prefix(min(2, given.count))
        case "^":
            let count = (other.firstIndex { $0 > 0 } ?? given.count - 1) + 1
            return order >= 0 && version.prefix(count) == other.prefix(count)
        default: return nil
        }
    }
}
