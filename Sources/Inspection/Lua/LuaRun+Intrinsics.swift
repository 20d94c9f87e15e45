internal import OCI

/// Functions of Lua's own (the manual, 6).
extension LuaRun {
    mutating func intrinsic(_ name: String, _ given: [LuaValue]) throws -> [LuaValue] {
        let first = given.first ?? .nothing
        switch name {
        case "require": return try require(first)
        case "pcall", "xpcall": return try protected(name, given)
        case "error":
            if isLive { throw fail(cause ?? .failedScript(script: file, status: 1)) }
            return []
        case "assert":
            if first.isTrue == false, isLive { throw fail(cause ?? .failedScript(script: file, status: 1)) }
            return given
        case "setmetatable":
            if case .table(let table) = first, given.count > 1 {
                if case .table(let meta) = given[1], isLive { table.meta = meta } else { table.isOpen = true }
            }
            return [first]
        case "dofile", "loadfile", "io.open", "io.lines", "lfs.dir": return try file(name, given)
        case "os.execute", "io.popen", "os.rename", "io.output", "os.tmpname", "lfs.mkdir":
            mayHaveMade = true
            return [.unknown]
        case "os.exit":
            try exit(first)
            return []
        case "os.getenv":
            guard let name = first.asText else { return [.unknown] }
            if let value = check.process.environment[name] { return [.text(value)] }
            if isLive { cause = .missingVariable(script: file, name: name) }
            return [.nothing]
        case "load", "loadstring", "setfenv", "module", "getfenv":
            globals.isOpen = true
            try hand(over: given)
            return [.unknown]
        case "type":
            switch first {
            case .nothing: return [.text(given.isEmpty ? "no value" : "nil")]
            case .truth: return [.text("boolean")]
            case .number: return [.text("number")]
            case .text: return [.text("string")]
            case .table: return [.text("table")]
            case .function: return [.text("function")]
            case .builtin, .unknown: return [.unknown]
            }
        case "tostring": return [first.asText.map { .text($0) } ?? .unknown]
        case "print", "io.write": return []
        case "ipairs", "pairs", "next", "select", "tonumber", "rawequal", "rawlen", "string.len", "string.upper":
            return [.unknown]
        case "string.match": return [Self.directory(given)]
        case "table.insert":
            guard case .table(let table) = first else { return [] }
            if given.count == 2, isLive {
                table.items[String(table.list.count + 1)] = given[1]
            } else {
                table.isOpen = true
            }
            return []
        case "table.concat":
            guard case .table(let table) = first, !table.isOpen else { return [.unknown] }
            let texts = table.list.compactMap(\.asText)
            guard let mark = given.count > 1 ? given[1].asText : "" else { return [.unknown] }
            return [try joined(texts, mark)]
        default:
            try hand(over: given)
            return [.unknown]
        }
    }

    /// `path:match("(.*/)")`: the directory of a path.
    private static func directory(_ given: [LuaValue]) -> LuaValue {
        guard given.count == 2, let text = given[0].asText, let pattern = given[1].asText,
            ["(.*/)", "^(.*/)", "(.+/)", "^(.+/)", "(.*[/\\\\])", "^(.*[/\\\\])"].contains(pattern)
        else { return .unknown }
        guard let slash = text.lastIndex(of: "/") else { return .nothing }
        return .text(String(text[...slash]))
    }

    private mutating func protected(_ name: String, _ given: [LuaValue]) throws -> [LuaValue] {
        guard isLive, let function = given.first else { return [.unknown] }
        let (maybe, never, count, files) = (maybe, never, chain.count, doubtful.count)
        do {
            return [.truth(true)] + (try call(function, Array(given.dropFirst(name == "pcall" ? 1 : 2))))
        } catch Stop.fails(let findings) {
            (self.maybe, self.never) = (maybe, never)
            chain.removeLast(chain.count - count)
            doubtful.removeLast(doubtful.count - files)
            cause = findings.first?.kind ?? cause
            return [.truth(false), .unknown]
        }
    }

    private mutating func exit(_ status: LuaValue) throws {
        guard never == 0 else { return }
        switch status {
        case .nothing, .truth(true), .number(0):
            guard isLive else {
                isUnsure = true
                return
            }
            throw Stop.ends
        case .truth: if isLive { throw fail(cause ?? .failedScript(script: file, status: 1)) }
        case .number(let number):
            let status = Int(exactly: number.rounded(.towardZero)) ?? 1
            if isLive { throw fail(cause ?? .failedScript(script: file, status: status & 0xFF)) }
        case .text, .table, .function, .builtin, .unknown:
            if isLive { throw Stop.unsure }
            isUnsure = true
        }
    }

    // MARK: Files

    private mutating func file(_ name: String, _ given: [LuaValue]) throws -> [LuaValue] {
        guard let text = given.first?.asText, let place = check.process.directory.resolving(text) else {
            if name == "dofile", isLive { throw Stop.unsure }
            return [.unknown]
        }
        let node = try check.tree.lookUp(place)
        let mode = given.count > 1 ? given[1].asText ?? "?" : "r"
        if let node {
            if name == "loadfile" {
                // What it executes gives names to the environment that it is handed.
                globals.isOpen = true
                try hand(over: given)
            }
            if name == "dofile" { return try execute(node) }
            if name == "io.open", mode.hasPrefix("r"), try check.obstacle(to: place, node, .read) != nil {
                return [.nothing]
            }
            return [.unknown]
        }
        guard name != "io.open" || mode.hasPrefix("r") else {
            made.insert(place)
            return [.unknown]
        }
        guard isLive, !mayHaveMade, !made.contains(where: { place.hasPrefix($0) }) else { return [.unknown] }
        cause = .missingInput(program: file, path: text)
        if name == "io.open" || name == "loadfile" { return [.nothing, .unknown] }
        throw fail(.missingInput(program: file, path: text))
    }

    // MARK: Modules

    private mutating func require(_ value: LuaValue) throws -> [LuaValue] {
        guard let name = value.asText, never == 0 else { return [.unknown] }
        if let value = loaded[name] { return [value] }
        if case .builtin = globals.items["." + name] ?? .nothing { return [globals.value("." + name)] }
        if ["package", "_G"].contains(name) { return [globals.value("." + name)] }
        if case .table(let preload) = package.value(".preload") {
            let function = preload.value("." + name)
            if case .unknown = function { return [.unknown] }
            if case .nothing = function {} else { return try keep(name, try call(function, [value])) }
        }
        guard case .table(let own) = package.value(".loaded") else { return [.unknown] }
        if let value = own.items["." + name] { return [value] }
        // Searchers of the program's own.
        if hasOwnSearchers { return [.unknown] }
        guard case .text(let path) = package.value(".path"), case .text(let library) = package.value(".cpath") else {
            return [.unknown]
        }
        if let node = try find(name, path) {
            guard isLive else { return [.unknown] }
            loaded[name] = .truth(true)
            return try keep(name, try execute(node))
        }
        let root = name.split(separator: ".").first.map(String.init) ?? name
        if let node = try find(name, library) ?? (root == name ? nil : find(root, library)) {
            return try keep(name, [try compiled(node, name)])
        }
        guard isLive, release != nil else { return [.unknown] }
        throw fail(.missingModule(script: file, module: name))
    }

    private var hasOwnSearchers: Bool {
        if searchers.isOpen || searchers.items.count != 4 { return true }
        for value in searchers.items.values { if case .builtin = value {} else { return true } }
        return ["searchers", "loaders"].contains { name in
            switch package.items["." + name] {
            case .table(let table)?: table !== searchers
            case nil: false
            default: true
            }
        }
    }

    private mutating func keep(_ name: String, _ values: [LuaValue]) throws -> [LuaValue] {
        var value = values.first ?? .truth(true)
        if case .nothing = value { value = .truth(true) }
        loaded[name] = value
        return [value]
    }

    /// A module in C: its libraries must be there.
    private mutating func compiled(_ node: ImageTree.Node, _ name: String) throws -> LuaValue {
        check.report.files.insert(node.path)
        guard isLive, let elf = try check.tree.elf(node) else { return .unknown }
        let closure = try ElfClosure(
            of: node.path, elf, in: check.tree, environment: check.process.paths("LD_LIBRARY_PATH"))
        check.report.files.formUnion(closure.files)
        if !closure.missingLibraries.isEmpty {
            throw fail(
                .missingLibraries(path: node.path.description, libraries: closure.missingLibraries, loader: nil))
        }
        return name == "lfs" ? .builtin("lfs") : .unknown
    }

    /// The file that a path of patterns has for a name.
    private mutating func find(_ name: String, _ path: String) throws -> ImageTree.Node? {
        // No path is longer.
        guard name.utf8.count <= 4096 else { return nil }
        try spend(path.utf8.count / 64)
        let file = name.replacing(".", with: "/")
        for pattern in path.split(separator: ";") {
            guard let place = check.process.directory.resolving(String(pattern).replacing("?", with: file)),
                let node = try check.tree.lookUp(place), node.size != nil
            else { continue }
            return node
        }
        return nil
    }
}

extension ClosureCheck {
    /// Follows what Lua is to execute.
    mutating func checkLua(_ command: ScriptCommand, _ arguments: [String], interpreter: ImageTree.Node) throws {
        let name = interpreter.path.name.map { String(decoding: $0, as: UTF8.self) } ?? ""
        let digits = name.hasPrefix("lua5.") ? name.dropFirst(5).prefix { $0.isNumber } : ""
        let release = Int(digits.prefix(3)).map { 500 + $0 }
        let version = release == nil ? "5.1" : "5." + digits
        var run = LuaRun(
            self, release: release, path: luaPath("LUA_PATH", version, Self.usualPath(version)),
            library: luaPath("LUA_CPATH", version, Self.usualLibraries(version)))
        let table = LuaTable()
        if let script = command.script {
            let rest = arguments.firstIndex(of: script).map { arguments[($0 + 1)...] } ?? []
            for (index, word) in ([script] + rest).enumerated() { table.items[String(index)] = .text(word) }
            run.arguments = rest.map { .text($0) }
        }
        run.globals.items[".arg"] = .table(table)
        if process.environment["LUA_INIT"] != nil { run.globals.isOpen = true }
        do {
            for module in command.modules { _ = try run.call(.builtin("require"), [.text(module)]) }
            for text in command.texts { _ = try run.execute(Array(text.utf8), in: "ENTRYPOINT") }
            if let script = command.script, let path = process.directory.resolving(script) {
                switch try open(path, .read) {
                case .missing:
                    if try tree.lookUp(path)?.isDirectory == true { return }
                    throw LuaRun.Stop.fails([
                        Finding(.missingFile(program: interpreter.path.description, path: script), chain: chain)
                    ])
                case .denied(let path, let obstacle):
                    return add(
                        .notPermitted(
                            path: path.description, obstacle: obstacle.description, user: process.user.name),
                        .permission)
                case .found(let node): _ = try run.execute(node)
                }
            }
        } catch let stop as LuaRun.Stop {
            if case .fails(let findings) = stop {
                for finding in findings where !report.findings.contains(where: { $0.kind == finding.kind }) {
                    report.findings.append(finding)
                }
            }
        }
        report.files.formUnion(run.check.report.files)
    }

    /// A path of patterns: that of a variable, in which two semicolons stand for the usual one.
    private func luaPath(_ variable: String, _ version: String, _ usual: String) -> String {
        let own =
            process.environment[variable + "_" + version.replacing(".", with: "_")] ?? process.environment[variable]
        guard let own else { return usual }
        return own.replacing(";;", with: ";" + usual + ";")
    }

    private static func usualPath(_ version: String) -> String {
        let roots = [
            "/usr/local/share/lua/", "/usr/local/lib/lua/", "/usr/share/lua/", "/usr/share/lua/common:",
            "/usr/local/openresty/lualib:", "/usr/local/openresty/site/lualib:",
        ]
        let places = roots.map { $0.hasSuffix(":") ? String($0.dropLast()) : $0 + version } + ["."]
        return places.flatMap { ["\($0)/?.lua", "\($0)/?/init.lua"] }.joined(separator: ";")
    }

    private static func usualLibraries(_ version: String) -> String {
        let roots = [
            "/usr/local/lib/lua/", "/usr/lib/x86_64-linux-gnu/lua/", "/usr/lib/aarch64-linux-gnu/lua/", "/usr/lib/lua/",
        ]
        return (roots.map { $0 + version + "/?.so" } + ["./?.so"]).joined(separator: ";")
    }
}
