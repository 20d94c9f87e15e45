/// Modules that import each other: one that is being loaded has the names alone that its statements have bound so far.
extension PythonRun {
    /// A module's outermost statements, and how many of them were begun.
    struct Running {
        let statements: [PythonStatement]
        var count = 0
    }

    /// By these a module may have names that it binds nowhere.
    private static let makers: Set = [
        "globals", "exec", "setattr", "vars", "locals", "__dict__", "__getattr__", "modules", "import_module",
    ]

    /// Whether a module that is being loaded binds a name for sure, and not yet.
    func isUnboundYet(_ name: String, in module: String) throws -> Bool {
        guard let place = running[module], place.count <= place.statements.count, !name.hasPrefix("__"),
            let owner = loaded[module], owner.functions[name] == nil, owner.classes[name] == nil,
            owner.names[name] == nil, loaded[module + "." + name] == nil
        else { return false }
        let begun = place.statements[..<place.count]
        guard !Self.mentions(begun, { Self.makers.contains($0) || $0 == name }),
            !Self.takesAll(begun),
            place.statements[place.count...].contains(where: { Self.binds(name, $0) }),
            try owner.directories.isEmpty || modules.find(name, in: owner.directories) == nil
        else { return false }
        return true
    }

    /// `MODULE.name` where the module is being loaded and does not have the name yet.
    mutating func isEarly(_ tokens: [PythonToken], _ index: Int, in module: String) throws -> Flow? {
        guard !running.isEmpty, counts, !isComputed, index + 2 < tokens.count, tokens[index + 1] == .sign("."),
            case .name(let first) = tokens[index], case .name(let name) = tokens[index + 2],
            // Annotations may not be computed.
            index == 0 || ![.sign("."), .sign(":")].contains(tokens[index - 1]),
            index + 3 >= tokens.count || tokens[index + 3] != .sign("="),
            !(isInFunction && localNames.contains(first)), loaded[module]?.functions[first] == nil,
            let place = loaded[module]?.names[first], place.attribute == nil, place.module != module,
            try isUnboundYet(name, in: place.module)
        else { return nil }
        let kind = Finding.Kind.missingName(script: self.place(of: module), module: place.module, name: name)
        return .fails([Finding(kind, chain: chain(to: module))])
    }

    private static func mentions(_ statements: ArraySlice<PythonStatement>, _ isWanted: (String) -> Bool) -> Bool {
        statements.contains { statement in
            let isImport = statement.keyword == "from"
            // What an import names behind `import` is bound, what stands before is another's.
            let behind = isImport ? statement.tokens.firstIndex(of: .name("import")) ?? 0 : 0
            let isNamed = statement.tokens[behind...].contains { token in
                switch token {
                case .name(let name): isWanted(name)
                case .text(let text?): isWanted(text)
                case .text, .number, .sign: false
                }
            }
            return isNamed || mentions(statement.body[...], isWanted)
        }
    }

    private static func takesAll(_ statements: ArraySlice<PythonStatement>) -> Bool {
        statements.contains { statement in
            statement.keyword == "from" && statement.tokens.last == .sign("*") || takesAll(statement.body[...])
        }
    }

    /// Whether an outermost statement binds a name whatever happens.
    private static func binds(_ name: String, _ statement: PythonStatement) -> Bool {
        let tokens = statement.tokens
        switch statement.keyword {
        case "def", "class", "async": return tokens.prefix(3).contains(.name(name))
        case "import", "from":
            return PythonImport(tokens)?.items.contains { item in
                item.names.contains { $0.alias == name } || item.alias == name
            } ?? false
        default:
            guard tokens.count > 2, tokens[0] == .name(name) else { return false }
            return tokens[1] == .sign("=") || tokens[1] == .sign(":")
        }
    }
}
