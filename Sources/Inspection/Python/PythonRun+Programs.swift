internal import OCI

/// The programs that a program starts, in its place or beside it.
extension PythonRun {
    static let starters: Set = ["run", "call", "check_call", "check_output", "Popen"]
    /// Arguments by which a program that is started finds nothing else than its parent does.
    private static let harmless: Set = [
        "check", "stdin", "stdout", "stderr", "capture_output", "text", "universal_newlines", "encoding", "errors",
        "input", "bufsize",
    ]

    /// `subprocess.run([…], check=True)` and `os.execvp(…)`: the program is nowhere, or fails where that counts.
    mutating func starts(_ function: String, _ arguments: [[PythonToken]], in module: String) throws -> Flow? {
        let others: [PythonToken] = [.name("shell"), .name("env"), .name("executable")]
        guard !mayHaveMade, let first = arguments.first,
            !arguments.contains(where: { others.contains($0.first ?? .sign(".")) })
        else { return nil }
        let script = loaded[module]?.path ?? module
        var name: String?
        if first.count == 1 { name = text(first) }
        if first.first == .sign("["), first.count > 1 { name = text([first[1]]) }
        if let name, !name.isEmpty, case .missing = try check.find(name) {
            return fails(.missingProgram(subject: script, program: name))
        }
        guard let words = words(function, arguments, in: module), let program = words.first, !program.isEmpty,
            !hasOpenEnvironment, !check.process.environment.values.contains("?")
        else { return nil }
        var trial = check
        trial.report.findings = []
        try trial.follow(words, subject: script)
        check.report.files.formUnion(trial.report.files)
        let errors = trial.report.findings.filter { $0.severity == .error }
        return errors.isEmpty ? nil : .fails(errors)
    }

    /// The command line, where all of it is known and its failure is the program's.
    private func words(_ function: String, _ arguments: [[PythonToken]], in module: String) -> [String]? {
        if function.hasPrefix("exec") {
            guard let program = word(arguments[0], in: module), program.contains("/") || function.contains("p") else {
                return nil
            }
            if function == "execl" || function == "execlp" {
                let words = arguments.dropFirst(2).map { word($0, in: module) }
                return words.contains(nil) ? nil : [program] + words.compactMap { $0 }
            }
            guard arguments.count > 1, let words = list(arguments[1], in: module) else { return nil }
            let environment: [PythonToken] = [.name("os"), .sign("."), .name("environ")]
            return arguments.count == 2 || arguments[2] == environment ? [program] + words.dropFirst() : nil
        }
        let isChecked =
            function.hasPrefix("check_") || arguments.contains([.name("check"), .sign("="), .name("True")])
        guard isChecked, function != "Popen" else { return nil }
        for argument in arguments.dropFirst() {
            guard argument.count > 2, case .name(let name) = argument[0], argument[1] == .sign("="),
                Self.harmless.contains(name)
            else { return nil }
        }
        return list(arguments[0], in: module)
    }

    /// `['a', sys.executable, *sys.argv[1:]]` and `sys.argv[1:]`.
    private func list(_ tokens: [PythonToken], in module: String) -> [String]? {
        let own: [PythonToken] = [.name("sys"), .sign("."), .name("argv"), .sign("[")]
        if tokens.count == 7, tokens.starts(with: own), case .number(let text) = tokens[4], tokens[5] == .sign(":"),
            let start = Int(text), start > 0
        {
            return Array(operands.dropFirst(start - 1))
        }
        guard tokens.first == .sign("["), tokens.last == .sign("]"), Self.opening(tokens, of: ("[", "]")) == 0 else {
            return nil
        }
        var result: [String] = []
        for part in Self.parts(Array(tokens.dropFirst().dropLast()), at: .sign(",")) where !part.isEmpty {
            if part.first == .sign("*") {
                guard let words = list(Array(part.dropFirst()), in: module) else { return nil }
                result += words
            } else {
                guard let word = word(part, in: module) else { return nil }
                result.append(word)
            }
        }
        return result
    }

    private func word(_ tokens: [PythonToken], in module: String) -> String? {
        tokens == [.name("sys"), .sign("."), .name("executable")] ? executable : pathText(tokens, in: module)
    }

    /// Calls what makes an application, without arguments.
    mutating func make(_ name: String, in module: String) throws -> Flow {
        guard let tokens = loaded[module]?.functions[name]?.tokens, let open = tokens.firstIndex(of: .sign("(")) else {
            return .next
        }
        let demanded = Self.arguments(tokens, from: open).contains { parameter in
            guard case .name? = parameter.first else { return false }
            return !parameter.contains(.sign("="))
        }
        if try demanded && counts && !doubtful.contains(module + ":" + name) && !isDecorated(name, in: module) {
            return fails(.missingName(script: place(of: "__main__"), module: module, name: name + "()"))
        }
        return try call(name, in: module)
    }

    /// A dataclass that has a field without a default behind one that has (dataclasses).
    func disordered(_ statement: PythonStatement, _ above: PythonStatement?, in module: String) -> Flow? {
        guard statement.keyword == "class", counts, let above, above.tokens.first == .sign("@") else { return nil }
        let mark = above.tokens.dropFirst()
        let name = mark.prefix { $0 != .sign("(") }
        guard
            name.elementsEqual([.name("dataclass")]) && loaded[module]?.names["dataclass"]?.module == "dataclasses"
                || name.elementsEqual([.name("dataclasses"), .sign("."), .name("dataclass")]),
            !mark.contains(.name("init")), !mark.contains(.name("kw_only")), !statement.tokens.contains(.sign("("))
        else { return nil }
        var hasDefault = false
        for field in statement.body.map(\.tokens) where field.count > 2 {
            guard case .name = field[0], field[1] == .sign(":") else { continue }
            let others = ["ClassVar", "InitVar", "field", "KW_ONLY", "Field"]
            if field.contains(where: { if case .name(let word) = $0 { others.contains(word) } else { false } }) {
                return nil
            }
            if field.contains(.text(nil)) || field.contains(where: { if case .text = $0 { true } else { false } }),
                !field.contains(.sign("="))
            {
                return nil
            }
            if field.contains(.sign("=")) {
                hasDefault = true
            } else if hasDefault, statement.body.count(where: { $0.tokens.contains(field[0]) }) == 1 {
                let text = "field without a default"
                return fails(.badSyntax(path: place(of: module), program: "python\(path.version)", text: text))
            }
        }
        return nil
    }

    /// Whether something may give a function of a module other parameters than it has.
    private func isDecorated(_ name: String, in module: String) throws -> Bool {
        guard let node = loaded[module]?.node else { return true }
        let statements = PythonParser.statements(try check.tree.read(node, limit: Self.sourceLimit))
        for (index, statement) in statements.enumerated()
        where statement.keyword == "def" && statement.tokens.contains(.name(name)) {
            if index > 0, statements[index - 1].tokens.first == .sign("@") { return true }
        }
        return false
    }

    /// Keeps that nobody knows which module is looked for; with pkg_resources, others have registered theirs.
    mutating func noteComputed(by module: String) {
        guard guards == 0, !module.hasPrefix("pkg_resources") else { return }
        check.report.add(.computedModule(script: place(of: module)))
    }

    /// A module of the program's own that its interpreter does not read.
    func unreadable(_ bytes: [UInt8], of entry: Loaded, _ isStandard: Bool) -> [Finding]? {
        guard counts, !isStandard, let node = entry.node, !isSite(node.path),
            let mistake = PythonParser.mistake(bytes, path.version)
        else { return nil }
        let kind = Finding.Kind.badSyntax(path: entry.path, program: "python\(path.version)", text: mistake)
        return [Finding(kind, chain: check.chain)]
    }
}
