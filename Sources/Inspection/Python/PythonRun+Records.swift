internal import OCI

/// What a program asks its surroundings for while it starts: records of distributions, files, variables, methods of its objects.
extension PythonRun {
    // MARK: Records of distributions

    /// `version('name')` and its like of importlib.metadata and pkg_resources: the directory `name-….dist-info` must be there.
    mutating func record(_ names: [String], _ arguments: [[PythonToken]], in module: String) throws -> Flow? {
        let function = names[names.count - 1]
        guard Self.recordFunctions.contains(function), let first = arguments.first, let requirement = text(first),
            isRecordModule(names, in: module)
        else { return nil }
        let name = String(requirement.prefix { $0.isLetter || $0.isNumber || "-_.".contains($0) })
        guard !name.isEmpty, !isComputed else { return .next }
        guard let folder = try recordFolder(name) else {
            let kind = Finding.Kind.missingModule(
                script: loaded[module]?.path ?? module, module: "\(name).dist-info")
            return .fails([Finding(kind, chain: check.chain)])
        }
        guard function == "load_entry_point", arguments.count == 3, let group = text(arguments[1]),
            let entry = text(arguments[2])
        else { return .next }
        return try startEntry(group, entry, folder, for: module)
    }

    private static let recordFunctions: Set = [
        "version", "distribution", "metadata", "requires", "files", "get_distribution", "load_entry_point",
        "importlib_load_entry_point",
    ]

    private func isRecordModule(_ names: [String], in module: String) -> Bool {
        if names[0].hasSuffix("load_entry_point") { return true }
        guard let place = loaded[module]?.names[names[0]] else { return false }
        let whole = ([place.module] + [place.attribute].compactMap { $0 } + names.dropFirst()).joined(separator: ".")
        return ["importlib.metadata.", "importlib_metadata.", "pkg_resources."].contains { whole.hasPrefix($0) }
    }

    private func recordFolder(_ name: String) throws -> ImagePath? {
        func normal(_ text: some StringProtocol) -> String {
            String(text.lowercased().map { $0 == "-" || $0 == "." ? "_" : $0 })
        }
        for directory in path.directories {
            guard let node = try check.tree.lookUp(directory), node.isDirectory else { continue }
            for child in try check.tree.children(of: node) {
                let file = String(decoding: child.path.name ?? [], as: UTF8.self)
                guard file.hasSuffix(".dist-info") || file.hasSuffix(".egg-info") || file.hasSuffix(".egg") else {
                    continue
                }
                let stem = file[..<(file.lastIndex(of: ".") ?? file.endIndex)]
                if normal(stem.prefix { $0 != "-" }) == normal(name) || normal(stem) == normal(name)
                    || normal(stem).hasPrefix(normal(name) + "_")
                {
                    return child.path
                }
            }
        }
        return nil
    }

    /// The function that `entry_points.txt` has for a name.
    private mutating func startEntry(_ group: String, _ entry: String, _ folder: ImagePath, for module: String) throws
        -> Flow
    {
        guard let file = folder.resolving("entry_points.txt"), let node = try check.tree.lookUp(file) else {
            return .next
        }
        var isInGroup = false
        for line in String(decoding: try check.tree.read(node, limit: 256 << 10), as: UTF8.self).split(
            whereSeparator: \.isNewline)
        {
            if line.hasPrefix("[") { isInGroup = line.hasPrefix("[\(group)]") }
            let parts = line.split(separator: "=", maxSplits: 1).map { $0.filter { !$0.isWhitespace } }
            guard isInGroup, parts.count == 2, parts[0] == entry else { continue }
            let target = parts[1].split(separator: ":").map { String($0.prefix { $0 != "[" }) }
            guard let name = target.first else { return .next }
            if case .fails(let findings) = try load(name, for: module) { return .fails(findings) }
            return target.count > 1 ? try call(target[1], in: name) : .next
        }
        return .next
    }

    // MARK: Files and variables

    /// A file that is opened to be read, and is not there: where nobody expects that, and nothing has run that may have made it.
    mutating func file(_ names: [String], _ arguments: [[PythonToken]], in module: String) throws -> Flow? {
        let function = names[names.count - 1]
        // What the library does for itself makes nothing that the program reads, and says nothing.
        if !(loaded[module]?.node.map { isStandard($0.path) } ?? false) {
            if Self.fileMakers.contains(function) { mayHaveMade = true }
            let isError = arguments.contains { $0.first == .name("file") && $0.last == .name("stderr") }
            if names == ["print"], !isError { hasSpoken = true }
        }
        if function == "ZoneInfo" { return zone(arguments, in: module) }
        guard names == ["open"] || names == ["io", "open"], tries == 0, guards == 0, let first = arguments.first,
            let text = pathText(first, in: module)
        else { return nil }
        let mode =
            arguments.dropFirst().compactMap { argument -> String? in
                if argument.count == 1 { return self.text(argument) }
                return argument.first == .name("mode") ? self.text(Array(argument.suffix(1))) : nil
            }.first ?? "r"
        guard mode.hasPrefix("r") else {
            let flow = try writes(first, in: module)
            mayHaveMade = true
            return flow
        }
        return needFile(text, in: module)
    }

    static let fileMakers: Set = [
        "makedirs", "mkdir", "write_text", "write_bytes", "touch", "copy", "copyfile", "copytree", "move", "rename",
        "symlink", "Popen", "check_call", "check_output", "system", "extractall", "urlretrieve", "mkstemp",
        "NamedTemporaryFile", "chdir",
    ]

    /// `PATH.read_text()` and `PATH.read_bytes()`.
    mutating func readsPath(_ tokens: [PythonToken], before index: Int, in module: String) -> Flow? {
        guard tries == 0, guards == 0, index >= 2, tokens[index - 1] == .sign(".") else { return nil }
        if tokens[index].isName("open"), !Self.opensToRead(tokens, index + 1) { return nil }
        guard let text = pathText(Self.receiver(tokens, before: index - 1), in: module) else { return nil }
        return needFile(text, in: module)
    }

    mutating func needFile(_ text: String, in module: String) -> Flow? {
        guard !mayHaveMade, !hasSpoken, !["/dev", "/proc", "/sys", "/run", "/tmp"].contains(where: text.hasPrefix),
            let place = check.process.directory.resolving(text)
        else { return nil }
        let node: ImageTree.Node?
        // What cannot be looked at is not told.
        do { node = try check.tree.lookUp(place) } catch { return nil }
        if let node {
            // What cannot be looked at is not told.
            guard !node.isDirectory, let obstacle = try? check.obstacle(to: place, node, .read) else { return nil }
            let closed = Finding.Kind.notPermitted(
                path: text, obstacle: obstacle.description, user: check.process.user.name)
            return .fails([Finding(closed, .permission, chain: check.chain)])
        }
        let kind = Finding.Kind.missingInput(program: loaded[module]?.path ?? module, path: text)
        return .fails([Finding(kind, chain: check.chain)])
    }

    /// `ZoneInfo('Europe/Berlin')` without its file, and without Python's own copy.
    private func zone(_ arguments: [[PythonToken]], in module: String) -> Flow? {
        guard tries == 0, guards == 0, !hasSpoken, !isComputed, let first = arguments.first, let name = text(first),
            !name.isEmpty,
            !name.hasPrefix("/"), check.process.environment["PYTHONTZPATH"] == nil
        else { return nil }
        do {
            for root in ["/usr/share/zoneinfo", "/usr/lib/zoneinfo", "/usr/share/lib/zoneinfo", "/etc/zoneinfo"] {
                if let path = ImagePath(root + "/" + name), try check.tree.lookUp(path) != nil { return nil }
            }
            guard try modules.find("tzdata", in: path.directories) == nil else { return nil }
        } catch {
            // What cannot be looked at is not told.
            return nil
        }
        return .fails([
            Finding(.noTimeZones(path: loaded[module]?.path ?? module), severity: .error, chain: check.chain)
        ])
    }

    /// `os.environ['NAME']`, where the image does not say it.
    mutating func variable(_ tokens: [PythonToken], at index: Int, in module: String) -> Flow? {
        noteEnvironment(tokens, index)
        guard tries == 0, guards == 0, !hasSpoken, !hasOpenEnvironment, tokens[index] == .name("environ"),
            index + 3 < tokens.count,
            tokens[index + 1] == .sign("["), let name = text([tokens[index + 2]]), tokens[index + 3] == .sign("]"),
            check.process.environment[name] == nil
        else { return nil }
        // It is given a value here.
        if index + 4 < tokens.count, tokens[index + 4] == .sign("=") {
            check.process.environment[name] = "?"
            return nil
        }
        guard
            index < 2
                || !tokens[..<index].contains(where: {
                    [.name("del"), .name("if"), .name("or"), .name("and")].contains($0)
                })
        else { return nil }
        let kind = Finding.Kind.missingVariable(script: loaded[module]?.path ?? module, name: name)
        return .fails([Finding(kind, .variable(name), chain: check.chain)])
    }

    /// `os.environ[NAME] = …` of a name that is computed, and `os.environ.update(…)`.
    private mutating func noteEnvironment(_ tokens: [PythonToken], _ index: Int) {
        guard index + 2 < tokens.count else { return }
        if tokens[index + 1] == .sign("."), [.name("update"), .name("setdefault")].contains(tokens[index + 2]) {
            if tokens[index + 2].isName("setdefault"), index + 4 < tokens.count, text([tokens[index + 4]]) != nil {
                return
            }
            hasOpenEnvironment = true
        }
        guard tokens[index + 1] == .sign("["), let close = Self.closing(tokens, from: index + 1),
            close + 1 < tokens.count,
            tokens[close + 1] == .sign("="), close + 2 >= tokens.count || tokens[close + 2] != .sign("=")
        else { return }
        if close != index + 3 || text([tokens[index + 2]]) == nil { hasOpenEnvironment = true }
    }

    /// What a class of fields computes for each object that is made without arguments (`default_factory`).
    mutating func makesFields(of name: String, in module: String) throws -> Flow? {
        guard let body = loaded[module]?.classes[name]?.body, counts else { return nil }
        for statement in body {
            guard let place = statement.tokens.firstIndex(of: .name("default_factory")),
                place + 4 < statement.tokens.count,
                statement.tokens[place + 1] == .sign("="), statement.tokens[place + 2].isName("lambda"),
                statement.tokens[place + 3] == .sign(":"), statement.tokens.contains(.name("field"))
            else { continue }
            let rest = Array(statement.tokens[(place + 4)...])
            if case .fails(let findings) = try expression(rest, in: module) { return .fails(findings) }
        }
        return nil
    }

    // MARK: Methods

    /// Calls a method of an object whose class a module defines.
    mutating func callMethod(_ name: String, of type: ObjectType, _ arguments: [[PythonToken]] = []) throws -> Flow {
        let key = "\(type.module):\(type.name).\(name)"
        guard methodCalls.count < 12, !methodCalls.contains(key),
            let method = loaded[type.module]?.classes[type.name]?.body.first(where: {
                $0.keyword == "def" && $0.tokens.contains(.name(name))
                    && $0.tokens.firstIndex(of: .name(name)).map { $0 > 0 && $0 < 3 } ?? false
            })
        else { return .next }
        methodCalls.append(key)
        let saved = (isInFunction, own, bound, localAsked, localNames, nones)
        (isInFunction, own, bound, localAsked, localNames) = (true, type, [:], [:], [])
        bind(method, [[]] + arguments)
        defer {
            (isInFunction, own, bound, localAsked, localNames, nones) = saved
            methodCalls.removeLast()
        }
        let left = mayHaveLeft
        defer { mayHaveLeft = left }
        let flow = try walk(method.body, in: type.module)
        if case .ends = flow { return Self.endsProgram(method.body) ? .ends : .next }
        return flow
    }

    /// The class of what a name or `self` stands for.
    func type(of name: String, in module: String) -> ObjectType? {
        name == "self" ? own : objects[module + ":" + name]
    }

    /// The class that a call of a name makes an object of.
    func type(madeBy name: String, in module: String) -> ObjectType? {
        if loaded[module]?.classes[name] != nil { return ObjectType(module: module, name: name) }
        guard let place = loaded[module]?.names[name], let attribute = place.attribute,
            loaded[place.module]?.classes[attribute] != nil
        else { return nil }
        return ObjectType(module: place.module, name: attribute)
    }

    struct ObjectType: Hashable {
        let module: String
        let name: String
    }
}
