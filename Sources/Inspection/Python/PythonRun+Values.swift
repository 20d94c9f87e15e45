internal import OCI

/// What is known of the values of names: switches that are true or false, lists of texts, and what a loop has in hand.
extension PythonRun {
    private static let valueLimit = 64
    /// Names that Python 2 had.
    private static let former: Set = [
        "unicode", "basestring", "long", "xrange", "raw_input", "unichr", "reload", "cmp", "execfile", "WindowsError",
    ]

    /// A text, or a name that stands for one.
    func text(_ tokens: [PythonToken]) -> String? {
        guard tokens.count == 1 else { return nil }
        switch tokens[0] {
        case .text(let text): return text
        case .name(let name): return bound[name]
        case .number, .sign: return nil
        }
    }

    mutating func note(assignment tokens: [PythonToken], in module: String) {
        guard tokens.count > 2, case .name(let name) = tokens[0], tokens[1] == .sign("=") else { return }
        let value = Array(tokens.dropFirst(2))
        noteValue(name, value, in: module)
        // It is no module's any more.
        loaded[module]?.names[name] = nil
        if guards == 0, value.starts(with: [.name("importlib"), .sign("."), .name("import_module"), .sign("(")]),
            let first = Self.arguments(value, from: 3).first, let other = pathText(first, in: module),
            !other.hasPrefix(".")
        {
            loaded[module]?.names[name] = (other, nil)
        }
        if value.count > 2, case .name(let maker) = value[0], value[1] == .sign("(") {
            objects[module + ":" + name] = type(madeBy: maker, in: module)
        }
        loaded[module]?.lists[name] = Self.texts(value)
        let table = guards == 0 ? table(value, in: module) : nil
        loaded[module]?.tables[name] = table
        var known: Bool?
        if guards == 0, value == [.name("True")] { known = true }
        if guards == 0, value == [.name("False")] || value == [.name("None")] { known = false }
        let compares = value.contains(.name("in")) || value.contains(.name("not")) || value.contains(.sign("="))
        if guards == 0, known == nil, compares, !value.contains(.name("for")), !value.contains(.name("lambda")) {
            known = PythonCondition(self, module: module).value(value)
        }
        loaded[module]?.switches.updateValue(known, forKey: name)
    }

    /// The texts of a list or tuple of nothing else.
    static func texts(_ tokens: [PythonToken]) -> [String]? {
        guard let first = tokens.first, [.sign("("), .sign("[")].contains(first), let last = tokens.last,
            [.sign(")"), .sign("]")].contains(last),
            tokens.count < valueLimit * 2
        else { return nil }
        var result: [String] = []
        for token in tokens.dropFirst().dropLast() {
            if token == .sign(",") { continue }
            guard case .text(let text?) = token else { return nil }
            result.append(text)
        }
        return result
    }

    mutating func walk(_ body: [PythonStatement], for name: String, _ values: [String], in module: String) throws
        -> Flow
    {
        let saved = bound[name]
        defer { bound[name] = saved }
        for value in values {
            bound[name] = value
            if case .fails(let findings) = try walk(body, in: module) { return .fails(findings) }
        }
        return .next
    }

    /// `try: NAME` / `except NameError:`, which asks whether somebody has defined a name.
    mutating func attemptName(_ statement: PythonStatement, _ handlers: [PythonStatement], in module: String) throws
        -> Flow?
    {
        guard statement.body.count == 1, statement.body[0].tokens.count == 1,
            case .name(let name) = statement.body[0].tokens[0],
            let handler = handlers.first(where: { $0.tokens.contains(.name("NameError")) }), let place = loaded[module]
        else { return nil }
        guard place.functions[name] == nil, place.classes[name] == nil, place.names[name] == nil,
            place.switches[name] == nil, place.lists[name] == nil
        else { return .next }
        return name.hasPrefix("_") || Self.former.contains(name) ? try walk(handler.body, in: module) : nil
    }
}
