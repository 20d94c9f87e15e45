internal import OCI

/// Loops over what files and texts tell, and what calls of the library and of plug-ins mean.
extension PythonRun {
    private static let entryLimit = 64
    /// Tokens of a group that is looked into.
    private static let groupLimit = 400

    // MARK: Loops

    /// `for NAME in` what is known: the name, and what it stands for one after the other.
    func values(ofLoop tokens: [PythonToken], in module: String) throws -> (name: String, values: [String])? {
        guard tokens.count > 3, tokens[0] == .name("for"), let place = tokens.firstIndex(of: .name("in")), place > 1
        else {
            return nil
        }
        let targets = tokens[1..<place].compactMap { token -> String? in
            if case .name(let name) = token { name } else { nil }
        }
        var rest = Array(tokens[(place + 1)...])
        if rest.last == .sign(":") { rest.removeLast() }
        return try values(of: rest, targets, in: module)
    }

    private func values(of tokens: [PythonToken], _ targets: [String], in module: String) throws -> (
        name: String, values: [String]
    )? {
        guard let first = targets.first else { return nil }
        if tokens.count > 3, case .name(let function) = tokens[0],
            ["sorted", "list", "tuple", "set"].contains(function),
            tokens[1] == .sign("("), Self.closing(tokens, from: 1) == tokens.count - 1
        {
            let inner = Self.arguments(tokens, from: 1)
            return try inner.first.flatMap { try values(of: $0, targets, in: module) }
        }
        if let modules = try modulesBelow(tokens, in: module) {
            return targets.count == 1 ? (first + ".name", modules) : targets.count == 3 ? (targets[1], modules) : nil
        }
        if targets.count == 1, let entries = try entries(tokens, in: module) { return (first + ".load", entries) }
        if let files = try listed(tokens, in: module), targets.count == 1 { return (first, files) }
        if let (name, part) = Self.table(tokens), let table = table(named: name, in: module) {
            let keys = table.keys.sorted()
            switch part {
            case "values" where targets.count == 1: return (first, keys.compactMap { table[$0] })
            case "items" where targets.count == 2: return (targets[1], keys.compactMap { table[$0] })
            case "keys" where targets.count == 1, "" where targets.count == 1: return (first, keys)
            default: return nil
            }
        }
        guard targets.count == 1 else { return nil }
        if tokens.count == 1, case .name(let list) = tokens[0], !(isInFunction && localNames.contains(list)) {
            if let values = loaded[module]?.lists[list] { return (first, values) }
            guard let (other, attribute) = loaded[module]?.names[list], let attribute else { return nil }
            return loaded[other]?.lists[attribute].map { (first, $0) }
        }
        return Self.texts(tokens).map { (first, $0) }
    }

    /// `NAME`, `NAME.values()` and its like.
    private static func table(_ tokens: [PythonToken]) -> (name: String, part: String)? {
        guard case .name(let name)? = tokens.first else { return nil }
        if tokens.count == 1 { return (name, "") }
        guard tokens.count == 5, tokens[1] == .sign("."), case .name(let part) = tokens[2], tokens[3] == .sign("(")
        else {
            return nil
        }
        return (name, part)
    }

    /// `os.listdir(PATH)`: the names in a directory that is there.
    private func listed(_ tokens: [PythonToken], in module: String) throws -> [String]? {
        guard !mayHaveMade, tokens.last == .sign(")"), let open = Self.opening(tokens), open > 0,
            tokens[open - 1] == .name("listdir"),
            let text = Self.arguments(tokens, from: open).first.flatMap({ pathText($0, in: module) }),
            let path = check.process.directory.resolving(text), let node = try check.tree.lookUp(path), node.isDirectory
        else { return nil }
        return try check.tree.children(of: node).map { String(decoding: $0.path.name ?? [], as: UTF8.self) }.sorted()
    }

    /// `pkgutil.iter_modules(PACKAGE.__path__)`: the modules of a package's directories.
    private func modulesBelow(_ tokens: [PythonToken], in module: String) throws -> [String]? {
        guard tokens.last == .sign(")"), let open = Self.opening(tokens), open > 0,
            tokens[open - 1] == .name("iter_modules")
        else { return nil }
        let arguments = Self.arguments(tokens, from: open)
        guard arguments.count == 1 || arguments.count == 2, let argument = arguments.first else { return nil }
        let prefix =
            arguments.count == 2 ? pathText(packageNamed(Self.value(of: arguments[1]), in: module), in: module) : ""
        guard let prefix else { return nil }
        var directories: [ImagePath] = []
        if argument.last == .name("__path__"), argument.count > 2 || argument.count == 1 {
            var name = module
            if argument.count > 2 {
                let words = argument.dropLast(2).compactMap { token -> String? in
                    if case .name(let name) = token { name } else { nil }
                }
                guard let first = words.first, let place = loaded[module]?.names[first] else { return nil }
                let start = place.attribute.map { place.module + "." + $0 } ?? place.module
                name = ([start] + words.dropFirst()).joined(separator: ".")
            }
            directories = loaded[name]?.directories ?? []
        } else if argument.first == .sign("["), argument.last == .sign("]"),
            let text = pathText(Array(argument.dropFirst().dropLast()), in: module)
        {
            directories = [check.process.directory.resolving(text)].compactMap { $0 }
        }
        var names: [String] = []
        for directory in directories {
            guard let node = try check.tree.lookUp(directory), node.isDirectory else { continue }
            for child in try check.tree.children(of: node) {
                let file = String(decoding: child.path.name ?? [], as: UTF8.self)
                if file.hasSuffix(".py"), file != "__init__.py" { names.append(String(file.dropLast(3))) }
                if child.isDirectory, try check.tree.lookUp(child.path.appending(Array("__init__.py".utf8))) != nil {
                    names.append(file)
                }
            }
        }
        return directories.isEmpty || names.count > Self.entryLimit ? nil : names.sorted().map { prefix + $0 }
    }

    /// `PACKAGE.__name__ + '.'` with the name as a text.
    private func packageNamed(_ tokens: [PythonToken], in module: String) -> [PythonToken] {
        guard tokens.count > 3, case .name(let first) = tokens[0], tokens[1] == .sign("."),
            tokens[2] == .name("__name__"),
            let place = loaded[module]?.names[first]
        else { return tokens }
        let name = place.attribute.map { place.module + "." + $0 } ?? place.module
        return loaded[name] == nil ? tokens : [.text(name)] + tokens.dropFirst(3)
    }

    // MARK: Comprehensions

    /// `… for NAME in` what is known: what stands before is executed for each; nil for what is no such thing.
    mutating func comprehension(_ tokens: [PythonToken], in module: String) throws -> Flow? {
        guard tokens.first != .name("for"), tokens.count > 4, tokens.count < Self.groupLimit,
            tokens.contains(.name("for"))
        else { return nil }
        let parts = Self.parts(tokens, at: .name("for"))
        guard parts.count == 2, !parts[0].isEmpty, parts[0].last != .name("async") else { return nil }
        var rest = parts[1]
        var isSure = true
        if let condition = Self.parts(rest, at: .name("if")).first, condition.count < rest.count {
            (rest, isSure) = (condition, false)
        }
        guard let (name, values) = try values(ofLoop: [.name("for")] + rest, in: module) else { return nil }
        let saved = bound[name]
        defer { bound[name] = saved }
        for value in values.prefix(Self.entryLimit) {
            bound[name] = value
            let head = parts[0]
            let flow =
                try isSure ? expression(head, in: module) : guarded { try $0.expression(head, in: module) }
            if isSure, case .fails = flow { return flow }
        }
        return .next
    }

    // MARK: Choices

    /// `A if CONDITION else B`: one of both is computed; nil for what is no such thing.
    mutating func choice(_ tokens: [PythonToken], in module: String) throws -> Flow? {
        guard tokens.count < Self.groupLimit, tokens.contains(.name("else")), tokens.first != .name("if"),
            tokens.first != .name("lambda")
        else { return nil }
        let parts = Self.parts(tokens, at: .name("if"))
        guard parts.count > 1, !parts[0].isEmpty, !parts[0].contains(.name("lambda")) else { return nil }
        let rest = Array(tokens[(parts[0].count + 1)...])
        guard let place = Self.place(of: .name("else"), in: rest) else { return nil }
        let (condition, other) = (Array(rest[..<place]), Array(rest[(place + 1)...]))
        let asked = try expression(condition, in: module)
        guard case .next = asked else { return asked }
        switch PythonCondition(self, module: module).value(condition) {
        case true?: return try expression(parts[0], in: module)
        case false?: return try expression(other, in: module)
        case nil:
            _ = try guarded { try $0.expression(parts[0], in: module) }
            _ = try guarded { try $0.expression(other, in: module) }
            return .next
        }
    }

    private static func place(of mark: PythonToken, in tokens: [PythonToken]) -> Int? {
        var level = 0
        for (index, token) in tokens.enumerated() {
            switch token {
            case .sign("("), .sign("["), .sign("{"): level += 1
            case .sign(")"), .sign("]"), .sign("}"): level -= 1
            default: if level == 0, token == mark { return index }
            }
        }
        return nil
    }

    /// Where the bracket closes that stands at a place, if there is one.
    static func group(_ tokens: [PythonToken], at index: Int) -> Int? {
        guard [.sign("("), .sign("["), .sign("{")].contains(tokens[index]) else { return nil }
        return closing(tokens, from: index, limit: groupLimit)
    }

    /// What brackets hold: a comprehension, or a choice; nil for anything else.
    mutating func grouped(_ tokens: [PythonToken], in module: String) throws -> Flow? {
        try comprehension(tokens, in: module) ?? choice(tokens, in: module)
    }

    // MARK: Calls

    /// The name that a function of the library has there, whatever it is called here.
    func libraryName(_ names: [String], in module: String) -> [String] {
        guard loaded[module]?.functions[names[0]] == nil, let place = loaded[module]?.names[names[0]] else {
            return names
        }
        let whole = place.module.split(separator: ".").map(String.init) + [place.attribute].compactMap { $0 }
        let known: Set = [
            "os", "sys", "subprocess", "importlib", "io", "shutil", "logging", "runpy", "ctypes", "pwd", "grp",
            "sqlite3",
            "site", "ssl",
        ]
        return known.contains(whole.first ?? "") ? whole + names.dropFirst() : names
    }

    /// Follows what a function is given; what gives back a failure to `sys.exit` ends the program.
    mutating func handedOver(_ arguments: [[PythonToken]], to names: [String], in module: String) throws -> Flow {
        let saved = endingCalls
        defer { endingCalls = saved }
        let ends: Set<[String]> = [["sys", "exit"], ["exit"], ["SystemExit"], ["quit"]]
        endingCalls = ends.contains(libraryName(names, in: module)) ? calls.count + 1 : nil
        return try expression(Array(arguments.joined(separator: [.sign(",")])), in: module)
    }

    /// Whether a handler gives back a number by which the program ends as failed.
    func givesFailure(_ body: [PythonStatement]) -> Bool {
        guard let last = body.last, last.keyword == "return", last.tokens.count == 2, endingCalls == calls.count,
            case .number(let text) = last.tokens[1]
        else { return false }
        return text != "0"
    }

    /// A member that a module does not have: nobody expects that, and the module's text says nothing of it.
    mutating func lacksMember(_ names: [String], in module: String) throws -> Flow? {
        guard names.count == 2, counts, !isComputed, let place = loaded[module]?.names[names[0]],
            place.attribute == nil,
            loaded[module]?.functions[names[0]] == nil, !(isInFunction && localNames.contains(names[0])),
            let owner = loaded[place.module], owner.failure == nil, owner.functions[names[1]] == nil,
            owner.classes[names[1]] == nil, owner.names[names[1]] == nil, loaded[place.module + "." + names[1]] == nil,
            try lacks(names[1], owner.node)
        else { return nil }
        let kind = Finding.Kind.missingName(script: self.place(of: module), module: place.module, name: names[1])
        return .fails([Finding(kind, chain: chain(to: module))])
    }

    // MARK: Plug-ins

    /// `entry_points(group='NAME')`: what the distributions of the image name for it, as `module:name`.
    private func entries(_ tokens: [PythonToken], in module: String) throws -> [String]? {
        guard !isComputed, tokens.last == .sign(")"), let open = Self.opening(tokens), open > 0,
            tokens[open - 1] == .name("entry_points") || tokens[open - 1] == .name("iter_entry_points")
        else { return nil }
        let arguments = Self.arguments(tokens, from: open)
        guard arguments.count == 1, let group = pathText(Self.value(of: arguments[0]), in: module) else { return nil }
        var found: [String] = []
        for directory in path.directories {
            guard let node = try check.tree.lookUp(directory), node.isDirectory else { continue }
            for child in try check.tree.children(of: node) {
                guard child.isDirectory, let file = child.path.resolving("entry_points.txt"),
                    let text = try check.tree.lookUp(file), text.size != nil
                else { continue }
                found += Self.entries(
                    String(decoding: try check.tree.read(text, limit: 256 << 10), as: UTF8.self), group)
            }
        }
        return found.count > Self.entryLimit ? nil : found
    }

    private static func entries(_ text: String, _ group: String) -> [String] {
        var (found, isInGroup): ([String], Bool) = ([], false)
        for line in text.split(whereSeparator: \.isNewline) {
            if line.hasPrefix("[") { isInGroup = line.filter { !$0.isWhitespace } == "[\(group)]" }
            let parts = line.split(separator: "=", maxSplits: 1)
            guard isInGroup, parts.count == 2 else { continue }
            found.append(String(parts[1].prefix { $0 != "[" }.filter { !$0.isWhitespace }))
        }
        return found
    }

    /// `ENTRY.load()` of an entry that a loop has in hand.
    mutating func loadsEntry(_ names: [String], in module: String) throws -> Flow? {
        guard names.count == 2, names[1] == "load", let entry = bound[names[0] + ".load"] else { return nil }
        let parts = entry.split(separator: ":").map(String.init)
        guard let first = parts.first else { return nil }
        if case .fails(let findings) = try load(first, for: module) { return .fails(findings) }
        guard parts.count > 1, let name = parts[1].split(separator: ".").first else { return .next }
        return try take(String(name), of: first, for: module)
    }
}
