internal import OCI

extension PythonRun {
    /// Follows the calls in an expression whose functions are known; those behind a condition may not be made.
    mutating func expression(_ tokens: [PythonToken], in module: String) throws -> Flow {
        guard expressionDepth < Self.expressionLimit else { return .next }
        expressionDepth += 1
        defer { expressionDepth -= 1 }
        if let flow = try comprehension(tokens, in: module) ?? choice(tokens, in: module) { return flow }
        let holdsChoices = tokens.contains(.name("for")) || tokens.contains(.name("if"))
        var index = 0
        while index < tokens.count {
            defer { index += 1 }
            if holdsChoices, let close = Self.group(tokens, at: index),
                let flow = try grouped(Array(tokens[(index + 1)..<close]), in: module)
            {
                guard case .next = flow else { return flow }
                index = close
                continue
            }
            guard case .name(let first) = tokens[index] else { continue }
            if first == "environ", let flow = variable(tokens, at: index, in: module) { return flow }
            if ["read_text", "read_bytes", "open"].contains(first),
                let flow = readsPath(tokens, before: index, in: module)
            {
                return flow
            }
            if ["write_text", "write_bytes", "touch"].contains(first), index > 1, tokens[index - 1] == .sign("."),
                let flow = try writes(Self.receiver(tokens, before: index - 1), in: module)
            {
                return flow
            }
            if first == "mkdir", index > 1, tokens[index - 1] == .sign("."), index + 1 < tokens.count,
                let flow = try writes(
                    Self.receiver(tokens, before: index - 1), isDirectory: true,
                    makesParents: tokens[(index + 1)...].contains(.name("parents")), in: module)
            {
                return flow
            }
            if let flow = try lacksMember(of: first, tokens, index, in: module) ?? isEarly(tokens, index, in: module) {
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
            let flow = try handedOver(arguments, to: names, in: module)
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
    static func arguments(_ tokens: [PythonToken], from open: Int) -> [[PythonToken]] {
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

    private mutating func call(_ own: [String], _ arguments: [[PythonToken]], in module: String) throws -> Flow {
        let names = libraryName(own, in: module)
        if own.contains("environ"), let last = own.last,
            ["update", "__setitem__"].contains(last)
                || last == "setdefault" && arguments.first.flatMap({ pathText($0, in: module) }) == nil
        {
            hasOpenEnvironment = true
        }
        if own.contains(where: { $0.contains("dotenv") || $0 == "read_env" || $0 == "putenv" }) {
            hasOpenEnvironment = true
        }
        if own.count == 1, isRebound(own[0], in: module) {
            mayHaveMade = mayHaveMade || Self.fileMakers.contains(own[0])
            return try call(own[0], in: module, arguments.map { resolved($0, in: module) })
        }
        if names.starts(with: ["sys", "modules"]), ["setdefault", "update", "__setitem__"].contains(names.last) {
            noteModule(names.last == "update" ? nil : arguments.first, in: module)
        }
        if let flow = try surroundings(names, arguments, in: module) { return flow }
        if let flow = try record(own, arguments, in: module) ?? file(names, arguments, in: module) { return flow }
        if let flow = try parsesArguments(own, arguments, in: module) { return flow }
        if let flow = try unbound(own[0], in: module) { return flow }
        if let flow = try loadsEntry(own, in: module) ?? lacksMember(own, in: module) { return flow }
        if names.count > 1, let findings = causes[module + ":" + names[0]], guards == 0, tries == 0 {
            return .fails(findings)
        }
        if names.count == 2, let type = type(of: names[0], in: module) {
            if let flow = try lacksMember(names[1], type, in: module) { return flow }
            return try callMethod(names[1], of: type, arguments.map { resolved($0, in: module) })
        }
        if let flow = try loadsByName(own, arguments, in: module) { return flow }
        switch names {
        case ["sys", "exit"], ["exit"], ["quit"], ["os", "_exit"]: return .ends
        case ["__import__"], ["importlib", "import_module"], ["import_module"]:
            guard let first = arguments.first else { return .next }
            guard let name = text(first) ?? pathText(first, in: module), !name.isEmpty else {
                noteComputed(by: module)
                return .next
            }
            guard name.hasPrefix(".") else { return try load(name, for: module) }
            guard arguments.count == 2, let base = pathText(Self.value(of: arguments[1]), in: module),
                !name.hasPrefix("..")
            else {
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
        case ["django", "setup"], ["execute_from_command_line"]:
            let isOwn = arguments.first == [.name("sys"), .sign("."), .name("argv")]
            return try setUpDjango(for: module, takesArguments: isOwn)
        case ["get_wsgi_application"], ["get_asgi_application"]: return try serveDjango(for: module)
        default: break
        }
        let given = arguments.map { resolved($0, in: module) }
        if own.count == 1 { return try call(own[0], in: module, given) }
        guard own.count >= 2, let start = loaded[module]?.names[own[0]] else { return .next }
        var owner = start.attribute.map { start.module + "." + $0 } ?? start.module
        for name in own[1..<(own.count - 1)] { owner += "." + name }
        guard loaded[owner] != nil else { return .next }
        return try call(own[own.count - 1], in: owner, given)
    }

    /// Gives the parameters of a function the texts that it is called with.
    mutating func bind(_ function: PythonStatement, _ arguments: [[PythonToken]]) {
        guard let open = function.tokens.firstIndex(of: .sign("(")) else { return }
        var values: [String: String] = [:]
        nones = []
        for (index, parameter) in Self.arguments(function.tokens, from: open).enumerated() {
            guard let first = parameter.first, case .name(let name) = first else { continue }
            var given = index < arguments.count ? arguments[index] : []
            if given.count > 1, given[1] == .sign("=") { given = [] }
            if let named = arguments.first(where: { $0.count > 2 && $0[0] == first && $0[1] == .sign("=") }) {
                given = Array(named.dropFirst(2))
            } else if given.isEmpty, let equals = parameter.firstIndex(of: .sign("=")) {
                given = Array(parameter[(equals + 1)...])
            }
            localNames.insert(name)
            if given == [.name("None")] { nones.insert(name) }
            values[name] = text(given)
        }
        bound = values
    }

    /// A directory that an expression names: texts, `__file__`, `dirname`, `join`, `abspath`, `Path(…).parent`.
    private func directory(_ tokens: [PythonToken], in module: String) -> ImagePath? {
        guard let text = pathText(tokens, in: module) else { return nil }
        return check.process.directory.resolving(text)
    }

    /// The last `/` outside of brackets, by which paths are joined.
    static func slash(_ tokens: [PythonToken]) -> Int? {
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
    static func opening(_ tokens: [PythonToken], of pair: (Unicode.Scalar, Unicode.Scalar) = ("(", ")")) -> Int? {
        var level = 0
        for index in tokens.indices.reversed() {
            if tokens[index] == .sign(pair.1) { level += 1 }
            if tokens[index] == .sign(pair.0) {
                level -= 1
                if level == 0 { return index }
            }
        }
        return nil
    }
}
