internal import OCI

extension ClosureCheck {
    /// Follows what node is to execute.
    mutating func checkNode(_ arguments: [String]) throws {
        let options = (process.environment["NODE_OPTIONS"] ?? "").split(separator: " ").map(String.init)
        guard let command = NodeCommand(arguments, options) else { return }
        for file in command.environmentFiles
        where try process.directory.resolving(file).flatMap({ try tree.lookUp($0) }) == nil {
            add(.missingFile(program: "node", path: file))
        }
        var further = process.paths("NODE_PATH").compactMap { process.directory.resolving($0) }
        if let home = process.environment["HOME"].flatMap({ ImagePath($0) }) {
            further += [".node_modules", ".node_libraries"].compactMap { home.resolving($0) }
        }
        // Where Debian's node looks.
        further += [
            "/usr/share/nodejs", "/usr/lib/x86_64-linux-gnu/nodejs", "/usr/lib/aarch64-linux-gnu/nodejs",
            "/usr/lib/nodejs", "/usr/lib/node",
        ].compactMap { ImagePath($0) }
        let resolution = NodeResolution(tree: tree, further: further, conditions: command.conditions)
        if case .script(let name) = command.start, let tool = try packageTool(name) {
            return try startPackage(tool, command.rest, resolution)
        }
        // Modules are looked for from the links on then, and not from where these lead.
        if arguments.contains("--preserve-symlinks") {
            return report.add(.computedModule(script: arguments.last ?? "node"))
        }
        var run = NodeRun(self, resolution)
        run.operands = command.rest
        var flow = NodeRun.Flow.next
        do {
            flow = try start(command, &run)
            if case .next = flow { flow = try run.finish() }
        } catch is NodeRun.TooMuch {
            run.check.report.add(.computedModule(script: run.current))
        }
        report.files.formUnion(run.check.report.files)
        report.needs = run.check.report.needs
        for unknown in run.check.report.unknown { report.add(unknown) }
        guard case .fails(let findings) = flow, !run.takesAll else { return }
        for finding in findings where !report.findings.contains(where: { $0.kind == finding.kind }) {
            report.findings.append(finding)
        }
    }

    private func start(_ command: NodeCommand, _ run: inout NodeRun) throws -> NodeRun.Flow {
        let outside = NodeRun.Module(path: "ENTRYPOINT", directory: process.directory, isMain: false, isModule: false)
        for (specifier, kind) in command.preloaded {
            let flow = try run.load(specifier, outside, kind)
            guard case .next = flow else { return flow }
        }
        switch command.start {
        case .text(let text):
            var module = NodeRun.Module(
                path: "ENTRYPOINT", directory: process.directory, isMain: true, isModule: command.isModule)
            return try run.execute(JavaScriptParser.tokens(Array(text.utf8)), &module)
        case .script(let name):
            guard let path = process.directory.resolving(name) else { return .next }
            switch try run.resolution.fileOrDirectory(path) {
            case .builtin, .unknown: return .next
            case .missing(let other):
                return .fails([Finding(.missingFile(program: "node", path: other ?? name), chain: chain)])
            case .file(let node): return try run.main(node)
            }
        }
    }

    // MARK: npm

    private enum PackageTool: String { case npm, npx, yarn, pnpm }

    /// The tool that a script of node's is.
    private func packageTool(_ name: String) throws -> PackageTool? {
        let file =
            try process.directory.resolving(name).flatMap { try tree.lookUp($0) }?.path.name.map {
                String(decoding: $0, as: UTF8.self)
            } ?? ""
        switch file {
        case "npm-cli.js": return .npm
        case "npx-cli.js": return .npx
        case "yarn.js", "yarn": return .yarn
        case "pnpm.cjs", "pnpm.js": return .pnpm
        default: return nil
        }
    }

    /// `npm start` and the like: a script of `package.json` by the shell, with the programs of the packages on PATH (npm-run-script).
    private mutating func startPackage(_ tool: PackageTool, _ arguments: [String], _ resolution: NodeResolution) throws
    {
        var words: [String] = []
        let saved = process
        defer { process = saved }
        var rest = arguments[...]
        while let word = rest.popFirst() {
            if word == "--" { break }
            if ["--prefix", "-C", "--dir", "--cwd"].contains(word), let value = rest.popFirst() {
                process.directory = process.directory.resolving(value) ?? process.directory
            } else if word.hasPrefix("--prefix="), let path = process.directory.resolving(String(word.dropFirst(9))) {
                process.directory = path
            } else if !word.hasPrefix("-") {
                words.append(word)
            } else if tool == .npx, word == "-p" || word == "--package" {
                _ = rest.popFirst()
            }
        }
        guard let verb = words.first else { return }
        let bins = "\(process.directory.isRoot ? "" : process.directory.description)/node_modules/.bin"
        process.environment["PATH"] = bins + ":" + process.searchPath.joined(separator: ":")
        if tool == .npx || verb == "exec" {
            let program = tool == .npx ? verb : words.dropFirst().first ?? ""
            // What is not there is fetched.
            if case .found = try find(program) { return try follow(words.drop { $0 != program } + Array(rest)) }
            return report.add(.computedCommand(script: tool.rawValue, text: program))
        }
        let name: String
        switch verb {
        case "run", "run-script", "rum", "urn": name = words.dropFirst().first ?? ""
        case "start", "test", "stop", "restart": name = verb
        default:
            guard tool != .npm else { return }
            name = verb
        }
        guard !name.isEmpty else { return }
        try runScript(name, tool, Array(rest), resolution)
    }

    private mutating func runScript(
        _ name: String, _ tool: PackageTool, _ arguments: [String], _ resolution: NodeResolution
    ) throws {
        guard let package = try resolution.packageFile(in: process.directory) else {
            let path = process.directory.appending(Array("package.json".utf8)).description
            return add(.missingFile(program: tool.rawValue, path: path))
        }
        let scripts = package["scripts"]
        var text = scripts?[name]?.string
        if text == nil, name == "start", try tree.lookUp(process.directory.appending(Array("server.js".utf8))) != nil {
            text = "node server.js"
        }
        guard let text else {
            return add(
                .noMain(
                    path: process.directory.appending(Array("package.json".utf8)).description, name: "scripts.\(name)"))
        }
        chain.append("package.json: scripts.\(name)")
        defer { chain.removeLast() }
        let before = report.findings.count
        if let first = scripts?["pre" + name]?.string { try follow(["sh", "-c", first]) }
        guard report.findings.count == before else { return }
        try follow(["sh", "-c", ([text] + arguments).joined(separator: " ")])
    }
}

extension NodeRun {
    /// The file that node is to execute.
    mutating func main(_ node: ImageTree.Node) throws -> Flow {
        if let obstacle = try check.obstacle(to: node.path, node, .read) {
            let kind = Finding.Kind.notPermitted(
                path: node.path.description, obstacle: obstacle.description, user: check.process.user.name)
            return .fails([Finding(kind, .permission, chain: check.chain)])
        }
        check.report.files.insert(node.path)
        loaded[node.path] = .some(nil)
        if node.path.name?.suffix(5).elementsEqual(".json".utf8) ?? false { return .next }
        let source = try check.tree.read(node, limit: Self.sourceLimit)
        noteParameters(source, node.path.description)
        let (tokens, mistake) = JavaScriptParser.read(source)
        if let mistake, node.size ?? .max < Int64(Self.sourceLimit) { return .fails(badSyntax(node, mistake)) }
        if try resolution.isModule(node) == false, Self.hasImports(tokens) {
            let kind = Finding.Kind.badSyntax(path: node.path.description, program: "node", text: "import")
            return .fails([Finding(kind, chain: check.chain)])
        }
        let isModule = try resolution.isModule(node) ?? Self.hasImports(tokens)
        var module = Module(path: node.path.description, directory: node.path.parent, isMain: true, isModule: isModule)
        return try execute(tokens, &module)
    }
}

/// node's command line (Node.js, "Command-line API").
struct NodeCommand {
    enum Start {
        case script(String)
        case text(String)
    }

    private static let valued: Set = [
        "-r", "--require", "--import", "--loader", "--experimental-loader", "-C", "--conditions", "--env-file",
        "--input-type", "--title",
        "--inspect-port", "--icu-data-dir", "--openssl-config", "--dns-result-order", "--unhandled-rejections",
        "--max-http-header-size",
        "--diagnostic-dir", "--redirect-warnings", "--disable-warning", "--trace-event-categories", "--watch-path",
        "--env-file-if-exists",
    ]

    let start: Start
    private(set) var preloaded: [(String, NodeResolution.Kind)] = []
    private(set) var conditions: [String] = []
    private(set) var environmentFiles: [String] = []
    private(set) var isModule = false
    let rest: [String]

    /// Nil where it reads its input, or only says something.
    init?(_ arguments: [String], _ options: [String]) {
        var words = (options + arguments.dropFirst())[...]
        var text: String?
        var taken: [(String, String)] = []
        while let word = words.first, word.hasPrefix("-"), word.count > 1 {
            words = words.dropFirst()
            if word == "--" { break }
            // It waits for the file where that is not there.
            if word == "--watch" || word.hasPrefix("--watch-path") { return nil }
            if ["-v", "--version", "-h", "--help", "-i", "--interactive", "--test", "-c", "--check"].contains(word) {
                return nil
            }
            if ["-e", "--eval", "-p", "--print", "-pe"].contains(word) {
                text = words.popFirst()
            } else if word.hasPrefix("--eval=") {
                text = String(word.dropFirst(7))
            } else if let equals = word.firstIndex(of: "="), word.hasPrefix("--") {
                taken.append((String(word[..<equals]), String(word[word.index(after: equals)...])))
            } else if Self.valued.contains(word), let value = words.popFirst() {
                taken.append((word, value))
            }
        }
        for (name, value) in taken {
            switch name {
            case "-r", "--require": preloaded.append((value, .require))
            case "--import", "--loader", "--experimental-loader": preloaded.append((value, .import))
            case "-C", "--conditions": conditions.append(value)
            case "--env-file": environmentFiles.append(value)
            case "--input-type": isModule = value == "module"
            default: continue
            }
        }
        if let text {
            (start, rest) = (.text(text), Array(words))
        } else if let script = words.first, script != "-" {
            (start, rest) = (.script(script), Array(words.dropFirst()))
        } else {
            return nil
        }
    }
}
