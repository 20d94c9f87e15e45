internal import OCI

extension ClosureCheck {
    /// Follows what a Python interpreter is to execute.
    mutating func checkPython(_ arguments: [String], interpreter: ImageTree.Node) throws {
        guard var command = PythonCommand(arguments) else { return }
        if process.environment["PYTHONSAFEPATH"].map({ !$0.isEmpty }) ?? false { command.makeSafe() }
        let name = arguments.first ?? ""
        var place = name.contains("/") ? process.directory.resolving(name) : nil
        if place == nil {
            for directory in process.searchPath where place == nil {
                guard let path = process.directory.resolving(directory + "/" + name), let node = try tree.lookUp(path),
                    node.isExecutable
                else { continue }
                place = path
            }
        }
        guard
            let path = try PythonPath(
                tree, name: place ?? interpreter.path, interpreter: interpreter.path, process, command.options)
        else { return }
        guard try checkLibrary(path, interpreter) else { return }
        var run = PythonRun(self, path, interpreter: try tree.elf(interpreter))
        run.executable = (place ?? interpreter.path).description
        let flow = try start(command, &run)
        report.files.formUnion(run.check.report.files)
        report.needs = run.check.report.needs
        for finding in run.check.report.findings where !report.findings.contains(finding) {
            report.findings.append(finding)
        }
        for unknown in run.check.report.unknown { report.add(unknown) }
        if case .fails(let findings) = flow {
            for finding in findings where !report.findings.contains(where: { $0.kind == finding.kind }) {
                report.findings.append(finding)
            }
        }
        for path in run.speakers.sorted() { try needCertificates(path) }
        if try !run.zoneUsers.isEmpty && run.modules.find("tzdata", in: run.path.directories) == nil {
            for path in run.zoneUsers.sorted() { try needTimeZones(path) }
        }
    }

    /// The library without which no interpreter starts.
    private mutating func checkLibrary(_ path: PythonPath, _ interpreter: ImageTree.Node) throws -> Bool {
        let program = interpreter.path.description
        guard let library = path.library else {
            let cause =
                process.environment["PYTHONHOME"].map { "PYTHONHOME=\($0)" } ?? "lib/python\(path.version)/os.py"
            add(.damagedRuntime(program: program, path: cause), .base("distroless/python3"))
            return false
        }
        for name in ["encodings/__init__.py", "encodings/utf_8.py"] {
            let part = library.resolving(name)
            if try part.flatMap({ try tree.lookUp($0) }) == nil,
                try part.flatMap({ try tree.lookUp($0.parent.resolving("__init__.pyc") ?? $0) }) == nil
            {
                add(.damagedRuntime(program: program, path: part?.description ?? name), .base("distroless/python3"))
                return false
            }
        }
        return true
    }

    /// What a program without an interpreter says of what it needs.
    mutating func notePython(_ arguments: [String]) throws {
        guard case .script(let name)? = PythonCommand(arguments)?.start, let path = process.directory.resolving(name),
            let node = try tree.lookUp(path),
            node.size != nil
        else { return }
        for statement in PythonParser.statements(try tree.read(node, limit: PythonRun.sourceLimit)) {
            for item in PythonImport(statement.tokens)?.items ?? []
            where statement.keyword == "import" || statement.keyword == "from" {
                let names = [item.module] + item.names.map { "\(item.module).\($0.name)" }
                if names.contains(where: {
                    ["ssl", "urllib.request", "http.client", "requests", "httpx", "aiohttp", "urllib3"].contains($0)
                }) {
                    report.needs.speaksTLS = true
                }
                if item.module == "zoneinfo" { report.needs.usesTimeZones = true }
            }
        }
    }

    // MARK: Starting

    private mutating func start(_ command: PythonCommand, _ run: inout PythonRun) throws -> PythonRun.Flow {
        switch command.start {
        case .text(let text):
            if !command.options.isSafe { run.path.directories.insert(process.directory, at: 0) }
            run.loaded["__main__"] = .init(name: "__main__", path: "ENTRYPOINT")
            run.operands = command.rest
            return try run.execute(PythonParser.statements(Array(text.utf8)), as: "__main__")
        case .module(let name): return try startModule(name, command, &run)
        case .script(let name): return try startScript(name, command, &run)
        }
    }

    private mutating func startModule(_ name: String, _ command: PythonCommand, _ run: inout PythonRun) throws
        -> PythonRun.Flow
    {
        if !command.options.isSafe { run.path.directories.insert(process.directory, at: 0) }
        run.loaded["__main__"] = .init(name: "__main__", path: "ENTRYPOINT")
        guard !name.contains("/") else {
            return .fails([Finding(.missingModule(script: "ENTRYPOINT", module: name), chain: chain)])
        }
        let parts = name.split(separator: ".").map(String.init)
        let above = parts.dropLast().joined(separator: ".")
        if !above.isEmpty, case .fails(let findings) = try run.load(above, for: "__main__") { return .fails(findings) }
        let directories = above.isEmpty ? run.path.directories : run.loaded[above]?.directories ?? []
        var found =
            try above.isEmpty ? run.path.mapped[name].flatMap { try run.modules.find(name, in: [$0.parent]) } : nil
        if found == nil { found = try run.modules.find(parts.last ?? "", in: directories) }
        let missing = PythonRun.Flow.fails([Finding(.missingModule(script: "ENTRYPOINT", module: name), chain: chain)])
        guard let found else { return PythonRun.builtin.contains(name) ? .next : run.isComputed ? .next : missing }
        let inner = PythonModules.directories(of: found)
        guard !inner.isEmpty else {
            guard case .source(let node, _) = found else { return .next }
            run.mainPackage = above.isEmpty ? nil : above
            return try execute(node, &run, launcher: name, command)
        }
        if case .fails(let findings) = try run.load(name, for: "__main__") { return .fails(findings) }
        guard let main = try run.modules.find("__main__", in: inner) else {
            return .fails([Finding(.noMain(path: name, name: "__main__"), chain: chain)])
        }
        guard case .source(let node, _) = main else { return .next }
        run.mainPackage = name
        return try execute(node, &run, launcher: name, command)
    }

    private mutating func startScript(_ name: String, _ command: PythonCommand, _ run: inout PythonRun) throws
        -> PythonRun.Flow
    {
        guard let path = process.directory.resolving(name) else { return .next }
        guard let node = try tree.lookUp(path) else {
            return .fails([Finding(.missingFile(program: "python3", path: name), chain: chain)])
        }
        if node.isDirectory {
            run.path.directories.insert(node.path, at: 0)
            guard case .source(let main, _)? = try run.modules.find("__main__", in: [node.path]) else {
                return .fails([Finding(.noMain(path: name, name: "__main__"), chain: chain)])
            }
            return try execute(main, &run, launcher: nil, command)
        }
        guard let size = node.size else { return .next }
        if try tree.read(node, at: 0, count: 2) == Array("PK".utf8) || name.hasSuffix(".pyz") || name.hasSuffix(".zip")
        {
            let tree = tree
            guard let archive = try ZipReader(size: size, { try tree.read(node, at: $0, count: $1) }) else {
                return .next
            }
            if archive.members["__main__.py"] == nil, archive.members["__main__.pyc"] == nil {
                return .fails([Finding(.noMain(path: name, name: "__main__"), chain: chain)])
            }
            return try startArchive(node, archive, name, command, &run)
        }
        if !command.options.isSafe { run.path.directories.insert(node.path.parent, at: 0) }
        return try execute(node, &run, launcher: node.path.name.map { String(decoding: $0, as: UTF8.self) }, command)
    }

    /// An archive whose members are the program, and the first place where modules are looked for (zipapp).
    private mutating func startArchive(
        _ node: ImageTree.Node, _ archive: ZipReader, _ name: String, _ command: PythonCommand, _ run: inout PythonRun
    ) throws -> PythonRun.Flow {
        let names = archive.members.keys
        // Those that unpack themselves look elsewhere.
        let isOther = names.contains {
            $0 == "PEX-INFO" || $0.hasPrefix("_bootstrap/") || $0.hasSuffix(".so") || $0.hasSuffix(".pyc")
        }
        guard !isOther, let main = try archive.contents(of: "__main__.py"), main.count < PythonRun.sourceLimit else {
            report.add(.unread(path: name))
            return .next
        }
        report.files.insert(node.path)
        run.modules.archive = (node.path, archive)
        run.path.directories.insert(node.path, at: 0)
        run.loaded["__main__"] = .init(name: "__main__", path: node.path.description + "/__main__.py")
        run.operands = command.rest
        return try run.execute(PythonParser.statements(main), as: "__main__")
    }

    private mutating func execute(
        _ node: ImageTree.Node, _ run: inout PythonRun, launcher: String?, _ command: PythonCommand
    ) throws -> PythonRun.Flow {
        if let obstacle = try obstacle(to: node.path, node, .read) {
            let kind = Finding.Kind.notPermitted(
                path: node.path.description, obstacle: obstacle.description, user: process.user.name)
            return .fails([Finding(kind, .permission, chain: chain)])
        }
        report.files.insert(node.path)
        if let mistake = PythonParser.mistake(try tree.read(node, limit: PythonRun.sourceLimit), run.path.version) {
            let kind = Finding.Kind.badSyntax(
                path: node.path.description, program: "python\(run.path.version)", text: mistake)
            return .fails([Finding(kind, chain: chain)])
        }
        run.loaded["__main__"] = .init(name: "__main__", path: node.path.description, node: node)
        run.operands = command.rest
        let flow = try run.execute(
            PythonParser.statements(try tree.read(node, limit: PythonRun.sourceLimit)), as: "__main__")
        if case .fails = flow { return flow }
        guard let launcher else { return flow }
        return try launch(PythonLauncher(launcher, command.rest, process.environment), &run) ?? flow
    }
}

/// A Python interpreter's command line (python(1)).
struct PythonCommand {
    enum Start {
        case script(String)
        case module(String)
        case text(String)
    }

    let start: Start
    private(set) var options = PythonPath.Options()
    /// What the program is given.
    let rest: [String]

    /// As by `-P`; `PYTHONSAFEPATH` asks for it too, unless the environment does not count.
    mutating func makeSafe() { options.isSafe = options.isSafe || !options.ignoresEnvironment }

    /// Nil where it reads its input, or only says something.
    init?(_ arguments: [String]) {
        var rest = arguments.dropFirst()
        var options = PythonPath.Options()
        while let argument = rest.popFirst() {
            guard argument.hasPrefix("-"), argument.count > 1 else {
                guard argument != "-" else { return nil }
                (start, self.options, self.rest) = (.script(argument), options, Array(rest))
                return
            }
            if argument.hasPrefix("--") {
                if argument == "--check-hash-based-pycs" { rest = rest.dropFirst() }
                if ["--version", "--help", "--help-all", "--help-env"].contains(argument) { return nil }
                continue
            }
            var letters = argument.dropFirst()[...]
            letters: while let letter = letters.popFirst() {
                switch letter {
                case "c", "m":
                    guard let value = letters.isEmpty ? rest.popFirst() : String(letters) else { return nil }
                    (start, self.options, self.rest) = (
                        letter == "c" ? .text(value) : .module(value), options, Array(rest)
                    )
                    return
                case "W", "X":
                    if letters.isEmpty { rest = rest.dropFirst() }
                    break letters
                case "E": options.ignoresEnvironment = true
                case "s": options.ignoresUserSite = true
                case "S": options.ignoresSite = true
                case "P": options.isSafe = true
                case "I":
                    options = .init(
                        ignoresEnvironment: true, ignoresUserSite: true, ignoresSite: options.ignoresSite, isSafe: true)
                case "V", "h", "?": return nil
                default: continue
                }
            }
        }
        return nil
    }
}
