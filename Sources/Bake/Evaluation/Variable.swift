import OCI

/// A variable of a file: `variable "NAME" { default = … }`.
struct Variable: Hashable, Sendable {
    let name: String
    let spot: Spot
    var value: Expression?
    var type: TypeConstraint?
    var description: Expression?
    var validations: [Validation] = []

    struct Validation: Hashable, Sendable {
        let condition: Expression
        let message: Expression?
    }

    init(_ block: Block) throws(Fault) {
        guard block.labels.count == 1 else { throw Fault(.wrongLabels("variable"), at: block.spot) }
        (name, spot) = (block.labels[0], block.spot)
        for attribute in block.body.attributes {
            switch attribute.name {
            case "default": value = attribute.expression
            case "type": type = try TypeConstraint(attribute.expression)
            case "description": description = attribute.expression
            default:
                throw Fault(
                    .unknownAttribute(
                        attribute.name, owner: "variable", known: ["default", "type", "description", "validation"]),
                    at: attribute.spot)
            }
        }
        for inner in block.body.blocks {
            guard inner.type == "validation", inner.labels.isEmpty else {
                throw Fault(.unknownBlock(inner.type), at: inner.spot)
            }
            guard let condition = inner.body["condition"] else {
                throw Fault(.missingAttribute("condition", owner: "validation"), at: inner.spot)
            }
            validations.append(Validation(condition: condition, message: inner.body["error_message"]))
        }
    }

    /// What a later file says of the variable comes first.
    mutating func merge(_ other: Variable) {
        if let value = other.value { self.value = value }
        if let type = other.type { self.type = type }
        if let description = other.description { self.description = description }
        validations += other.validations
    }

    /// The environment's value, else the default's.
    func value(in evaluation: inout Evaluation) throws(Fault) -> BakeValue {
        var result: BakeValue = .null
        if let value { result = try evaluation.value(value) }
        if let type {
            guard let converted = type.converted(result) else {
                throw Fault(.invalidVariable(name, value: result.json.text), at: value?.spot ?? spot)
            }
            result = converted
        }
        if let given = try fromEnvironment(evaluation.environment, usual: result) { result = given }
        // A variable that nothing is known of is an empty text.
        if value == nil, type == nil, result == .null { result = .text("") }
        for validation in validations {
            guard try !evaluation.truth(validation.condition, [name: result]) else { continue }
            var message = ""
            if let text = validation.message { message = try evaluation.value(text, [name: result]).string ?? "" }
            throw Fault(.validation(message), at: validation.condition.spot)
        }
        return result
    }

    private func fromEnvironment(_ environment: [String: String], usual: BakeValue) throws(Fault) -> BakeValue? {
        if let type, type.isCollection, let text = environment[name + "_JSON"] {
            guard let json = try? JSON.parse(text), let value = type.converted(BakeValue(json)) else {  // told here
                throw Fault(.invalidVariable(name + "_JSON", value: text), at: spot)
            }
            return value
        }
        guard let text = environment[name] else { return nil }
        let value: BakeValue?
        switch type ?? Self.type(of: usual) {
        case .any, .string: value = .text(text)
        case .number: value = BakeValue.number(text).map(BakeValue.number)
        case .bool: value = SwitchWord.value(text).map(BakeValue.bool)
        case .list, .set, .tuple:
            let fields = Codecs.commaSeparated(text).map { BakeValue.text($0) }
            value = type?.converted(.list(text.isEmpty ? [] : fields))
        case .map, .object:
            var members: [String: BakeValue] = [:]
            for field in Codecs.commaSeparated(text) where !field.isEmpty {
                let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                members[String(parts[0])] = .text(parts.count == 2 ? String(parts[1]) : "")
            }
            value = type?.converted(.mapping(members))
        }
        guard let value else { throw Fault(.invalidVariable(name, value: text), at: spot) }
        return value
    }

    private static func type(of value: BakeValue) -> TypeConstraint {
        switch value {
        case .bool: .bool
        case .number: .number
        case .null, .text: .string
        case .list: .list(.any)
        case .mapping: .map(.any)
        }
    }
}

/// A function of a file: `function "NAME" { params = […] result = … }`.
struct Function: Hashable, Sendable {
    let name: String
    let spot: Spot
    let parameters: [String]
    let rest: String?
    let result: Expression

    init(_ block: Block) throws(Fault) {
        guard block.labels.count == 1 else { throw Fault(.wrongLabels("function"), at: block.spot) }
        (name, spot) = (block.labels[0], block.spot)
        guard let result = block.body["result"] else {
            throw Fault(.missingAttribute("result", owner: "function"), at: block.spot)
        }
        guard let parameters = block.body["params"] else {
            throw Fault(.missingAttribute("params", owner: "function"), at: block.spot)
        }
        self.result = result
        guard case .list(let items) = parameters.content else {
            throw Fault(.syntax(expected: "a list of names"), at: parameters.spot)
        }
        var names: [String] = []
        for item in items { names.append(try Self.name(item)) }
        self.parameters = names
        if let rest = block.body["variadic_params"] ?? block.body["variadic_param"] {
            self.rest = try Self.name(rest)
        } else {
            rest = nil
        }
        let known = ["params", "variadic_params", "result"]
        for attribute in block.body.attributes where !known.contains(attribute.name) {
            guard attribute.name != "variadic_param" else { continue }
            throw Fault(.unknownAttribute(attribute.name, owner: "function", known: known), at: attribute.spot)
        }
    }

    private static func name(_ expression: Expression) throws(Fault) -> String {
        if let keyword = expression.keyword { return keyword }
        // Files of JSON have texts.
        if case .literal(.text(let text)) = expression.content { return text }
        throw Fault(.syntax(expected: "a name"), at: expression.spot)
    }
}
