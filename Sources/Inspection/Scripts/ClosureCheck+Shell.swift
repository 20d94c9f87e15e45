internal import OCI

extension ClosureCheck {
    /// Ways through one script that are tried.
    private static let wayLimit = 32

    /// Follows what a shell is to execute: a text behind `-c`, or a script.
    ///
    /// - Parameter shell: the program that executes it.
    mutating func checkShell(_ arguments: [String], shell: ImageTree.Node? = nil) throws {
        let saved = process.isPlainShell
        process.isPlainShell = shell?.path.name.map { $0.starts(with: "dash".utf8) } ?? false
        let savedKind = process.isBash
        let savedZsh = process.zsh
        process.zsh = shell.flatMap { $0.path.name?.starts(with: "zsh".utf8) ?? false ? $0 : nil }
        // What it cannot source does not end it either.
        process.isBash = arguments[0].hasSuffix("bash") || process.zsh != nil
        defer { (process.isPlainShell, process.isBash, process.zsh) = (saved, savedKind, savedZsh) }
        var rest = arguments.dropFirst()
        var named: [String] = []
        var (isText, endsAtErrors, refusesUnset, isLogin) = (false, false, false, false)
        while let option = rest.first, option.hasPrefix("-") || option.hasPrefix("+"), option.count > 1 {
            rest = rest.dropFirst()
            if option == "--" { break }
            if option.hasPrefix("--") {
                if option == "--login" { isLogin = true }
                if option == "--rcfile" || option == "--init-file" { rest = rest.dropFirst() }
                continue
            }
            for letter in option.dropFirst() {
                switch letter {
                case "c": isText = true
                case "e": endsAtErrors = option.hasPrefix("-")
                case "u": refusesUnset = option.hasPrefix("-")
                case "l": isLogin = isLogin || option.hasPrefix("-")
                case "s", "i": return
                case "o", "O": if let name = rest.popFirst() { named.append(name) }
                case " ", "\t": return add(.missingFile(program: arguments[0], path: option))
                default: continue
                }
            }
        }
        // It ends the options as `--` does (POSIX, sh).
        if rest.first == "-" { rest = rest.dropFirst() }
        guard let first = rest.popFirst() else { return }
        endsAtErrors = endsAtErrors || named.contains("errexit")
        start = ShellStart(countsPipes: named.contains("pipefail"))
        if isLogin { start.files.append("/etc/profile") }
        if shell?.path.name?.starts(with: "bash".utf8) ?? false, arguments[0].hasSuffix("bash"),
            let file = process.environment["BASH_ENV"], !file.contains("$")
        {
            start.files.append(file)
        }
        if isText {
            let name = rest.popFirst() ?? arguments[0]
            return try followShell(
                Array(first.utf8), name: name, title: "ENTRYPOINT", Array(rest), endsAtErrors, refusesUnset)
        }
        guard let path = process.directory.resolving(first) else { return }
        switch try open(path, .read) {
        case .missing:
            // bash looks on PATH too.
            if !first.contains("/"), case .found(let node) = try find(first) {
                return try followShellFile(node, first, Array(rest), endsAtErrors, refusesUnset)
            }
            add(.missingFile(program: arguments[0], path: first))
        case .denied(let path, let obstacle):
            add(
                .notPermitted(path: path.description, obstacle: obstacle.description, user: process.user.name),
                .permission)
        case .found(let node): try followShellFile(node, first, Array(rest), endsAtErrors, refusesUnset)
        }
    }

    private mutating func followShellFile(
        _ node: ImageTree.Node, _ name: String, _ arguments: [String], _ endsAtErrors: Bool, _ refusesUnset: Bool
    ) throws {
        report.files.insert(node.path)
        let bytes = try tree.read(node, limit: ShellParser.limit + 1)
        try followShell(bytes, name: name, title: name, arguments, endsAtErrors, refusesUnset)
    }

    /// The interpreter of a script that a shell reads one line of, and another language all: `'''exec' INTERPRETER "$0" "$@"`, as
    /// installers of Python write where the first line would be too long.
    private static func polyglot(_ bytes: [UInt8]) -> String? {
        let lines = bytes.prefix(1024).split(separator: 0x0A, maxSplits: 2)
        guard lines.count > 1, lines[1].starts(with: "'''exec' ".utf8) else { return nil }
        let text = String(decoding: lines[1].dropFirst(9), as: UTF8.self)
        guard let end = text.range(of: " \"$0\"") else { return nil }
        return text[..<end.lowerBound].filter { $0 != "\"" && $0 != "'" }
    }

    /// Follows each way through a script: it cannot start where all of them fail.
    private mutating func followShell(
        _ bytes: [UInt8], name: String, title: String, _ arguments: [String], _ endsAtErrors: Bool, _ refusesUnset: Bool
    ) throws {
        if let program = Self.polyglot(bytes) { return try follow([program, name] + arguments, subject: name) }
        let start = start
        self.start = ShellStart()
        if process.zsh != nil, Self.isZshAlone(bytes) { return report.add(.unread(path: title)) }
        let syntax: ShellSyntax
        do { syntax = try ShellParser.parse(bytes, isPlain: process.isPlainShell) } catch {
            return report.add(.unread(path: title))
        }
        if title != "ENTRYPOINT" { chain.append(title) }
        defer { if title != "ENTRYPOINT" { chain.removeLast() } }
        var decisions: [Bool] = []
        var failure: [Finding]?
        var hints: [Finding] = []
        var starts = false
        for attempt in 1...Self.wayLimit {
            // Where there are more ways than are tried, the last is the one that takes nothing.
            let isLast = attempt == Self.wayLimit
            var run = ShellRun(self, name: name, arguments: arguments, decisions: isLast ? [] : decisions)
            run.usualDecision = !isLast
            (run.endsAtErrors, run.refusesUnset, run.isPlain) = (endsAtErrors, refusesUnset, process.isPlainShell)
            run.countsPipes = start.countsPipes
            try run.read(start.files)
            let ending = try run.run(syntax)
            report.files.formUnion(run.check.report.files)
            report.needs = run.check.report.needs
            for unknown in run.check.report.unknown { report.add(unknown) }
            switch ending {
            case .started: (starts, hints) = (true, hints + run.hints)
            case .failed(let findings): failure = failure ?? findings
            case .unknown(let text):
                starts = true
                report.add(.computedCommand(script: title, text: text))
            }
            // The next way: the last decision that was yes becomes no.
            decisions = Array(run.decisions.prefix(run.taken))
            while decisions.last == false { decisions.removeLast() }
            guard let last = decisions.indices.last else { break }
            decisions[last] = false
        }
        let told = starts ? hints : failure ?? []
        for finding in told where !report.findings.contains(where: { $0.kind == finding.kind }) {
            report.findings.append(finding)
        }
    }
}

/// How a shell begins.
struct ShellStart {
    var countsPipes = false
    /// What it reads before the script: a login shell's profile, and `BASH_ENV` (bash(1)).
    var files: [String] = []
}
