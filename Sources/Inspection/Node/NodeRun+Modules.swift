internal import OCI

extension NodeRun {
    func chain(to module: Module) -> [String] { check.chain + importers.filter { $0 != module.path } }

    /// Loads what an argument names; one that is computed is not known.
    mutating func load(
        _ arguments: [JavaScript], _ module: Module, _ kind: NodeResolution.Kind, onlyResolves: Bool = false
    ) throws -> Flow {
        let first = Array(arguments.prefix { $0 != .sign(",") })
        guard let specifier = text(first, module), !specifier.isEmpty else {
            if guards == 0, !first.isEmpty { check.report.add(.computedModule(script: module.path)) }
            return .next
        }
        return try load(specifier, module, kind, onlyResolves: onlyResolves)
    }

    mutating func load(_ specifier: String, _ module: Module, _ kind: NodeResolution.Kind, onlyResolves: Bool = false)
        throws -> Flow
    {
        note(specifier, by: module)
        if Self.loaders.contains(where: { specifier == $0 || specifier.hasPrefix($0 + "/") }) { hasOwnLoader = true }
        if specifier.contains("dotenv"), let file = check.process.directory.resolving(".env"),
            try check.tree.lookUp(file) != nil
        {
            hasOpenEnvironment = true
        }
        switch try resolution.resolve(specifier, from: module.directory, kind) {
        case .builtin, .unknown: return .next
        case .missing where hasOwnLoader || ownRequires.contains(module.path):
            if guards == 0 { check.report.add(.computedModule(script: module.path)) }
            return .next
        case .missing(let path):
            let kind = Finding.Kind.missingModule(
                script: module.path, module: path.map { "\(specifier) (\($0))" } ?? specifier)
            return .fails([Finding(kind, chain: chain(to: module))])
        case .file(let node):
            if onlyResolves { return .next }
            return try enter(node, for: module)
        }
    }

    /// Packages that change how modules are found.
    private static let loaders = [
        "module-alias", "tsconfig-paths", "app-module-path", "pirates", "esm", "ts-node", "tsx", "@babel/register",
        "babel-register", "@swc-node/register", "sucrase/register", "proxyquire", "mock-require", "mockery",
        "rewiremock",
        "import-in-the-middle", "require-in-the-middle", "@vercel/ncc", "v8-compile-cache", "link-module-alias",
    ]
    private static let hooks: Set = [
        "_load", "_resolveFilename", "_findPath", "_nodeModulePaths", "_initPaths", "_resolveLookupPaths",
        "_extensions", "globalPaths", "_pathCache", "_cache",
    ]

    private static let parameters = [
        "(require)", "(require,", ", require,", ", require)", ",require,", ",require)", "require =>", "require=>",
    ]

    /// Keeps that functions of a file have a parameter of that name.
    mutating func noteParameters(_ source: [UInt8], _ path: String) {
        if Self.parameters.contains(where: { source.contains(text: $0) }) { ownRequires.insert(path) }
    }

    /// `Module._load = …`, `Module.prototype.require = …`, `require.cache[…] = …`, `require = …`: how modules are found is the
    /// program's own affair then.
    mutating func noteLoader(_ name: String, _ tokens: [JavaScript], _ place: Int) {
        let behind = place + 1 < tokens.count ? tokens[place + 1] : .line
        let isMember = place > 0 && tokens[place - 1] == .sign(".")
        if Self.hooks.contains(name), isMember {
            if behind == .sign("=") { hasOwnLoader = true }
            if case .square = behind, place + 2 < tokens.count, tokens[place + 2] == .sign("=") { hasOwnLoader = true }
        }
        if name == "require", behind == .sign("=") {
            let isDeclared = place > 0 && [.name("const"), .name("let"), .name("var")].contains(tokens[place - 1])
            if !isDeclared { hasOwnLoader = true }
        }
        guard place > 1, isMember else { return }
        let owner = tokens[place - 2]
        if ["cache", "extensions"].contains(name), owner == .name("require"), case .square = behind,
            place + 2 < tokens.count, tokens[place + 2] == .sign("=")
        {
            hasOwnLoader = true
        }
        if ["register", "registerHooks"].contains(name), case .round = behind, case .name(let owner) = owner,
            ["module", "Module", "nodeModule"].contains(owner)
        {
            hasOwnLoader = true
        }
    }

    private mutating func note(_ specifier: String, by module: Module) {
        if ["https", "node:https", "tls", "node:tls"].contains(specifier) { check.report.needs.speaksTLS = true }
    }

    private mutating func enter(_ node: ImageTree.Node, for module: Module) throws -> Flow {
        if let known = loaded[node.path] { return known.map { .fails($0) } ?? .next }
        guard loaded.count < Self.moduleLimit else { return .next }
        loaded[node.path] = .some(nil)
        check.report.files.insert(node.path)
        if let obstacle = try check.obstacle(to: node.path, node, .read) {
            let kind = Finding.Kind.notPermitted(
                path: node.path.description, obstacle: obstacle.description, user: check.process.user.name)
            return fail(node, [Finding(kind, .permission, chain: chain(to: module))])
        }
        let name = node.path.name.map { String(decoding: $0, as: UTF8.self) } ?? ""
        if name.hasSuffix(".json") {
            let bytes = try check.tree.read(node, limit: Self.sourceLimit)
            do { _ = try JSON.parse(bytes) } catch {
                return fail(node, [Finding(.damagedFile(path: node.path.description), chain: chain(to: module))])
            }
            return .next
        }
        if name.hasSuffix(".node") { return try enterLibrary(node, for: module) }
        let source = try check.tree.read(node, limit: Self.sourceLimit)
        noteParameters(source, node.path.description)
        let (tokens, mistake) = JavaScriptParser.read(source)
        if let mistake, node.size ?? .max < Int64(Self.sourceLimit) { return fail(node, badSyntax(node, mistake)) }
        var inner = Module(
            path: node.path.description, directory: node.path.parent, isMain: false,
            isModule: try resolution.isModule(node) ?? Self.hasImports(tokens))
        if depth >= Self.loadDepth {
            if guards == 0 { deferred.append((inner, tokens)) }
            return .next
        }
        depth += 1
        importers.append(inner.path)
        defer { (depth, _) = (depth - 1, importers.removeLast()) }
        if case .fails(let findings) = try execute(tokens, &inner) { return fail(node, findings) }
        finished[node.path] = inner
        return .next
    }

    /// What node does not read of a file.
    func badSyntax(_ node: ImageTree.Node, _ text: String) -> [Finding] {
        [Finding(.badSyntax(path: node.path.description, program: "node", text: text), chain: check.chain)]
    }

    private mutating func fail(_ node: ImageTree.Node, _ findings: [Finding]) -> Flow {
        loaded[node.path] = .some(findings)
        return .fails(findings)
    }

    private mutating func enterLibrary(_ node: ImageTree.Node, for module: Module) throws -> Flow {
        guard let elf = try check.tree.elf(node), elf.machine.architecture == check.platform.architecture else {
            let kind = Finding.Kind.unfitModule(
                script: module.path, module: node.path.name.map { String(decoding: $0, as: UTF8.self) } ?? "",
                path: node.path.description)
            return fail(node, [Finding(kind, chain: chain(to: module))])
        }
        var trial = check
        trial.report.findings = []
        try trial.followLibraries(of: node.path, elf, isRuntime: false)
        check.report.files.formUnion(trial.report.files)
        let errors = trial.report.findings.filter { $0.severity == .error }
        return errors.isEmpty ? .next : fail(node, errors)
    }

    /// Whether a file has import or export statements, which make it an ES module where nothing else says what it is.
    static func hasImports(_ tokens: [JavaScript]) -> Bool {
        for (index, token) in tokens.enumerated() where token.isName("import") || token.isName("export") {
            let isFirst = index == 0 || tokens[index - 1] == .line || tokens[index - 1] == .sign(";")
            guard isFirst, index + 1 < tokens.count else { continue }
            switch tokens[index + 1] {
            case .round, .sign("."), .sign("="): continue
            default: return true
            }
        }
        return false
    }

    /// `import … from "x"`, `import "x"` and `export … from "x"`.
    mutating func staticImports(_ tokens: [JavaScript], _ module: inout Module) throws -> Flow {
        for (index, token) in tokens.enumerated() where token.isName("import") || token.isName("export") {
            guard index == 0 || tokens[index - 1] == .line || tokens[index - 1] == .sign(";"), index + 1 < tokens.count
            else { continue }
            var rest = tokens[(index + 1)...]
            var names: [String] = []
            var whole: String?
            search: while let next = rest.first {
                try spend(0)
                switch next {
                case .text(let specifier?):
                    let isDirect = token.isName("import") && rest.startIndex == index + 1
                    let isFrom = tokens[rest.startIndex - 1].isName("from")
                    guard isDirect || isFrom else { break search }
                    let flow = try load(specifier, module, .import)
                    guard case .next = flow else { return flow }
                    if case .fails(let findings) = try take(names, of: specifier, module) { return .fails(findings) }
                    if token.isName("import") {
                        remember(tokens[(index + 1)..<rest.startIndex], of: specifier, &module)
                    }
                    if token.isName("import"),
                        case .fails(let findings) = try takeWhole(
                            whole, of: specifier, rest.dropFirst().first, module)
                    {
                        return .fails(findings)
                    }
                    break search
                case .curly(let list): names = Self.importedNames(list)
                case .name("const"), .name("let"), .name("var"), .name("function"), .name("class"), .name("default"),
                    .name("async"):
                    if token.isName("export") { break search }
                case .name(let name):
                    if rest.startIndex == index + 1, name != "type" { whole = name }
                case .sign("*"), .sign(","), .line: break
                default: break search
                }
                rest = rest.dropFirst()
            }
        }
        return .next
    }

    /// Keeps what the names of an `import` stand for.
    private func remember(_ clause: ArraySlice<JavaScript>, of specifier: String, _ module: inout Module) {
        // What is not found was told before.
        guard case .file(let node)? = try? resolution.resolve(specifier, from: module.directory, .import) else {
            return
        }
        if case .name(let own)? = clause.first, own != "type", let type = givenClass(nil, at: node.path) {
            module.classes[own] = type
        }
        for token in clause {
            guard case .curly(let list) = token else { continue }
            for item in list.filter({ $0 != .line }).split(separator: .sign(",")) {
                guard case .name(let name)? = item.first, case .name(let own)? = item.last, name != "default",
                    name != "type"
                else { continue }
                module.given[own] = (node.path, name)
                if let type = givenClass(name, at: node.path) { module.classes[own] = type }
            }
        }
        if let star = clause.firstIndex(of: .sign("*")), star + 2 < clause.endIndex, clause[star + 1].isName("as"),
            case .name(let own) = clause[star + 2]
        {
            module.given[own] = (node.path, nil)
        }
    }

    /// What an ES module gives by default, which it must have; and JSON, which asks for its type.
    private mutating func takeWhole(
        _ name: String?, of specifier: String, _ behind: JavaScript?, _ module: Module
    ) throws -> Flow {
        guard case .file(let node) = try resolution.resolve(specifier, from: module.directory, .import) else {
            return .next
        }
        let file = node.path.name.map { String(decoding: $0, as: UTF8.self) } ?? ""
        if file.hasSuffix(".json"), behind != .name("with"), behind != .name("assert") {
            return .fails([
                Finding(
                    .missingName(script: module.path, module: specifier, name: "with { type: 'json' }"),
                    chain: chain(to: module))
            ])
        }
        guard name != nil, try resolution.isModule(node) == true, !file.hasSuffix(".json"), !file.hasSuffix(".wasm"),
            node.size ?? .max < Int64(Self.sourceLimit)
        else { return .next }
        let bytes = try check.tree.read(node, limit: Self.sourceLimit)
        try spend(bytes.count / 32)
        guard !bytes.contains(text: "default") else { return .next }
        return .fails([
            Finding(.missingName(script: module.path, module: specifier, name: "default"), chain: chain(to: module))
        ])
    }

    private static func importedNames(_ list: [JavaScript]) -> [String] {
        list.filter { $0 != .line }.split(separator: .sign(",")).compactMap {
            if case .name(let name)? = $0.first { name } else { nil }
        }
    }

    /// A name that an ES module of the image does not export ends the program before it starts.
    private mutating func take(_ names: [String], of specifier: String, _ module: Module) throws -> Flow {
        guard !names.isEmpty, case .file(let node) = try resolution.resolve(specifier, from: module.directory, .import)
        else { return .next }
        for name in names where try lacksExport(name, node, depth: 0) {
            return .fails([
                Finding(.missingName(script: module.path, module: specifier, name: name), chain: chain(to: module))
            ])
        }
        return .next
    }
}

/// A condition that a Node program makes of what is known before it runs; nil for any other.
struct NodeCondition {
    let run: NodeRun
    let module: NodeRun.Module

    init(_ run: NodeRun, _ module: NodeRun.Module) { (self.run, self.module) = (run, module) }

    func value(_ tokens: [JavaScript]) -> Bool? {
        let tokens = tokens.filter { $0 != .line }
        guard tokens.count <= NodeRun.textTokens else { return nil }
        for (sign, isOr) in [("||", true), ("&&", false)] {
            let parts = tokens.split(separator: .decides(sign), omittingEmptySubsequences: false).map(Array.init)
            guard parts.count > 1 else { continue }
            let values = parts.map { value($0) }
            if values.contains(isOr) { return isOr }
            return values.contains(nil) ? nil : !isOr
        }
        let plain = tokens.drop { $0 == .sign("!") }
        if plain.count < tokens.count {
            let isNegated = (tokens.count - plain.count) % 2 == 1
            return value(Array(plain)).map { $0 != isNegated }
        }
        if tokens.count == 1, case .round(let inner) = tokens[0] { return value(inner) }
        if let place = tokens.firstIndex(where: { if case .equals = $0 { true } else { false } }),
            case .equals(let isNegated) = tokens[place]
        {
            let (left, right) = (Array(tokens[..<place]), Array(tokens[(place + 1)...]))
            if left == Self.main, right == [.name("module")] { return module.isMain != isNegated }
            guard let left = known(left), let right = known(right) else { return nil }
            return (left == right) != isNegated
        }
        // `LIST.length` and `LIST.length > 0`.
        if tokens.count == 3 || tokens.count == 5 && tokens[3] == .sign(">") && tokens[4] == .zero,
            tokens[1] == .sign("."), tokens[2].isName("length"), case .name(let name) = tokens[0],
            let list = module.lists[name]
        {
            return !list.isEmpty
        }
        switch tokens {
        case [.name("true")]: return true
        case [.name("false")], [.name("null")], [.name("undefined")]: return false
        default: return known(tokens).map { $0.map { !$0.isEmpty } ?? false }
        }
    }

    private static let main: [JavaScript] = [.name("require"), .sign("."), .name("main")]

    /// The inner nil is `undefined`.
    private func known(_ tokens: [JavaScript]) -> String?? {
        if tokens.count == 1, case .text(let text?) = tokens[0] { return text }
        if tokens == [.name("undefined")] { return .some(nil) }
        if tokens == [.name("process"), .sign("."), .name("platform")] { return "linux" }
        if tokens.count == 1, case .name(let name) = tokens[0], module.asked[name] != nil { return .some(nil) }
        if tokens.count == 4, tokens.starts(with: [.name("process"), .sign("."), .name("env")]),
            case .square(let inner) = tokens[3], let name = run.text(inner, module)
        {
            let value = run.check.process.environment[name]
            return value == nil && !run.isAbsent(name) ? nil : .some(value)
        }
        if tokens.starts(with: [.name("process"), .sign("."), .name("env"), .sign(".")]), tokens.count == 5,
            case .name(let name) = tokens[4]
        {
            let value = run.check.process.environment[name]
            return value == nil && !run.isAbsent(name) ? nil : .some(value)
        }
        if tokens.first == .name("typeof"), tokens.count == 2, case .name(let name) = tokens[1] {
            if ["window", "document", "navigator", "Deno", "Bun"].contains(name) { return "undefined" }
            if name == "process" { return "object" }
            if name == "require" { return module.isModule ? "undefined" : "function" }
        }
        return nil
    }
}
