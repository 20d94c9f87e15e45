internal import OCI

/// A place in words.
struct PHPCursor {
    let tokens: [PHPToken]
    var place = 0

    init(_ tokens: [PHPToken]) { self.tokens = tokens }

    var next: PHPToken? { place < tokens.count ? tokens[place] : nil }

    func isSign(_ sign: String, _ offset: Int = 0) -> Bool {
        place + offset < tokens.count && tokens[place + offset] == .sign(sign)
    }

    mutating func take(_ sign: String) -> Bool {
        guard isSign(sign) else { return false }
        place += 1
        return true
    }

    /// What stands between brackets.
    mutating func group() -> [PHPToken] {
        var parser = PHPParser(tokens, at: place)
        let result = parser.group()
        place = max(parser.place, place + 1)
        return result
    }
}

/// Statements of one line, and operators by their rank (PHP manual, "Operator precedence").
extension PHPRun {
    private static let ranks: [String: Int] = [
        "?": 5, "??": 6, "||": 7, "&&": 8, "|": 9, "^": 10, "&": 11, "==": 12, "!=": 12, "===": 12, "!==": 12,
        "<>": 12, "<=>": 12, "<": 13, "<=": 13, ">": 13, ">=": 13, ".": 14, "<<": 15, ">>": 15, "+": 16, "-": 16,
        "*": 17, "/": 17, "%": 17, "**": 20,
    ]
    private static let wordRanks = ["or": 1, "xor": 2, "and": 3, "instanceof": 19]

    mutating func plain(_ tokens: [PHPToken]) throws {
        guard let first = tokens.first else { return }
        let rest = Array(tokens.dropFirst())
        guard case .name(let word) = first else {
            _ = try value(tokens)
            return
        }
        switch word.lowercased() {
        case "return":
            let result = try value(rest)
            if isLive { throw Stop.returns(result) }
            if never == 0 { frames[frames.count - 1].isDoubtful = true }
        case "break", "continue":
            if isLive { throw Stop.leavesLoop }
            if never == 0 { frames[frames.count - 1].isDoubtful = true }
        case "global":
            for case .variable(let name) in rest { set(name, .unknown) }
        case "static" where rest.first.map({ if case .variable = $0 { true } else { false } }) ?? false:
            for part in PHPParser.split(rest) { _ = try value(part) }
        case "const":
            for part in PHPParser.split(rest) where part.count > 2 {
                guard case .name(let name) = part[0] else { continue }
                constants[frames[frames.count - 1].scope.qualified(name)] = try value(Array(part.dropFirst(2)))
            }
        case "echo", "goto": _ = try value(rest)
        default: _ = try value(tokens)
        }
    }

    /// The last of some expressions.
    mutating func value(_ tokens: [PHPToken]) throws -> PHPValue {
        var cursor = PHPCursor(tokens)
        var result = PHPValue.null
        while cursor.place < tokens.count {
            let before = cursor.place
            result = try expression(&cursor, 0)
            if cursor.place == before || cursor.isSign(",") { cursor.place += 1 }
        }
        return result
    }

    mutating func expression(_ cursor: inout PHPCursor, _ minimum: Int) throws -> PHPValue {
        steps += 1
        depth += 1
        defer { depth -= 1 }
        guard steps < Self.stepLimit, depth < Self.depthLimit else { throw Stop.unsure }
        var left = try unary(&cursor)
        while let (name, rank) = Self.operation(cursor), rank >= minimum {
            cursor.place += 1
            left = try apply(name, rank, left, &cursor)
        }
        return left
    }

    private static func operation(_ cursor: PHPCursor) -> (String, Int)? {
        switch cursor.next {
        case .sign(let sign)?: ranks[sign].map { (sign, $0) }
        case .name(let name)?: wordRanks[name.lowercased()].map { (name.lowercased(), $0) }
        case .variable, .text, .template, .number, nil: nil
        }
    }

    /// What is computed for certain, perhaps or not at all.
    private mutating func operand(_ cursor: inout PHPCursor, _ rank: Int, isTaken: Bool?) throws -> PHPValue {
        if isTaken == false { never += 1 }
        if isTaken == nil { (maybe, doubts) = (maybe + 1, doubts + 1) }
        defer {
            if isTaken == false { never -= 1 }
            if isTaken == nil { maybe -= 1 }
        }
        return try expression(&cursor, rank)
    }

    private mutating func apply(_ name: String, _ rank: Int, _ left: PHPValue, _ cursor: inout PHPCursor) throws
        -> PHPValue
    {
        switch name {
        case "&&", "and":
            let right = try operand(&cursor, rank + 1, isTaken: left.isTrue)
            if left.isTrue == false { return .truth(false) }
            return left.isTrue == true ? right.isTrue.map { .truth($0) } ?? .unknown : .unknown
        case "||", "or":
            let right = try operand(&cursor, rank + 1, isTaken: left.isTrue.map { !$0 })
            if left.isTrue == true { return .truth(true) }
            return left.isTrue == false ? right.isTrue.map { .truth($0) } ?? .unknown : .unknown
        case "??":
            let right = try operand(&cursor, rank, isTaken: left.isNull)
            return left.isNull.map { $0 ? right : left } ?? .unknown
        case "?":
            if cursor.take(":") {
                let right = try operand(&cursor, rank + 1, isTaken: left.isTrue.map { !$0 })
                return left.isTrue.map { $0 ? left : right } ?? .unknown
            }
            let first = try operand(&cursor, 0, isTaken: left.isTrue)
            guard cursor.take(":") else { return .unknown }
            let second = try operand(&cursor, rank + 1, isTaken: left.isTrue.map { !$0 })
            return left.isTrue.map { $0 ? first : second } ?? .unknown
        case "instanceof":
            if case .name? = cursor.next { cursor.place += 1 } else { _ = try unary(&cursor) }
            return .unknown
        default:
            let right = try expression(&cursor, name == "**" ? rank : rank + 1)
            let result = Self.combined(name, left, right)
            if case .text(let text) = result { try spend(text.utf8.count / 64) }
            return result
        }
    }

    private static func combined(_ name: String, _ left: PHPValue, _ right: PHPValue) -> PHPValue {
        func truth(_ value: Bool?) -> PHPValue { value.map { .truth($0) } ?? .unknown }
        switch name {
        case ".":
            guard let first = left.asText, let second = right.asText else { return .unknown }
            return .joined([first, second])
        case "===": return truth(left.isIdentical(right))
        case "!==": return truth(left.isIdentical(right).map { !$0 })
        case "==": return truth(left.isEqual(right))
        case "!=", "<>": return truth(left.isEqual(right).map { !$0 })
        default: break
        }
        guard let first = left.asNumber, let second = right.asNumber, first.magnitude < 1 << 30,
            second.magnitude < 1 << 30
        else { return .unknown }
        // The last part of a version is not known.
        let isVersion = (50_000..<100_000).contains(first) && first / 100 == second / 100 && first != second
        switch name {
        case "<": return isVersion ? .unknown : .truth(first < second)
        case "<=": return isVersion ? .unknown : .truth(first <= second)
        case ">": return isVersion ? .unknown : .truth(first > second)
        case ">=": return isVersion ? .unknown : .truth(first >= second)
        case "+": return .number(first + second)
        case "-": return .number(first - second)
        case "*": return .number(first * second)
        default: return .unknown
        }
    }

    // MARK: Variables

    mutating func set(_ name: String, _ value: PHPValue) {
        guard never == 0 else { return }
        frames[frames.count - 1].variables[name] = isLive ? value : .unknown
    }

    /// What a variable is worth.
    func variable(_ name: String) -> PHPValue {
        switch name {
        case "GLOBALS", "_ENV", "_SERVER": return .unknown
        case "argv": return .list(arguments.enumerated().map { (String($0.offset), .text($0.element)) })
        case "argc": return .number(arguments.count)
        case "_GET", "_POST", "_COOKIE", "_FILES", "_REQUEST": return .list([])
        default: return frames[frames.count - 1].variables[name] ?? .unknown
        }
    }

    /// `$_SERVER['NAME']` and `$_ENV['NAME']`: variables of the image.
    mutating func item(of name: String, _ key: PHPValue) -> PHPValue {
        guard let key = key.asText else { return .unknown }
        if name == "GLOBALS" {
            return key.hasPrefix("__composer") ? .null : frames[0].variables[key] ?? .unknown
        }
        if name == "_SERVER" {
            if key == "argv" || key == "argc" { return variable(key) }
            let own = ["PHP_SELF", "DOCUMENT_ROOT", "PATH_TRANSLATED"]
            if key.hasPrefix("SCRIPT_") || key.hasPrefix("REQUEST_TIME") || own.contains(key) { return .unknown }
        }
        if let value = check.process.environment[key] { return name == "_SERVER" ? .text(value) : .unknown }
        if hasOpenEnvironment { return .unknown }
        if isLive { cause = .missingVariable(script: file, name: key) }
        return .null
    }
}
