internal import OCI

/// Texts that are put together of what is known.
extension NodeRun {
    private static let textLimit = 1 << 16

    /// The variable that `process.env.NAME` or `process.env[NAME]` asks for, where the image does not set it.
    func unsetVariable(_ tokens: [JavaScript], _ module: Module) -> String? {
        guard tokens.starts(with: [.name("process"), .sign("."), .name("env")]), let name = variable(tokens, module),
            isAbsent(name)
        else { return nil }
        return name
    }

    /// Whether neither the image nor the program sets a variable.
    func isAbsent(_ name: String) -> Bool {
        check.process.environment[name] == nil && !hasOpenEnvironment && !setVariables.contains(name)
    }

    /// `process.env.NAME = …`, `process.env[NAME] = …` and `Object.assign(process.env, …)`.
    mutating func noteEnvironment(_ tokens: [JavaScript], _ place: Int, _ module: Module) {
        guard tokens[place...].starts(with: [.name("process"), .sign("."), .name("env")]) else { return }
        let rest = tokens[(place + 3)...]
        if rest.first == .sign(","), place == 0 { hasOpenEnvironment = true }
        if rest.isEmpty, place > 0, tokens[place - 1] == .sign("="), module.path.contains("/node_modules/") {
            hasOpenEnvironment = true
        }
        if rest.count > 1, case .square(let inner)? = rest.first, rest.dropFirst().first == .sign("=") {
            if let name = text(inner, module) { setVariables.insert(name) } else { hasOpenEnvironment = true }
        }
        if rest.count > 2, rest.first == .sign("."), case .name(let name)? = rest.dropFirst().first,
            rest.dropFirst(2).first == .sign("=")
        {
            setVariables.insert(name)
        }
    }

    /// `assert(process.env.NAME)`: what a program demands so ends it.
    func asserts(_ name: String, _ tokens: [JavaScript], _ place: Int, _ module: Module) -> Flow? {
        guard name == "assert", guards == 0, !hasSpoken, module.functions[name] == nil, place + 1 < tokens.count,
            case .round(let arguments) = tokens[place + 1]
        else { return nil }
        let condition = Array(arguments.prefix { $0 != .sign(",") })
        guard NodeCondition(self, module).value(condition) == false else { return nil }
        return demand(condition, [.name("throw")], module)
    }

    private func variable(_ tokens: [JavaScript], _ module: Module) -> String? {
        if tokens.count == 5, tokens[3] == .sign("."), case .name(let name) = tokens[4] { return name }
        if tokens.count == 4, case .square(let inner) = tokens[3] { return text(inner, module) }
        return nil
    }

    /// The texts of the arguments of a call.
    func texts(of arguments: [JavaScript], _ module: Module) -> [String?] {
        let plain = arguments.filter { $0 != .line }
        return plain.isEmpty ? [] : plain.split(separator: .sign(",")).map { text(Array($0), module) }
    }

    /// Gives parameters the texts that a function is called with.
    ///
    /// - Returns: what the names stood for before.
    func bind(_ parameters: [JavaScript], _ given: [String?]?, _ module: inout Module) -> [Hidden] {
        var saved: [Hidden] = []
        let list = parameters.filter { $0 != .line }.split(separator: .sign(","))
        for (index, parameter) in list.enumerated() {
            guard case .name(let name)? = parameter.first else { continue }
            saved.append(
                Hidden(
                    name: name, text: module.texts[name], object: module.objects[name], given: module.given[name]))
            (module.asked[name], module.objects[name], module.given[name]) = (nil, nil, nil)
            var value: String?
            if let given, index < given.count { value = given[index] }
            if let given, index >= given.count, parameter.dropFirst().first == .sign("=") {
                value = text(Array(parameter.dropFirst(2)), module)
            }
            module.texts[name] = value
        }
        return saved
    }

    /// What a name stands for outside of a function that has a parameter of that name.
    struct Hidden {
        let name: String
        let text: String?
        let object: String?
        let given: (path: ImagePath, name: String?)?
    }

    func restore(_ saved: [Hidden], _ module: inout Module) {
        for item in saved {
            module.texts[item.name] = item.text
            (module.objects[item.name], module.given[item.name]) = (item.object, item.given)
        }
    }

    /// Whether a variable of the environment is none that runtimes, shells or npm set either.
    private func isUnset(_ tokens: [JavaScript], _ module: Module) -> Bool {
        guard let name = unsetVariable(tokens, module) else { return false }
        let others: Set = ["HOME", "HOSTNAME", "PWD", "OLDPWD", "SHLVL", "TERM", "USER", "LOGNAME", "NODE", "INIT_CWD"]
        return !others.contains(name) && name.allSatisfy { $0.isUppercase || $0.isNumber || $0 == "_" } && name != "_"
    }

    /// What stands in brackets alone.
    private static func inner(_ tokens: ArraySlice<JavaScript>) -> [JavaScript] {
        if tokens.count == 1, case .round(let inner)? = tokens.first { return inner.filter { $0 != .line } }
        return Array(tokens)
    }

    /// Tokens of a text that is put together, and of a condition.
    static let textTokens = 4096

    /// A text that is put together of what is known.
    func text(_ tokens: [JavaScript], _ module: Module) -> String? {
        let tokens = tokens.filter { $0 != .line }
        guard tokens.count <= Self.textTokens else { return nil }
        for (index, token) in tokens.enumerated() {
            guard case .decides(let sign) = token, sign != "&&" else { continue }
            let left = Array(tokens[..<index])
            if let value = text(left, module), !value.isEmpty { return value }
            return unsetVariable(left, module) != nil ? text(Array(tokens[(index + 1)...]), module) : nil
        }
        if tokens == [.name("process"), .sign("."), .name("platform")] { return "linux" }
        if tokens == [.name("process"), .sign("."), .name("arch")] {
            return ["amd64": "x64", "386": "ia32"][check.platform.architecture] ?? check.platform.architecture
        }
        if tokens.starts(with: [.name("process"), .sign("."), .name("env")]), let name = variable(tokens, module) {
            return check.process.environment[name]
        }
        if tokens.count == 4, tokens.starts(with: [.name("process"), .sign("."), .name("argv")]),
            case .square(let inner) = tokens[3], inner.count == 1, case .number(let index?) = inner[0], index >= 2
        {
            return index - 2 < operands.count ? operands[index - 2] : nil
        }
        if tokens == [.name("import"), .sign("."), .name("meta"), .sign("."), .name("url")] { return module.path }
        if tokens == [.name("import"), .sign("."), .name("meta"), .sign("."), .name("dirname")] {
            return module.directory.description
        }
        if tokens.count == 3, tokens.starts(with: [.name("new"), .name("URL")]), case .round(let arguments) = tokens[2],
            case .text(let path?)? = arguments.first, arguments.last == .name("url"), !path.contains(":")
        {
            return module.directory.resolving(path)?.description
        }
        if let value = element(tokens, module) { return value }
        let parts = tokens.split(separator: .sign("+"), omittingEmptySubsequences: false)
        if parts.count > 1 {
            var result = ""
            let isJoined = tokens.contains { if case .text = $0 { true } else { false } }
            for part in parts {
                // A variable that nobody sets becomes this word.
                let word = isJoined && isUnset(Self.inner(part), module) ? "undefined" : nil
                guard let value = text(Array(part), module) ?? word else { return nil }
                result += value
                guard result.utf8.count <= Self.textLimit else { return nil }
            }
            return result
        }
        switch tokens.count {
        case 1:
            switch tokens[0] {
            case .text(let value): return value
            case .name("__dirname"): return module.directory.description
            case .name("__filename"): return module.path
            case .name(let name): return module.texts[name]
            case .round(let inner): return text(inner, module)
            default: return nil
            }
        case 2, 4...:
            guard case .round(let arguments)? = tokens.last, case .name(let function)? = tokens.dropLast().last else {
                return nil
            }
            if function == "cwd", arguments.isEmpty { return check.process.directory.description }
            if function == "fileURLToPath" || function == "dirname" {
                guard let inner = text(arguments, module) else { return nil }
                return function == "dirname" ? ImagePath(inner)?.parent.description : inner
            }
            guard ["join", "resolve"].contains(function) else { return nil }
            var result = ""
            for argument in arguments.split(separator: .sign(",")) {
                guard let part = text(Array(argument), module) else { return nil }
                result = function == "resolve" && part.hasPrefix("/") || result.isEmpty ? part : result + "/" + part
                guard result.utf8.count <= Self.textLimit else { return nil }
            }
            // From the working directory on.
            if function == "resolve", !result.hasPrefix("/") {
                return check.process.directory.resolving(result)?.description
            }
            return result
        default: return nil
        }
    }
}
