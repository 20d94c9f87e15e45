internal import OCI

/// The names that modules give to others.
extension NodeRun {
    /// Whether a module does not export a name that an `import` takes from it; false where that is not known.
    mutating func lacksExport(_ name: String, _ node: ImageTree.Node, depth: Int) throws -> Bool {
        guard depth < 8, node.size ?? .max < Int64(Self.sourceLimit) else { return false }
        let file = node.path.name.map { String(decoding: $0, as: UTF8.self) } ?? ""
        guard file.hasSuffix(".js") || file.hasSuffix(".mjs") || file.hasSuffix(".cjs") else { return false }
        let bytes = try check.tree.read(node, limit: Self.sourceLimit)
        try spend(bytes.count / 4)
        let (tokens, mistake) = JavaScriptParser.read(bytes)
        guard mistake == nil else { return false }
        guard try resolution.isModule(node) ?? Self.hasImports(tokens) else {
            // Node finds the names of the older kind by the text of the file and of those that it requires.
            return name != "default" && !bytes.contains(word: name) && !bytes.contains(text: "require")
        }
        return try lacksExport(name, tokens, node.path.parent, depth)
    }

    private mutating func lacksExport(
        _ name: String, _ tokens: [JavaScript], _ directory: ImagePath, _ depth: Int
    ) throws -> Bool {
        for (index, token) in tokens.enumerated() where token.isName("export") && index + 1 < tokens.count {
            if index > 0, tokens[index - 1] == .sign(".") { continue }
            // What stands so is no statement that is known.
            guard
                index == 0 || tokens[index - 1] == .line || tokens[index - 1] == .sign(";")
                    || Self.isBlock(tokens[index - 1])
            else { return false }
            let rest = Array(tokens[(index + 1)...].prefix { $0 != .sign(";") })
            guard let names = try exported(rest, name, directory, depth) else { return false }
            if names.contains(name) { return false }
        }
        return true
    }

    private static func isBlock(_ token: JavaScript) -> Bool { if case .curly = token { true } else { false } }

    /// What one statement exports; nil where that is not known. Of all names of another module only the one that is asked for.
    private mutating func exported(_ rest: [JavaScript], _ name: String, _ directory: ImagePath, _ depth: Int) throws
        -> [String]?
    {
        guard !rest.isEmpty else { return nil }
        switch rest[0] {
        case .name("default"): return ["default"]
        case .curly(let list):
            return list.filter { $0 != .line }.split(separator: .sign(",")).compactMap { item in
                if case .name(let last)? = item.last { last } else { nil }
            }
        case .sign("*"):
            guard rest.count > 2 else { return nil }
            if rest[1].isName("as") { if case .name(let own) = rest[2] { return [own] } else { return nil } }
            guard rest[1].isName("from"), case .text(let specifier?) = rest[2],
                case .file(let node) = try resolution.resolve(specifier, from: directory, .import)
            else { return nil }
            return try name != "default" && lacksExport(name, node, depth: depth + 1) ? [] : nil
        case .name("function"), .name("class"), .name("async"):
            let word = rest.dropFirst().first { token in
                if case .name(let text) = token { text != "function" } else { false }
            }
            if case .name(let own)? = word { return [own] }
            return nil
        case .name("const"), .name("let"), .name("var"):
            return declaredNames(rest)
        default: return nil
        }
    }

    /// `const a = …, b = …`: names up to the line's end at which a statement may begin; nil where a pattern is taken apart.
    private func declaredNames(_ rest: [JavaScript]) -> [String]? {
        var names: [String] = []
        for (index, token) in rest.enumerated() where index > 0 {
            guard rest[index - 1] == .sign(",") || index == 1 else { continue }
            guard case .name(let name) = token else { if index == 1 { return nil } else { continue } }
            names.append(name)
        }
        return names
    }

    // MARK: require

    /// Words that any object, function, list or text has.
    static let common: Set = [
        "call", "apply", "bind", "toString", "valueOf", "hasOwnProperty", "then", "catch", "finally", "map", "forEach",
        "filter", "push", "join", "slice", "concat", "includes", "indexOf", "split", "replace", "trim", "keys",
        "values",
        "entries", "find", "some", "every", "reduce", "sort", "test", "exec", "on", "once", "emit", "get", "set", "has",
        "default",
    ]

    /// A function that another module does not have, whose text tells all that it gives; nil where that is not known.
    mutating func lacks(_ name: String, at path: ImagePath) throws -> Flow? {
        guard guards == 0, !Self.common.contains(name), finished[path] != nil, finished[path]?.isModule == false,
            let node = try check.tree.lookUp(path), node.size ?? .max < Int64(Self.sourceLimit)
        else { return nil }
        let bytes = try check.tree.read(node, limit: Self.sourceLimit)
        try spend(bytes.count / 4)
        guard let names = Self.exportedNames(JavaScriptParser.tokens(bytes)), !names.contains(name) else { return nil }
        return .fails([
            Finding(.missingName(script: current, module: path.description, name: name), chain: check.chain)
        ])
    }

    /// Whether what a module gives is an object with members, and so no class.
    private mutating func isObject(_ path: ImagePath) throws -> Bool {
        guard let node = try check.tree.lookUp(path), node.size ?? .max < Int64(Self.sourceLimit) else { return false }
        let bytes = try check.tree.read(node, limit: Self.sourceLimit)
        try spend(bytes.count / 4)
        return Self.exportedNames(JavaScriptParser.tokens(bytes)) != nil
    }

    /// All names that a module of the older kind gives; nil where its text does not tell.
    static func exportedNames(_ tokens: [JavaScript]) -> Set<String>? {
        var names: Set<String> = []
        var isSeen = false
        guard collectExports(tokens, &names, &isSeen, depth: 0), isSeen else { return nil }
        return names
    }

    private static func collectExports(
        _ tokens: [JavaScript], _ names: inout Set<String>, _ isSeen: inout Bool, depth: Int
    ) -> Bool {
        guard depth < 60 else { return false }
        for (index, token) in tokens.enumerated() {
            switch token {
            case .round(let inner), .curly(let inner), .square(let inner):
                if isMark(tokens, index, inner) { continue }
                guard collectExports(inner, &names, &isSeen, depth: depth + 1) else { return false }
            case .name("this"):
                if index + 1 < tokens.count, case .square = tokens[index + 1] { return false }
            case .name("module"), .name("exports"):
                if index > 0, tokens[index - 1] == .sign(".") { continue }
                guard takesExport(tokens, index, &names) else { return false }
                isSeen = true
            default: continue
            }
        }
        return true
    }

    /// `Object.defineProperty(exports, 'NAME', …)`.
    private static func isMark(_ tokens: [JavaScript], _ index: Int, _ inner: [JavaScript]) -> Bool {
        index > 0 && tokens[index - 1].isName("defineProperty") && inner.starts(with: [.name("exports"), .sign(",")])
            && inner.count > 2 && inner[2] == .text("__esModule")
    }

    /// What stands behind `module` or `exports`.
    private static func takesExport(_ tokens: [JavaScript], _ start: Int, _ names: inout Set<String>) -> Bool {
        var index = start
        if tokens[index].isName("module") {
            guard index + 2 < tokens.count, tokens[index + 1] == .sign("."), tokens[index + 2].isName("exports") else {
                // `require.main === module`, and nothing else.
                return index > 0 && tokens[index - 1] == .equals(isNegated: false)
            }
            index += 2
        }
        guard index + 2 < tokens.count else { return false }
        if tokens[index + 1] == .sign("."), case .name(let name) = tokens[index + 2] {
            names.insert(name)
            return true
        }
        guard tokens[index + 1] == .sign("=") else { return false }
        // The other name of it.
        if tokens[index + 2].isName("module") || tokens[index + 2].isName("exports") { return true }
        guard case .curly(let literal) = tokens[index + 2] else { return false }
        for item in literal.filter({ $0 != .line }).split(separator: .sign(",")) {
            var rest = item[...]
            while let first = rest.first, [.name("async"), .name("get"), .name("set"), .sign("*")].contains(first),
                rest.count > 1
            {
                guard case .name = rest.dropFirst().first else { break }
                rest = rest.dropFirst()
            }
            switch rest.first {
            case .name(let name)?: names.insert(name)
            case .text(let name?)?: names.insert(name)
            default: return false
            }
        }
        return true
    }

    /// A class that another module is to have, and a class here extends.
    mutating func lacksGiven(
        _ name: String, _ tokens: ArraySlice<JavaScript>, _ place: Int, _ module: Module
    ) throws -> Flow? {
        guard let given = module.given[name] else { return nil }
        if let own = given.name { return try lacks(own, at: given.path) }
        guard place + 2 < tokens.endIndex, tokens[place + 1] == .sign("."), case .name(let member) = tokens[place + 2]
        else {
            guard guards == 0, finished[given.path]?.isModule == false, try isObject(given.path) else { return nil }
            let kind = Finding.Kind.missingName(script: current, module: given.path.description, name: name)
            return .fails([Finding(kind, chain: check.chain)])
        }
        return try lacks(member, at: given.path)
    }

    static func endsProgram(_ tokens: [JavaScript]) -> Bool {
        for (index, token) in tokens.enumerated() {
            if token.isName("throw") { return true }
            if token.isName("exit"), index >= 2, tokens[index - 2].isName("process") {
                return true
            }
        }
        return false
    }
}
