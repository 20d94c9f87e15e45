/// What may take what fails, or keep it from being executed: managers that `with` enters, decorators, generators.
extension PythonRun {
    /// Whether something that `with` enters may take what fails in it: `suppress`, and the program's own managers.
    func mayCatch(_ head: [PythonToken], in module: String) -> Bool {
        for (index, token) in head.enumerated() where index + 1 < head.count && head[index + 1] == .sign("(") {
            guard case .name(let name) = token else { continue }
            if name == "suppress" { return true }
            guard let (body, isClass) = own(name, in: module) else { continue }
            if !isClass, Self.has(body, ["except", "suppress"]) { return true }
            let exit = body.first { $0.keyword == "def" && $0.tokens.contains(.name("__exit__")) }
            if isClass, let exit, exit.body.contains(where: { Self.gives($0) }) { return true }
        }
        return false
    }

    /// Whether a decorator of the program's own may put something else in the place of a function.
    func mayReplace(_ mark: [PythonToken], in module: String) -> Bool {
        guard mark.count > 1, mark.first == .sign("@"), case .name(let name) = mark[1],
            let (body, isClass) = own(name, in: module)
        else { return false }
        // One that gives back what it is given only keeps it.
        return isClass || Self.has(body, ["except", "suppress", "lambda"])
    }

    /// The body of a function or a class that the program defines, not the standard library.
    private func own(_ name: String, in module: String) -> (body: [PythonStatement], isClass: Bool)? {
        var (place, name) = (loaded[module], name)
        if place?.functions[name] == nil, place?.classes[name] == nil,
            let (other, attribute) = place?.names[name], let attribute
        {
            (place, name) = (loaded[other], attribute)
        }
        guard let place, !(place.node.map { isStandard($0.path) } ?? false) else { return nil }
        if let function = place.functions[name] { return (function.body, false) }
        return place.classes[name].map { ($0.body, true) }
    }

    private static func has(_ body: [PythonStatement], _ words: Set<String>, depth: Int = 0) -> Bool {
        guard depth < 20 else { return true }
        return body.contains { statement in
            statement.keyword.map { words.contains($0) } ?? false || has(statement.body, words, depth: depth + 1)
                || statement.tokens.contains { if case .name(let name) = $0 { words.contains(name) } else { false } }
        }
    }

    private static func gives(_ statement: PythonStatement, depth: Int = 0) -> Bool {
        if statement.keyword == "return", statement.tokens.count > 1,
            ![.name("None"), .name("False")].contains(statement.tokens[1])
        {
            return true
        }
        return depth < 20 && statement.body.contains { gives($0, depth: depth + 1) }
    }

    /// Whether a call of a function executes nothing of it yet: a generator, or a coroutine that nobody waits for.
    func isLate(_ function: PythonStatement) -> Bool {
        guard !consumes else { return false }
        return function.tokens.first == .name("async") || Self.yields(function.body)
    }

    private static func yields(_ body: [PythonStatement], depth: Int = 0) -> Bool {
        depth < 20
            && body.contains { statement in
                if statement.keyword == "def" || statement.keyword == "class" { return false }
                return statement.tokens.contains(.name("yield")) || yields(statement.body, depth: depth + 1)
            }
    }

    /// Whether a statement only keeps or drops what a call of a plain name gives: `NAME = NAME(…)` and `NAME(…)`.
    static func keeps(_ statement: PythonStatement) -> Bool {
        var tokens = statement.tokens[...]
        if tokens.count > 3, case .name = tokens[0], tokens[1] == .sign("=") { tokens = tokens.dropFirst(2) }
        guard tokens.count > 2, case .name = tokens[tokens.startIndex], tokens.last == .sign(")"),
            tokens[tokens.startIndex + 1] == .sign("(")
        else { return false }
        // Nothing is called in what is handed over.
        return tokens.count(where: { $0 == .sign("(") }) == 1
    }

    static let others: Set = [
        "ValueError", "KeyError", "OSError", "IOError", "AttributeError", "RuntimeError", "TypeError", "IndexError",
        "NameError", "SyntaxError",
        "FileNotFoundError", "PermissionError", "KeyboardInterrupt", "SystemExit", "StopIteration",
        "UnicodeDecodeError", "EnvironmentError",
        "NotImplementedError", "LookupError", "AssertionError", "ConnectionError", "TimeoutError", "DeprecationWarning",
        "ZeroDivisionError",
    ]

    /// Whether a handler may catch that a module is missing: one whose exceptions are not known may.
    static func catchesImports(_ tokens: [PythonToken]) -> Bool {
        var names: [String] = []
        for token in tokens {
            if token.isName("as") { break }
            if case .name(let name) = token { names.append(name) }
        }
        return names.isEmpty || names.contains { !others.contains($0) }
    }

    /// Whether a handler takes what failed: a name that a module lacks is no `ModuleNotFoundError`.
    static func takes(_ handler: PythonStatement, _ findings: [Finding]) -> Bool {
        guard case .missingName? = findings.first?.kind else { return true }
        let names = handler.tokens.dropFirst().prefix { !$0.isName("as") }
        return names.contains { token in
            if case .name(let name) = token { name != "ModuleNotFoundError" && !others.contains(name) } else { false }
        } || names.isEmpty
    }
}
