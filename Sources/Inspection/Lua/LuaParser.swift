/// Reads Lua's statements as the interpreter of a release does.
struct LuaParser {
    private static let depthLimit = 60
    /// Operators behind one another, which give expressions in expressions.
    private static let chainLimit = 500
    private static let ranks: [String: (left: Int, right: Int)] = [
        "or": (1, 1), "and": (2, 2), "<": (3, 3), ">": (3, 3), "<=": (3, 3), ">=": (3, 3), "~=": (3, 3), "==": (3, 3),
        "|": (4, 4), "~": (5, 5), "&": (6, 6), "<<": (7, 7), ">>": (7, 7), "..": (9, 8), "+": (10, 10), "-": (10, 10),
        "*": (11, 11), "/": (11, 11), "//": (11, 11), "%": (11, 11), "^": (14, 13),
    ]

    private let tokens: [LuaToken]
    /// As in `503`.
    private let release: Int
    private var place = 0
    private var depth = 0

    static func statements(_ bytes: [UInt8], release: Int) throws(LuaMistake) -> [LuaStatement] {
        var parser = LuaParser(tokens: try LuaLexer.tokens(bytes), release: release)
        let result = try parser.block()
        if let next = parser.next { throw Self.mistake(next) }
        return result
    }

    private init(tokens: [LuaToken], release: Int) { (self.tokens, self.release) = (tokens, release) }

    private var next: LuaToken? { place < tokens.count ? tokens[place] : nil }

    private static func mistake(_ token: LuaToken?) -> LuaMistake {
        switch token {
        case .name(let text)?, .keyword(let text)?, .sign(let text)?, .text(let text)?: LuaMistake(text: text)
        case .number?: LuaMistake(text: "number")
        case nil: LuaMistake(text: "")
        }
    }

    private mutating func take(_ token: LuaToken) -> Bool {
        guard next == token else { return false }
        place += 1
        return true
    }

    private mutating func expect(_ token: LuaToken) throws(LuaMistake) {
        guard take(token) else { throw Self.mistake(next) }
    }

    private mutating func name() throws(LuaMistake) -> String {
        guard case .name(let name)? = next else { throw Self.mistake(next) }
        place += 1
        return name
    }

    // MARK: Statements

    private mutating func block() throws(LuaMistake) -> [LuaStatement] {
        depth += 1
        defer { depth -= 1 }
        guard depth < Self.depthLimit else { throw LuaMistake.tooDeep }
        var result: [LuaStatement] = []
        while let token = next {
            if case .keyword(let word) = token, ["end", "else", "elseif", "until"].contains(word) { break }
            if take(.sign(";")) { continue }
            if take(.keyword("return")) {
                var values: [LuaExpression] = []
                let isEmpty: Bool
                switch next {
                case nil, .sign(";")?, .keyword("end")?, .keyword("else")?, .keyword("elseif")?, .keyword("until")?:
                    isEmpty = true
                default: isEmpty = false
                }
                if !isEmpty { values = try expressions() }
                _ = take(.sign(";"))
                result.append(.returns(values))
                break
            }
            result.append(try statement())
        }
        return result
    }

    private mutating func body() throws(LuaMistake) -> [LuaStatement] {
        let result = try block()
        try expect(.keyword("end"))
        return result
    }

    private mutating func statement() throws(LuaMistake) -> LuaStatement {
        guard case .keyword(let word)? = next else { return try simple() }
        switch word {
        case "if": return try branch()
        case "while":
            place += 1
            let condition = try expression()
            try expect(.keyword("do"))
            return .loop(condition: condition, body: try body())
        case "do":
            place += 1
            return .block(try body())
        case "for": return try forLoop()
        case "repeat":
            place += 1
            let inner = try block()
            try expect(.keyword("until"))
            _ = try expression()
            return .loop(condition: nil, body: inner)
        case "function": return try namedFunction()
        case "local": return try local()
        case "break":
            place += 1
            return .leaves
        case "goto" where release >= 502:
            place += 1
            _ = try name()
            return .leaves
        default: throw Self.mistake(next)
        }
    }

    private mutating func simple() throws(LuaMistake) -> LuaStatement {
        if take(.sign("::")) {
            _ = try name()
            try expect(.sign("::"))
            return .block([])
        }
        let first = try suffixed()
        if next == .sign("=") || next == .sign(",") {
            var targets = [first]
            while take(.sign(",")) { targets.append(try suffixed()) }
            try expect(.sign("="))
            return .assign(targets, try expressions())
        }
        switch first {
        case .call, .method: return .call(first)
        default: throw Self.mistake(next)
        }
    }

    private mutating func branch() throws(LuaMistake) -> LuaStatement {
        var cases: [(condition: LuaExpression?, body: [LuaStatement])] = []
        repeat {
            place += 1
            let condition = try expression()
            try expect(.keyword("then"))
            cases.append((condition, try block()))
        } while next == .keyword("elseif")
        if take(.keyword("else")) { cases.append((nil, try block())) }
        try expect(.keyword("end"))
        return .branch(cases)
    }

    private mutating func forLoop() throws(LuaMistake) -> LuaStatement {
        place += 1
        var names = [try name()]
        if take(.sign("=")) {
            let values = try expressions()
            try expect(.keyword("do"))
            return .count(names[0], values, try body())
        }
        while take(.sign(",")) { names.append(try name()) }
        try expect(.keyword("in"))
        let values = try expressions()
        try expect(.keyword("do"))
        return .each(names, values, try body())
    }

    private mutating func namedFunction() throws(LuaMistake) -> LuaStatement {
        place += 1
        var target = LuaExpression.name(try name())
        var hasSelf = false
        while next == .sign(".") || next == .sign(":") {
            hasSelf = next == .sign(":")
            place += 1
            target = .index(target, .constant(.text(try name())))
            if hasSelf { break }
        }
        return .assign([target], [.function(try function(hasSelf: hasSelf))])
    }

    private mutating func local() throws(LuaMistake) -> LuaStatement {
        place += 1
        if take(.keyword("function")) {
            let name = try name()
            return .localFunction(name, try function(hasSelf: false))
        }
        var names: [String] = []
        repeat {
            names.append(try name())
            if release >= 504, take(.sign("<")) {
                _ = try name()
                try expect(.sign(">"))
            }
        } while take(.sign(","))
        return .local(names, try take(.sign("=")) ? expressions() : [])
    }

    private mutating func function(hasSelf: Bool) throws(LuaMistake) -> LuaFunction {
        var parameters = hasSelf ? ["self"] : []
        try expect(.sign("("))
        while next != .sign(")") {
            if take(.sign("...")) { break }
            parameters.append(try name())
            guard take(.sign(",")) else { break }
        }
        try expect(.sign(")"))
        return LuaFunction(parameters: parameters, body: try body())
    }

    // MARK: Expressions

    private mutating func expressions() throws(LuaMistake) -> [LuaExpression] {
        var result = [try expression()]
        while take(.sign(",")) { result.append(try expression()) }
        return result
    }

    private mutating func expression(_ minimum: Int = 0) throws(LuaMistake) -> LuaExpression {
        depth += 1
        defer { depth -= 1 }
        guard depth < Self.depthLimit else { throw LuaMistake.tooDeep }
        var left: LuaExpression
        switch next {
        case .keyword("not")?, .sign("-")?, .sign("#")?, .sign("~")?:
            let sign: String
            if case .sign(let text)? = next { sign = text } else { sign = "not" }
            place += 1
            left = .unary(sign, try expression(12))
        default: left = try simpleExpression()
        }
        var count = 0
        while true {
            count += 1
            guard count < Self.chainLimit else { throw LuaMistake.tooDeep }
            let word: String
            switch next {
            case .sign(let text)?, .keyword(let text)?: word = text
            default: return left
            }
            guard let rank = Self.ranks[word], rank.left > minimum else { return left }
            if release < 503, ["|", "~", "&", "<<", ">>", "//"].contains(word) { return left }
            place += 1
            left = .binary(word, left, try expression(rank.right))
        }
    }

    private mutating func simpleExpression() throws(LuaMistake) -> LuaExpression {
        switch next {
        case .number(let number)?:
            place += 1
            return .constant(.number(number))
        case .text(let text)?:
            place += 1
            return .constant(.text(text))
        case .keyword("nil")?, .keyword("true")?, .keyword("false")?:
            let word = next
            place += 1
            return .constant(word == .keyword("nil") ? .none : .truth(word == .keyword("true")))
        case .sign("...")?:
            place += 1
            return .rest
        case .sign("{")?: return try table()
        case .keyword("function")?:
            place += 1
            return .function(try function(hasSelf: false))
        default: return try suffixed()
        }
    }

    private mutating func table() throws(LuaMistake) -> LuaExpression {
        var items: [(key: LuaExpression?, value: LuaExpression)] = []
        try expect(.sign("{"))
        while next != .sign("}") {
            if take(.sign("[")) {
                let key = try expression()
                try expect(.sign("]"))
                try expect(.sign("="))
                items.append((key, try expression()))
            } else if case .name(let name)? = next, place + 1 < tokens.count, tokens[place + 1] == .sign("=") {
                place += 2
                items.append((.constant(.text(name)), try expression()))
            } else {
                items.append((nil, try expression()))
            }
            guard take(.sign(",")) || take(.sign(";")) else { break }
        }
        try expect(.sign("}"))
        return .table(items)
    }

    private mutating func suffixed() throws(LuaMistake) -> LuaExpression {
        depth += 1
        defer { depth -= 1 }
        guard depth < Self.depthLimit else { throw LuaMistake.tooDeep }
        var result: LuaExpression
        if take(.sign("(")) {
            result = .unary("(", try expression())
            try expect(.sign(")"))
        } else {
            result = .name(try name())
        }
        var count = 0
        while true {
            count += 1
            guard count < Self.chainLimit else { throw LuaMistake.tooDeep }
            switch next {
            case .sign(".")?:
                place += 1
                result = .index(result, .constant(.text(try name())))
            case .sign("[")?:
                place += 1
                result = .index(result, try expression())
                try expect(.sign("]"))
            case .sign(":")?:
                place += 1
                let method = try name()
                result = .method(result, method, try arguments())
            case .sign("(")?, .sign("{")?, .text?: result = .call(result, try arguments())
            default: return result
            }
        }
    }

    private mutating func arguments() throws(LuaMistake) -> [LuaExpression] {
        if case .text(let text)? = next {
            place += 1
            return [.constant(.text(text))]
        }
        if next == .sign("{") { return [try table()] }
        try expect(.sign("("))
        if take(.sign(")")) { return [] }
        let result = try expressions()
        try expect(.sign(")"))
        return result
    }
}
