package import OCI

/// Follows what an image starts, and tells what of it is missing: programs, loaders, libraries and versions of their
/// symbols, interpreters, modules, the files that they read, and the rights of USER to them.
///
/// Nothing runs. Only the files that the program leads to are read.
package struct ClosureCheck {
    package struct Report: Sendable {
        package var findings: [Finding] = []
        /// What files cannot tell; a program with any may start or not.
        package var unknown: [Unknown] = []
        package var needs = ProgramNeeds()
        /// The file that is started, if there is one.
        package var program: ImagePath?
        /// Every file that starting it is known to read.
        package var files: Set<ImagePath> = []
        /// What a real start came to, where one was asked for.
        package var start: StartOutcome?

        /// Whether something is lacking without which the program cannot start.
        package var cannotStart: Bool { findings.contains { $0.severity == .error } }

        mutating func add(_ item: Unknown) {
            if !unknown.contains(item) { unknown.append(item) }
        }
    }

    /// Programs that start each other, more than which are not followed.
    private static let depthLimit = 16
    /// Scripts whose interpreter is a script (execve(2): the kernel gives up after five).
    private static let scriptLimit = 5

    let tree: ImageTree
    let platform: Platform
    /// Where runtimes put a volume.
    let volumes: [String]
    var process: ProcessState
    var report = Report()
    /// Who led here, the first first: the entry script, a launcher, a module.
    var chain: [String] = []
    /// Where Java looks for libraries that are no Java.
    var javaLibraries: [ImagePath] = []
    /// What a program of Java is given.
    var javaArguments: [String] = []
    /// The file of time zones that a Java runtime does not have.
    var missingZones: String?
    /// How the shell in hand begins.
    var start = ShellStart()
    private var depth = 0

    private init(_ tree: ImageTree, _ config: ImageConfig) {
        (self.tree, platform) = (tree, config.platform)
        volumes = config.container.volumes.sorted()
        process = ProcessState(config.container)
    }

    /// Checks what an image's ENTRYPOINT and CMD start; an image that has neither starts nothing, and has no findings
    /// but for its user. What its HEALTHCHECK lacks is a warning.
    ///
    /// - Throws: what reading the layers throws.
    package static func run(_ config: ImageConfig, _ tree: ImageTree) throws -> Report {
        var report = try run(
            config, tree, arguments: (config.container.entrypoint ?? []) + (config.container.command ?? []))
        guard let health = config.container.healthcheck?.test, health.first == "CMD" || health.first == "CMD-SHELL"
        else { return report }
        let words = Array(health.dropFirst())
        let shell = config.container.shell ?? ["/bin/sh", "-c"]
        let probe = try run(config, tree, arguments: health[0] == "CMD" ? words : shell + words)
        for finding in probe.findings
        where finding.severity == .error && !report.findings.contains(where: { $0.kind == finding.kind }) {
            // The program starts, and is called ill.
            report.findings.append(
                Finding(finding.kind, finding.remedy, severity: .warning, chain: ["HEALTHCHECK"] + finding.chain))
        }
        report.files.formUnion(probe.files)
        return report
    }

    /// Checks what some arguments would start in an image.
    package static func run(_ config: ImageConfig, _ tree: ImageTree, arguments: [String]) throws -> Report {
        var check = ClosureCheck(tree, config)
        try check.takeUser(config.container.user)
        try check.checkWorkingDirectory()
        try check.checkTimeZone()
        if !arguments.isEmpty { try check.follow(arguments) }
        check.report.findings.sort { $0.severity == .error && $1.severity != .error }
        return check.report
    }

    mutating func add(_ kind: Finding.Kind, _ remedy: Finding.Remedy? = nil, severity: Finding.Severity? = nil) {
        let finding = Finding(kind, remedy, severity: severity, chain: chain)
        if !report.findings.contains(where: { $0.kind == kind }) { report.findings.append(finding) }
    }

    // MARK: Starting

    /// Follows a program and its arguments.
    ///
    /// - Parameters:
    ///   - subject: the script that needs the program; nil for the image itself.
    ///   - scripts: how many scripts the kernel went through to it.
    mutating func follow(_ arguments: [String], subject: String? = nil, scripts: Int = 0) throws {
        guard let name = arguments.first, depth < Self.depthLimit else { return }
        depth += 1
        defer { depth -= 1 }
        let node: ImageTree.Node
        switch try find(name) {
        case .missing: return try missing(name, arguments, subject: subject)
        case .denied(let path, let obstacle):
            return add(
                .notPermitted(path: path.description, obstacle: obstacle.description, user: process.user.name),
                .permission)
        case .found(let found): node = found
        }
        if report.program == nil { report.program = node.path }
        let path = node.path.description
        guard node.isExecutable else { return add(.notExecutable(path: path), node.size == nil ? nil : .mode) }
        guard try isPermitted(node, .execute) else { return }
        report.files.insert(node.path)
        let head = try tree.read(node, at: 0, count: 256)
        if head.starts(with: Elf.magic) {
            try followElf(node, arguments)
        } else if let script = ScriptHead(head) {
            guard scripts < Self.scriptLimit else { return add(.noProgram(path: path)) }
            guard try isPermitted(node, .read) else { return }
            try followScript(script, node, arguments, scripts)
        } else {
            add(.noProgram(path: path))
        }
    }

    private mutating func followScript(
        _ head: ScriptHead, _ node: ImageTree.Node, _ arguments: [String], _ scripts: Int
    ) throws {
        // As it was named, where that is a path; else where PATH has it.
        let name = arguments.first ?? ""
        let path = name.contains("/") ? name : try place(of: name)
        let rest = Array(arguments.dropFirst())
        // What `env -S` splits ends in no CR.
        if head.endsInCarriageReturn, !(head.argument?.hasPrefix("-S") ?? false) {
            return add(.carriageReturn(script: path, interpreter: head.interpreter), .lineEnds)
        }
        guard let words = head.environmentProgram(process.environment), let program = words.first else {
            let interpreter = [head.interpreter] + (head.argument.map { [$0] } ?? [])
            return try follow(interpreter + [path] + rest, subject: path, scripts: scripts + 1)
        }
        switch try find(head.interpreter) {
        case .found(let env): report.files.insert(env.path)
        case .missing, .denied:
            let line = ([try place(of: program)] + words.dropFirst()).joined(separator: " ")
            add(.missingEnv(script: path, program: program), .firstLine("#!" + line))
        }
        if let argument = head.argument, argument.hasPrefix("-"), let env = Wrapper.named("env") {
            return try followWrapped(
                env, [head.interpreter, argument, path] + rest, subject: path, scripts: scripts + 1)
        }
        try follow(words + [path] + rest, subject: path, scripts: scripts + 1)
    }

    /// Tells that a program is not there, and which base has it.
    private mutating func missing(_ name: String, _ arguments: [String], subject: String?) throws {
        var runtime = ProgramNeeds.Runtime(program: name)
        if case .java = runtime { runtime = .java(release: try javaRelease(of: arguments)) }
        if runtime == .python { try notePython(arguments) }
        if let runtime { report.needs.runtime = runtime }
        if runtime == .shell, subject == nil, arguments.count >= 3, arguments[1] == "-c" {
            let remedy = ShellCommand(arguments[2]).words.map { Finding.Remedy.execForm($0) }
            return add(.missingShell(shell: name, command: arguments[2]), remedy ?? .base("distroless/cc:debug"))
        }
        let script = arguments.dropFirst().first { !$0.hasPrefix("-") }
        let program = name.split(separator: "/").last.map(String.init) ?? name
        // What the runtime's base has is named alone, a path that a virtual environment or a build chose is named whole.
        let isUsual =
            runtime != nil && (!name.contains("/") || name == "/usr/bin/" + program || name == "/bin/" + program)
        let remedy: Finding.Remedy? =
            runtime == nil
            ? nil : isUsual || runtime == .shell ? BaseChoice(for: report.needs).remedy : .interpreterPath
        let needer = subject ?? (runtime == nil ? nil : script) ?? chain.last ?? "ENTRYPOINT"
        add(
            .missingProgram(subject: needer, program: isUsual ? program : name, target: try danglingTarget(of: name)),
            remedy)
    }

    /// Where a link leads that leads nowhere.
    private func danglingTarget(of name: String) throws -> String? {
        guard name.contains("/"), let path = process.directory.resolving(name),
            let node = try tree.lookUp(path, followsLast: false),
            case .symbolicLink(let target) = node.entry
        else { return nil }
        return String(decoding: target, as: UTF8.self)
    }

    /// Where a program is on `PATH`, as it is written there; in its usual place if it is nowhere.
    func place(of program: String) throws -> String {
        for directory in process.searchPath {
            if let node = try tree.lookUp(directory + "/" + program), node.isExecutable {
                return directory + "/" + program
            }
        }
        return "/usr/bin/" + program
    }

    package enum Place: Sendable {
        case found(ImageTree.Node)
        case missing
        /// It is there, and the user cannot get to it.
        case denied(path: ImagePath, obstacle: ImagePath)
    }

    /// The file that a name leads to: a path from the working directory on, or a program on `PATH`.
    func find(_ name: String) throws -> Place {
        if name.contains("/") {
            guard let path = process.directory.resolving(name) else { return .missing }
            return try open(path, .none)
        }
        guard !name.isEmpty else { return .missing }
        var denied: Place?
        for directory in process.searchPath {
            guard let place = process.directory.resolving(directory + "/" + name) else { continue }
            switch try open(place, .execute) {
            case .found(let node): if node.isExecutable { return .found(node) }
            case .denied(let path, let obstacle): denied = denied ?? .denied(path: path, obstacle: obstacle)
            case .missing: continue
            }
        }
        return denied ?? .missing
    }
}

/// The text of a shell form, as far as it is plain.
struct ShellCommand {
    /// The command's words without `exec`; nil where the shell has more to do than to split them.
    let words: [String]?

    init(_ text: String) {
        let special: Set<Character> = [
            "|", "&", ";", "<", ">", "(", ")", "$", "`", "\\", "\"", "'", "*", "?", "[", "#", "~", "\n", "{",
        ]
        var words = text.split(whereSeparator: \.isWhitespace).map(String.init)
        if words.first == "exec" { words.removeFirst() }
        let isPlain = !words.isEmpty && !words[0].contains("=") && !text.contains(where: special.contains)
        self.words = isPlain ? words : nil
    }
}

/// What files cannot tell about a start.
package enum Unknown: Hashable, Sendable {
    /// A command whose name a script computes.
    case computedCommand(script: String, text: String)
    /// A module whose name a program computes, or a path that it looks for modules in.
    case computedModule(script: String)
    /// A file that is too large, or of a form that is not read.
    case unread(path: String)
}
