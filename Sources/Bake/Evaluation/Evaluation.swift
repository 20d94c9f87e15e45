import OCI

/// Expressions → values: what names stand for, found out when they are asked for.
struct Evaluation {
    typealias Names = [String: BakeValue]

    /// Attributes at the top of a file.
    var globals: [String: Attribute] = [:]
    var variables: [String: Variable] = [:]
    var functions: [String: Function] = [:]
    /// Blocks of targets, which others may take attributes from.
    var targets: [String: [Block]] = [:]
    let environment: [String: String]
    private var known: Names
    private var pending: [String] = []
    private var depth = 0
    /// What may still be computed: a definition of a few lines can ask for more than there is memory.
    private var budget = 64 << 20

    static let depthLimit = 240

    /// Seconds since 1970.
    let now: Int64

    /// - Parameter builtIn: names that files need not define.
    init(environment: [String: String], now: Int64, builtIn: Names) {
        (self.environment, self.now, known) = (environment, now, builtIn)
    }

    // MARK: - Expressions

    mutating func value(_ expression: Expression, _ names: Names = [:]) throws(Fault) -> BakeValue {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.depthLimit else { throw Fault(.excess(.depth), at: expression.spot) }
        let result = try unbounded(expression, names)
        guard result.isPaid(from: &budget, depth: 128) else {
            throw Fault(.excess(budget > 0 ? .depth : .work), at: expression.spot)
        }
        return result
    }

    private mutating func unbounded(_ expression: Expression, _ names: Names) throws(Fault) -> BakeValue {
        let spot = expression.spot
        switch expression.content {
        case .literal(let value): return value
        case .template(let parts): return try template(parts, names, spot)
        case .variable(let name): return try variable(name, names, spot)
        case .attribute(let owner, let name):
            if let (target, attribute) = reference(expression, names) {
                return try targetAttribute(attribute, of: target, spot)
            }
            return try Self.member(.text(name), of: try value(owner, names), spot)
        case .index(let owner, let index):
            return try Self.member(try value(index, names), of: try value(owner, names), spot)
        case .splat(let owner, let steps): return try splat(try value(owner, names), steps, names, spot)
        case .call(let name, let arguments, let expands):
            return try call(Call(name: name, arguments: arguments, expands: expands, spot: spot), names)
        case .list(let items): return .list(try values(items, names))
        case .mapping(let members): return try mapping(members, names)
        case .unary(let found, let operand): return try Self.unary(found, try value(operand, names), operand.spot)
        case .binary(let found, let left, let right): return try binary(found, left, right, names, spot)
        case .conditional(let condition, let first, let second):
            return try truth(condition, names) ? value(first, names) : value(second, names)
        case .loop(let loop): return try self.loop(loop, names, spot)
        }
    }

    mutating func values(_ items: [Expression], _ names: Names) throws(Fault) -> [BakeValue] {
        var result: [BakeValue] = []
        result.reserveCapacity(items.count)
        for item in items { result.append(try value(item, names)) }
        return result
    }

    mutating func truth(_ expression: Expression, _ names: Names) throws(Fault) -> Bool {
        let value = try value(expression, names)
        guard let truth = value.truth else {
            throw Fault(.wrongKind(expected: .boolean, found: value.kind), at: expression.spot)
        }
        return truth
    }

    private mutating func mapping(_ members: [Expression.Member], _ names: Names) throws(Fault) -> BakeValue {
        var result: [String: BakeValue] = [:]
        for member in members {
            let key = try value(member.key, names)
            guard let text = key.string else {
                throw Fault(.wrongKind(expected: .text, found: key.kind), at: member.key.spot)
            }
            result[text] = try value(member.value, names)
        }
        return .mapping(result)
    }

    private mutating func splat(
        _ owner: BakeValue, _ steps: [Expression.Step], _ names: Names, _ spot: Spot
    ) throws(Fault) -> BakeValue {
        let items: [BakeValue]
        switch owner {
        case .null: return .list([])
        case .list(let list): items = list
        case .mapping(let members): items = members.sorted { $0.key < $1.key }.map(\.value)
        case .bool, .number, .text: items = [owner]
        }
        var result: [BakeValue] = []
        for item in items {
            var value = item
            for step in steps {
                switch step {
                case .attribute(let name): value = try Self.member(.text(name), of: value, spot)
                case .index(let index): value = try Self.member(try self.value(index, names), of: value, spot)
                }
            }
            result.append(value)
        }
        return .list(result)
    }

    static func member(_ key: BakeValue, of owner: BakeValue, _ spot: Spot) throws(Fault) -> BakeValue {
        switch owner {
        case .list(let items):
            guard let index = key.count else {
                throw Fault(.wrongKind(expected: .number, found: key.kind), at: spot)
            }
            guard items.indices.contains(index) else { throw Fault(.noMember(String(index)), at: spot) }
            return items[index]
        case .mapping(let members):
            guard let name = key.string else { throw Fault(.wrongKind(expected: .text, found: key.kind), at: spot) }
            guard let value = members[name] else { throw Fault(.noMember(name), at: spot) }
            return value
        case .null, .bool, .number, .text:
            throw Fault(.wrongKind(expected: .mapping, found: owner.kind), at: spot)
        }
    }

    // MARK: - Names

    private mutating func variable(_ name: String, _ names: Names, _ spot: Spot) throws(Fault) -> BakeValue {
        if let value = names[name] { return value }
        return try resolved(name, spot)
    }

    /// What a name stands for outside of functions and loops.
    mutating func resolved(_ name: String, _ spot: Spot) throws(Fault) -> BakeValue {
        if let value = known[name] { return value }
        guard !pending.contains(name) else { throw Fault(.cycle(name), at: spot) }
        pending.append(name)
        defer { pending.removeLast() }
        let value: BakeValue
        if let attribute = globals[name], variables[name] == nil {
            value = try self.value(attribute.expression)
        } else if let variable = variables[name] {
            var variable = variable
            // An attribute of the same name is another way to write the default.
            if let attribute = globals[name] { variable.value = attribute.expression }
            value = try variable.value(in: &self)
        } else {
            let known = Array(known.keys) + variables.keys + globals.keys
            throw Fault(.unknownVariable(name, known: known.sorted()), at: spot)
        }
        guard value.isNested(within: 128) else { throw Fault(.excess(.depth), at: spot) }
        known[name] = value
        return value
    }

    /// `target.NAME.ATTRIBUTE` (bake's "reference of attributes").
    private func reference(_ expression: Expression, _ names: Names) -> (target: String, attribute: String)? {
        guard case .attribute(let owner, let attribute) = expression.content else { return nil }
        switch owner.content {
        case .attribute(let root, let target) where root.keyword == "target" && names["target"] == nil:
            return (target, attribute)
        case .index(let root, let key) where root.keyword == "target" && names["target"] == nil:
            switch key.content {
            case .literal(.text(let target)): return (target, attribute)
            case .template(let parts):
                if parts.count == 1, case .text(let target) = parts[0] { return (target, attribute) }
                return nil
            default: return nil
            }
        default: return nil
        }
    }

    private mutating func targetAttribute(_ name: String, of target: String, _ spot: Spot) throws(Fault) -> BakeValue {
        guard let blocks = targets[target] else {
            throw Fault(.unknownTarget(target, known: targets.keys.sorted()), at: spot)
        }
        if name == "name" { return .text(target) }
        let mark = "target.\(target).\(name)"
        guard !pending.contains(mark) else { throw Fault(.cycle(mark), at: spot) }
        pending.append(mark)
        defer { pending.removeLast() }
        guard let attribute = blocks.last(where: { $0.body[name] != nil })?.body[name] else { return .null }
        return try value(attribute)
    }
}
