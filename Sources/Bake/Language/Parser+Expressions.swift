extension Parser {
    /// Reads an expression, and what is around it.
    mutating func expression() throws(Fault) -> Expression {
        try deeper()
        defer { depth -= 1 }
        try scanner.skipSpace()
        let start = scanner.index
        let condition = try binary(0)
        try scanner.skipSpace()
        guard scanner.take("?") else { return condition }
        try scanner.skipLines()
        let first = try expression()
        try scanner.skipLines()
        guard scanner.take(":") else { throw scanner.failure(.syntax(expected: "':'")) }
        try scanner.skipLines()
        let second = try expression()
        return Expression(content: .conditional(condition, first, second), spot: scanner.spot(from: start))
    }

    /// Operators, those that bind the least first.
    private static let levels: [[Expression.Operator]] = [
        [.or], [.and], [.equal, .notEqual], [.lessOrEqual, .greaterOrEqual, .less, .greater], [.plus, .minus],
        [.times, .divide, .modulo],
    ]

    private mutating func binary(_ level: Int) throws(Fault) -> Expression {
        guard level < Self.levels.count else { return try unary() }
        let start = scanner.index
        var left = try binary(level + 1)
        var count = 0
        while let found = try operation(level) {
            // Each makes the tree one level deeper.
            count += 1
            guard count <= 1000 else { throw scanner.failure(.excess(.depth)) }
            try scanner.skipSpace()
            let right = try binary(level + 1)
            left = Expression(content: .binary(found, left, right), spot: scanner.spot(from: start))
        }
        return left
    }

    private mutating func operation(_ level: Int) throws(Fault) -> Expression.Operator? {
        try scanner.skipSpace()
        for candidate in Self.levels[level] where stands(candidate) {
            scanner.index += candidate.rawValue.utf8.count
            return candidate
        }
        return nil
    }

    private func stands(_ candidate: Expression.Operator) -> Bool {
        let text = candidate.rawValue.utf8
        guard scanner.index + text.count <= scanner.end,
            scanner.bytes[scanner.index..<scanner.index + text.count].elementsEqual(text)
        else { return false }
        // `%{` begins a part of a template, and `=>` is no comparison.
        return !(candidate == .equal && scanner.peek(1) == UInt8(ascii: ">"))
    }

    private mutating func unary() throws(Fault) -> Expression {
        try scanner.skipSpace()
        let start = scanner.index
        let found: Expression.Operator
        if scanner.peek == UInt8(ascii: "!"), scanner.peek(1) != UInt8(ascii: "=") {
            found = .not
        } else if scanner.peek == UInt8(ascii: "-") {
            found = .minus
        } else {
            return try postfix()
        }
        scanner.index += 1
        try deeper()
        defer { depth -= 1 }
        let operand = try unary()
        return Expression(content: .unary(found, operand), spot: scanner.spot(from: start))
    }

    /// A value, and the members that are taken of it.
    private mutating func postfix() throws(Fault) -> Expression {
        let start = scanner.index
        var result = try term()
        var count = 0
        while true {
            count += 1
            guard count <= 64 else { throw scanner.failure(.excess(.depth)) }
            if let steps = try splat() {
                result = Expression(content: .splat(result, steps), spot: scanner.spot(from: start))
            } else if let step = try step() {
                switch step {
                case .attribute(let name):
                    result = Expression(content: .attribute(result, name), spot: scanner.spot(from: start))
                case .index(let index):
                    result = Expression(content: .index(result, index), spot: scanner.spot(from: start))
                }
            } else {
                return result
            }
        }
    }

    private mutating func splat() throws(Fault) -> [Expression.Step]? {
        let isAttribute = scanner.take(".*")
        guard isAttribute || scanner.take("[*]") else { return nil }
        var steps: [Expression.Step] = []
        while steps.count < 64 {
            if isAttribute, scanner.peek != UInt8(ascii: ".") { break }
            guard let step = try step() else { break }
            steps.append(step)
        }
        return steps
    }

    private mutating func step() throws(Fault) -> Expression.Step? {
        if scanner.peek == UInt8(ascii: "."), scanner.peek(1) != UInt8(ascii: ".") {
            let start = scanner.index
            scanner.index += 1
            if let name = scanner.name() { return .attribute(name) }
            let digits = scanner.index
            while let byte = scanner.peek, Scanner.isDigit(byte) { scanner.index += 1 }
            guard scanner.index > digits else { throw scanner.failure(.syntax(expected: "a name behind '.'")) }
            let number = Double(String(decoding: scanner.bytes[digits..<scanner.index], as: UTF8.self)) ?? 0
            return .index(Expression(content: .literal(.number(number)), spot: scanner.spot(from: start)))
        }
        guard scanner.peek == UInt8(ascii: "["), scanner.peek(1) != UInt8(ascii: "*") else { return nil }
        scanner.index += 1
        let index = try inside { parser throws(Fault) in try parser.expression() }
        try close("]")
        return .index(index)
    }

    /// Reads something in which ends of lines mean nothing.
    mutating func inside<Result>(_ body: (inout Parser) throws(Fault) -> Result) throws(Fault) -> Result {
        let crossed = scanner.crossesLines
        scanner.crossesLines = true
        defer { scanner.crossesLines = crossed }
        return try body(&self)
    }

    mutating func close(_ text: StaticString) throws(Fault) {
        try scanner.skipLines()
        guard scanner.take(text) else { throw scanner.failure(.syntax(expected: "'\(text)'")) }
    }

    // MARK: - Values

    private mutating func term() throws(Fault) -> Expression {
        let start = scanner.index
        guard let byte = scanner.peek else { throw scanner.failure(.syntax(expected: "a value")) }
        switch byte {
        case UInt8(ascii: "\""):
            scanner.index += 1
            let parts = try template(until: .quote)
            return Expression(content: .template(parts), spot: scanner.spot(from: start))
        case UInt8(ascii: "<") where scanner.peek(1) == UInt8(ascii: "<"): return try heredoc()
        case UInt8(ascii: "("):
            scanner.index += 1
            let value = try inside { parser throws(Fault) in try parser.expression() }
            try close(")")
            // In parentheses a name is no key.
            return Expression(content: .template([.value(value)]), spot: scanner.spot(from: start))
        case UInt8(ascii: "["): return try list()
        case UInt8(ascii: "{"): return try mapping()
        case _ where Scanner.isDigit(byte): return try number()
        default: return try named()
        }
    }

    private mutating func number() throws(Fault) -> Expression {
        let start = scanner.index
        func digits(_ scanner: inout Scanner) {
            while let byte = scanner.peek, Scanner.isDigit(byte) { scanner.index += 1 }
        }
        digits(&scanner)
        if scanner.peek == UInt8(ascii: "."), let next = scanner.peek(1), Scanner.isDigit(next) {
            scanner.index += 1
            digits(&scanner)
        }
        if let byte = scanner.peek, byte | 0x20 == UInt8(ascii: "e") {
            scanner.index += 1
            if let sign = scanner.peek, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { scanner.index += 1 }
            digits(&scanner)
        }
        let text = String(decoding: scanner.bytes[start..<scanner.index], as: UTF8.self)
        guard let value = BakeValue.number(text) else {
            throw Fault(.invalidNumber(text), at: scanner.spot(from: start))
        }
        return Expression(content: .literal(.number(value)), spot: scanner.spot(from: start))
    }

    private mutating func named() throws(Fault) -> Expression {
        let start = scanner.index
        guard let name = scanner.name() else { throw scanner.failure(.syntax(expected: "a value")) }
        switch name {
        case "true": return Expression(content: .literal(.bool(true)), spot: scanner.spot(from: start))
        case "false": return Expression(content: .literal(.bool(false)), spot: scanner.spot(from: start))
        case "null": return Expression(content: .literal(.null), spot: scanner.spot(from: start))
        default: break
        }
        guard scanner.peek == UInt8(ascii: "(") else {
            return Expression(content: .variable(name), spot: scanner.spot(from: start))
        }
        scanner.index += 1
        let (arguments, expands) = try inside { parser throws(Fault) in try parser.arguments() }
        return Expression(
            content: .call(name, arguments, expands: expands), spot: scanner.spot(from: start))
    }

    private mutating func arguments() throws(Fault) -> ([Expression], expands: Bool) {
        var arguments: [Expression] = []
        while true {
            try scanner.skipSpace()
            if scanner.take(")") { return (arguments, false) }
            arguments.append(try expression())
            try scanner.skipSpace()
            if scanner.take("...") {
                try close(")")
                return (arguments, true)
            }
            if scanner.take(",") { continue }
            try close(")")
            return (arguments, false)
        }
    }
}
