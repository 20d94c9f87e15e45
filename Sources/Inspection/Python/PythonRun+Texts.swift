internal import OCI

/// Texts and paths that are put together of what is known.
extension PythonRun {
    /// The text that an expression gives: constants, names, what `+`, `/` and `f"…"` join, variables of the environment, the
    /// program's own arguments, and functions that change paths; nil for any other.
    func pathText(_ tokens: [PythonToken], in module: String) -> String? {
        // What is put together of itself grows without an end.
        composed(tokens, in: module).flatMap { $0.utf8.count <= 64 << 10 ? $0 : nil }
    }

    private func composed(_ tokens: [PythonToken], in module: String) -> String? {
        if tokens.count == 1 { return name(tokens[0], in: module) }
        if tokens.isEmpty || tokens.count > 200 { return nil }
        let texts = tokens.compactMap { token -> String? in if case .text(let text) = token { text } else { nil } }
        if texts.count == tokens.count { return texts.joined() }
        if tokens.contains(.name("if")) || tokens.contains(.name("for")) || tokens.first == .name("lambda") {
            return nil
        }
        let choices = Self.parts(tokens, at: .name("or"))
        if choices.count > 1 { return choice(choices, in: module) }
        let sums = Self.parts(tokens, at: .sign("+"))
        if sums.count > 1 {
            let values = sums.map { pathText($0, in: module) }
            return values.contains(nil) ? nil : values.compactMap { $0 }.joined()
        }
        if let slash = Self.slash(tokens) {
            guard let left = pathText(Array(tokens[..<slash]), in: module),
                let right = pathText(Array(tokens[(slash + 1)...]), in: module)
            else { return nil }
            return right.hasPrefix("/") ? right : left + "/" + right
        }
        if tokens.first == .sign("("), tokens.last == .sign(")"), Self.opening(tokens) == 0 {
            return pathText(Array(tokens.dropFirst().dropLast()), in: module)
        }
        while tokens.count > 2, tokens.suffix(2).elementsEqual([.sign("."), .name("parent")]) {
            return pathText(tokens.dropLast(2), in: module).flatMap { ImagePath($0)?.parent.description }
        }
        if tokens.last == .sign("]") { return element(tokens, in: module) }
        if tokens.last != .sign(")") { return member(tokens, in: module) }
        return called(tokens, in: module)
    }

    private func name(_ token: PythonToken, in module: String) -> String? {
        switch token {
        case .text(let text): return text
        case .name("__file__"): return loaded[module]?.path
        case .name("__name__"): return module
        case .name("__package__"):
            if module == "__main__" { return mainPackage }
            if !(loaded[module]?.directories.isEmpty ?? true) { return module }
            return module.split(separator: ".").dropLast().joined(separator: ".")
        case .name(let name):
            if isInFunction, localNames.contains(name) { return bound[name] }
            if let value = bound[name] ?? paths[module + ":" + name] { return value }
            guard let (other, attribute) = loaded[module]?.names[name], let attribute else { return nil }
            return paths[other + ":" + attribute]
        case .number, .sign: return nil
        }
    }

    /// `a or b`: the second where the first is a variable that is not set.
    private func choice(_ parts: [[PythonToken]], in module: String) -> String? {
        for part in parts.dropLast() {
            // A parameter that is given nothing.
            if isInFunction, part.count == 1, case .name(let name) = part[0], nones.contains(name) { continue }
            if let value = pathText(part, in: module) {
                if !value.isEmpty { return value }
                continue
            }
            guard unsetVariable(part) != nil else { return nil }
        }
        return parts.last.flatMap { pathText($0, in: module) }
    }

    /// `os.environ['NAME']`, `sys.argv[1]`, `PATH.parents[1]`, and what a table has for a key.
    private func element(_ tokens: [PythonToken], in module: String) -> String? {
        guard let open = Self.opening(tokens, of: ("[", "]")), open > 0, case .name(let name) = tokens[open - 1] else {
            return nil
        }
        let inner = Array(tokens[(open + 1)..<(tokens.count - 1)])
        if name == "parents", open > 2, inner.count == 1, case .number(let text) = inner[0], let count = Int(text) {
            var path = pathText(Array(tokens[..<(open - 2)]), in: module).flatMap { ImagePath($0) }
            for _ in 0...min(count, 64) { path = path?.parent }
            return path?.description
        }
        if name == "argv", inner.count == 1, case .number(let text) = inner[0], let index = Int(text), index > 0 {
            return operands.indices.contains(index - 1) ? operands[index - 1] : nil
        }
        guard let key = pathText(inner, in: module) else { return nil }
        if name == "environ" { return check.process.environment[key] }
        return open == 1 ? table(named: name, in: module)?[key] : nil
    }

    func table(named name: String, in module: String) -> [String: String]? {
        if isInFunction, localNames.contains(name) { return nil }
        if let table = loaded[module]?.tables[name] { return table }
        guard let (other, attribute) = loaded[module]?.names[name], let attribute else { return nil }
        return loaded[other]?.tables[attribute]
    }

    /// What an object, a class or a module has under a name.
    private func member(_ tokens: [PythonToken], in module: String) -> String? {
        guard tokens.count == 3, case .name(let owner) = tokens[0], tokens[1] == .sign("."),
            case .name(let name) = tokens[2]
        else { return nil }
        if let value = bound[owner + "." + name] { return value }
        if parsed.results.contains(owner), let value = parsed.values[name] { return value }
        if let type = type(of: owner, in: module) { return paths["\(type.module):\(type.name).\(name)"] }
        if let type = type(madeBy: owner, in: module) { return paths["\(type.module):\(type.name).\(name)"] }
        guard let (other, attribute) = loaded[module]?.names[owner], attribute == nil else { return nil }
        return paths[other + ":" + name]
    }

    /// What a function or a method gives.
    private func called(_ tokens: [PythonToken], in module: String) -> String? {
        guard let open = Self.opening(tokens), open > 0, case .name(let function) = tokens[open - 1] else { return nil }
        let arguments = Self.arguments(tokens, from: open)
        let owner = open >= 3 && tokens[open - 2] == .sign(".") ? Array(tokens[..<(open - 2)]) : []
        if owner.isEmpty, isRebound(function, in: module) { return nil }
        func own() -> String? { owner.isEmpty ? nil : pathText(owner, in: module) }
        func argument(_ index: Int) -> String? {
            index < arguments.count ? pathText(arguments[index], in: module) : nil
        }
        switch function {
        case "dirname": return argument(0).flatMap { ImagePath($0)?.parent.description }
        case "abspath", "realpath", "str", "fspath", "normpath": return argument(0)
        case "expanduser":
            guard let text = owner.count > 2 || owner.first == .name("Path") ? own() : argument(0) else { return nil }
            guard text.hasPrefix("~") else { return text }
            guard text == "~" || text.hasPrefix("~/") else { return nil }
            return home.map { $0 + text.dropFirst() }
        case "Path", "PurePath", "PosixPath", "joinpath", "join":
            if function == "join", let owner = owner.first, case .text = owner { return nil }
            return joined(function == "joinpath" ? [owner] + arguments : arguments, in: module)
        case "resolve", "absolute", "as_posix": return own()
        case "strip" where arguments.isEmpty, "rstrip" where arguments.isEmpty: return own()
        case "lower" where arguments.isEmpty: return own()?.lowercased()
        case "upper" where arguments.isEmpty: return own()?.uppercased()
        case "get", "getenv":
            guard let key = argument(0) else { return nil }
            if function == "getenv" || owner.last == .name("environ") {
                return check.process.environment[key] ?? argument(1)
            }
            guard owner.count == 1, case .name(let name) = owner[0] else { return nil }
            return table(named: name, in: module).flatMap { $0[key] ?? argument(1) }
        case "with_name":
            return own().flatMap { ImagePath($0)?.parent.description }.flatMap { base in
                argument(0).map { base + "/" + $0 }
            }
        case "home" where owner.last == .name("Path"): return home
        case "files" where arguments.count == 1:
            // importlib.resources: a package's directory.
            guard owner.isEmpty || owner.last == .name("resources"), let name = argument(0) else { return nil }
            return packageDirectory(name)?.description
        case "getcwd", "cwd": return check.process.directory.description
        case "format":
            guard let form = own(), arguments.count == 1, let value = argument(0), form.contains("{}") else {
                return nil
            }
            return form.replacing("{}", with: value, maxReplacements: 1)
        default: return nil
        }
    }

    /// Where a package is, that is loaded or can be.
    private func packageDirectory(_ name: String) -> ImagePath? {
        if let known = loaded[name] { return known.directories.first }
        do {
            return try modules.find(name, in: path.directories).flatMap { PythonModules.directories(of: $0).first }
        } catch {
            // What cannot be looked at is not told.
            return nil
        }
    }

    /// `~`: HOME, or what is known of the account.
    private var home: String? {
        check.process.environment["HOME"].flatMap { $0.hasPrefix("/") && $0 != "/" ? $0 : nil }
    }

    private func joined(_ parts: [[PythonToken]], in module: String) -> String? {
        var result = ""
        for part in parts {
            guard let text = pathText(part, in: module) else { return nil }
            result = text.hasPrefix("/") || result.isEmpty ? text : result + "/" + text
        }
        return parts.isEmpty ? "." : result
    }

    // MARK: Tables and attributes

    /// `{'name': 'text', …}`.
    func table(_ tokens: [PythonToken], in module: String) -> [String: String]? {
        guard tokens.first == .sign("{"), tokens.last == .sign("}"), tokens.count < 400 else { return nil }
        var result: [String: String] = [:]
        for item in Self.parts(Array(tokens.dropFirst().dropLast()), at: .sign(",")) where !item.isEmpty {
            let pair = Self.parts(item, at: .sign(":"))
            guard pair.count == 2, let key = pathText(pair[0], in: module), let value = pathText(pair[1], in: module)
            else { return nil }
            result[key] = value
        }
        return result.isEmpty ? nil : result
    }

    /// Keeps the texts that a class has under its names.
    mutating func noteAttributes(of name: String, _ body: [PythonStatement], in module: String) {
        guard guards == 0 else { return }
        for statement in body {
            guard let equals = statement.tokens.firstIndex(of: .sign("=")), equals > 0,
                equals + 1 < statement.tokens.count,
                case .name(let attribute) = statement.tokens[0], equals == 1 || statement.tokens[1] == .sign(":")
            else { continue }
            paths["\(module):\(name).\(attribute)"] = pathText(Array(statement.tokens[(equals + 1)...]), in: module)
        }
    }

    /// `NAME += …` and `NAME, NAME = …`: what these names stand for is not known any more.
    mutating func forgetChanged(_ tokens: [PythonToken], in module: String) {
        guard tokens.count > 3, case .name(let first) = tokens[0], case .sign(let sign) = tokens[1] else { return }
        var names: [String] = []
        if sign != "=", tokens[2] == .sign("="), sign != "." { names = [first] }
        if sign == ",", let equals = tokens.firstIndex(of: .sign("=")) {
            names = tokens[..<equals].compactMap { token -> String? in
                if case .name(let name) = token { name } else { nil }
            }
        }
        for name in names {
            bound[name] = nil
            paths[module + ":" + name] = nil
            loaded[module]?.lists[name] = nil
            loaded[module]?.tables[name] = nil
            if !isInFunction { loaded[module]?.names[name] = nil }
        }
    }

    /// `self.NAME = …`.
    mutating func noteAttribute(_ tokens: [PythonToken], in module: String) {
        guard let own, tokens.count > 4, tokens.starts(with: [.name("self"), .sign(".")]), tokens[3] == .sign("="),
            case .name(let name) = tokens[2]
        else { return }
        paths["\(own.module):\(own.name).\(name)"] = guards == 0 ? pathText(Array(tokens[4...]), in: module) : nil
    }

    /// An argument with what is known of it in place of how it is put together.
    func resolved(_ argument: [PythonToken], in module: String) -> [PythonToken] {
        if argument.count > 2, argument[1] == .sign("="), argument[2] != .sign("="), case .name = argument[0] {
            return Array(argument[..<2]) + resolved(Array(argument[2...]), in: module)
        }
        return pathText(argument, in: module).map { [.text($0)] } ?? argument
    }

    /// What stands behind `NAME=` of an argument, or the argument.
    static func value(of argument: [PythonToken]) -> [PythonToken] {
        guard argument.count > 2, argument[1] == .sign("="), argument[2] != .sign("=") else { return argument }
        return Array(argument[2...])
    }

    // MARK: Tokens

    /// What stands between some marks outside of brackets.
    static func parts(_ tokens: [PythonToken], at mark: PythonToken) -> [[PythonToken]] {
        var (result, level): ([[PythonToken]], Int) = ([[]], 0)
        for token in tokens {
            switch token {
            case .sign("("), .sign("["), .sign("{"): level += 1
            case .sign(")"), .sign("]"), .sign("}"): level -= 1
            default: break
            }
            if level == 0, token == mark { result.append([]) } else { result[result.count - 1].append(token) }
        }
        return result
    }

    /// The bracket that closes the one at a place.
    static func closing(_ tokens: [PythonToken], from open: Int, limit: Int = .max) -> Int? {
        var level = 0
        for index in open..<min(tokens.count, limit == .max ? .max : open + limit) {
            switch tokens[index] {
            case .sign("("), .sign("["), .sign("{"): level += 1
            case .sign(")"), .sign("]"), .sign("}"):
                level -= 1
                if level == 0 { return index }
            default: continue
            }
        }
        return nil
    }

    /// What stands before a point: names, calls and elements, or something in brackets.
    static func receiver(_ tokens: [PythonToken], before dot: Int) -> [PythonToken] {
        var start = dot
        while start > 0 {
            switch tokens[start - 1] {
            case .sign(")"), .sign("]"):
                var level = 0
                var index = start - 1
                while index >= 0 {
                    if [.sign(")"), .sign("]"), .sign("}")].contains(tokens[index]) { level += 1 }
                    if [.sign("("), .sign("["), .sign("{")].contains(tokens[index]) { level -= 1 }
                    if level == 0 { break }
                    index -= 1
                }
                guard index >= 0 else { return [] }
                start = index
                if start > 0, case .name(let name) = tokens[start - 1],
                    !["return", "in", "and", "or", "not", "as", "with"].contains(name)
                {
                    continue
                }
            case .name, .text: start -= 1
            case .number, .sign: return Array(tokens[start..<dot])
            }
            guard start > 0, tokens[start - 1] == .sign(".") else { return Array(tokens[start..<dot]) }
            start -= 1
        }
        return Array(tokens[start..<dot])
    }

    /// Whether `.open(…)` says nothing of writing.
    static func opensToRead(_ tokens: [PythonToken], _ open: Int) -> Bool {
        guard open < tokens.count, tokens[open] == .sign("(") else { return false }
        let arguments = Self.arguments(tokens, from: open)
        guard let mode = arguments.first(where: { $0.first == .name("mode") }).map({ value(of: $0) }) ?? arguments.first
        else { return true }
        if mode.count > 1, mode[1] == .sign("=") { return true }
        guard mode.count == 1, case .text(let text?) = mode[0] else { return false }
        return text.hasPrefix("r") && !text.contains("+")
    }
}
