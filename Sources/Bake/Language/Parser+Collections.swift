extension Parser {
    /// `[a, b]` or `[for …]`
    mutating func list() throws(Fault) -> Expression {
        let start = scanner.index
        scanner.index += 1
        let content = try inside { parser throws(Fault) in try parser.listContent() }
        return Expression(content: content, spot: scanner.spot(from: start))
    }

    private mutating func listContent() throws(Fault) -> Expression.Content {
        try scanner.skipSpace()
        if beginsLoop { return .loop(try loop(closedBy: "]", hasKey: false)) }
        var items: [Expression] = []
        while true {
            try scanner.skipSpace()
            if scanner.take("]") { return .list(items) }
            items.append(try expression())
            try scanner.skipSpace()
            if scanner.take(",") { continue }
            guard scanner.take("]") else { throw scanner.failure(.syntax(expected: "',' or ']'")) }
            return .list(items)
        }
    }

    /// `{a = b}` or `{for …}`
    mutating func mapping() throws(Fault) -> Expression {
        let start = scanner.index
        scanner.index += 1
        // Ends of lines are commas here.
        let crossed = scanner.crossesLines
        scanner.crossesLines = false
        defer { scanner.crossesLines = crossed }
        try scanner.skipLines()
        if beginsLoop {
            let loop = try inside { parser throws(Fault) in try parser.loop(closedBy: "}", hasKey: true) }
            return Expression(content: .loop(loop), spot: scanner.spot(from: start))
        }
        var members: [Expression.Member] = []
        while true {
            try scanner.skipLines()
            if scanner.take("}") { break }
            let key = try expression()
            try scanner.skipSpace()
            guard scanner.take("=") || scanner.take(":") else {
                throw scanner.failure(.syntax(expected: "'=' or ':'"))
            }
            members.append(Expression.Member(key: key.asKey, value: try expression()))
            try scanner.skipSpace()
            if scanner.take(",") || scanner.peek == 0x0A { continue }
            guard scanner.take("}") else { throw scanner.failure(.syntax(expected: "',', a new line or '}'")) }
            break
        }
        return Expression(content: .mapping(members), spot: scanner.spot(from: start))
    }

    private var beginsLoop: Bool {
        guard scanner.stands("for"), let next = scanner.peek(3) else { return false }
        return next == 0x20 || next == 0x09 || next == 0x0A || next == 0x0D
    }

    private mutating func loop(closedBy closing: StaticString, hasKey: Bool) throws(Fault) -> Expression.Loop {
        scanner.index += 3
        let (names, collection) = try loopHead()
        try close(":")
        var key: Expression?
        var value = try expression()
        var groups = false
        try scanner.skipSpace()
        if hasKey {
            guard scanner.take("=>") else { throw scanner.failure(.syntax(expected: "'=>'")) }
            key = value
            value = try expression()
            try scanner.skipSpace()
            groups = scanner.take("...")
            try scanner.skipSpace()
        }
        var condition: Expression?
        if scanner.stands("if") {
            scanner.index += 2
            condition = try expression()
        }
        try close(closing)
        return Expression.Loop(
            keyName: names.key, valueName: names.value, collection: collection, key: key, value: value,
            condition: condition, groups: groups)
    }

    /// `[key,] value in collection`, behind the word `for`.
    mutating func loopHead() throws(Fault) -> (names: (key: String?, value: String), collection: Expression) {
        try scanner.skipSpace()
        guard let first = scanner.name() else { throw scanner.failure(.syntax(expected: "a name")) }
        var names: (key: String?, value: String) = (nil, first)
        try scanner.skipSpace()
        if scanner.take(",") {
            try scanner.skipSpace()
            guard let second = scanner.name() else { throw scanner.failure(.syntax(expected: "a name")) }
            names = (first, second)
            try scanner.skipSpace()
        }
        guard scanner.name() == "in" else { throw scanner.failure(.syntax(expected: "'in'")) }
        return (names, try expression())
    }
}

extension Expression {
    /// A name that stands alone is a text where it is a key.
    fileprivate var asKey: Expression {
        guard let keyword else { return self }
        return Expression(content: .literal(.text(keyword)), spot: spot)
    }
}
