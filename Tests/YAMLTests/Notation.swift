import YAML

/// A document as one line: `"quoted"`, `plain`, `[a b]`, `{a: b}`, tags in front, nil for no document, the mistake for none that
/// is read.
func notation(_ bytes: [UInt8], limits: YAMLLimits = YAMLLimits()) -> String {
    do {
        return try YAMLNode(parsing: bytes, limits: limits).map { notation($0) } ?? "nil"
    } catch {
        return "\(error.place.line):\(error.place.column): \(error.sentence)"
    }
}

func notation(_ node: YAMLNode) -> String {
    let tag = node.tag.map { "!<\($0)> " } ?? ""
    switch node.content {
    case .scalar(let scalar): return tag + (node.isNull ? "null" : notation(scalar))
    case .list(let items): return tag + "[" + items.map { notation($0) }.joined(separator: " ") + "]"
    case .mapping(let members):
        return tag + "{"
            + members.map { "\($0.isMerge ? "<<" : notation($0.key)): \(notation($0.value))" }.joined(separator: ", ")
            + "}"
    }
}

private func notation(_ scalar: YAMLScalar) -> String { scalar.isPlain ? scalar.text : scalar.text.debugDescription }
