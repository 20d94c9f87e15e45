package import OCI

/// Renders nodes for a value; holds the variables that are visible.
package struct TemplateEvaluation {
    private let root: JSON
    private var dot: JSON
    private var variables: [(name: String, value: JSON)] = []
    /// What may still be done, roughly in bytes: a short template with loops in loops would have no end.
    private var budget = 64 << 20
    /// What a turn of a loop or a function costs beside its texts.
    private static let step = 64

    package init(root: JSON) { (self.root, dot) = (root, root) }

    private mutating func spend(_ cost: Int) throws(GoTemplateError) {
        budget -= cost
        guard budget > 0 else { throw .tooMuch }
    }

    package mutating func render(_ nodes: [GoTemplate.Node]) throws(GoTemplateError) -> String {
        let visible = variables.count
        defer { variables.removeLast(variables.count - visible) }
        var text = ""
        for node in nodes {
            switch node {
            case .text(let literal):
                try spend(literal.utf8.count)
                text += literal
            case .action(let pipeline):
                let value = try evaluate(pipeline)
                switch pipeline.variables {
                case .none:
                    let shown = value.goText
                    try spend(shown.utf8.count)
                    text += shown
                case .declared, .assigned: try define(pipeline.variables, [value])
                }
            case .choice(let branches, let otherwise): text += try choose(branches, otherwise)
            case .with(let pipeline, let body, let otherwise):
                text += try scoped(pipeline) { evaluation, value throws(GoTemplateError) in
                    guard value.isTrue else { return try evaluation.render(otherwise) }
                    return try evaluation.render(body, dot: value)
                }
            case .range(let pipeline, let body, let otherwise):
                text += try range(pipeline, body, otherwise)
            }
        }
        return text
    }

    private mutating func render(_ nodes: [GoTemplate.Node], dot value: JSON) throws(GoTemplateError) -> String {
        let outer = dot
        defer { dot = outer }
        dot = value
        return try render(nodes)
    }

    /// Evaluates a pipeline whose variables are visible in `body` only.
    private mutating func scoped(
        _ pipeline: GoTemplate.Pipeline,
        _ body: (inout TemplateEvaluation, JSON) throws(GoTemplateError) -> String
    ) throws(GoTemplateError) -> String {
        let visible = variables.count
        defer { variables.removeLast(variables.count - visible) }
        let value = try evaluate(pipeline)
        try define(pipeline.variables, [value])
        return try body(&self, value)
    }

    private mutating func choose(
        _ branches: [(condition: GoTemplate.Pipeline, body: [GoTemplate.Node])], _ otherwise: [GoTemplate.Node]
    ) throws(GoTemplateError) -> String {
        let visible = variables.count
        defer { variables.removeLast(variables.count - visible) }
        for branch in branches {
            let value = try evaluate(branch.condition)
            try define(branch.condition.variables, [value])
            if value.isTrue { return try render(branch.body) }
        }
        return try render(otherwise)
    }

    private mutating func range(
        _ pipeline: GoTemplate.Pipeline, _ body: [GoTemplate.Node], _ otherwise: [GoTemplate.Node]
    ) throws(GoTemplateError) -> String {
        let items: [(key: JSON, value: JSON)]
        switch try evaluate(pipeline) {
        case .array(let values): items = values.enumerated().map { (.integer(Int64($0.offset)), $0.element) }
        case .object(let object):
            items = object.members.sorted { $0.key < $1.key }.map { (.string($0.key), $0.value) }
        case .null: items = []
        case .bool, .number, .string: throw .arguments(function: "range", usage: "LIST")
        }
        if items.isEmpty { return try render(otherwise) }
        var text = ""
        for item in items {
            try spend(Self.step)
            let visible = variables.count
            defer { variables.removeLast(variables.count - visible) }
            try define(pipeline.variables, [item.key, item.value])
            text += try render(body, dot: item.value)
        }
        return text
    }

    /// Gives variables their values: one name takes the last value, two take a key and its value.
    private mutating func define(
        _ names: GoTemplate.Pipeline.Variables, _ values: [JSON]
    ) throws(GoTemplateError) {
        switch names {
        case .none: return
        case .declared(let names):
            for (name, value) in zip(names, values.suffix(names.count)) { variables.append((name, value)) }
        case .assigned(let names):
            for (name, value) in zip(names, values.suffix(names.count)) {
                guard let index = variables.lastIndex(where: { $0.name == name }) else {
                    throw .undefinedVariable(name)
                }
                variables[index].value = value
            }
        }
    }

    private mutating func evaluate(_ pipeline: GoTemplate.Pipeline) throws(GoTemplateError) -> JSON {
        var piped: JSON?
        for command in pipeline.commands { piped = try evaluate(command, piped: piped) }
        guard let piped else { throw .missingValue }
        return piped
    }

    private mutating func evaluate(_ command: [GoTemplate.Operand], piped: JSON?) throws(GoTemplateError) -> JSON {
        guard let first = command.first else { throw .missingValue }
        var arguments: [JSON] = []
        for operand in command.dropFirst() { arguments.append(try value(of: operand)) }
        if let piped { arguments.append(piped) }
        if case .function(let function) = first {
            try spend(arguments.reduce(Self.step) { $0 + ($1.string?.utf8.count ?? 0) })
            return try function.call(arguments)
        }
        if !arguments.isEmpty { throw .unexpected("value after a value that is no function") }
        return try value(of: first)
    }

    private mutating func value(of operand: GoTemplate.Operand) throws(GoTemplateError) -> JSON {
        switch operand {
        case .dot(let fields): return try dot.member(fields)
        case .variable("", let fields): return try root.member(fields)
        case .variable(let name, let fields):
            guard let variable = variables.last(where: { $0.name == name }) else { throw .undefinedVariable(name) }
            return try variable.value.member(fields)
        case .literal(let value): return value
        case .function(let function): return try function.call([])
        case .parenthesised(let pipeline, let fields): return try evaluate(pipeline).member(fields)
        }
    }
}

extension JSON {
    fileprivate func member(_ fields: [String]) throws(GoTemplateError) -> JSON {
        var value = self
        for name in fields {
            guard let object = value.object else { throw .notAnObject(field: name) }
            guard let member = object[name] else {
                throw .unknownField(name, available: object.members.map(\.key))
            }
            value = member
        }
        return value
    }

    /// Empty and zero values are false, as in text/template's `if`.
    package var isTrue: Bool {
        switch self {
        case .null: false
        case .bool(let value): value
        case .number(let text): Double(text) != 0
        case .string(let text): !text.isEmpty
        case .array(let items): !items.isEmpty
        case .object(let object): !object.isEmpty
        }
    }

    /// What Go's `%v` prints. Null is a list without a value here: that is what `Cmd`, `Entrypoint` and `OnBuild` are.
    package var goText: String {
        switch self {
        case .null: "[]"
        case .bool(let value): "\(value)"
        case .number(let text): text
        case .string(let text): text
        case .array(let items): "[" + items.map(\.goText).joined(separator: " ") + "]"
        case .object(let object):
            "map["
                + object.members.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value.goText)" }
                .joined(separator: " ") + "]"
        }
    }
}
