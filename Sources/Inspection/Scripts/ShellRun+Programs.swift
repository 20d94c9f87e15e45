internal import OCI

/// The programs that a script starts, and what they make.
extension ShellRun {
    mutating func exec(_ operands: [String]) throws -> Flow {
        var rest = operands[...]
        while let option = rest.first, option.hasPrefix("-"), option != "--" {
            rest = rest.dropFirst(option == "-a" ? 2 : 1)
        }
        if rest.first == "--" { rest = rest.dropFirst() }
        guard let program = rest.first else { return .next(0) }
        if program.contains(Self.unknownText) { return .ended(.unknown(name)) }
        if program.isEmpty, let soughtProgram {
            let kind = Finding.Kind.missingProgram(subject: name, program: soughtProgram)
            return .ended(.failed([Finding(kind, chain: check.chain)]))
        }
        let flow = try external(Array(rest), isExec: true)
        if case .ended(.failed) = flow, bashOptions.contains("execfail") { return .next(126) }
        return flow
    }

    /// What fails when the script is at work already.
    mutating func inUse() -> Flow {
        check.report.add(.computedCommand(script: name, text: name))
        return .next(nil)
    }

    private static let userMakers: Set = ["useradd", "adduser", "usermod", "groupadd", "addgroup", "groupmod", "sed"]

    /// Whether what is missing may have been made by the script.
    private func isMade(_ finding: Finding) -> Bool {
        switch finding.kind {
        case .missingInput: hasWritten
        case .missingProgram(_, let program, _): mayHaveMade(program)
        case .unknownUser: hasUsers
        case .missingVariable: hasOpenNames
        default: false
        }
    }

    private static let installers: Set = [
        "apt-get", "apt", "apk", "dnf", "yum", "microdnf", "pip", "pip3", "npm", "yarn", "pnpm", "gem", "bundle",
        "composer",
        "make", "cmake", "cargo", "go", "tar", "unzip", "gunzip", "curl", "wget", "git", "rsync", "cpio", "bsdtar",
        "update-alternatives",
    ]

    /// Keeps what a program makes: the files that its arguments name.
    private mutating func noteMade(_ words: [String]) {
        let program = words[0].split(separator: "/").last.map(String.init) ?? ""
        if Self.installers.contains(program) { hasInstalled = true }
        guard ["cp", "mv", "ln", "install", "tee", "touch", "mkdir", "sed"].contains(program) else { return }
        let operands = words.dropFirst().filter { !$0.hasPrefix("-") }
        guard let last = operands.last else { return }
        if last.contains(Self.unknownText) { hasInstalled = true }
        for target in ["tee", "touch", "mkdir"].contains(program) ? operands : [last] {
            guard let place = check.process.directory.resolving(target) else { continue }
            made.insert(place)
            if ["cp", "mv", "ln"].contains(program) { filled.insert(place) }
            // Into a directory, by its own name.
            for source in operands.dropLast() {
                source.split(separator: "/").last.map { _ = made.insert(place.appending(Array($0.utf8))) }
            }
        }
    }

    /// Whether the script may have made a program before it starts it.
    func mayHaveMade(_ program: String) -> Bool {
        if hasInstalled { return true }
        if hasLostDirectory, program.contains("/"), !program.hasPrefix("/") { return true }
        guard !made.isEmpty else { return false }
        let names =
            program.contains("/") ? [program] : check.process.searchPath.map { $0 + "/" + program }
        return names.contains { name in
            guard let place = check.process.directory.resolving(name) else { return false }
            return made.contains(place) || filled.contains { place.hasPrefix($0) }
        }
    }

    /// The command line by which a BusyBox executes an applet that has no file of its name.
    func applet(_ words: [String]) throws -> [String]? {
        guard let box = check.process.busybox, let name = words.first, !name.contains("/") else { return nil }
        if case .found = try check.find(name) { return nil }
        return try check.hasApplet(name, box) ? [box.path.description] + words : nil
    }

    private static let lookers: Set = [
        "sleep", "id", "date", "cat", "ls", "grep", "hostname", "uname", "nproc", "getent", "sort", "head", "tail",
        "cut",
        "tr", "wc", "printenv", "basename", "dirname", "readlink", "realpath", "which", "expr", "whoami", "stat",
        "test",
    ]

    /// What starting a program comes to, and what it lacks that the script cannot have made.
    mutating func trial(of words: [String]) throws -> (check: ClosureCheck, errors: [Finding]) {
        var trial = check
        trial.report.findings = []
        trial.process.isChanged = hasWritten
        try trial.follow(applet(words) ?? words, subject: name)
        check.report.files.formUnion(trial.report.files)
        let errors = trial.report.findings.filter {
            $0.severity == .error && !$0.mentions(Self.unknownText) && !isMade($0)
        }
        return (trial, errors)
    }

    mutating func external(_ words: [String], isExec: Bool) throws -> Flow {
        exportAll()
        if let program = words.first, program.hasSuffix("\r") { return carriageReturn() }
        let words = fed(words)
        let (trial, errors) = try trial(of: words)
        check.report.needs = trial.report.needs
        if isExec { for unknown in trial.report.unknown { check.report.add(unknown) } }
        // What was sourced and is not known may have a function of that name.
        if !isExec, hasOpenNames, let program = words.first, !program.contains("/"),
            case .missingProgram(_, program, _)? = errors.first?.kind
        {
            return .next(nil)
        }
        guard errors.isEmpty else {
            lastFailure = errors
            return isExec ? .ended(.failed(errors)) : .next(127)
        }
        let failure = try toolFailure(words)
        if !failure.isEmpty {
            if hasSpoken, case .notPermitted? = failure.first?.kind { return inUse() }
            lastFailure = failure
            return isExec ? .ended(.failed(failure)) : .next(1)
        }
        if Self.userMakers.contains(words[0].split(separator: "/").last.map(String.init) ?? "") { hasUsers = true }
        if isExec {
            hints = trial.report.findings.filter { $0.severity == .warning }
            return .ended(.started)
        }
        // What only looks or says changes no files.
        let isSearch =
            words[0] == "find" && !words.contains { $0.hasPrefix("-exec") || $0 == "-delete" || $0.hasPrefix("-f") }
        if !isSearch, !Self.lookers.contains(words[0]) {
            hasWritten = true
            noteMade(words)
        }
        if let status = try toolStatus(words) { return .next(status) }
        return .next(words[0].hasSuffix("/true") ? 0 : words[0].hasSuffix("/false") ? 1 : conditionDepth > 0 ? nil : 0)
    }
}
