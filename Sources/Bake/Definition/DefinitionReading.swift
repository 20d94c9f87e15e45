import OCI

/// Blocks → groups and targets.
struct DefinitionReading {
    private var evaluation: Evaluation
    private var targetBlocks: [Block] = []
    private var groupBlocks: [Block] = []
    private var attributes: [Attribute] = []
    private(set) var targets: [BakeTarget]
    private(set) var groups: [BakeGroup] = []
    private(set) var variables: [BakeVariable] = []

    /// - Parameter earlier: targets that those of the files are added to.
    init(_ surroundings: BakeSurroundings, earlier: [BakeTarget]) {
        evaluation = Evaluation(
            environment: surroundings.environment, now: surroundings.now,
            builtIn: [
                "BAKE_CMD_CONTEXT": .text("cwd://"),
                "BAKE_LOCAL_PLATFORM": .text(surroundings.platform.description),
            ])
        targets = earlier
    }

    /// Takes the blocks of a file.
    mutating func take(_ body: Body) throws(Fault) {
        attributes += body.attributes
        for attribute in body.attributes { evaluation.globals[attribute.name] = attribute }
        for block in body.blocks {
            switch block.type {
            case "target":
                guard block.labels.count == 1 else { throw Fault(.wrongLabels("target"), at: block.spot) }
                targetBlocks.append(block)
                evaluation.targets[block.labels[0], default: []].append(block)
            case "group":
                guard block.labels.count == 1 else { throw Fault(.wrongLabels("group"), at: block.spot) }
                groupBlocks.append(block)
            case "variable":
                let variable = try Variable(block)
                if evaluation.variables[variable.name] == nil {
                    evaluation.variables[variable.name] = variable
                } else {
                    evaluation.variables[variable.name]?.merge(variable)
                }
            case "function":
                let function = try Function(block)
                evaluation.functions[function.name] = function
            default: throw Fault(.unknownBlock(block.type), at: block.spot)
            }
        }
    }

    mutating func evaluate() throws(Fault) {
        for attribute in attributes { _ = try evaluation.resolved(attribute.name, attribute.spot) }
        for variable in evaluation.variables.values.sorted(by: { $0.name < $1.name }) {
            let value = try evaluation.resolved(variable.name, variable.spot)
            var details: String?
            if let description = variable.description { details = try evaluation.value(description).string }
            variables.append(
                BakeVariable(name: variable.name, type: variable.type?.text, value: value, details: details))
        }
        var made: [String: [String]] = [:]
        var order: [String] = []
        for block in targetBlocks {
            let names = try targets(of: block)
            let label = block.labels[0]
            guard names != [label] else { continue }
            if made[label] == nil { order.append(label) }
            made[label, default: []] += names
        }
        for block in groupBlocks { replace(try group(block)) }
        for label in order {
            var seen: Set<String> = []
            replace(BakeGroup(name: label, members: (made[label] ?? []).filter { seen.insert($0).inserted }))
        }
    }

    private mutating func replace(_ group: BakeGroup) {
        groups.removeAll { $0.name == group.name }
        groups.append(group)
    }

    private mutating func group(_ block: Block) throws(Fault) -> BakeGroup {
        guard let members = block.body["targets"] else {
            throw Fault(.missingAttribute("targets", owner: "group"), at: block.spot)
        }
        let known = ["targets", "description"]
        for attribute in block.body.attributes where !known.contains(attribute.name) {
            if attribute.name == "matrix" || attribute.name == "name" {
                throw Fault(.matrixOfGroup, at: attribute.spot)
            }
            throw Fault(.unknownAttribute(attribute.name, owner: "group", known: known), at: attribute.spot)
        }
        let value = try evaluation.value(members)
        guard case .list(let items) = value else {
            throw Fault(.wrongKind(expected: .list, found: value.kind), at: members.spot)
        }
        var names: [String] = []
        for item in items {
            guard let name = item.string else {
                throw Fault(.wrongKind(expected: .text, found: item.kind), at: members.spot)
            }
            if !names.contains(name) { names.append(name) }
        }
        var group = BakeGroup(name: block.labels[0], members: names)
        if let details = block.body["description"] { group.details = try evaluation.value(details).string }
        return group
    }

    // MARK: - Targets

    /// Makes the targets of a block: one, or one for each row of its matrix.
    private mutating func targets(of block: Block) throws(Fault) -> [String] {
        if let inner = block.body.blocks.first { throw Fault(.unknownBlock(inner.type), at: inner.spot) }
        let label = block.labels[0]
        guard Self.isName(label) else { throw Fault(.invalidName(label), at: block.spot) }
        let named = block.body["name"]
        guard let matrix = block.body["matrix"] else {
            if let named { throw Fault(.nameNeedsMatrix, at: named.spot) }
            try add(block, label, [:])
            return [label]
        }
        var names: [String] = []
        for row in try rows(matrix) {
            var name = label
            if let named {
                let value = try evaluation.value(named, row)
                guard let text = value.string, Self.isName(text) else {
                    throw Fault(.invalidName(value.string ?? value.json.text), at: named.spot)
                }
                name = text
            }
            try add(block, name, row)
            names.append(name)
        }
        return names
    }

    /// Every combination of what the axes can be, the first axis changing first.
    private mutating func rows(_ matrix: Expression) throws(Fault) -> [Evaluation.Names] {
        let value = try evaluation.value(matrix)
        guard case .mapping(let axes) = value else {
            throw Fault(.wrongKind(expected: .mapping, found: value.kind), at: matrix.spot)
        }
        var rows: [Evaluation.Names] = [[:]]
        for (axis, values) in axes.sorted(by: { $0.key < $1.key }) {
            guard case .list(let items) = values else {
                throw Fault(.wrongKind(expected: .list, found: values.kind), at: matrix.spot)
            }
            guard rows.count * items.count <= BakeDefinition.targetLimit else {
                throw Fault(.excess(.targets), at: matrix.spot)
            }
            rows = items.flatMap { item in
                rows.map { row in
                    var row = row
                    row[axis] = item
                    return row
                }
            }
        }
        return rows
    }

    private mutating func add(_ block: Block, _ name: String, _ row: Evaluation.Names) throws(Fault) {
        var target = BakeTarget(name)
        for attribute in block.body.attributes where attribute.name != "matrix" && attribute.name != "name" {
            guard BakeTarget.attributes.contains(attribute.name) else {
                throw Fault(
                    .unknownAttribute(attribute.name, owner: "target", known: BakeTarget.attributes),
                    at: attribute.spot)
            }
            let value = try evaluation.value(attribute.expression, row)
            do { try target.set(attribute.name, value) } catch {
                throw Fault(error.reason, at: attribute.expression.spot)
            }
        }
        if let index = targets.firstIndex(where: { $0.name == name }) {
            targets[index].merge(target)
        } else {
            guard targets.count < BakeDefinition.targetLimit else { throw Fault(.excess(.targets), at: block.spot) }
            targets.append(target)
        }
    }

    /// Letters, digits, `_` and `-`.
    static func isName(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy {
                Scanner.isDigit($0) || $0 == UInt8(ascii: "-") || ($0 < 0x80 && Scanner.beginsName($0))
            }
    }
}
