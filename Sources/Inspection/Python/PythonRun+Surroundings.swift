internal import OCI

/// What a program asks its surroundings for besides modules: directories, programs, libraries, accounts, variables.
extension PythonRun {
    /// Whether what fails here ends the program: nobody expects it, and nothing ran before that may have changed it.
    var counts: Bool { tries == 0 && guards == 0 && !hasSpoken && !mayHaveLeft }

    /// A call that fails whatever happens; nil for any other.
    mutating func surroundings(_ names: [String], _ arguments: [[PythonToken]], in module: String) throws -> Flow? {
        if counts, let last = names.last, Self.temporary.contains(last), names.count == 1 || names[0] == "tempfile" {
            if let flow = try temporary(arguments, in: module) { return flow }
        }
        guard counts, let first = arguments.first else { return nil }
        let script = loaded[module]?.path ?? module
        let function = names[names.count - 1]
        if names == ["int"] || names == ["float"], let name = unsetVariable(first) {
            return fails(.missingVariable(script: script, name: name), .variable(name))
        }
        switch (names.count > 1 ? names[names.count - 2] : "", function) {
        case ("locale", "setlocale"), ("", "setlocale"):
            guard arguments.count > 1, let name = text(arguments[1]) else { return nil }
            return try isUnknownLocale(name) ? fails(.missingInput(program: script, path: name)) : nil
        case ("logging", "basicConfig"), ("", "basicConfig"):
            guard let file = arguments.first(where: { $0.first == .name("filename") }) else { return nil }
            return try writes(Self.value(of: file), in: module)
        case ("config", "dictConfig"), ("", "dictConfig"): return try namesClasses(first, in: module)
        case ("os", "chdir"), ("os", "listdir"), ("os", "scandir"):
            return pathText(first, in: module).flatMap { needFile($0, in: module) }
        case ("os", "makedirs"), ("os", "mkdir"):
            return try writes(first, isDirectory: true, makesParents: function == "makedirs", in: module)
        case (_, "FileHandler"), (_, "RotatingFileHandler"), (_, "TimedRotatingFileHandler"), (_, "WatchedFileHandler"):
            return try writes(first, in: module)
        case ("sqlite3", "connect"):
            guard let path = pathText(first, in: module), !path.hasPrefix(":"), !path.hasPrefix("file:") else {
                return nil
            }
            return try writes(first, in: module)
        case ("config", "fileConfig"), ("", "fileConfig"), ("runpy", "run_path"):
            return pathText(first, in: module).flatMap { needFile($0, in: module) }
        case (_, "create_default_context"):
            for argument in arguments where argument.count > 2 && argument[0] == .name("cafile") {
                if let path = pathText(Array(argument.dropFirst(2)), in: module), let flow = needFile(path, in: module)
                {
                    return flow
                }
            }
            return nil
        case (_, "load_cert_chain"):
            for argument in arguments.prefix(2) {
                if let path = pathText(argument, in: module), let flow = needFile(path, in: module) { return flow }
            }
            return nil
        case ("ctypes", "CDLL"), ("", "CDLL"), ("cdll", "LoadLibrary"): return try library(first, script)
        case ("subprocess", _) where Self.starters.contains(function), ("os", _) where function.hasPrefix("exec"):
            return try starts(function, arguments, in: module)
        case ("pwd", "getpwnam"), ("grp", "getgrnam"):
            guard let name = text(first), try isUnknown(name, isGroup: function == "getgrnam") else { return nil }
            return fails(.unknownUser(name), .account(name))
        default: return nil
        }
    }

    private static let temporary: Set = [
        "mkdtemp", "mkstemp", "gettempdir", "TemporaryDirectory", "NamedTemporaryFile", "TemporaryFile",
    ]

    /// Where no directory for temporary files is open for USER, tempfile finds none.
    private func temporary(_ arguments: [[PythonToken]], in module: String) throws -> Flow? {
        guard check.process.user.identifier != 0, !mayHaveMade, !hasOpenEnvironment,
            !arguments.contains(where: { $0.first == .name("dir") })
        else { return nil }
        let named = ["TMPDIR", "TEMP", "TMP"].compactMap { check.process.environment[$0] }
        for place in named + ["/tmp", "/var/tmp", "/usr/tmp", check.process.directory.description] {
            guard let path = check.process.directory.resolving(place) else { continue }
            if check.volumes.contains(where: { ImagePath($0).map { path.hasPrefix($0) } ?? false }) { return nil }
            guard let node = try check.tree.lookUp(path), node.isDirectory else { continue }
            if try check.obstacle(to: path, node, .execute) == nil && check.mayWrite(node) { return nil }
        }
        return fails(.missingInput(program: loaded[module]?.path ?? module, path: "/tmp"))
    }

    /// Whether glibc has no such locale: neither built in, nor in its archive, nor as a directory of its own.
    private func isUnknownLocale(_ name: String) throws -> Bool {
        guard !name.isEmpty, !mayHaveMade, check.process.environment["LOCPATH"] == nil,
            let node = try check.tree.lookUp("/lib64/ld-linux-x86-64.so.2")
                ?? check.tree.lookUp(
                    "/lib/ld-linux-aarch64.so.1"), node.size != nil
        else { return false }
        if ["C", "POSIX", "C.UTF-8", "C.utf8"].contains(name) { return false }
        for directory in ["/usr/lib/locale", "/usr/share/locale"] {
            guard let path = ImagePath(directory), let node = try check.tree.lookUp(path), node.isDirectory else {
                continue
            }
            for child in try check.tree.children(of: node) {
                let file = String(decoding: child.path.name ?? [], as: UTF8.self)
                if file == "locale-archive" || file.hasPrefix(name.prefix { $0 != "." && $0 != "@" }) { return false }
            }
        }
        return true
    }

    /// The classes of a table of logging that stands there: what they belong to must be importable.
    private mutating func namesClasses(_ argument: [PythonToken], in module: String) throws -> Flow? {
        for (index, token) in argument.enumerated() where token == .text("()") || token == .text("class") {
            guard index + 2 < argument.count, argument[index + 1] == .sign(":"), let name = text([argument[index + 2]]),
                let dot = name.lastIndex(of: "."), !name.hasPrefix("ext:")
            else { continue }
            let first = String(name.prefix { $0 != "." })
            if case .fails(let findings) = try load(first, for: module) { return .fails(findings) }
            if try modules.find(first, in: path.directories) == nil { continue }
            if case .fails(let findings) = try load(String(name[..<dot]), for: module) {
                // The last but one may be a class too.
                return name.count(where: { $0 == "." }) == 1 ? .fails(findings) : nil
            }
        }
        return nil
    }

    func fails(_ kind: Finding.Kind, _ remedy: Finding.Remedy? = nil) -> Flow {
        .fails([Finding(kind, remedy, chain: check.chain)])
    }

    /// Where a file or a directory cannot be made.
    func writes(_ argument: [PythonToken], isDirectory: Bool = false, makesParents: Bool = false, in module: String)
        throws -> Flow?
    {
        guard counts, !mayHaveMade, let path = pathText(argument, in: module), !path.isEmpty else { return nil }
        let shell = ShellRun(check, name: loaded[module]?.path ?? module, arguments: [], decisions: [])
        return try shell.writeFailure(path, isMade: isDirectory, makesParents: makesParents).map { .fails([$0]) }
    }

    /// A library that the loader finds in none of its places.
    private func library(_ argument: [PythonToken], _ script: String) throws -> Flow? {
        guard let name = text(argument), !name.isEmpty, !mayHaveMade else { return nil }
        if name.contains("/") {
            guard let path = check.process.directory.resolving(name), try check.tree.lookUp(path) == nil else {
                return nil
            }
            return fails(.missingLibraries(path: script, libraries: [name], loader: nil))
        }
        let places =
            check.process.paths("LD_LIBRARY_PATH")
            + ["/lib", "/usr/lib", "/usr/local/lib", "/lib64", "/usr/lib64"].flatMap { root in
                ["", "/x86_64-linux-gnu", "/aarch64-linux-gnu", "/i386-linux-gnu", "/arm-linux-gnueabihf"].map {
                    root + $0
                }
            }
        for place in places {
            if let path = check.process.directory.resolving(place + "/" + name), try check.tree.lookUp(path) != nil {
                return nil
            }
        }
        let cache = LoaderCache(try check.tree.contents(of: "/etc/ld.so.cache", limit: LoaderCache.sizeLimit) ?? [])
        for path in cache.candidates(name) where try check.tree.lookUp(path) != nil { return nil }
        return fails(.missingLibraries(path: script, libraries: [name], loader: nil))
    }

    private func isUnknown(_ name: String, isGroup: Bool) throws -> Bool {
        let accounts = Accounts(
            passwd: try check.tree.contents(of: "/etc/passwd") ?? [],
            group: try check.tree.contents(of: "/etc/group") ?? [])
        do { _ = try accounts.identity(of: isGroup ? "0:" + name : name) } catch { return true }
        return false
    }

    /// The variable that `os.getenv('NAME')` or `os.environ.get('NAME')` asks for, where the image does not set it.
    func unsetVariable(_ tokens: [PythonToken]) -> String? {
        let words = tokens.filter { $0 != .sign(".") && $0 != .name("os") }
        let isCall =
            words.starts(with: [.name("getenv"), .sign("(")])
            || words.starts(with: [.name("environ"), .name("get"), .sign("(")])
        guard isCall, words.last == .sign(")"), words.count == (words[0] == .name("getenv") ? 4 : 5),
            let name = text([words[words.count - 2]])
        else { return nil }
        return check.process.environment[name] == nil && !hasOpenEnvironment ? name : nil
    }

    // MARK: Ends that are known

    /// Why the program ends in a block that a condition led to for sure; nil where that is not known.
    func end(_ condition: [PythonToken], _ body: [PythonStatement], in module: String) -> [Finding]? {
        guard counts, Self.fails(body) || givesFailure(body) else { return nil }
        let script = loaded[module]?.path ?? module
        for token in condition {
            if case .name(let name) = token, let findings = causes[module + ":" + name] { return findings }
        }
        if condition.contains(.name("argv")) {
            return [Finding(.failedScript(script: script, status: 1), chain: check.chain)]
        }
        if condition.contains(.name("which")), let name = texts(condition).first {
            return [Finding(.missingProgram(subject: script, program: name), chain: check.chain)]
        }
        for name in texts(condition) + condition.compactMap({ variableOf($0, in: module) })
        where check.process.environment[name] == nil && !hasOpenEnvironment && asks(condition, in: module) {
            return [Finding(.missingVariable(script: script, name: name), .variable(name), chain: check.chain)]
        }
        return nil
    }

    private func variableOf(_ token: PythonToken, in module: String) -> String? {
        guard case .name(let name) = token else { return nil }
        return isInFunction ? localAsked[name] : asked[module + ":" + name]
    }

    /// Whether a name stands for a variable that the image does not set.
    func isUnset(_ name: String, in module: String) -> Bool { variableOf(.name(name), in: module) != nil }

    private func asks(_ condition: [PythonToken], in module: String) -> Bool {
        condition.contains { [.name("environ"), .name("getenv")].contains($0) || variableOf($0, in: module) != nil }
    }

    private func texts(_ tokens: [PythonToken]) -> [String] {
        tokens.compactMap { token in if case .text(let text) = token { text } else { nil } }
    }

    /// Whether the statements end the program with a failure.
    static func fails(_ statements: [PythonStatement]) -> Bool {
        statements.contains { statement in
            if statement.keyword == "raise" { return true }
            guard endsProgram([statement]) else { return false }
            guard let open = statement.tokens.firstIndex(of: .sign("(")), open + 1 < statement.tokens.count else {
                return false
            }
            return ![.sign(")"), .number("0"), .name("None")].contains(statement.tokens[open + 1])
        }
    }

    /// Keeps what an `except` makes of a module that is missing: names that stand for nothing.
    mutating func noteCauses(_ body: [PythonStatement], _ findings: [Finding], in module: String) {
        for statement in body where statement.tokens.count == 3 && statement.tokens[1] == .sign("=") {
            guard case .name(let name) = statement.tokens[0],
                [.name("None"), .name("False")].contains(statement.tokens[2])
            else { continue }
            causes[module + ":" + name] = findings
        }
    }

    /// Keeps the text or the variable that a name stands for.
    mutating func noteValue(_ name: String, _ value: [PythonToken], in module: String) {
        let key = module + ":" + name
        guard !isInFunction else { return }
        causes[key] = nil
        asked[key] = unsetVariable(value)
        paths[key] = guards == 0 ? pathText(value, in: module) : nil
    }
}
