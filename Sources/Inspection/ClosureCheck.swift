package import OCI

/// Follows what an image starts, and tells what of it is missing: programs, loaders, libraries and versions of their
/// symbols, interpreters, modules, and the files that they read.
///
/// Nothing runs. Only the files that the program leads to are read.
package struct ClosureCheck {
    package struct Report: Sendable {
        package var findings: [Finding] = []
        package var needs = ProgramNeeds()
        /// The file that is started, if there is one.
        package var program: ImagePath?
        /// Every file that starting it is known to read.
        package var files: Set<ImagePath> = []
    }

    /// Scripts whose interpreter is a script (execve(2): the kernel gives up after four).
    private static let scriptLimit = 4

    let tree: ImageTree
    let config: ImageConfig
    var report = Report()

    private init(_ tree: ImageTree, _ config: ImageConfig) { (self.tree, self.config) = (tree, config) }

    /// Checks what an image's ENTRYPOINT and CMD start; an image that has neither starts nothing, and has no findings
    /// but for its user.
    ///
    /// - Throws: what reading the layers throws.
    package static func run(_ config: ImageConfig, _ tree: ImageTree) throws -> Report {
        try run(config, tree, arguments: (config.container.entrypoint ?? []) + (config.container.command ?? []))
    }

    /// Checks what some arguments would start in an image.
    package static func run(_ config: ImageConfig, _ tree: ImageTree, arguments: [String]) throws -> Report {
        var check = ClosureCheck(tree, config)
        try check.checkUser()
        try check.checkTimeZone()
        if !arguments.isEmpty { try check.start(arguments) }
        return check.report
    }

    mutating func add(_ kind: Finding.Kind, _ remedy: Finding.Remedy? = nil) {
        let finding = Finding(kind, remedy)
        if !report.findings.contains(finding) { report.findings.append(finding) }
    }

    // MARK: Starting

    private mutating func start(_ arguments: [String]) throws {
        if arguments.count >= 3, arguments[1] == "-c", ProgramNeeds.Runtime(program: arguments[0]) == .shell {
            return try startShell(arguments)
        }
        try follow(arguments, subject: nil, depth: 0)
    }

    /// The shell form: the shell itself, and the first command where the text is plain.
    private mutating func startShell(_ arguments: [String]) throws {
        let command = ShellCommand(arguments[2])
        guard try find(arguments[0]) != nil else {
            report.needs.runtime = .shell
            let remedy: Finding.Remedy? = command.words.map { .execForm($0) }
            return add(.missingShell(shell: arguments[0], command: arguments[2]), remedy ?? .base("distroless/cc:debug"))
        }
        try follow([arguments[0]], subject: nil, depth: 0)
        if let words = command.words { try follow(words, subject: nil, depth: 0) }
    }

    /// Follows a program and its arguments.
    ///
    /// - Parameter subject: the script that needs the program; nil for the image itself.
    private mutating func follow(_ arguments: [String], subject: String?, depth: Int) throws {
        guard let name = arguments.first, depth <= Self.scriptLimit else { return }
        guard let node = try find(name) else { return try missing(name, arguments, subject: subject) }
        if depth == 0 { report.program = node.path }
        guard node.isExecutable else {
            return add(.notExecutable(path: node.path.description), node.size == nil ? nil : .mode)
        }
        report.files.insert(node.path)
        let head = try tree.read(node, at: 0, count: 256)
        if head.starts(with: Elf.magic) {
            try followElf(node, arguments)
        } else if let script = ScriptHead(head) {
            try followScript(script, path: subject == nil ? name : node.path.description, arguments, depth)
        } else {
            add(.noProgram(path: node.path.description))
        }
    }

    private mutating func followScript(_ head: ScriptHead, path: String, _ arguments: [String], _ depth: Int) throws {
        let rest = Array(arguments.dropFirst())
        guard let words = head.environmentProgram, let program = words.first else {
            let interpreter = [head.interpreter] + (head.argument.map { [$0] } ?? [])
            return try follow(interpreter + [path] + rest, subject: path, depth: depth + 1)
        }
        if try find(head.interpreter) == nil {
            let line = ([try place(of: program)] + words.dropFirst()).joined(separator: " ")
            add(.missingEnv(script: path, program: program), .firstLine("#!" + line))
        }
        try follow(words + [path] + rest, subject: path, depth: depth + 1)
    }

    /// Tells that a program is not there, and which base has it.
    private mutating func missing(_ name: String, _ arguments: [String], subject: String?) throws {
        var runtime = ProgramNeeds.Runtime(program: name)
        if case .java = runtime { runtime = .java(release: try javaRelease(of: arguments)) }
        if runtime == .python { try checkPython(arguments, interpreter: nil) }
        if let runtime { report.needs.runtime = runtime }
        let script = arguments.dropFirst().first { !$0.hasPrefix("-") }
        let program = name.split(separator: "/").last.map(String.init) ?? name
        add(
            .missingProgram(subject: subject ?? (runtime == nil ? nil : script) ?? "ENTRYPOINT", program: runtime == nil ? name : program),
            runtime == nil ? nil : BaseChoice(for: report.needs).remedy)
    }

    /// Where a program is on `PATH`, as it is written there; in its usual place if it is nowhere.
    private func place(of program: String) throws -> String {
        for directory in searchPath.split(separator: ":") {
            if let node = try tree.lookUp(directory + "/" + program), node.isExecutable { return directory + "/" + program }
        }
        return "/usr/bin/" + program
    }

    private var searchPath: String {
        config.container.environmentValue("PATH") ?? "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    }

    /// The file that a name leads to: a path from the working directory on, or a program on `PATH`.
    func find(_ name: String) throws -> ImageTree.Node? {
        let start = ImagePath(config.container.workingDirectory) ?? .root
        if name.contains("/") {
            guard let path = start.resolving(name), let node = try tree.lookUp(path), !node.isDirectory else { return nil }
            return node
        }
        for directory in searchPath.split(separator: ":") {
            guard let place = start.resolving(directory + "/" + name), let node = try tree.lookUp(place) else { continue }
            if node.isExecutable { return node }
        }
        return nil
    }
}

/// The text of a shell form, as far as it is plain.
struct ShellCommand {
    /// The command's words without `exec`; nil where the shell has more to do than to split them.
    let words: [String]?

    init(_ text: String) {
        let special: Set<Character> = ["|", "&", ";", "<", ">", "(", ")", "$", "`", "\\", "\"", "'", "*", "?", "[", "#", "~", "\n", "{"]
        var words = text.split(whereSeparator: \.isWhitespace).map(String.init)
        if words.first == "exec" { words.removeFirst() }
        let isPlain = !words.isEmpty && !words[0].contains("=") && !text.contains(where: special.contains)
        self.words = isPlain ? words : nil
    }
}
