internal import OCI

extension PythonRun {
    /// Follows the calls in an expression whose functions are known; those behind a condition may not be made.
    mutating func expression(_ tokens: [PythonToken], in module: String) throws -> Flow {
        var index = 0
        while index < tokens.count {
            defer { index += 1 }
            guard case .name(let first) = tokens[index] else { continue }
            if ["lambda", "and", "or", "if", "for"].contains(first) { return .next }
            if index > 0, tokens[index - 1] == .sign(".") { continue }
            var names = [first]
            var next = index + 1
            while next + 1 < tokens.count, tokens[next] == .sign("."), case .name(let part) = tokens[next + 1] {
                names.append(part)
                next += 2
            }
            guard next < tokens.count, tokens[next] == .sign("(") else { continue }
            let arguments = Self.arguments(tokens, from: next)
            // What is handed over is computed first.
            let flow = try expression(Array(arguments.joined(separator: [.sign(",")])), in: module)
            guard case .next = flow else { return flow }
            let result = try call(names, arguments, in: module)
            guard case .next = result else { return result }
            index = min(
                tokens.count - 1, next + arguments.reduce(0) { $0 + $1.count } + max(0, arguments.count - 1) + 1)
        }
        return .next
    }

    /// The arguments of a call, by the commas between them.
    private static func arguments(_ tokens: [PythonToken], from open: Int) -> [[PythonToken]] {
        var result: [[PythonToken]] = [[]]
        var level = 0
        for token in tokens[(open + 1)...] {
            switch token {
            case .sign("("), .sign("["), .sign("{"): level += 1
            case .sign(")"), .sign("]"), .sign("}"):
                level -= 1
                if level < 0 { return result == [[]] ? [] : result }
            case .sign(",") where level == 0:
                result.append([])
                continue
            default: break
            }
            result[result.count - 1].append(token)
        }
        return result
    }

    private mutating func call(_ names: [String], _ arguments: [[PythonToken]], in module: String) throws -> Flow {
        switch names {
        case ["sys", "exit"], ["exit"], ["quit"], ["os", "_exit"]: return .ends
        case ["__import__"], ["importlib", "import_module"], ["import_module"]:
            guard let first = arguments.first else { return .next }
            guard first.count == 1, case .text(let name?) = first[0], !name.isEmpty else {
                if guards == 0 { check.report.add(.computedModule(script: loaded[module]?.path ?? module)) }
                return .next
            }
            return name.hasPrefix(".") ? .next : try load(name, for: module)
        case ["sys", "path", "append"], ["sys", "path", "insert"], ["site", "addsitedir"]:
            guard let last = arguments.last, let place = directory(last, in: module) else {
                isComputed = true
                return .next
            }
            path.directories.insert(place, at: names.last == "insert" ? 0 : path.directories.count)
            return .next
        case ["sys", "path", "extend"], ["sys", "meta_path", "insert"], ["sys", "meta_path", "append"],
            ["sys", "path_hooks", "insert"]:
            isComputed = true
            return .next
        default: break
        }
        if names.count == 1 { return try call(names[0], in: module) }
        guard names.count >= 2, let start = loaded[module]?.names[names[0]] else { return .next }
        var owner = start.attribute.map { start.module + "." + $0 } ?? start.module
        for name in names[1..<(names.count - 1)] { owner += "." + name }
        guard loaded[owner] != nil else { return .next }
        return try call(names[names.count - 1], in: owner)
    }

    /// A directory that an expression names: texts, `__file__`, `dirname`, `join`, `abspath`, `Path(…).parent`.
    private func directory(_ tokens: [PythonToken], in module: String) -> ImagePath? {
        guard let text = pathText(tokens, in: module) else { return nil }
        return check.process.directory.resolving(text)
    }

    private func pathText(_ tokens: [PythonToken], in module: String) -> String? {
        if tokens.count == 1 {
            if case .text(let text?) = tokens[0] { return text }
            if tokens[0].isName("__file__") { return loaded[module]?.path }
            return nil
        }
        while tokens.count > 2, tokens.suffix(2).elementsEqual([.sign("."), .name("parent")]) {
            return pathText(tokens.dropLast(2), in: module).flatMap { ImagePath($0)?.parent.description }
        }
        guard tokens.last == .sign(")"), let open = Self.opening(tokens), open > 0,
            case .name(let function) = tokens[open - 1]
        else { return nil }
        let arguments = Self.arguments(tokens, from: open)
        switch function {
        case "dirname":
            return arguments.first.flatMap { pathText($0, in: module) }.flatMap { ImagePath($0)?.parent.description }
        case "abspath", "realpath", "str", "Path", "fspath", "normpath", "expanduser":
            return arguments.first.flatMap { pathText($0, in: module) }
        case "resolve", "absolute", "as_posix":
            return open >= 2 ? pathText(Array(tokens[..<(open - 2)]), in: module) : nil
        case "getcwd", "cwd": return check.process.directory.description
        case "join":
            var result = ""
            for argument in arguments {
                guard let part = pathText(argument, in: module) else { return nil }
                result = part.hasPrefix("/") || result.isEmpty ? part : result + "/" + part
            }
            return result
        default: return nil
        }
    }

    /// The bracket that the last one closes.
    private static func opening(_ tokens: [PythonToken]) -> Int? {
        var level = 0
        for index in tokens.indices.reversed() {
            if tokens[index] == .sign(")") { level += 1 }
            if tokens[index] == .sign("(") {
                level -= 1
                if level == 0 { return index }
            }
        }
        return nil
    }
}

/// A condition that a Python file makes of what is known before it runs; nil for any other.
struct PythonCondition {
    let run: PythonRun
    let module: String

    init(_ run: PythonRun, module: String) { (self.run, self.module) = (run, module) }

    func value(_ tokens: [PythonToken]) -> Bool? {
        var tokens = tokens
        while tokens.first == .sign("("), tokens.last == .sign(")"), closes(tokens) {
            tokens = Array(tokens.dropFirst().dropLast())
        }
        for (word, isOr) in [("or", true), ("and", false)] {
            let parts = split(tokens, at: .name(word))
            guard parts.count > 1 else { continue }
            let values = parts.map { value($0) }
            if values.contains(isOr) { return isOr }
            return values.contains(nil) ? nil : !isOr
        }
        if tokens.first == .name("not") { return value(Array(tokens.dropFirst())).map { !$0 } }
        return single(tokens)
    }

    private func closes(_ tokens: [PythonToken]) -> Bool {
        var level = 0
        for (index, token) in tokens.enumerated() {
            if token == .sign("(") { level += 1 }
            if token == .sign(")") { level -= 1 }
            if level == 0 { return index == tokens.count - 1 }
        }
        return false
    }

    private func split(_ tokens: [PythonToken], at mark: PythonToken) -> [[PythonToken]] {
        var (result, level): ([[PythonToken]], Int) = ([[]], 0)
        for token in tokens {
            if token == .sign("(") || token == .sign("[") { level += 1 }
            if token == .sign(")") || token == .sign("]") { level -= 1 }
            if level == 0, token == mark { result.append([]) } else { result[result.count - 1].append(token) }
        }
        return result
    }

    private func single(_ tokens: [PythonToken]) -> Bool? {
        if tokens.count == 1 {
            switch tokens[0] {
            case .name("True"), .number("1"): return true
            case .name("False"), .number("0"), .name("None"), .name("TYPE_CHECKING"), .name("WINDOWS"), .name("WIN32"):
                return false
            default: return nil
            }
        }
        if tokens.last == .name("TYPE_CHECKING") { return false }
        let text = words(tokens)
        if text.hasPrefix("sys.version_info") { return version(tokens) }
        if text.hasPrefix("sys.platform.startswith("), case .text(let name?)? = tokens.dropLast().last {
            return "linux".hasPrefix(name)
        }
        if let place = tokens.firstIndex(of: .sign("=")), place > 0, place + 1 < tokens.count,
            tokens[place + 1] == .sign("=")
        {
            return equal(tokens, tokens[..<place], tokens[(place + 2)...])
        }
        if let place = tokens.firstIndex(of: .sign("!")), place + 1 < tokens.count, tokens[place + 1] == .sign("=") {
            return equal(tokens, tokens[..<place], tokens[(place + 2)...]).map { !$0 }
        }
        return environment(tokens, text)
    }

    private func words(_ tokens: some Sequence<PythonToken>) -> String {
        tokens.map { token in
            switch token {
            case .name(let name): name
            case .text(let text): "'\(text ?? "")'"
            case .number(let text): text
            case .sign(let scalar): String(Character(scalar))
            }
        }.joined()
    }

    private func equal(_ all: [PythonToken], _ left: ArraySlice<PythonToken>, _ right: ArraySlice<PythonToken>) -> Bool?
    {
        guard let left = known(left), let right = known(right) else { return nil }
        return left == right
    }

    private func known(_ tokens: ArraySlice<PythonToken>) -> String? {
        if tokens.count == 1, case .text(let text)? = tokens.first { return text }
        switch words(tokens) {
        case "__name__": return module
        case "sys.platform": return "linux"
        case "os.name": return "posix"
        case "platform.system()": return "Linux"
        case "sys.implementation.name", "platform.python_implementation()": return nil
        case let text:
            guard text.hasPrefix("os.environ.get(") || text.hasPrefix("os.getenv("), text.hasSuffix(")") else {
                return nil
            }
            let texts = tokens.compactMap { token -> String? in if case .text(let text) = token { text } else { nil } }
            guard let name = texts.first else { return nil }
            return run.check.process.environment[name] ?? (texts.count > 1 ? texts[1] : "")
        }
    }

    /// `os.environ.get("X")`, `os.getenv("X")`, `"X" in os.environ`.
    private func environment(_ tokens: [PythonToken], _ text: String) -> Bool? {
        if let value = known(tokens[...]), text.hasPrefix("os.") { return !value.isEmpty }
        if tokens.count > 2, case .text(let name?) = tokens[0], words(tokens.dropFirst()) == "inos.environ" {
            return run.check.process.environment[name] != nil
        }
        return nil
    }

    /// `sys.version_info >= (3, 8)`, `[0] == 2`, `.major < 3`.
    private func version(_ tokens: [PythonToken]) -> Bool? {
        guard let place = tokens.firstIndex(where: { [.sign("<"), .sign(">"), .sign("="), .sign("!")].contains($0) })
        else { return nil }
        let hasEqual = place + 1 < tokens.count && tokens[place + 1] == .sign("=")
        let left = words(tokens[..<place])
        var own = run.path.version.split(separator: ".").compactMap { Int($0) }
        let wanted = tokens[(place + (hasEqual ? 2 : 1))...].compactMap { token -> Int? in
            if case .number(let text) = token { Int(text) } else { nil }
        }
        guard !wanted.isEmpty else { return nil }
        if left.hasSuffix("[0]") || left.hasSuffix(".major") {
            own = Array(own.prefix(1))
        } else if left.hasSuffix("[1]") || left.hasSuffix(".minor") {
            own = Array(own.dropFirst())
        } else if !left.hasSuffix("[:2]"), left != "sys.version_info" {
            return nil
        }
        // The whole has more members than two, and is greater than its beginning.
        let isWhole = left == "sys.version_info"
        let isLess = own.lexicographicallyPrecedes(wanted)
        let isSame = own == wanted
        switch tokens[place] {
        case .sign("<"): return hasEqual ? isLess || (isSame && !isWhole) : isLess
        case .sign(">"): return hasEqual ? !isLess : !isLess && (!isSame || isWhole)
        case .sign("="): return isSame && !isWhole
        default: return !(isSame && !isWhole)
        }
    }
}
