import OCI

extension Evaluation {
    // MARK: - Templates

    mutating func template(_ parts: [Expression.Part], _ names: Names, _ spot: Spot) throws(Fault) -> BakeValue {
        // A value that stands alone keeps its kind.
        if parts.count == 1, case .value(let only) = parts[0] { return try value(only, names) }
        var text = ""
        try append(parts, to: &text, names, spot)
        return .text(text)
    }

    private mutating func append(
        _ parts: [Expression.Part], to text: inout String, _ names: Names, _ spot: Spot
    ) throws(Fault) {
        for part in parts {
            switch part {
            case .text(let piece): text += piece
            case .value(let expression):
                let value = try value(expression, names)
                guard let piece = value.string else {
                    throw Fault(.wrongKind(expected: .text, found: value.kind), at: expression.spot)
                }
                text += piece
            case .choice(let condition, let first, let second):
                try append(try truth(condition, names) ? first : second, to: &text, names, spot)
            case .loop(let keyName, let valueName, let collection, let body):
                for (key, item) in try elements(collection, names) {
                    var inner = names
                    if let keyName { inner[keyName] = key }
                    inner[valueName] = item
                    // Counts as a value of its own, so that loops in loops end.
                    _ = try value(Expression(content: .literal(.text(text)), spot: spot))
                    try append(body, to: &text, inner, spot)
                }
            }
        }
    }

    // MARK: - Loops

    /// The keys and values of a list or mapping; a list's keys are its indexes.
    private mutating func elements(
        _ collection: Expression, _ names: Names
    ) throws(Fault) -> [(key: BakeValue, value: BakeValue)] {
        let value = try value(collection, names)
        switch value {
        case .list(let items): return items.enumerated().map { (.number(Double($0)), $1) }
        case .mapping(let members): return members.sorted { $0.key < $1.key }.map { (.text($0.key), $0.value) }
        case .null, .bool, .number, .text:
            throw Fault(.wrongKind(expected: .list, found: value.kind), at: collection.spot)
        }
    }

    mutating func loop(_ loop: Expression.Loop, _ names: Names, _ spot: Spot) throws(Fault) -> BakeValue {
        var list: [BakeValue] = []
        var mapping: [String: BakeValue] = [:]
        for (key, item) in try elements(loop.collection, names) {
            var inner = names
            if let keyName = loop.keyName { inner[keyName] = key }
            inner[loop.valueName] = item
            if let condition = loop.condition, try !truth(condition, inner) { continue }
            let result = try value(loop.value, inner)
            guard let keyExpression = loop.key else {
                list.append(result)
                continue
            }
            let made = try value(keyExpression, inner)
            guard let name = made.string else {
                throw Fault(.wrongKind(expected: .text, found: made.kind), at: keyExpression.spot)
            }
            if loop.groups, case .list(let earlier) = mapping[name] ?? .list([]) {
                mapping[name] = .list(earlier + [result])
            } else {
                guard mapping[name] == nil else { throw Fault(.duplicateAttribute(name), at: keyExpression.spot) }
                mapping[name] = result
            }
        }
        return loop.key == nil ? .list(list) : .mapping(mapping)
    }

    // MARK: - Operators

    static func unary(_ found: Expression.Operator, _ value: BakeValue, _ spot: Spot) throws(Fault) -> BakeValue {
        if found == .not {
            guard let truth = value.truth else {
                throw Fault(.wrongKind(expected: .boolean, found: value.kind), at: spot)
            }
            return .bool(!truth)
        }
        guard let number = value.double else { throw Fault(.wrongKind(expected: .number, found: value.kind), at: spot) }
        return .number(-number)
    }

    mutating func binary(
        _ found: Expression.Operator, _ left: Expression, _ right: Expression, _ names: Names, _ spot: Spot
    ) throws(Fault) -> BakeValue {
        switch found {
        case .or:
            let (first, second) = (try truth(left, names), try truth(right, names))
            return .bool(first || second)
        case .and:
            let (first, second) = (try truth(left, names), try truth(right, names))
            return .bool(first && second)
        case .equal: return .bool(try value(left, names) == value(right, names))
        case .notEqual: return .bool(try value(left, names) != value(right, names))
        case .not: throw Fault(.syntax(expected: "an operator"), at: spot)
        case .lessOrEqual, .greaterOrEqual, .less, .greater, .plus, .minus, .times, .divide, .modulo: break
        }
        let (first, second) = (try number(left, names), try number(right, names))
        switch found {
        case .less: return .bool(first < second)
        case .lessOrEqual: return .bool(first <= second)
        case .greater: return .bool(first > second)
        case .greaterOrEqual: return .bool(first >= second)
        case .plus: return .number(first + second)
        case .minus: return .number(first - second)
        case .times: return .number(first * second)
        case .divide, .modulo:
            guard second != 0 else { throw Fault(.divisionByZero, at: spot) }
            return .number(found == .divide ? first / second : first.truncatingRemainder(dividingBy: second))
        case .or, .and, .equal, .notEqual, .not: throw Fault(.syntax(expected: "an operator"), at: spot)
        }
    }

    private mutating func number(_ expression: Expression, _ names: Names) throws(Fault) -> Double {
        let value = try value(expression, names)
        guard let number = value.double else {
            throw Fault(.wrongKind(expected: .number, found: value.kind), at: expression.spot)
        }
        return number
    }

    // MARK: - Functions

    struct Call {
        let name: String
        let arguments: [Expression]
        let expands: Bool
        let spot: Spot
    }

    mutating func call(_ call: Call, _ names: Names) throws(Fault) -> BakeValue {
        switch call.name {
        case "try", "can": return try attempt(call, names)
        case "convert":
            guard call.arguments.count == 2 else { throw Fault(.wrongCount(function: call.name), at: call.spot) }
            let value = try value(call.arguments[0], names)
            guard let converted = try TypeConstraint(call.arguments[1]).converted(value) else {
                throw Fault(.function(call.name, .invalid(value.json.text)), at: call.spot)
            }
            return converted
        case "timestamp" where call.arguments.isEmpty: return .text(Timestamp(seconds: now).rfc3339)
        case "homedir" where call.arguments.isEmpty: return .text(environment["HOME"] ?? "")
        default: break
        }
        var arguments = try values(call.arguments, names)
        if call.expands {
            guard let last = arguments.popLast(), case .list(let items) = last else {
                throw Fault(.wrongKind(expected: .list, found: .null), at: call.spot)
            }
            arguments += items
        }
        if let function = functions[call.name] { return try apply(function, arguments, call.spot) }
        guard let function = Functions.table[call.name] else {
            let known = Array(Functions.table.keys) + functions.keys + ["try", "can", "convert", "timestamp"]
            throw Fault(.unknownFunction(call.name, known: known.sorted()), at: call.spot)
        }
        guard function.counts.contains(arguments.count) else {
            throw Fault(.wrongCount(function: call.name), at: call.spot)
        }
        do { return try function.body(Arguments(values: arguments)) } catch {
            throw Fault(.function(call.name, error), at: call.spot)
        }
    }

    private mutating func apply(_ function: Function, _ arguments: [BakeValue], _ spot: Spot) throws(Fault) -> BakeValue
    {
        let count = function.parameters.count
        guard arguments.count == count || (arguments.count > count && function.rest != nil) else {
            throw Fault(.wrongCount(function: function.name), at: spot)
        }
        var names = Names(zip(function.parameters, arguments)) { $1 }
        if let rest = function.rest { names[rest] = .list(Array(arguments.dropFirst(count))) }
        return try value(function.result, names)
    }

    /// `try` and `can`: an error of an argument is an answer. Running out of what may be computed stays an error.
    private mutating func attempt(_ call: Call, _ names: Names) throws(Fault) -> BakeValue {
        guard let first = call.arguments.first, call.name == "try" || call.arguments.count == 1 else {
            throw Fault(.wrongCount(function: call.name), at: call.spot)
        }
        var last = Fault(.function(call.name, .noResult), at: first.spot)
        for argument in call.arguments {
            do {
                let value = try value(argument, names)
                return call.name == "can" ? .bool(true) : value
            } catch {
                if case .excess = error.reason { throw error }
                last = error
            }
        }
        if call.name == "can" { return .bool(false) }
        throw last
    }
}
