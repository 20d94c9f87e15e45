/// What an expression of Lua is worth, as far as files tell.
enum LuaValue {
    case nothing
    case truth(Bool)
    case number(Double)
    case text(String)
    case table(LuaTable)
    case function(LuaFunction, LuaScope)
    /// A function or a table of Lua's own, by its name.
    case builtin(String)
    case unknown

    /// What a condition makes of it; nil where that is not known.
    var isTrue: Bool? {
        switch self {
        case .nothing: false
        case .truth(let value): value
        case .number, .text, .table, .function, .builtin: true
        case .unknown: nil
        }
    }

    var asText: String? {
        switch self {
        case .text(let text): text
        case .number(let number): number == number.rounded() && abs(number) < 1e15 ? String(Int(number)) : nil
        case .nothing, .truth, .table, .function, .builtin, .unknown: nil
        }
    }

    /// As a key of a table.
    var key: String? {
        switch self {
        case .text(let text): "." + text
        case .number(let number): asText ?? String(number)
        case .truth(let value): value ? "true" : "false"
        case .nothing, .table, .function, .builtin, .unknown: nil
        }
    }

    func isEqual(_ other: LuaValue) -> Bool? {
        switch (self, other) {
        case (.unknown, _), (_, .unknown), (.table, .table), (.function, _), (_, .function), (.builtin, _),
            (_, .builtin):
            nil
        case (.nothing, .nothing): true
        case (.truth(let left), .truth(let right)): left == right
        case (.number(let left), .number(let right)): left == right
        case (.text(let left), .text(let right)): left == right
        default: false
        }
    }
}

/// A table, which many may hold.
final class LuaTable {
    var items: [String: LuaValue] = [:]
    /// Whether it may have what is not known.
    var isOpen: Bool
    var meta: LuaTable?

    init(_ items: [String: LuaValue] = [:], isOpen: Bool = false) { (self.items, self.isOpen) = (items, isOpen) }

    func value(_ key: String, depth: Int = 0) -> LuaValue {
        if let value = items[key] { return value }
        if isOpen || depth > 20 { return .unknown }
        guard let meta else { return .nothing }
        switch meta.items[".__index"] {
        case .table(let next)?: return next.value(key, depth: depth + 1)
        case nil: return meta.isOpen ? .unknown : .nothing
        default: return .unknown
        }
    }

    /// What stands under 1, 2 and so on.
    var list: [LuaValue] {
        var result: [LuaValue] = []
        while let value = items[String(result.count + 1)], result.count < 1000 { result.append(value) }
        return result
    }
}

/// The local variables of a block.
final class LuaScope {
    var values: [String: LuaValue] = [:]
    let parent: LuaScope?
    let file: String

    init(_ parent: LuaScope?, file: String) { (self.parent, self.file) = (parent, file) }

    func holder(of name: String) -> LuaScope? {
        var scope: LuaScope? = self
        while let next = scope {
            if next.values[name] != nil { return next }
            scope = next.parent
        }
        return nil
    }
}
