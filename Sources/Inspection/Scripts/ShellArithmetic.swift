/// The arithmetic of shells (POSIX.1-2017, XCU 2.6.4): whole numbers of 64 bits, with C's operators.
///
/// What assigns a variable within an expression is not computed.
struct ShellArithmetic {
    private enum Token: Equatable {
        case number(Int)
        case sign(String)
    }

    /// Expressions in brackets in one another, more than which are not computed.
    private static let depthLimit = 32
    private static let signs = ["<<", ">>", "<=", ">=", "==", "!=", "&&", "||", "**"]
    private static let levels: [[String]] = [
        ["||"], ["&&"], ["|"], ["^"], ["&"], ["==", "!="], ["<", "<=", ">", ">="], ["<<", ">>"], ["+", "-"],
        ["*", "/", "%"],
    ]

    private var tokens: [Token] = []
    private var place = 0
    private var depth = 0

    /// The value of an expression; nil where it is not known.
    ///
    /// - Parameter variable: the value of a variable: nil where it is not known, 0 is what one without a number counts.
    static func value(_ text: String, _ variable: (String) -> Int?) -> Int? {
        var reader = ShellArithmetic()
        guard reader.read(text, variable), !reader.tokens.isEmpty else { return nil }
        let value = reader.choice()
        return reader.place == reader.tokens.count ? value : nil
    }

    private mutating func read(_ text: String, _ variable: (String) -> Int?) -> Bool {
        var rest = text[...]
        while let character = rest.first {
            if character.isWhitespace || character == "\"" {
                rest = rest.dropFirst()
            } else if character.isNumber {
                let digits = rest.prefix { $0.isNumber || $0.isLetter }
                guard let number = Self.number(digits) else { return false }
                tokens.append(.number(number))
                rest = rest.dropFirst(digits.count)
            } else if character.isLetter || character == "_" || character == "$" {
                guard let name = Self.name(&rest), let value = variable(name) else { return false }
                tokens.append(.number(value))
            } else if let sign = Self.signs.first(where: { rest.hasPrefix($0) }) {
                tokens.append(.sign(sign))
                rest = rest.dropFirst(2)
            } else if "+-*/%()<>!~&|^?:".contains(character) {
                tokens.append(.sign(String(character)))
                rest = rest.dropFirst()
            } else {
                return false
            }
        }
        return true
    }

    private static func number(_ digits: Substring) -> Int? {
        if digits.hasPrefix("0x") || digits.hasPrefix("0X") { return Int(digits.dropFirst(2), radix: 16) }
        return digits.count > 1 && digits.hasPrefix("0") ? Int(digits, radix: 8) : Int(digits)
    }

    /// `NAME`, `$NAME`, `${NAME}`, `$#` or `${#@}`.
    private static func name(_ rest: inout Substring) -> String? {
        let isMarked = rest.first == "$"
        if isMarked { rest = rest.dropFirst() }
        if isMarked, rest.first == "{" {
            guard let end = rest.firstIndex(of: "}") else { return nil }
            let name = String(rest[rest.index(after: rest.startIndex)..<end])
            rest = rest[rest.index(after: end)...]
            if name == "#@" || name == "#*" { return "#" }
            return name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" }) || name == "#" ? name : nil
        }
        if isMarked, rest.first == "#" {
            rest = rest.dropFirst()
            return "#"
        }
        let name = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
        rest = rest.dropFirst(name.count)
        return name.isEmpty ? nil : String(name)
    }

    private mutating func take(_ sign: String) -> Bool {
        guard place < tokens.count, tokens[place] == .sign(sign) else { return false }
        place += 1
        return true
    }

    private mutating func choice() -> Int? {
        guard let condition = binary(0) else { return nil }
        guard take("?") else { return condition }
        guard let first = choice(), take(":"), let second = choice() else { return nil }
        return condition != 0 ? first : second
    }

    private mutating func binary(_ level: Int) -> Int? {
        guard level < Self.levels.count else { return unary() }
        guard var left = binary(level + 1) else { return nil }
        while let sign = Self.levels[level].first(where: { take($0) }) {
            guard let right = binary(level + 1), let value = Self.apply(sign, left, right) else { return nil }
            left = value
        }
        return left
    }

    private mutating func unary() -> Int? {
        depth += 1
        defer { depth -= 1 }
        guard depth < Self.depthLimit else { return nil }
        if take("!") { return unary().map { $0 == 0 ? 1 : 0 } }
        if take("-") { return unary().map { 0 &- $0 } }
        if take("+") { return unary() }
        if take("~") { return unary().map { ~$0 } }
        if take("(") {
            let value = choice()
            return take(")") ? value : nil
        }
        guard place < tokens.count, case .number(let number) = tokens[place] else { return nil }
        place += 1
        return number
    }

    private static func apply(_ sign: String, _ left: Int, _ right: Int) -> Int? {
        switch sign {
        case "||": left != 0 || right != 0 ? 1 : 0
        case "&&": left != 0 && right != 0 ? 1 : 0
        case "|": left | right
        case "^": left ^ right
        case "&": left & right
        case "==": left == right ? 1 : 0
        case "!=": left != right ? 1 : 0
        case "<": left < right ? 1 : 0
        case "<=": left <= right ? 1 : 0
        case ">": left > right ? 1 : 0
        case ">=": left >= right ? 1 : 0
        case "<<": (0..<64).contains(right) ? left << right : nil
        case ">>": (0..<64).contains(right) ? left >> right : nil
        case "+": left &+ right
        case "-": left &- right
        case "*": left &* right
        case "/": right == 0 || right == -1 ? nil : left / right
        case "%": right == 0 || right == -1 ? nil : left % right
        default: nil
        }
    }
}
