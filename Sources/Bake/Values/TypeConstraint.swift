import OCI

/// What the values of a variable must be: `type = list(string)`.
indirect enum TypeConstraint: Hashable, Sendable {
    case any, string, number, bool
    case list(TypeConstraint)
    case set(TypeConstraint)
    case map(TypeConstraint)
    case object([String: Member])
    case tuple([TypeConstraint])

    struct Member: Hashable, Sendable {
        let type: TypeConstraint
        let isOptional: Bool
    }

    init(_ expression: Expression) throws(Fault) {
        switch expression.content {
        case .variable("any"): self = .any
        case .variable("string"): self = .string
        case .variable("number"): self = .number
        case .variable("bool"): self = .bool
        case .call("list", let items, _) where items.count == 1: self = .list(try Self(items[0]))
        case .call("set", let items, _) where items.count == 1: self = .set(try Self(items[0]))
        case .call("map", let items, _) where items.count == 1: self = .map(try Self(items[0]))
        case .call("tuple", let items, _) where items.count == 1:
            guard case .list(let types) = items[0].content else { throw Self.unknown(expression) }
            var members: [TypeConstraint] = []
            for type in types { members.append(try Self(type)) }
            self = .tuple(members)
        case .call("object", let items, _) where items.count == 1:
            guard case .mapping(let types) = items[0].content else { throw Self.unknown(expression) }
            self = .object(try Self.members(types))
        default: throw Self.unknown(expression)
        }
    }

    private static func members(_ members: [Expression.Member]) throws(Fault) -> [String: Member] {
        var result: [String: Member] = [:]
        for member in members {
            guard case .literal(.text(let name)) = member.key.content else { throw unknown(member.key) }
            if case .call("optional", let items, _) = member.value.content, let first = items.first {
                result[name] = Member(type: try Self(first), isOptional: true)
            } else {
                result[name] = Member(type: try Self(member.value), isOptional: false)
            }
        }
        return result
    }

    private static func unknown(_ expression: Expression) -> Fault {
        Fault(.syntax(expected: "a type, as string, number, bool, list(string) or map(string)"), at: expression.spot)
    }

    /// Whether a value of it has parts.
    var isCollection: Bool {
        switch self {
        case .any, .string, .number, .bool: false
        case .list, .set, .map, .object, .tuple: true
        }
    }

    /// As the listing of variables has it.
    var text: String {
        switch self {
        case .any: "dynamic"
        case .string: "string"
        case .number: "number"
        case .bool: "bool"
        case .list(let type): "list of \(type.text)"
        case .set(let type): "set of \(type.text)"
        case .map(let type): "map of \(type.text)"
        case .object: "object"
        case .tuple: "tuple"
        }
    }

    /// The value as one of this type; nil where it is none.
    func converted(_ value: BakeValue) -> BakeValue? {
        if value == .null { return value }
        switch self {
        case .any: return value
        case .string: return value.string.map(BakeValue.text)
        case .number: return value.double.map(BakeValue.number)
        case .bool: return value.truth.map(BakeValue.bool)
        case .list(let type):
            guard case .list(let items) = value else { return nil }
            return Self.all(items.map(type.converted)).map(BakeValue.list)
        case .set(let type):
            guard case .list(let items) = value else { return nil }
            return Self.all(items.map(type.converted)).map { .list(Collections.set($0)) }
        case .map(let type):
            guard case .mapping(let members) = value else { return nil }
            let converted = members.compactMapValues(type.converted)
            return converted.count == members.count ? .mapping(converted) : nil
        case .tuple(let types):
            guard case .list(let items) = value, items.count == types.count else { return nil }
            return Self.all(zip(types, items).map { $0.converted($1) }).map(BakeValue.list)
        case .object(let types):
            guard case .mapping(let members) = value else { return nil }
            var result: [String: BakeValue] = [:]
            for (name, member) in types {
                guard let given = members[name] else {
                    guard member.isOptional else { return nil }
                    result[name] = .null
                    continue
                }
                guard let converted = member.type.converted(given) else { return nil }
                result[name] = converted
            }
            return .mapping(result)
        }
    }

    private static func all(_ items: [BakeValue?]) -> [BakeValue]? {
        let present = items.compactMap { $0 }
        return present.count == items.count ? present : nil
    }
}
