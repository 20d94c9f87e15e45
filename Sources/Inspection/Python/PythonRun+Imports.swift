internal import OCI

extension PythonRun {
    /// Bytes of one extension that are searched.
    private static let extensionLimit = 32 << 20

    private static let tls: Set = [
        "ssl", "urllib.request", "http.client", "requests", "httpx", "aiohttp", "urllib3", "smtplib",
    ]

    /// An import statement.
    mutating func imports(_ tokens: [PythonToken], in module: String) throws -> Flow {
        guard let statement = PythonImport(tokens) else { return .next }
        for item in statement.items {
            var name = item.module
            if item.level > 0 {
                guard let base = packageName(of: module, level: item.level) else {
                    return .fails([
                        Finding(
                            .missingModule(
                                script: place(of: module), module: String(repeating: ".", count: item.level) + name),
                            chain: check.chain)
                    ])
                }
                name = name.isEmpty ? base : base + "." + name
            }
            note(name, by: module)
            if case .fails(let findings) = try load(name, for: module) { return .fails(findings) }
            if statement.isFrom {
                for (imported, alias) in item.names {
                    causes[module + ":" + alias] = nil
                    if case .fails(let findings) = try take(imported, of: name, for: module) { return .fails(findings) }
                    let isModule = loaded[name + "." + imported] != nil
                    loaded[module]?.names[alias] = isModule ? (name + "." + imported, nil) : (name, imported)
                }
            } else if let alias = item.alias {
                causes[module + ":" + alias] = nil
                loaded[module]?.names[alias] = (name, nil)
            } else {
                let first = String(name.prefix { $0 != "." })
                causes[module + ":" + first] = nil
                loaded[module]?.names[first] = (first, nil)
            }
        }
        return .next
    }

    func place(of module: String) -> String { loaded[module]?.path ?? module }

    /// The package that dots in front of a name mean.
    func packageName(of module: String, level: Int) -> String? {
        var parts = module.split(separator: ".").map(String.init)
        guard module != "__main__" else { return mainPackage.flatMap { level == 1 ? $0 : nil } }
        if loaded[module]?.directories.isEmpty ?? true { parts = parts.dropLast() }
        parts = Array(parts.dropLast(level - 1))
        return parts.isEmpty ? nil : parts.joined(separator: ".")
    }

    private mutating func note(_ name: String, by module: String) {
        if Self.tls.contains(name) { check.report.needs.speaksTLS = true }
        if name == "zoneinfo" { check.report.needs.usesTimeZones = true }
        // What the program itself imports tells what it is for.
        guard let node = loaded[module]?.node,
            !(path.library.map { node.path.hasPrefix($0) } ?? false) || isSite(node.path)
        else { return }
        if Self.tls.contains(name) { speakers.insert(node.path.description) }
        if name == "zoneinfo" { zoneUsers.insert(node.path.description) }
    }

    /// Whether a file is one of an installed package.
    func isSite(_ path: ImagePath) -> Bool {
        path.components.contains { $0.elementsEqual("site-packages".utf8) || $0.elementsEqual("dist-packages".utf8) }
    }

    /// Loads a module and the packages above it.
    mutating func load(_ name: String, for module: String) throws -> Flow {
        let parts = name.split(separator: ".").map(String.init)
        for count in stride(from: 1, through: parts.count, by: 1) {
            let part = parts.prefix(count).joined(separator: ".")
            if case .fails(let findings) = try loadOne(
                part, parts[count - 1], above: parts.prefix(count - 1).joined(separator: "."), for: module)
            {
                return .fails(findings)
            }
        }
        return .next
    }

    private mutating func loadOne(_ name: String, _ last: String, above: String, for module: String) throws -> Flow {
        if let known = loaded[name] { return known.failure.map { .fails($0) } ?? .next }
        guard loaded.count < Self.moduleLimit else { return .next }
        if Self.builtin.contains(name) {
            loaded[name] = Loaded(name: name, path: name)
            // A directory of that name, as `/sys` beside a program in `/`, is a module only where there is no other.
            guard !Self.first.contains(name),
                let file = try modules.find(
                    last, in: above.isEmpty ? path.directories : loaded[above]?.directories ?? [])
            else { return .next }
            if case .namespace = file { return .next }
            loaded[name] = nil
        }
        let directories = above.isEmpty ? path.directories : loaded[above]?.directories ?? []
        let found: PythonModules.Module?
        if above.isEmpty, let place = path.mapped[name] {
            found = try modules.find(last, in: [place.parent])
        } else {
            found = try modules.find(last, in: directories)
        }
        if found == nil, let upper = loaded[above], try makesModules(upper) { return .next }
        guard let found else { return try missing(name, last, directories, for: module) }
        return try enter(found, name, for: module)
    }

    /// Whether the modules below one are not looked for in files: what it is made of is not known, or it makes them itself.
    private func makesModules(_ upper: Loaded) throws -> Bool {
        guard let node = upper.node else { return upper.directories.isEmpty }
        guard node.path.name?.suffix(3).elementsEqual(".py".utf8) ?? false else { return true }
        let bytes = try check.tree.read(node, limit: Self.sourceLimit)
        return ["sys.modules[", "meta_path", "__path__ =", "__path__.", "__path__ +", "extend_path"].contains {
            bytes.contains(text: $0)
        }
    }

    private mutating func missing(_ name: String, _ last: String, _ directories: [ImagePath], for module: String) throws
        -> Flow
    {
        if isComputed || makers.contains(String(name.prefix { $0 != "." }))
            || makers.contains(where: { name.hasPrefix($0 + ".") })
        {
            noteComputed(by: module)
            return .next
        }
        var kind = Finding.Kind.missingModule(script: place(of: module), module: name)
        if let unfit = try modules.unfit(last, in: directories) {
            kind = .unfitModule(script: place(of: module), module: name, path: unfit.path.description)
        }
        return .fails([Finding(kind, try remedy(for: name, last), chain: chain(to: module))])
    }

    /// Where a module is that is not found: in a directory that is not looked through, or in a package of Debian's.
    private func remedy(for name: String, _ last: String) throws -> Finding.Remedy? {
        guard name == last else { return nil }
        let tail = "lib/python\(path.version)/"
        let places =
            ["/app", "/srv", "/usr/src/app", "/code"]
            + ["/venv/", "/opt/venv/", "/app/.venv/", "/app/venv/", "/usr/local/", "/root/.local/"].map {
                $0 + tail + "site-packages"
            }
        for place in [check.process.directory.description] + places {
            guard let directory = ImagePath(place), !path.directories.contains(directory),
                try modules.find(last, in: [directory]) != nil
            else { continue }
            return .searchPath(variable: "PYTHONPATH", directory: place)
        }
        guard path.library?.description.hasPrefix("/usr/lib/python3") ?? false,
            let package = DebianTables.package(ofPython: name)
        else { return nil }
        return .packages([package], on: "distroless/python3")
    }

    func chain(to module: String) -> [String] { check.chain + importers.filter { $0 != place(of: module) } }

    private mutating func enter(_ found: PythonModules.Module, _ name: String, for module: String) throws -> Flow {
        var entry = Loaded(name: name, path: name, directories: PythonModules.directories(of: found))
        switch found {
        case .namespace: loaded[name] = entry
        case .opaque(let node):
            check.report.files.insert(node.path)
            loaded[name] = entry
        case .library(let node):
            entry.node = node
            loaded[name] = entry
            return try enterLibrary(node, name, for: module)
        case .source(let node, let isPackage):
            (entry.node, entry.path) = (node, node.path.description)
            loaded[name] = entry
            if let denied = try denied(node) {
                // What a package has in a closed directory nobody sees: it is empty then.
                if isPackage, try check.obstacle(to: node.path, node, .read) == node.path.parent { return .next }
                return fail(name, denied)
            }
            check.report.files.insert(node.path)
            return try follow(try check.tree.read(node, limit: Self.sourceLimit), of: entry, isStandard(node.path))
        case .archived(let bytes, let path, _):
            entry.path = path.description
            loaded[name] = entry
            return try follow(bytes, of: entry, false)
        }
        return .next
    }

    /// Follows the statements of a module that was found.
    private mutating func follow(_ bytes: [UInt8], of entry: Loaded, _ isStandard: Bool) throws -> Flow {
        let name = entry.name
        if let findings = unreadable(bytes, of: entry, isStandard) { return fail(name, findings) }
        let statements = PythonParser.statements(bytes)
        if depth >= Self.importDepth {
            // Later, where it cannot be caught; where it may be, it does not count.
            if guards == 0 { deferred.append((name, statements)) }
            return .next
        }
        depth += 1
        importers.append(entry.path)
        let saved = (isInFunction, bound, localNames, openBranches)
        (isInFunction, bound, localNames, openBranches) = (false, [:], [], 0)
        defer {
            (isInFunction, bound, localNames, openBranches) = saved
            (depth, _) = (depth - 1, importers.removeLast())
        }
        // What the standard library does when it is loaded makes no file and leaves no program.
        let (made, left) = (mayHaveMade, mayHaveLeft)
        defer { if isStandard { (mayHaveMade, mayHaveLeft) = (made, left) } }
        if case .fails(let findings) = try walk(statements, in: name, isOutermost: true) {
            return fail(name, findings)
        }
        return .next
    }

    func isStandard(_ place: ImagePath) -> Bool {
        guard let library = path.library, place.hasPrefix(library) else { return false }
        let folders = place.components.dropFirst(library.components.count)
        return !folders.contains { $0.elementsEqual("site-packages".utf8) || $0.elementsEqual("dist-packages".utf8) }
    }

    private mutating func fail(_ name: String, _ findings: [Finding]) -> Flow {
        loaded[name]?.failure = findings
        return .fails(findings)
    }

    private func denied(_ node: ImageTree.Node) throws -> [Finding]? {
        guard let obstacle = try check.obstacle(to: node.path, node, .read) else { return nil }
        let kind = Finding.Kind.notPermitted(
            path: node.path.description, obstacle: obstacle.description, user: check.process.user.name)
        return [Finding(kind, .permission, chain: check.chain)]
    }

    private mutating func enterLibrary(_ node: ImageTree.Node, _ name: String, for module: String) throws -> Flow {
        if let denied = try denied(node) { return fail(name, denied) }
        check.report.files.insert(node.path)
        guard let elf = try check.tree.elf(node), elf.machine == modules.machine ?? elf.machine else {
            return fail(
                name,
                [
                    Finding(
                        .unfitModule(script: place(of: module), module: name, path: node.path.description),
                        chain: chain(to: module))
                ])
        }
        var trial = check
        trial.report.findings = []
        try trial.followLibraries(of: node.path, elf, isRuntime: path.library.map { node.path.hasPrefix($0) } ?? false)
        check.report.files.formUnion(trial.report.files)
        if guards == 0 { check.report.needs = trial.report.needs }
        let errors = trial.report.findings.filter { $0.severity == .error }
        guard errors.isEmpty else { return fail(name, errors) }
        guard try needsBackend(node), case .fails(let findings) = try load("_cffi_backend", for: name) else {
            return .next
        }
        return fail(name, findings)
    }

    /// Whether an extension is one of cffi's, which asks for cffi's own part when it is loaded.
    private func needsBackend(_ node: ImageTree.Node) throws -> Bool {
        guard loaded["_cffi_backend"] == nil, try modules.find("_cffi_backend", in: path.directories) == nil,
            !isStandard(node.path)
        else { return false }
        return try check.tree.read(node, limit: Self.extensionLimit).contains(text: "\0_cffi_backend\0")
    }

    /// A name that is taken out of a module: a module below it, or something that it defines.
    mutating func take(_ name: String, of module: String, for importer: String) throws -> Flow {
        guard let owner = loaded[module], owner.failure == nil else { return .next }
        if name == "*" {
            for listed in owner.lists["__all__"] ?? [] {
                if case .fails(let findings) = try take(listed, of: module, for: importer) { return .fails(findings) }
                guard counts, owner.functions[listed] == nil, owner.classes[listed] == nil, owner.names[listed] == nil,
                    loaded[module + "." + listed] == nil, !isComputed, try hasInTextsAlone(listed, owner)
                else { continue }
                let kind = Finding.Kind.missingName(script: place(of: importer), module: module, name: listed)
                return .fails([Finding(kind, chain: chain(to: importer))])
            }
            return .next
        }
        // A name that the package defines comes before a module of that name.
        if owner.functions[name] != nil || owner.classes[name] != nil || owner.names[name] != nil { return .next }
        if !owner.directories.isEmpty, loaded[module + "." + name] == nil,
            try modules.find(name, in: owner.directories) != nil
        {
            return try load(module + "." + name, for: importer)
        }
        if loaded[module + "." + name] != nil { return .next }
        let isNamespace = owner.node == nil && !owner.directories.isEmpty && owner.path == owner.name
        guard !isComputed, try isNamespace || isUnboundYet(name, in: module) || lacks(name, owner.node) else {
            return .next
        }
        return .fails([
            Finding(.missingName(script: place(of: importer), module: module, name: name), chain: chain(to: importer))
        ])
    }

    /// What a source file says of the names that are taken from it, read once.
    struct NameFacts {
        /// Whether it does something by which it may have any name.
        let isDynamic: Bool
        /// Of a file of the standard library, the names that stand somewhere without a point before them.
        let names: Set<String>?
        let bytes: [UInt8]
        /// The modules that it takes all names from.
        var stars: [String] = []
    }

    /// Files of the standard library define what they have.
    private static func libraryFacts(_ bytes: [UInt8], _ name: [UInt8]) -> NameFacts {
        let statements = PythonParser.statements(bytes)
        // What these take from the part that is no Python, they have in Python too.
        let isWhole =
            name.elementsEqual("datetime.py".utf8) && bytes.contains(text: "class timedelta")
            || ["heapq.py", "bisect.py"].contains { name.elementsEqual($0.utf8) }
        let dynamic =
            (isWhole ? [] : ["import *"]) + ["_convert_", "globals().update", "sys.modules[__name__]", "exec("]
        let isDynamic =
            dynamic.contains { bytes.contains(text: $0) }
            || statements.contains { $0.tokens.starts(with: [.name("def"), .name("__getattr__")]) }
            || bytes.contains(text: "globals()[")
        var names: Set<String> = []
        func collect(_ statements: [PythonStatement]) {
            for statement in statements {
                for (index, token) in statement.tokens.enumerated() {
                    if case .name(let name) = token, index == 0 || statement.tokens[index - 1] != .sign(".") {
                        names.insert(name)
                    }
                }
                collect(statement.body)
            }
        }
        if !isDynamic { collect(statements) }
        return NameFacts(isDynamic: isDynamic, names: names, bytes: [])
    }

    private static let dynamic = [
        "__getattr__", "globals(", "vars(", "exec(", "sys.modules", "setattr", "lazy", "__dict__",
    ]

    /// Whether a source file says nothing of a name, and does nothing by which it might have it.
    mutating func lacks(_ name: String, _ node: ImageTree.Node?, depth: Int = 0) throws -> Bool {
        guard let node, node.path.name?.suffix(3).elementsEqual(".py".utf8) ?? false,
            node.size ?? .max <= Int64(Self.sourceLimit)
        else { return false }
        guard !["__name__", "__file__", "__path__", "__doc__", "__spec__", "__package__", "__loader__"].contains(name)
        else { return false }
        let facts: NameFacts
        if let known = nameFacts[node.path] {
            facts = known
        } else {
            let bytes = try check.tree.read(node, limit: Self.sourceLimit)
            if let library = path.library, node.path.hasPrefix(library), !isSite(node.path) {
                facts = Self.libraryFacts(bytes, node.path.name.map { Array($0) } ?? [])
            } else {
                let stars = bytes.contains(text: "import *") ? try stars(of: node) : []
                let isDynamic = stars == nil || Self.dynamic.contains { bytes.contains(text: $0) }
                facts = NameFacts(
                    isDynamic: isDynamic, names: nil, bytes: isDynamic ? [] : bytes, stars: stars ?? [])
            }
            nameFacts[node.path] = facts
        }
        // One that has no names at all is no such file.
        if facts.isDynamic || facts.names?.isEmpty ?? false { return false }
        for star in facts.stars {
            guard depth < 6, let owner = loaded[star], owner.functions[name] == nil, owner.classes[name] == nil,
                owner.names[name] == nil, loaded[star + "." + name] == nil,
                try lacks(name, owner.node, depth: depth + 1)
            else { return false }
        }
        return facts.names.map { !$0.contains(name) } ?? !facts.bytes.contains(word: name)
    }
}

/// What an import statement names (The Python Language Reference, 7.11).
struct PythonImport {
    struct Item {
        var module: String
        /// Dots in front.
        var level = 0
        var alias: String?
        var names: [(name: String, alias: String)] = []
    }

    let isFrom: Bool
    private(set) var items: [Item] = []

    init?(_ tokens: [PythonToken]) {
        var rest = tokens.dropFirst()[...]
        isFrom = tokens.first == .name("from")
        if isFrom {
            var item = Item(module: "")
            while rest.first == .sign(".") {
                item.level += 1
                rest = rest.dropFirst()
            }
            item.module = Self.dotted(&rest)
            if item.module == "import" { (item.module, rest) = ("", tokens.suffix(rest.count + 1)) }
            guard rest.popFirst() == .name("import") else { return nil }
            guard !item.module.isEmpty || item.level > 0 else { return nil }
            while let token = rest.popFirst() {
                guard case .name(let name) = token else {
                    if token == .sign("*") { item.names.append(("*", "*")) }
                    continue
                }
                var alias = name
                if rest.first == .name("as"), case .name(let other)? = rest.dropFirst().first {
                    alias = other
                    rest = rest.dropFirst(2)
                }
                item.names.append((name, alias))
            }
            items = [item]
            return
        }
        while !rest.isEmpty {
            var item = Item(module: Self.dotted(&rest))
            guard !item.module.isEmpty else { return nil }
            if rest.first == .name("as"), case .name(let other)? = rest.dropFirst().first {
                item.alias = other
                rest = rest.dropFirst(2)
            }
            items.append(item)
            guard rest.popFirst() == .sign(",") else { break }
        }
    }

    private static func dotted(_ rest: inout ArraySlice<PythonToken>) -> String {
        var parts: [String] = []
        while case .name(let name)? = rest.first {
            parts.append(name)
            rest = rest.dropFirst()
            if name == "import", parts.count == 1 { return name }
            guard rest.first == .sign(".") else { break }
            rest = rest.dropFirst()
        }
        return parts.joined(separator: ".")
    }
}
