/// What expressions are worth, and what they call.
extension LuaRun {
    /// The last expression may give several.
    mutating func values(_ expressions: [LuaExpression], _ scope: LuaScope) throws -> [LuaValue] {
        var result: [LuaValue] = []
        for (index, expression) in expressions.enumerated() {
            let isLast = index == expressions.count - 1
            switch expression {
            case .call, .method:
                let values = try call(expression, scope)
                result += isLast ? values : [values.first ?? .nothing]
            case .rest: result += isLast && chain.count == 1 && doubtful.count == 2 ? arguments : [.unknown]
            default: result.append(try value(expression, scope))
            }
        }
        return result
    }

    mutating func value(_ expression: LuaExpression, _ scope: LuaScope) throws -> LuaValue {
        depth += 1
        steps += 1
        defer { depth -= 1 }
        guard depth < Self.depthLimit, steps < Self.stepLimit else { throw Stop.unsure }
        switch expression {
        case .constant(let constant):
            switch constant {
            case .none: return .nothing
            case .truth(let value): return .truth(value)
            case .number(let number): return .number(number)
            case .text(let text): return .text(text)
            }
        case .rest: return chain.count == 1 && doubtful.count == 2 ? arguments.first ?? .nothing : .unknown
        case .name(let name):
            if let holder = scope.holder(of: name) { return holder.values[name] ?? .unknown }
            return globals.value("." + name)
        case .index(let base, let key): return try index(try value(base, scope), try value(key, scope), base)
        case .call, .method: return try call(expression, scope).first ?? .nothing
        case .function(let function): return .function(function, scope)
        case .table(let items): return try table(items, scope)
        case .unary(let sign, let operand): return Self.unary(sign, try value(operand, scope))
        case .binary(let sign, let left, let right): return try binary(sign, left, right, scope)
        }
    }

    private mutating func table(_ items: [(key: LuaExpression?, value: LuaExpression)], _ scope: LuaScope) throws
        -> LuaValue
    {
        let table = LuaTable()
        var number = 1
        for (key, expression) in items {
            let value = try value(expression, scope)
            if let key {
                if let key = try self.value(key, scope).key { table.items[key] = value } else { table.isOpen = true }
            } else {
                table.items[String(number)] = value
                number += 1
                switch expression {
                case .call, .method, .rest: table.isOpen = true
                default: break
                }
            }
        }
        return .table(table)
    }

    private mutating func index(_ base: LuaValue, _ key: LuaValue, _ expression: LuaExpression) throws -> LuaValue {
        switch base {
        case .table(let table): return key.key.map { table.value($0) } ?? .unknown
        case .builtin(let name):
            guard let key = key.asText, ["string", "table", "math", "io", "os", "lfs"].contains(name) else {
                return .unknown
            }
            return .builtin(name + "." + key)
        case .text: return key.asText.map { .builtin("string." + $0) } ?? .unknown
        case .nothing:
            guard isLive else { return .unknown }
            throw fail(cause ?? .failedScript(script: file, status: 1))
        case .truth, .number, .function, .unknown: return .unknown
        }
    }

    private static func unary(_ sign: String, _ value: LuaValue) -> LuaValue {
        switch sign {
        case "(": return value
        case "not": return value.isTrue.map { .truth(!$0) } ?? .unknown
        case "-": if case .number(let number) = value { return .number(-number) }
        case "#":
            if case .text(let text) = value { return .number(Double(text.utf8.count)) }
            if case .table(let table) = value, !table.isOpen { return .number(Double(table.list.count)) }
        default: break
        }
        return .unknown
    }

    private mutating func binary(_ sign: String, _ left: LuaExpression, _ right: LuaExpression, _ scope: LuaScope)
        throws
        -> LuaValue
    {
        let first = try value(left, scope)
        if sign == "and" || sign == "or" {
            let wanted = sign == "and"
            let truth = first.isTrue
            if truth == !wanted {
                return first
            }
            if truth == nil { maybe += 1 }
            defer { if truth == nil { maybe -= 1 } }
            let second = try value(right, scope)
            return truth == nil ? .unknown : second
        }
        let second = try value(right, scope)
        switch sign {
        case "..":
            if isLive {
                for case .nothing in [first, second] { throw fail(cause ?? .failedScript(script: file, status: 1)) }
            }
            guard let start = first.asText, let end = second.asText else { return .unknown }
            return try joined([start, end])
        case "==": return first.isEqual(second).map { .truth($0) } ?? .unknown
        case "~=": return first.isEqual(second).map { .truth(!$0) } ?? .unknown
        default: break
        }
        guard case .number(let start) = first, case .number(let end) = second else { return .unknown }
        switch sign {
        case "+": return .number(start + end)
        case "-": return .number(start - end)
        case "*": return .number(start * end)
        case "<": return .truth(start < end)
        case "<=": return .truth(start <= end)
        case ">": return .truth(start > end)
        case ">=": return .truth(start >= end)
        default: return .unknown
        }
    }

    // MARK: Calls

    private mutating func call(_ expression: LuaExpression, _ scope: LuaScope) throws -> [LuaValue] {
        switch expression {
        case .call(let function, let arguments):
            let value = try value(function, scope)
            let given = try values(arguments, scope)
            return try call(value, given, named: Self.name(of: function))
        case .method(let base, let name, let arguments):
            let object = try value(base, scope)
            let given = try values(arguments, scope)
            let function = try index(object, .text(name), base)
            return try call(function, [object] + given, named: (name, Self.name(of: base)?.name))
        default: return [try value(expression, scope)]
        }
    }

    typealias Name = (name: String, owner: String?)

    private static func name(of expression: LuaExpression) -> Name? {
        switch expression {
        case .name(let name): (name, nil)
        case .index(let base, .constant(.text(let key))): (key, name(of: base)?.name)
        default: nil
        }
    }

    mutating func call(_ function: LuaValue, _ given: [LuaValue], named name: Name? = nil) throws -> [LuaValue] {
        switch function {
        case .function(let function, let scope): return try call(function, scope, given)
        case .builtin(let name): return try intrinsic(name, given)
        case .nothing:
            guard isLive else { return [.unknown] }
            guard let name else { throw fail(cause ?? .failedScript(script: file, status: 1)) }
            throw fail(.missingName(script: file, module: name.owner ?? "Lua", name: name.name))
        case .table, .unknown, .truth, .number, .text:
            try hand(over: given)
            return [.unknown]
        }
    }

    /// Tables that somebody gets of whom it is not known what they do with them.
    mutating func hand(over values: [LuaValue]) throws {
        for value in values {
            switch value {
            case .table(let table):
                table.isOpen = true
                try spend(table.items.count / 16)
                for case .function(_, let scope) in table.items.values { try forget(scope) }
            case .function(_, let scope): try forget(scope)
            case .nothing, .truth, .number, .text, .builtin, .unknown: continue
            }
        }
    }

    /// What a function may set that is called by somebody, or perhaps.
    private mutating func forget(_ scope: LuaScope) throws {
        var next: LuaScope? = scope
        while let scope = next {
            try spend(scope.values.count / 16)
            for (name, value) in scope.values {
                if case .nothing = value { scope.values[name] = .unknown }
            }
            next = scope.parent
        }
    }

    private mutating func call(_ function: LuaFunction, _ scope: LuaScope, _ given: [LuaValue]) throws -> [LuaValue] {
        guard isLive, doubtful.count < 20 else {
            try hand(over: given + [.function(function, scope)])
            return [.unknown]
        }
        let inner = LuaScope(scope, file: scope.file)
        for (index, name) in function.parameters.enumerated() {
            inner.values[name] = index < given.count ? given[index] : .nothing
        }
        doubtful.append(false)
        chain.append(scope.file)
        let (count, depth) = (chain.count, doubtful.count)
        defer {
            chain.removeLast(chain.count - count + 1)
            doubtful.removeLast(doubtful.count - depth + 1)
        }
        do {
            try walk(function.body, inner)
        } catch Stop.returns {
            return returned
        }
        return doubtful[doubtful.count - 1] || isUnsure ? [.unknown] : []
    }
}
