internal import OCI

/// Lists and tables of texts, what is done for each of their members, and promises.
extension NodeRun {
    private static let memberLimit = 64
    /// Methods that call a function for each member.
    private static let callers: Set = ["forEach", "map", "flatMap", "filter", "some", "every", "find"]

    // MARK: Values

    /// Keeps a list or a table that a name stands for.
    func rememberLists(_ name: String, _ rest: ArraySlice<JavaScript>, _ module: inout Module) {
        (module.lists[name], module.tables[name]) = (nil, nil)
        module.unset.remove(name)
        guard guards == 0 else { return }
        let value = Array(
            rest.prefix(Self.operandLimit).prefix { $0 != .sign(",") && $0 != .sign(";") && $0 != .line })
        guard value.count < Self.operandLimit else { return }
        if value.count == 1, case .curly(let inner) = value[0] { module.tables[name] = table(inner, module) }
        var place = 0
        // What cannot be looked at is no list that is known.
        guard let (members, isSure) = try? list(value, &place, module), isSure, place == value.count else { return }
        module.lists[name] = members
        let asks = value.contains { token in
            if case .round(let inner) = token { Self.asksForUnset(inner) } else { false }
        }
        if asks { module.unset.insert(name) }
    }

    /// `NAME => !process.env[NAME]`.
    private static func asksForUnset(_ callback: [JavaScript]) -> Bool {
        guard let (name, body) = Self.callback(callback) else { return false }
        return body.filter { $0 != .line } == [
            .sign("!"), .name("process"), .sign("."), .name("env"), .square([.name(name)]),
        ]
    }

    /// `{ name: 'text', … }`.
    private func table(_ inner: [JavaScript], _ module: Module) -> [String: String]? {
        var result: [String: String] = [:]
        for item in inner.filter({ $0 != .line }).split(separator: .sign(",")) {
            guard let colon = item.firstIndex(of: .sign(":")), colon == item.startIndex + 1 else { return nil }
            let key: String
            switch item[item.startIndex] {
            case .name(let name): key = name
            case .text(let text?): key = text
            default: return nil
            }
            guard let value = text(Array(item[(colon + 1)...]), module) else { return nil }
            result[key] = value
        }
        return result.isEmpty || result.count > Self.memberLimit ? nil : result
    }

    /// `TABLE[KEY]` and `TABLE.KEY`.
    func element(_ tokens: [JavaScript], _ module: Module) -> String? {
        guard tokens.count == 2 || tokens.count == 3, case .name(let name) = tokens[0], let table = module.tables[name]
        else { return nil }
        if tokens.count == 2, case .square(let key) = tokens[1] { return text(key, module).flatMap { table[$0] } }
        if tokens.count == 3, tokens[1] == .sign("."), case .name(let key) = tokens[2] { return table[key] }
        return nil
    }

    /// The texts of a list that begins at a place, and whether they are all of it; the place is behind it then.
    private func list(_ tokens: [JavaScript], _ place: inout Int, _ module: Module) throws -> ([String], Bool)? {
        guard place < tokens.count, var values = try members(tokens, &place, module) else { return nil }
        var isSure = true
        while place + 2 < tokens.count, tokens[place] == .sign("."), case .name(let method) = tokens[place + 1],
            case .round(let arguments) = tokens[place + 2], ["filter", "sort", "reverse"].contains(method)
        {
            if method == "filter" {
                guard let kept = filtered(values, arguments, module) else { return nil }
                (values, isSure) = (kept.0, isSure && kept.1)
            }
            place += 3
        }
        return values.count > Self.memberLimit ? nil : (values, isSure)
    }

    private func members(_ tokens: [JavaScript], _ place: inout Int, _ module: Module) throws -> [String]? {
        switch tokens[place] {
        case .square(let inner):
            guard place == 0 || Self.beginsOperand(tokens[place - 1]) else { return nil }
            var values: [String] = []
            for item in inner.filter({ $0 != .line }).split(separator: .sign(",")) {
                guard let value = text(Array(item), module) else { return nil }
                values.append(value)
            }
            place += 1
            return values.isEmpty ? nil : values
        case .name("Object"):
            guard place + 3 < tokens.count, tokens[place + 1] == .sign("."), case .name(let part) = tokens[place + 2],
                case .round(let arguments) = tokens[place + 3], arguments.count == 1,
                case .name(let name) = arguments[0],
                let table = module.tables[name]
            else { return nil }
            let keys = table.keys.sorted()
            guard part == "keys" || part == "values" else { return nil }
            place += 4
            return part == "keys" ? keys : keys.compactMap { table[$0] }
        case .name(let name):
            if let values = module.lists[name] {
                place += 1
                return values
            }
            let isMethod = place + 2 < tokens.count && tokens[place + 1] == .sign(".")
            let at = isMethod ? place + 2 : place
            guard at + 1 < tokens.count, tokens[at].isName("readdirSync"), case .round(let arguments) = tokens[at + 1],
                !arguments.contains(.sign(",")), let files = try files(arguments, module)
            else { return nil }
            place = at + 2
            return files
        default: return nil
        }
    }

    private static func beginsOperand(_ token: JavaScript) -> Bool {
        switch token {
        case .sign(let scalar): scalar != "."
        case .name(let name): ["of", "return", "await", "in", "new", "typeof"].contains(name)
        case .line, .decides, .arrow, .equals: true
        case .text, .number, .zero, .regex, .round, .curly, .square: false
        }
    }

    private func files(_ arguments: [JavaScript], _ module: Module) throws -> [String]? {
        guard !mayHaveMade, let text = text(arguments, module), let path = check.process.directory.resolving(text),
            let node = try check.tree.lookUp(path), node.isDirectory
        else { return nil }
        return try check.tree.children(of: node).map { String(decoding: $0.path.name ?? [], as: UTF8.self) }.sorted()
    }

    /// What `filter` keeps: by an end or a beginning, or what is no certain text; and whether that is known.
    private func filtered(_ values: [String], _ callback: [JavaScript], _ module: Module) -> ([String], Bool)? {
        guard let (name, body) = Self.callback(callback) else { return nil }
        let tokens = body.filter { $0 != .line }
        if Self.asksForUnset(callback) {
            return (values.filter { isAbsent($0) || check.process.environment[$0] == "" }, !hasOpenEnvironment)
        }
        guard case .name(let subject)? = tokens.first, subject == name else { return (values, false) }
        if tokens.count == 4, tokens[1] == .sign("."), case .name(let method) = tokens[2],
            case .round(let inner) = tokens[3], let part = text(inner, module)
        {
            if method == "endsWith" { return (values.filter { $0.hasSuffix(part) }, true) }
            if method == "startsWith" { return (values.filter { $0.hasPrefix(part) }, true) }
        }
        if tokens.count == 3, case .equals(let isNegated) = tokens[1], let part = text([tokens[2]], module) {
            return (values.filter { ($0 == part) != isNegated }, true)
        }
        return (values, false)
    }

    /// The parameter and the body of a function that is handed over.
    private static func callback(_ tokens: [JavaScript]) -> (name: String, body: [JavaScript])? {
        var rest = tokens.filter { $0 != .line }[...]
        if rest.first?.isName("async") ?? false { return nil }
        if rest.first?.isName("function") ?? false {
            guard let head = rest.first(where: { if case .round = $0 { true } else { false } }),
                case .round(let parameters) = head, case .name(let name)? = parameters.first,
                case .curly(let body)? = rest.last
            else { return nil }
            return (name, body)
        }
        let first: JavaScript
        switch rest.popFirst() {
        case .name(let name): first = .name(name)
        case .round(let parameters): first = parameters.first ?? .line
        default: return nil
        }
        guard case .name(let name) = first, rest.popFirst() == .arrow else { return nil }
        if rest.count == 1, case .curly(let body)? = rest.first { return (name, body) }
        return (name, Array(rest))
    }

    // MARK: Loops

    /// `for (const NAME of LIST)`, where the list is known.
    func values(ofLoop head: [JavaScript], _ module: Module) throws -> (name: String, values: [String])? {
        guard head.count > 3, case .name(let name) = head[1], head[2].isName("of") else { return nil }
        let value = Array(head[3...]).filter { $0 != .line }
        var place = 0
        guard let (values, isSure) = try list(value, &place, module), isSure, place == value.count else { return nil }
        return (name, values)
    }

    /// `LIST.forEach(…)` and its like of a list that is known: what is done for each; nil for what is no such thing.
    mutating func each(_ tokens: [JavaScript], _ place: inout Int, _ module: inout Module) throws -> Flow? {
        if place > 0, tokens[place - 1] == .sign(".") { return nil }
        var end = place
        guard let (values, isSure) = try list(tokens, &end, module), end + 2 < tokens.count, tokens[end] == .sign("."),
            case .name(let method) = tokens[end + 1], Self.callers.contains(method),
            case .round(let arguments) = tokens[end + 2], let (name, body) = Self.callback(arguments)
        else { return nil }
        place = end + 2
        let saved = module.texts[name]
        defer { module.texts[name] = saved }
        for value in values {
            module.texts[name] = value
            let flow =
                try isSure ? callBody(body, &module) : guarded { try $0.callBody(body, &module) }
            if isSure { guard case .next = flow else { return flow } }
        }
        return .next
    }

    // MARK: Promises

    /// Whether what stands at a place is waited for, or given back to who waits.
    static func isAwaited(_ tokens: [JavaScript], _ place: Int) -> Bool {
        var start = place
        while start >= 2, tokens[start - 1] == .sign("."), case .name = tokens[start - 2] { start -= 2 }
        return start > 0 && (tokens[start - 1].isName("await") || tokens[start - 1].isName("return"))
    }

    /// What fails in a promise that nobody waits for ends the program, but not at once.
    mutating func promise(isAwaited: Bool, _ flow: Flow) -> Flow {
        guard case .fails(let findings) = flow, !isAwaited else { return flow }
        if guards == 0, rejected == nil { rejected = (findings, words) }
        return .next
    }

    /// Whether a program says what it does with errors that it is told of.
    static func hears(_ tokens: [JavaScript]) -> Bool {
        tokens.contains { token in
            switch token {
            case .text("error"), .name("onerror"): true
            case .round(let inner), .curly(let inner), .square(let inner): hears(inner)
            default: false
            }
        }
    }

    /// A thread whose file is not there, and a program that is nowhere: the error comes later, and ends what does not hear of it.
    mutating func starts(_ name: String, _ arguments: [JavaScript], _ module: Module) throws -> Flow {
        guard guards == 0, !module.hearsErrors, !mayHaveMade,
            let text = text(Array(arguments.prefix { $0 != .sign(",") }), module), !text.isEmpty
        else { return .next }
        let kind: Finding.Kind
        if name == "spawn" {
            let isPlain = !arguments.contains { if case .curly = $0 { true } else { false } }
            guard isPlain, case .missing = try check.find(text) else { return .next }
            kind = .missingProgram(subject: module.path, program: text)
        } else {
            guard text.hasPrefix("/") || text.hasPrefix("./"), let path = check.process.directory.resolving(text),
                try check.tree.lookUp(path) == nil
            else { return .next }
            kind = .missingModule(script: module.path, module: text)
        }
        return promise(isAwaited: false, .fails([Finding(kind, chain: chain(to: module))]))
    }
}
