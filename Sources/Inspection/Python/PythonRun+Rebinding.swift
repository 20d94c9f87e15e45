internal import OCI

/// What a program puts in the place of what its language and its library have: names, modules, places of modules.
extension PythonRun {
    /// Names by which the check knows what the library does.
    private static let known: Set = [
        "open", "Path", "PurePath", "exit", "quit", "print", "__import__", "import_module", "join", "dirname",
        "abspath",
        "realpath", "expanduser", "getenv", "getcwd", "version", "ZoneInfo", "files",
    ]
    private static let places: Set = [
        "os", "os.path", "posixpath", "io", "pathlib", "sys", "builtins", "importlib", "importlib.metadata",
        "importlib.resources", "importlib_metadata", "importlib_resources", "pkg_resources", "zoneinfo", "codecs",
        "backports.zoneinfo", "typing", "_pyio", "shutil",
    ]

    /// Whether a name that stands alone is the program's own, and not the one that the language or its library has.
    func isRebound(_ name: String, in module: String) -> Bool {
        guard Self.known.contains(name), let place = loaded[module] else { return false }
        if isInFunction, localNames.contains(name) { return true }
        if place.functions[name] != nil || place.classes[name] != nil || rebound.contains(module + ":" + name) {
            return true
        }
        if let (owner, attribute) = place.names[name] {
            return attribute == nil || !Self.places.contains(owner)
        }
        guard let star = place.names["*"]?.module, !Self.places.contains(star), let owner = loaded[star] else {
            return false
        }
        return owner.functions[name] != nil || owner.classes[name] != nil || owner.names[name] != nil
            || rebound.contains(star + ":" + name)
    }

    /// `open = …`, `sys.modules[…] = …`, `sys.path += …`, `env = os.environ`.
    mutating func noteRebinding(_ tokens: [PythonToken], in module: String) {
        guard tokens.count > 2 else { return }
        if tokens.count > 4, tokens[1] == .sign("."), tokens[3] == .sign("="), case .name(let owner) = tokens[0],
            case .name(let name) = tokens[2], let (other, attribute) = loaded[module]?.names[owner], attribute == nil,
            loaded[other]?.names[name] == nil
        {
            // A module is given a name from outside.
            loaded[other]?.names[name] = (module, name)
        }
        if let end = tokens.firstIndex(of: .sign("=")), end > 0 {
            for case .name(let name) in tokens[..<end] where Self.known.contains(name) && tokens.first == .name(name) {
                rebound.insert(module + ":" + name)
            }
            if tokens.last == .name("environ"), tokens[(end + 1)...].count < 4 { hasOpenEnvironment = true }
        }
        if tokens.starts(with: [.name("sys"), .sign("."), .name("modules"), .sign("[")]),
            let close = Self.closing(tokens, from: 3), close + 1 < tokens.count, tokens[close + 1] == .sign("=")
        {
            noteModule(Array(tokens[4..<close]), in: module)
        }
        if tokens.starts(with: [.name("os"), .sign("."), .name("environ"), .sign("|")]) { hasOpenEnvironment = true }
        if tokens.starts(with: [.name("sys"), .sign("."), .name("path")]), tokens.count > 5 {
            notePlaces(Array(tokens[3...]), in: module)
        }
    }

    /// A module that the program makes itself, by the name that it gives it; nil where that is not known.
    mutating func noteModule(_ name: [PythonToken]?, in module: String) {
        if let name, let text = pathText(name, in: module) {
            if loaded[text] == nil { loaded[text] = Loaded(name: text, path: text) }
            return
        }
        if let node = loaded[module]?.node, isSite(node.path) || isStandard(node.path) {
            makers.insert(String(module.prefix { $0 != "." }))
        } else {
            isComputed = true
        }
    }

    /// `sys.path += [DIRECTORY]` and `sys.path[:0] = [DIRECTORY]`, by what stands behind `sys.path`.
    private mutating func notePlaces(_ tokens: [PythonToken], in module: String) {
        guard let equals = tokens.firstIndex(of: .sign("=")), equals < 6,
            tokens[0] == .sign("+") && equals == 1 || tokens[0] == .sign("[") || equals == 0
        else { return }
        let value = Array(tokens[(equals + 1)...])
        guard equals > 0, [.sign("["), .sign("(")].contains(value.first), [.sign("]"), .sign(")")].contains(value.last)
        else {
            isComputed = true
            return
        }
        var places: [ImagePath] = []
        for part in Self.parts(Array(value.dropFirst().dropLast()), at: .sign(",")) where !part.isEmpty {
            guard let place = pathText(part, in: module).flatMap({ check.process.directory.resolving($0) }) else {
                isComputed = true
                return
            }
            places.append(place)
        }
        path.directories.insert(contentsOf: places, at: tokens[0] == .sign("[") ? 0 : path.directories.count)
    }
}
