internal import OCI

/// What servers read when they start (their manuals).
extension ClosureCheck {
    /// Files of one configuration that are read.
    private static let configurationLimit = 64
    private static let programLimit = 64 << 20

    /// Looks for what a program's command line and configuration name.
    ///
    /// - Parameter name: the program's, as it was called.
    mutating func checkServer(_ program: ServerProgram, _ name: String, _ arguments: [String], _ node: ImageTree.Node)
        throws
    {
        let reading = program.reading(arguments)
        guard !reading.onlySays else { return }
        let isRoot = process.user.identifier == 0
        if program.refusesRoot, isRoot, reading.users.isEmpty { return add(.refusesRoot(program: name)) }
        for user in reading.users { try needUser(user, "") }
        if program.dataFile == nil {
            for directory in reading.directories { try need(directory, of: name, isDirectory: true) }
        }
        try checkData(program, name, reading)
        for directory in reading.written + program.makes { try needWritable(directory) }
        for path in program.makes { try needFolder(of: path, name) }
        if program.named.isEmpty == false, reading.files.isEmpty {
            try needOne(of: program.named, in: reading.directories.last, name)
        }
        if name == "make", !report.cannotStart { try checkMake(arguments, reading) }
        var configurations = reading.files
        if configurations.isEmpty, program.operand == nil, let usual = try usual(program, node) {
            configurations = [usual]
        }
        for file in configurations where program.needsFiles { try need(file, of: name, isDirectory: false) }
        try needKey(program, name, arguments, configurations)
        guard let syntax = program.syntax else { return }
        var files = try configurations.compactMap {
            try process.directory.resolving($0).flatMap { try tree.lookUp($0) }
        }
        for directive in reading.settings { try check(directive, syntax, name, process.directory, &files) }
        var index = 0
        var (isLogged, hasUser) = (false, false)
        var base = syntax == .tcl ? process.directory : files.first?.path.parent ?? process.directory
        while index < files.count, index < Self.configurationLimit {
            let text = String(decoding: try tree.read(files[index], limit: 1 << 20), as: UTF8.self)
            report.files.insert(files[index].path)
            index += 1
            for directive in syntax.directives(text) {
                if directive[0] == "access_log" { isLogged = true }
                if directive[0] == "user" { hasUser = true }
                if syntax == .lighttpd, directive[0] == "module" { try needPlugin(directive[1], name, node) }
                if syntax == .apache, directive[0].lowercased() == "serverroot", directive.count > 1,
                    let root = ImagePath(directive[1])
                {
                    base = root
                }
                try check(directive, syntax, name, base, &files)
            }
        }
        guard syntax == .nginx, !files.isEmpty, index > 0 else { return }
        if !isLogged { try checkNginxLog(name, node) }
        // Its makers may have chosen another.
        if !hasUser, isRoot, try !tree.read(node, limit: Self.programLimit).contains(text: "--user=") {
            try needUser("nobody", "")
        }
    }

    /// A file that it reads where none is named: only its own text tells whether it is built so.
    private func usual(_ program: ServerProgram, _ node: ImageTree.Node) throws -> String? {
        guard !program.usual.isEmpty else { return nil }
        let bytes = try tree.read(node, limit: Self.programLimit)
        return program.usual.first { bytes.contains(text: $0) }
    }

    private mutating func checkData(_ program: ServerProgram, _ name: String, _ reading: ServerProgram.Reading) throws {
        guard let file = program.dataFile else { return }
        guard let directory = reading.directories.last ?? program.dataVariable.flatMap({ process.environment[$0] })
        else { return }
        guard let path = process.directory.resolving(directory), try tree.lookUp(path) != nil else {
            return add(.missingInput(program: name, path: directory))
        }
        try need(directory + "/" + file, of: name, isDirectory: false)
    }

    /// One of some files in a directory.
    private mutating func needOne(of names: [String], in directory: String?, _ program: String) throws {
        guard let place = process.directory.resolving(directory ?? "."), try tree.lookUp(place)?.isDirectory ?? false
        else { return }
        for name in names { if let path = place.resolving(name), try tree.lookUp(path) != nil { return } }
        add(.missingInput(program: program, path: place.resolving(names[0])?.description ?? names[0]))
    }

    private mutating func need(_ text: String, of name: String, isDirectory: Bool) throws {
        guard let path = process.directory.resolving(text) else { return }
        if ["/dev", "/proc", "/sys"].contains(where: { text.hasPrefix($0 + "/") }) { return }
        guard let node = try tree.lookUp(path) else { return add(.missingInput(program: name, path: text)) }
        guard !isDirectory else { return node.isDirectory ? () : add(.noDirectory(path: text)) }
        guard !node.isDirectory else { return }
        if try isPermitted(node, .read) { report.files.insert(node.path) }
    }

    /// A server of SSH has keys of its own: by its options, its configuration, or in their usual places (sshd_config(5)).
    private mutating func needKey(
        _ program: ServerProgram, _ name: String, _ arguments: [String], _ configurations: [String]
    ) throws {
        guard !program.oneOf.isEmpty, !arguments.contains(where: { $0.hasPrefix("-h") || $0.contains("HostKey") })
        else {
            return
        }
        for file in configurations + ["/etc/ssh/sshd_config"] {
            guard let path = process.directory.resolving(file), let bytes = try tree.contents(of: path.description)
            else {
                continue
            }
            let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
            if lines.contains(where: { $0.hasPrefix("HostKey") || $0.hasPrefix("Include") }) { return }
        }
        for path in program.oneOf where try tree.lookUp(path) != nil { return }
        add(.missingInput(program: name, path: program.oneOf[program.oneOf.count - 1]))
    }

    /// A part of lighttpd's: built in, or a library of its own.
    private mutating func needPlugin(_ path: String, _ name: String, _ node: ImageTree.Node) throws {
        guard let place = ImagePath(path), try tree.lookUp(place) == nil, try tree.lookUp(place.parent) != nil else {
            return
        }
        let plugin = path.split(separator: "/").last?.dropLast(3) ?? ""
        if try tree.read(node, limit: Self.programLimit).contains(text: String(plugin)) { return }
        add(.missingInput(program: name, path: path))
    }

    /// A directory that the user must be able to make, or to write to.
    private mutating func needWritable(_ text: String) throws {
        guard process.user.identifier != 0, let path = process.directory.resolving(text) else { return }
        var place = path
        while true {
            if let node = try tree.lookUp(place) {
                let obstacle = try obstacle(to: place, node, .execute) ?? (mayWrite(node) ? nil : node.path)
                guard let obstacle else { return }
                return add(
                    .notPermitted(path: path.description, obstacle: obstacle.description, user: process.user.name),
                    .permission)
            }
            guard !place.isRoot else { return }
            place = place.parent
        }
    }

    /// The directory of a file that the server makes, whoever it runs as.
    private mutating func needFolder(of text: String, _ name: String) throws {
        guard !process.isChanged, let folder = ImagePath(text)?.parent,
            try tree.lookUp(folder, followsLast: false) == nil,
            !volumes.contains(where: { ImagePath($0).map { folder.hasPrefix($0) || $0.hasPrefix(folder) } ?? false })
        else { return }
        add(.missingInput(program: name, path: folder.description))
    }

    private mutating func needUser(_ user: String, _ group: String) throws {
        guard !user.contains("$"), !user.hasPrefix("#"), process.user.identifier == 0 else { return }
        let saved = (process.user, process.environment["HOME"])
        try takeUser(group.isEmpty ? user : user + ":" + group)
        (process.user, process.environment["HOME"]) = saved
    }

    private mutating func check(
        _ directive: [String], _ syntax: ConfigurationSyntax, _ name: String, _ base: ImagePath,
        _ files: inout [ImageTree.Node]
    ) throws {
        guard let role = syntax.role(of: directive[0]), let value = syntax.value(of: directive), !value.contains("$"),
            !value.contains("{")
        else { return }
        let isPattern = value.contains { $0 == "*" || $0 == "?" || $0 == "[" }
        switch role {
        case .inclusion:
            guard let path = base.resolving(value) else { return }
            if isPattern {
                files += try matches(path)
                return
            }
            guard let node = try tree.lookUp(path) else {
                return add(.missingInput(program: name, path: path.description))
            }
            if node.size != nil, try isPermitted(node, .read) { files.append(node) }
        case .file:
            guard !value.hasPrefix("data:"), !value.hasPrefix("engine:"), let path = base.resolving(value) else {
                return
            }
            if try tree.lookUp(path) == nil { add(.missingInput(program: name, path: path.description)) }
        case .module:
            // Others depend on where the server was installed.
            guard value.hasPrefix("/"), let path = ImagePath(value) else { return }
            guard let node = try tree.lookUp(path) else { return add(.missingInput(program: name, path: value)) }
            if let elf = try tree.elf(node) { try followLibraries(of: node.path, elf, isRuntime: false) }
        case .directory:
            guard let path = base.resolving(value) else { return }
            guard let node = try tree.lookUp(path), node.isDirectory else {
                return add(.missingInput(program: name, path: value))
            }
            _ = try isPermitted(node, .execute)
        case .output:
            guard value.hasPrefix("/"), let path = ImagePath(value),
                !Self.made.contains(where: { path.parent.description == $0 || value.hasPrefix($0 + "/") })
            else { return }
            guard let parent = try tree.lookUp(path.parent), parent.isDirectory else {
                return add(.missingInput(program: name, path: path.parent.description))
            }
            // Its own files may be closed for others; a link leads to where it writes.
            let file = try tree.lookUp(path)
            if let file, try !mayWrite(file) || obstacle(to: path, file, .none) != nil {
                let closed = Finding.Kind.notPermitted(
                    path: value, obstacle: file.path.description, user: process.user.name)
                add(closed, .permission)
            } else if file == nil, try tree.lookUp(path, followsLast: false) == nil {
                try needWritable(value)
            }
        case .user: try needUser(value, directive.count > 2 && syntax == .nginx ? directive[2] : "")
        case .group: try needUser("0", value)
        }
    }

    /// What runtimes mount.
    private static let made = ["/dev", "/proc", "/sys", "/"]

    /// Files that a pattern in the last part of a path leads to.
    private func matches(_ path: ImagePath) throws -> [ImageTree.Node] {
        guard let name = path.name, let directory = try tree.lookUp(path.parent), directory.isDirectory else {
            return []
        }
        let pattern = ShellPattern.elements(String(decoding: name, as: UTF8.self))
        return try tree.children(of: directory).filter { child in
            ShellPattern.matches(String(decoding: child.path.name ?? [], as: UTF8.self), pattern)
        }.compactMap { try tree.lookUp($0.path) }.filter { $0.size != nil }
    }

    /// Where nothing is said of it, the log is where the server was built to have it.
    private mutating func checkNginxLog(_ name: String, _ node: ImageTree.Node) throws {
        let bytes = try tree.read(node, limit: Self.programLimit)
        for directory in ["/var/log/nginx", "/usr/local/nginx/logs"]
        where bytes.contains(text: directory + "/access.log") {
            guard let node = try tree.lookUp(directory), node.isDirectory else {
                add(.missingInput(program: name, path: directory))
                continue
            }
            if let file = ImagePath(directory + "/access.log"), try tree.lookUp(file, followsLast: false) == nil {
                try needWritable(directory)
            }
        }
    }

    // MARK: git

    /// git's own commands, and those that it starts (git(1)).
    mutating func checkGit(_ arguments: [String], _ node: ImageTree.Node) throws {
        var rest = arguments.dropFirst()
        while let option = rest.first, option.hasPrefix("-") {
            rest = rest.dropFirst()
            if ["--version", "--help", "-v", "-h", "--html-path", "--man-path", "--info-path", "--exec-path"].contains(
                option)
            {
                return
            }
            guard
                ["-C", "-c", "--git-dir", "--work-tree", "--namespace", "--super-prefix", "--config-env"].contains(
                    option)
            else { continue }
            guard let value = rest.popFirst() else { return }
            if option == "-C" { try need(value, of: "git", isDirectory: true) }
        }
        guard let command = rest.first, command.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "-" }) else { return }
        if let program = try gitProgram(command) {
            if isSame(program, node) { return }
            return try follow([program.path.description] + rest.dropFirst())
        }
        if try tree.contents(of: "/etc/gitconfig").map({ $0.contains(text: "alias") }) ?? false { return }
        // What it does by itself has a link beside its helpers, unless somebody has left the links out; and a name in it.
        let hasLinks = try tree.lookUp("/usr/lib/git-core/git-add") != nil
        if try !hasLinks && tree.read(node, limit: Self.programLimit).contains(text: "\0\(command)\0") { return }
        add(.missingProgram(subject: "git", program: "git-" + command))
    }

    /// A command of git's that is a program of its own.
    private mutating func gitProgram(_ command: String) throws -> ImageTree.Node? {
        for directory in ["/usr/lib/git-core/git-", "/usr/libexec/git-core/git-"] {
            if let node = try tree.lookUp(directory + command) { return node }
        }
        guard case .found(let node) = try find("git-" + command) else { return nil }
        return node
    }

    /// Whether one program is a link to the other, or its copy. Not inlined: Swift 6.3's optimiser ends with an ownership error there.
    @inline(never) private func isSame(_ one: ImageTree.Node, _ other: ImageTree.Node) -> Bool {
        one.path == other.path || one.size == other.size
    }

    // MARK: BusyBox

    /// What an applet is to start, or to read.
    mutating func followBusybox(_ arguments: [String], _ node: ImageTree.Node) throws {
        let word = arguments.first?.split(separator: "/").last.map(String.init) ?? ""
        guard !word.isEmpty, !word.hasPrefix("-") else { return }
        guard try hasApplet(word, node) else {
            return add(.missingProgram(subject: node.path.description, program: word))
        }
        if Language(program: word) == .shell {
            let saved = process.busybox
            process.busybox = node
            defer { process.busybox = saved }
            return try checkShell(arguments)
        }
        if let wrapper = Wrapper.named(word) { return try followWrapped(wrapper, arguments) }
        // Most applets that are called as servers are know other options.
        if ["awk", "sed"].contains(word), let program = ServerProgram.named(word) {
            try checkServer(program, word, arguments, node)
        }
    }

    /// Whether a BusyBox has an applet: it finds them by their names, which stand in it one behind the other.
    func hasApplet(_ name: String, _ node: ImageTree.Node) throws -> Bool {
        try tree.read(node, limit: Self.programLimit).contains(text: "\0\(name)\0")
    }
}
