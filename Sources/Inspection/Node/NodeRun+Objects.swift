internal import OCI

/// Classes, objects and what modules give to one another; files and variables that a program demands.
extension NodeRun {
    /// What a class does when an object is made, and by its methods.
    struct Class {
        /// As its module knows it, and that module's path.
        var name = ""
        var home = ""
        var constructor: [JavaScript] = []
        var methods: [String: [JavaScript]] = [:]
        /// What stands between the brackets of methods.
        var parameters: [String: [JavaScript]] = [:]
        /// What is computed when the class is made.
        var statics: [JavaScript] = []
        /// What is computed when an object is made, before the constructor.
        var fields: [JavaScript] = []
        /// Methods whose failure is a promise that is rejected.
        var asynchronous: Set<String> = []
        /// The class above it.
        var parent: String?

        init(_ body: [JavaScript]) {
            var index = 0
            var isStatic = false
            while index < body.count {
                defer { index += 1 }
                switch body[index] {
                case .name("static"):
                    isStatic = true
                    continue
                case .curly(let inner) where isStatic: statics += inner + [.sign(";")]
                case .name(let name):
                    if index + 2 < body.count, case .round(let list) = body[index + 1],
                        case .curly(let inner) = body[index + 2]
                    {
                        parameters[name] = list
                        if name == "constructor" { constructor = inner } else { methods[name] = inner }
                        if index > 0, body[index - 1].isName("async") { asynchronous.insert(name) }
                        index += 2
                    } else if index + 1 < body.count, body[index + 1] == .sign("=") {
                        let value = body[(index + 2)...].prefix { $0 != .sign(";") && $0 != .line }
                        if isStatic { statics += value + [.sign(";")] } else { fields += value + [.sign(";")] }
                        index += 1 + value.count
                    }
                default: break
                }
                isStatic = false
            }
        }
    }

    /// A class statement: what of it is computed now.
    mutating func define(_ tokens: ArraySlice<JavaScript>, _ module: inout Module) throws -> Flow {
        guard tokens.count > 1, case .name(let name) = tokens[tokens.startIndex + 1],
            case .curly(let body)? = tokens.last
        else { return .next }
        var type = Class(body)
        (type.name, type.home) = (name, module.path)
        let heritage = tokens.dropFirst(2)
        if heritage.first?.isName("extends") ?? false, case .name(let parent)? = heritage.dropFirst().first {
            // What is more than a name is not known.
            type.parent = heritage.count == 3 ? parent : "?"
            if let flow = try lacksGiven(parent, tokens, tokens.startIndex + 3, module) { return flow }
        }
        module.classes[name] = type
        return try expression(type.statics, &module)
    }

    // MARK: Between modules

    /// Notes what a name stands for that `require` or `import` gave.
    func note(_ pattern: JavaScript, is path: ImagePath, _ module: inout Module) {
        switch pattern {
        case .name(let name):
            module.given[name] = (path, nil)
            if let type = givenClass(nil, at: path) { module.classes[name] = type }
        case .curly(let list):
            for item in list.split(separator: .sign(",")) {
                let names = item.compactMap { token -> String? in if case .name(let name) = token { name } else { nil }
                }
                guard let first = names.first else { continue }
                module.given[names[names.count - 1]] = (path, first)
                if let type = givenClass(first, at: path) { module.classes[names[names.count - 1]] = type }
            }
        default: return
        }
    }

    /// Calls a function of another module, by the name that it has there.
    mutating func callGiven(
        _ name: String, at path: ImagePath, caught: Bool, awaited: Bool, _ given: [String?]? = nil
    ) throws -> Flow {
        guard var other = finished[path], other.functions[name] != nil else {
            return try lacks(name, at: path) ?? .next
        }
        finished[path] = nil
        defer { finished[path] = other }
        if caught {
            _ = try guarded { try $0.call(name, &other, given) }
            return .next
        }
        let flow = try call(name, &other, given)
        return other.asynchronous.contains(name) ? promise(isAwaited: awaited, flow) : flow
    }

    // MARK: Demands

    private static let readers: Set = ["readFileSync", "readdirSync", "openSync"]
    static let makers: Set = [
        "mkdirSync", "writeFileSync", "copyFileSync", "appendFileSync", "renameSync", "execSync", "spawnSync",
        "symlinkSync", "mkdir", "writeFile", "cpSync", "createWriteStream", "ensureDirSync", "outputFileSync", "chdir",
    ]

    /// A file that is read and not there, where nobody expects that and nothing has run that may have made it.
    mutating func reads(_ name: String, _ tokens: [JavaScript], _ place: Int, _ module: Module) throws -> Flow? {
        if let flow = try makes(name, tokens, place, module) { return flow }
        if name == "spawn", module.functions[name] == nil, place + 1 < tokens.count,
            case .round(let arguments) = tokens[place + 1]
        {
            _ = try starts(name, arguments, module)
        }
        if Self.makers.contains(name) { mayHaveMade = true }
        guard Self.readers.contains(name) || (name == "readFile" && Self.isAwaited(tokens, place)), guards == 0,
            !mayHaveMade, !hasSpoken, place + 1 < tokens.count,
            case .round(let arguments) = tokens[place + 1],
            let text = text(Array(arguments.prefix { $0 != .sign(",") }), module), !text.isEmpty,
            !["/dev", "/proc", "/sys", "/run", "/tmp"].contains(where: text.hasPrefix),
            let path = check.process.directory.resolving(text), try check.tree.lookUp(path) == nil
        else { return nil }
        if name == "openSync", arguments.contains(.sign(",")) { return nil }
        return .fails([Finding(.missingInput(program: module.path, path: text), chain: chain(to: module))])
    }

    /// A file or directory that cannot be made, a directory that cannot be gone to, a program that cannot be started.
    private func makes(_ name: String, _ tokens: [JavaScript], _ place: Int, _ module: Module) throws -> Flow? {
        guard guards == 0, !mayHaveMade, !hasSpoken, place + 1 < tokens.count,
            case .round(let arguments) = tokens[place + 1],
            Self.makers.contains(name) || ["listen", "execFileSync"].contains(name),
            let text = text(Array(arguments.prefix { $0 != .sign(",") }), module), !text.isEmpty
        else { return nil }
        func fails(_ kind: Finding.Kind) -> Flow { .fails([Finding(kind, chain: chain(to: module))]) }
        switch name {
        case "chdir":
            guard let path = check.process.directory.resolving(text), try check.tree.lookUp(path) == nil else {
                return nil
            }
            return fails(.missingInput(program: module.path, path: text))
        case "execSync", "execFileSync":
            let program = name == "execSync" ? String(text.prefix { $0 != " " }) : text
            guard program.allSatisfy({ $0.isLetter || $0.isNumber || "-_./".contains($0) }), !program.isEmpty,
                !["cd", "echo", "test", "export", "exit", "true", "type", "command", "exec", "set", "for", "if"]
                    .contains(program),
                case .missing = try check.find(program)
            else { return nil }
            return fails(.missingProgram(subject: module.path, program: program))
        case "mkdirSync", "writeFileSync", "appendFileSync", "createWriteStream", "listen":
            guard name != "listen" || text.hasPrefix("/") else { return nil }
            let shell = ShellRun(check, name: module.path, arguments: [], decisions: [])
            // What stands for the options may say anything.
            let behind = arguments.drop { $0 != .sign(",") }.dropFirst()
            if name == "mkdirSync", let options = behind.first { guard case .curly = options else { return nil } }
            let makesParents = arguments.contains { token in
                if case .curly(let inner) = token { inner.contains(.name("recursive")) } else { false }
            }
            return try shell.writeFailure(text, isMade: name == "mkdirSync", makesParents: makesParents).map {
                .fails([$0])
            }
        default: return nil
        }
    }

    /// A condition that is true and ends the program: by a variable that is not set, if it asks for one.
    func demand(_ condition: [JavaScript], _ body: [JavaScript], _ module: Module) -> Flow? {
        guard guards == 0, Self.endsProgram(body), !Self.endsWell(body) else { return nil }
        for index in condition.indices {
            guard let name = unset(condition, at: index, module) else { continue }
            return .fails([
                Finding(.missingVariable(script: module.path, name: name), .variable(name), chain: chain(to: module))
            ])
        }
        return nil
    }

    /// The variable that stands at a place of a condition, by its own name or another, and is not set.
    private func unset(_ tokens: [JavaScript], at index: Int, _ module: Module) -> String? {
        var name: String?
        if case .name(let own) = tokens[index] {
            name = module.asked[own]
            if module.unset.contains(own) { name = module.lists[own]?.first }
        }
        if tokens[index] == .name("env"), index + 1 < tokens.count {
            if case .square(let inner) = tokens[index + 1] { name = text(inner, module) }
            if index + 2 < tokens.count, tokens[index + 1] == .sign("."), case .name(let own) = tokens[index + 2] {
                name = own
            }
        }
        guard let name, isAbsent(name) else { return nil }
        return name
    }

    /// `process.env.NAME.METHOD(…)` of a variable that is not set.
    func asksNothing(_ tokens: [JavaScript], _ place: Int, _ module: Module) -> Flow? {
        guard guards == 0, !hasSpoken, place + 7 < tokens.count,
            tokens[place...].starts(with: [.name("process"), .sign("."), .name("env"), .sign(".")]),
            case .name(let name) = tokens[place + 4], tokens[place + 5] == .sign("."), case .name = tokens[place + 6],
            case .round = tokens[place + 7], isAbsent(name)
        else { return nil }
        return .fails([
            Finding(.missingVariable(script: module.path, name: name), .variable(name), chain: chain(to: module))
        ])
    }

    /// `process.exit()` and `process.exit(0)`.
    private static func endsWell(_ tokens: [JavaScript]) -> Bool {
        for (index, token) in tokens.enumerated() where token.isName("exit") {
            guard index + 1 < tokens.count, case .round(let arguments) = tokens[index + 1] else { continue }
            return arguments.isEmpty || arguments == [.zero]
        }
        return false
    }

    // MARK: Kinds of modules

    /// A name that an ES module does not have, and a package of `require` has (Node.js, "ECMAScript modules").
    func lacksName(_ name: String, _ tokens: [JavaScript], _ place: Int, _ module: Module) -> Flow? {
        guard module.isModule, guards == 0, ["__dirname", "__filename"].contains(name),
            place == 0 || (tokens[place - 1] != .sign(".") && tokens[place - 1] != .name("typeof")),
            place + 1 >= tokens.count || (tokens[place + 1] != .sign(":") && tokens[place + 1] != .sign("=")),
            !module.own.contains(name)
        else { return nil }
        return .fails([
            Finding(.missingName(script: module.path, module: "an ES module", name: name), chain: chain(to: module))
        ])
    }

    /// `module.exports = …` and `exports.x = …` of an ES module.
    func exportsOld(_ tokens: [JavaScript], _ module: Module) -> Flow? {
        guard module.isModule, guards == 0, !module.own.contains("module"), !module.own.contains("exports"),
            tokens.starts(with: [.name("module"), .sign("."), .name("exports")])
                || tokens.starts(with: [.name("exports"), .sign(".")])
        else { return nil }
        let name = tokens[0] == .name("module") ? "module" : "exports"
        return .fails([
            Finding(.missingName(script: module.path, module: "an ES module", name: name), chain: chain(to: module))
        ])
    }

    /// Names that a file declares itself.
    static func declared(_ tokens: [JavaScript]) -> Set<String> {
        var result: Set<String> = []
        for (index, token) in tokens.enumerated() where index > 0 {
            guard case .name(let name) = token,
                ["__dirname", "__filename", "module", "exports", "require"].contains(name),
                case .name(let word) = tokens[index - 1], ["const", "let", "var"].contains(word)
            else {
                if case .curly(let inner) = token { result.formUnion(declared(inner)) }
                continue
            }
            result.insert(name)
        }
        return result
    }
}
