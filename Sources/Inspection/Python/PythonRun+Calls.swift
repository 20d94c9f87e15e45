internal import OCI

extension PythonRun {
    /// Follows the calls in an expression whose functions are known; those behind a condition may not be made.
    mutating func expression(_ tokens: [PythonToken], in module: String) throws -> Flow {
        var index = 0
        while index < tokens.count {
            defer { index += 1 }
            guard case .name(let first) = tokens[index] else { continue }
            if first == "environ", let flow = variable(tokens, at: index, in: module) { return flow }
            if first == "read_text" || first == "read_bytes", let flow = readsPath(tokens, before: index, in: module) {
                return flow
            }
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
            // A method of what was made there.
            if names.count == 1, let type = type(madeBy: first, in: module), index + 3 < tokens.count,
                tokens[index + 1] == .sign("."), case .name(let method) = tokens[index + 2],
                tokens[index + 3] == .sign("(")
            {
                let made = try callMethod(method, of: type)
                guard case .next = made else { return made }
            }
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
        if let flow = try surroundings(names, arguments, in: module) { return flow }
        if let flow = try record(names, arguments, in: module) ?? file(names, arguments, in: module) { return flow }
        if names.count > 1, let findings = causes[module + ":" + names[0]], guards == 0, tries == 0 {
            return .fails(findings)
        }
        if names.count == 2, let type = type(of: names[0], in: module) { return try callMethod(names[1], of: type) }
        switch names {
        case ["sys", "exit"], ["exit"], ["quit"], ["os", "_exit"]: return .ends
        case ["__import__"], ["importlib", "import_module"], ["import_module"]:
            guard let first = arguments.first else { return .next }
            guard let name = text(first), !name.isEmpty else {
                if guards == 0 { check.report.add(.computedModule(script: loaded[module]?.path ?? module)) }
                return .next
            }
            guard name.hasPrefix(".") else { return try load(name, for: module) }
            guard arguments.count == 2, let base = text(Array(arguments[1].suffix(1))), !name.hasPrefix("..") else {
                return .next
            }
            return try load(base + name, for: module)
        case ["sys", "path", "append"], ["sys", "path", "insert"], ["site", "addsitedir"]:
            guard let last = arguments.last, let place = directory(last, in: module) else {
                isComputed = true
                return .next
            }
            path.directories.insert(place, at: names.last == "insert" ? 0 : path.directories.count)
            return .next
        case ["sys", "meta_path", "insert"], ["sys", "meta_path", "append"]:
            // A package's finder finds what is its own.
            if module == "__main__" || module.hasPrefix("__editable__") {
                isComputed = true
            } else {
                makers.insert(module)
            }
            return .next
        case ["sys", "path", "extend"], ["sys", "path_hooks", "insert"]:
            isComputed = true
            return .next
        case ["os", "environ", "setdefault"], ["environ", "setdefault"]:
            if arguments.count == 2, let name = text(arguments[0]), let value = text(arguments[1]),
                check.process.environment[name] == nil
            {
                check.process.environment[name] = value
            }
            return .next
        case ["django", "setup"], ["get_wsgi_application"], ["get_asgi_application"], ["execute_from_command_line"]:
            return try setUpDjango(for: module)
        default: break
        }
        if names.count == 1 { return try call(names[0], in: module, arguments) }
        guard names.count >= 2, let start = loaded[module]?.names[names[0]] else { return .next }
        var owner = start.attribute.map { start.module + "." + $0 } ?? start.module
        for name in names[1..<(names.count - 1)] { owner += "." + name }
        guard loaded[owner] != nil else { return .next }
        return try call(names[names.count - 1], in: owner, arguments)
    }

    /// Gives the parameters of a function the texts that it is called with.
    mutating func bind(_ function: PythonStatement, _ arguments: [[PythonToken]]) {
        guard let open = function.tokens.firstIndex(of: .sign("(")) else { return }
        var values = bound
        for (index, parameter) in Self.arguments(function.tokens, from: open).enumerated() {
            guard let first = parameter.first, case .name(let name) = first else { continue }
            var given = index < arguments.count ? arguments[index] : []
            if given.count > 1, given[1] == .sign("=") { given = [] }
            if let named = arguments.first(where: { $0.count > 2 && $0[0] == first && $0[1] == .sign("=") }) {
                given = Array(named.dropFirst(2))
            } else if given.isEmpty, let equals = parameter.firstIndex(of: .sign("=")) {
                given = Array(parameter[(equals + 1)...])
            }
            values[name] = text(given)
        }
        bound = values
    }

    /// A directory that an expression names: texts, `__file__`, `dirname`, `join`, `abspath`, `Path(…).parent`.
    private func directory(_ tokens: [PythonToken], in module: String) -> ImagePath? {
        guard let text = pathText(tokens, in: module) else { return nil }
        return check.process.directory.resolving(text)
    }

    func pathText(_ tokens: [PythonToken], in module: String) -> String? {
        if tokens.count == 1 {
            if case .text(let text?) = tokens[0] { return text }
            if tokens[0].isName("__file__") { return loaded[module]?.path }
            if case .name(let name) = tokens[0] { return bound[name] ?? paths[module + ":" + name] }
            return nil
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
        case "get", "getenv":
            // A variable, or what stands for it.
            guard let name = arguments.first.flatMap({ text($0) }),
                function == "getenv" || tokens[..<open].contains(.name("environ"))
            else { return nil }
            return check.process.environment[name] ?? (arguments.count > 1 ? pathText(arguments[1], in: module) : nil)
        case "with_name", "joinpath", "with_suffix":
            guard open >= 2, let base = pathText(Array(tokens[..<(open - 2)]), in: module),
                let name = arguments.first.flatMap({ pathText($0, in: module) }), arguments.count == 1
            else { return nil }
            if function == "with_suffix" { return nil }
            return (function == "joinpath" ? base : ImagePath(base)?.parent.description ?? base) + "/" + name
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

    /// The last `/` outside of brackets, by which paths are joined.
    private static func slash(_ tokens: [PythonToken]) -> Int? {
        var level = 0
        for index in tokens.indices.reversed() {
            switch tokens[index] {
            case .sign(")"), .sign("]"): level += 1
            case .sign("("), .sign("["): level -= 1
            case .sign("/") where level == 0: return index
            default: continue
            }
        }
        return nil
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
