internal import OCI

extension ClosureCheck {
    private static let fileLimit = 600
    private static let askedLimit = 1000
    private static let sourceLimit = 1 << 20

    /// Follows a program of Perl, Ruby, PHP or Lua: its script, and what that loads whenever it starts.
    mutating func checkScript(_ language: Language, _ arguments: [String], interpreter: ImageTree.Node) throws {
        guard let command = ScriptCommand(language, arguments) else { return }
        if let root = command.root, command.serves, let path = process.directory.resolving(root),
            try tree.lookUp(path)?.isDirectory != true
        {
            return add(.missingInput(program: interpreter.path.description, path: root))
        }
        if language == .lua, let file = process.environment["LUA_INIT"], file.hasPrefix("@"),
            let path = process.directory.resolving(String(file.dropFirst())), try tree.lookUp(path) == nil
        {
            return add(.missingInput(program: interpreter.path.description, path: String(file.dropFirst())))
        }
        if command.serves { return }
        if language == .php { return try checkPHP(command, arguments, interpreter: interpreter) }
        if language == .lua { return try checkLua(command, arguments, interpreter: interpreter) }
        var places = try ScriptPlaces(tree, language, process)
        places.directories.insert(contentsOf: command.directories.compactMap { process.directory.resolving($0) }, at: 0)
        var run = ScriptQueue()
        (run.hasArguments, run.operands) = (command.hasArguments, command.operands)
        for name in command.modules + Self.demanded(language, process.environment) {
            run.needs.append((.module(name), "ENTRYPOINT", process.directory, []))
        }
        for text in command.texts {
            for need in ScriptNeed.scan(language, Array(text.utf8)) {
                run.needs.append((need, "ENTRYPOINT", process.directory, []))
            }
        }
        if let script = command.script {
            guard let path = process.directory.resolving(script) else { return }
            switch try open(path, .read) {
            case .missing:
                guard try tree.lookUp(path)?.isDirectory != true else { return }
                return add(.missingFile(program: interpreter.path.description, path: script))
            case .denied(let path, let obstacle):
                return add(
                    .notPermitted(path: path.description, obstacle: obstacle.description, user: process.user.name),
                    .permission)
            case .found(let node):
                if language == .ruby, let command = Self.bundled(node, script, arguments) {
                    return try followBundled(command)
                }
                try scan(node, language, &run, &places, [])
                if language == .perl { try launchPSGI(node, arguments, &run, &places) }
                if language == .ruby { try launchRack(node, script, arguments, &run, &places) }
            }
        }
        try follow(&run, language, &places)
        if language == .ruby { try checkAutoloads(command, run, places) }
        if let script = command.script, let path = process.directory.resolving(script), !report.cannotStart,
            let node = try tree.lookUp(path), node.size != nil
        {
            if language == .perl, !run.isComputed,
                let name = Self.undeclared(
                    String(decoding: try tree.read(node, limit: Self.sourceLimit), as: UTF8.self))
            {
                return add(.missingName(script: node.path.description, module: "Perl", name: name))
            }
            try checkNames(node, language, run, interpreter)
        }
    }

    /// What is still to be looked for, and what was found.
    struct ScriptQueue {
        var needs: [(need: ScriptNeed, script: String, directory: ImagePath, chain: [String])] = []
        var seen: Set<ImagePath> = []
        var isComputed = false
        /// Whether the script has arguments.
        var hasArguments = false
        var operands: [String] = []
    }

    mutating func scan(
        _ node: ImageTree.Node, _ language: Language, _ run: inout ScriptQueue, _ places: inout ScriptPlaces,
        _ chain: [String]
    ) throws {
        guard run.seen.insert(node.path).inserted, run.seen.count < Self.fileLimit else { return }
        report.files.insert(node.path)
        guard try isPermitted(node, .read) else { return }
        let head = try tree.read(node, at: 0, count: 4)
        if head == Elf.magic {
            if let elf = try tree.elf(node) { try followLibraries(of: node.path, elf, isRuntime: false) }
            return
        }
        let path = node.path.description
        let source = try tree.read(node, limit: Self.sourceLimit)
        for need in ScriptNeed.scan(language, source, isMain: chain.isEmpty) {
            if case .directory(let text) = need {
                if let place = (text.hasPrefix("./") ? node.path.parent : process.directory).resolving(text) {
                    places.directories.insert(place, at: 0)
                }
            } else if case .made(let module) = need {
                places.made.insert(module)
            } else if need == .computed {
                run.isComputed = true
            } else if case .library(let name) = need {
                if let name = name ?? places.module(at: node.path) {
                    run.needs.append((.library(name), path, node.path.parent, chain))
                }
            } else {
                run.needs.append((need, path, node.path.parent, chain))
            }
        }
    }

    private mutating func follow(
        _ run: inout ScriptQueue, _ language: Language, _ places: inout ScriptPlaces
    ) throws {
        var index = 0
        // Names that modules are asked for, each of which is looked for in a whole file, and gems.
        var asked = 0
        while index < run.needs.count, index < Self.fileLimit * 8 {
            let (need, script, directory, way) = run.needs[index]
            index += 1
            let found: ScriptPlaces.Found
            let name: String
            switch need {
            case .module(let module): (found, name) = (try places.find(module: module), module)
            case .chosenModule(let variable, let otherwise):
                let module = variable.flatMap { process.environment[$0] } ?? otherwise
                (found, name) = (try places.find(module: module), module)
            case .file(let file): (found, name) = (try find(file, from: directory, language, places), file)
            case .library(let module?):
                let parts = module.split(separator: ":").map(String.init)
                let file = (["auto"] + parts + [parts.last ?? ""]).joined(separator: "/") + ".so"
                (found, name) = (try places.find(file: file), file)
            case .files(let pattern):
                for node in try files(pattern, from: directory) {
                    try scan(node, language, &run, &places, way + [script])
                }
                continue
            case .input(let path):
                if let place = process.directory.resolving(path), try tree.lookUp(place) == nil {
                    return add(.missingInput(program: script, path: path))
                }
                continue
            case .chosenInput(let variable, let otherwise):
                let path = process.environment[variable] ?? otherwise
                if let place = process.directory.resolving(path), try tree.lookUp(place) == nil {
                    return add(.missingInput(program: script, path: path))
                }
                continue
            case .data(let path):
                if let place = directory.resolving(path), try tree.lookUp(place) == nil {
                    return add(.missingInput(program: script, path: path))
                }
                continue
            case .variable(let name):
                if process.environment[name] == nil {
                    return add(.missingVariable(script: script, name: name), .variable(name))
                }
                continue
            case .operands:
                if !run.operands.isEmpty { try follow(run.operands, subject: script) }
                continue
            case .version, .exported:
                if case .exported(let names, _) = need { asked += names.count } else { asked += 1 }
                guard asked < Self.askedLimit else { continue }
                if let kind = try lack(need, script, run.hasArguments, places) { return add(kind) }
                continue
            case .program, .ends, .argument, .language:
                if let kind = try lack(need, script, run.hasArguments, places) { return add(kind) }
                continue
            case .gem(let name):
                asked += 1
                guard asked < Self.askedLimit else { continue }
                if name == nil, let kind = try gemfileLack(script) { return add(kind) }
                if let gone = try missingGem(name) { return add(.missingModule(script: script, module: gone)) }
                continue
            case .library(nil), .directory, .computed, .made: continue
            }
            switch found {
            case .builtin: continue
            case .file(let node):
                if language == .perl, case .module = need, try givesNothing(node) {
                    return add(.failedScript(script: node.path.description, status: 255))
                }
                try scan(node, language, &run, &places, way + [script])
                if language == .ruby, case .module(let module) = need, let library = try places.extension(of: module) {
                    try scan(library, language, &run, &places, way + [script])
                }
            case .missing:
                if run.isComputed || places.directories.isEmpty {
                    report.add(.computedModule(script: script))
                } else {
                    let saved = chain
                    chain += way.filter { $0 != script && $0 != "ENTRYPOINT" }
                    let package = DebianTables.package(of: name, language)
                    add(
                        .missingModule(script: script, module: name),
                        package.map {
                            Finding.Remedy.packages([$0], on: language == .perl ? "distroless/perl" : "distroless/cc")
                        })
                    chain = saved
                }
                return
            }
        }
    }

    /// Whether a module of Perl ends with a value that is not true, which `require` takes for a failure.
    private func givesNothing(_ node: ImageTree.Node) throws -> Bool {
        guard node.size ?? .max < 256 << 10 else { return false }
        let text = String(decoding: try tree.read(node, limit: 256 << 10), as: UTF8.self)
        guard !text.contains("\n__END__"), !text.contains("\n=") else { return false }
        return text.split(whereSeparator: \.isNewline).last == "0;"
    }

    /// Modules that variables name: PERL5OPT (perlrun), RUBYOPT (ruby(1)); and the file of LUA_INIT.
    private static func demanded(_ language: Language, _ environment: [String: String]) -> [String] {
        switch language {
        case .perl:
            return (environment["PERL5OPT"] ?? "").split(separator: " ").filter { $0.hasPrefix("-M") }.map {
                String($0.dropFirst(2).prefix { $0 != "=" })
            }
        case .ruby:
            return (environment["RUBYOPT"] ?? "").split(separator: " ").filter { $0.hasPrefix("-r") }.map {
                String($0.dropFirst(2))
            }
        case .lua, .php, .python, .node, .java, .shell: return []
        }
    }

    private func files(_ pattern: String, from directory: ImagePath) throws -> [ImageTree.Node] {
        guard let path = directory.resolving(pattern), let name = path.name, let folder = try tree.lookUp(path.parent),
            folder.isDirectory
        else { return [] }
        let elements = ShellPattern.elements(String(decoding: name, as: UTF8.self))
        return try tree.children(of: folder).filter {
            $0.size != nil && ShellPattern.matches(String(decoding: $0.path.name ?? [], as: UTF8.self), elements)
        }
    }

    /// A file that a script names: from its own directory on, or where the language looks for files.
    private func find(_ name: String, from directory: ImagePath, _ language: Language, _ places: ScriptPlaces) throws
        -> ScriptPlaces.Found
    {
        var bases = [directory]
        switch language {
        case .perl: bases = name.hasPrefix("./") ? [process.directory] : places.directories
        case .ruby, .lua, .php, .python, .node, .java, .shell: break
        }
        for base in bases {
            guard let path = base.resolving(name), let node = try tree.lookUp(path), node.size != nil else { continue }
            return .file(node)
        }
        return .missing
    }
}

/// The command line of an interpreter of Perl, Ruby, PHP or Lua.
struct ScriptCommand {
    private(set) var script: String?
    /// Programs in arguments.
    private(set) var texts: [String] = []
    private(set) var modules: [String] = []
    private(set) var directories: [String] = []
    /// Whether PHP's own server is to serve, and what.
    private(set) var serves = false
    private(set) var root: String?
    private(set) var operands: [String] = []
    var hasArguments: Bool { !operands.isEmpty }

    /// Nil where it only says something, or serves.
    init?(_ language: Language, _ arguments: [String]) {
        var rest = arguments.dropFirst()[...]
        while let word = rest.first, word.hasPrefix("-"), word.count > 1 {
            rest = rest.dropFirst()
            if word == "--" { break }
            if word.hasPrefix("--") {
                if word == "--version" || word == "--help" { return nil }
                continue
            }
            let letter = word.dropFirst().first ?? " "
            let attached = String(word.dropFirst(2))
            func value() -> String { attached.isEmpty ? rest.popFirst() ?? "" : attached }
            switch (language, letter) {
            case (.perl, "e"), (.perl, "E"), (.ruby, "e"), (.lua, "e"), (.php, "r"): texts.append(value())
            case (.perl, "M") where attached.hasPrefix("lib="):
                directories += attached.dropFirst(4).split(separator: ",").map(String.init)
            case (.perl, "M"), (.perl, "m"):
                modules.append(String(attached.drop { $0 == "-" }.prefix { $0 != "=" && $0 != " " }))
            case (.ruby, "r"), (.lua, "l"): modules.append(value())
            case (.perl, "I"), (.ruby, "I"): directories += value().split(separator: ":").map(String.init)
            case (.php, "f"): script = value()
            case (.php, "d"), (.php, "c"), (.php, "z"), (.ruby, "C"), (.ruby, "E"), (.ruby, "W"):
                if attached.isEmpty { rest = rest.dropFirst() }
            case (.php, "S"): (serves, _) = (true, value())
            case (.php, "t"): root = value()
            case (.php, "v"), (.php, "i"), (.php, "m"), (.perl, "v"), (.ruby, "v"), (.lua, "v"): return nil
            default:
                if word.hasSuffix("e"), language == .perl, let text = rest.popFirst() { texts.append(text) }
            }
        }
        if script == nil, texts.isEmpty { script = rest.popFirst() }
        operands = Array(rest)
    }
}
