internal import OCI

extension ShellRun {
    /// A command of words: a function, a builtin or a program.
    mutating func simple(_ command: Syntax.Simple) throws -> Flow {
        (missingVariable, refused, substitutionFailure) = (nil, nil, [])
        var words: [String] = []
        for word in command.words { words += try expand(word) ?? [Self.unknownText] }
        let savedEnvironment = check.process.environment
        try assign(command.assignments, isTemporary: !words.isEmpty && !Self.declarations.contains(words[0]))
        if let name = missingVariable {
            lastFailure = [
                Finding(.missingVariable(script: self.name, name: name), .variable(name), chain: check.chain)
            ]
            return .ended(.failed(lastFailure))
        }
        if let text = refused { return refuse(text) }
        for output in command.outputs {
            if let path = try text(output), let finding = try writeFailure(path) {
                if hasSpoken { return inUse() }
                lastFailure = [finding]
                return .next(1)
            }
        }
        if command.outputs.isEmpty, ["echo", "printf"].contains(words.first ?? "") { hasSpoken = true }
        defer {
            if command.writesFiles { hasWritten = true }
            if command.writesFiles, words.contains(where: { $0.contains(":") }) { hasUsers = true }
        }
        guard let program = words.first else {
            // An assignment has the status of the command that it asks for its value.
            guard !substitutionFailure.isEmpty else { return .next(0) }
            lastFailure = substitutionFailure
            return .next(127)
        }
        defer {
            if !Self.declarations.contains(program), !command.assignments.isEmpty {
                check.process.environment = savedEnvironment
            }
        }
        if try lacks(command.inputs) { return .next(1) }
        if program.contains(Self.unknownText) { return .next(nil) }
        if let body = functions[program] { return try call(body, Array(words.dropFirst())) }
        return try builtin(program, words) ?? external(words, isExec: false)
    }

    /// Whether a file that a command reads is not there.
    mutating func lacks(_ inputs: [Syntax.Word]) throws -> Bool {
        for input in inputs {
            guard let path = try text(input), !hasWritten, try isMissing(path) else { continue }
            lastFailure = [Finding(.missingFile(program: name, path: path), chain: check.chain)]
            return true
        }
        return false
    }

    private static let declarations: Set = ["export", "local", "declare", "typeset", "readonly"]

    private mutating func assign(_ assignments: [Syntax.Assignment], isTemporary: Bool) throws {
        for item in assignments {
            if item.isArray {
                var values: [String] = []
                for word in item.value { values += try expand(word) ?? [Self.unknownText] }
                fill(item.name, values, isAppended: item.isAppended)
                continue
            }
            var value = try text(item.value.first ?? .init())
            if let index = item.index {
                elements[item.name, default: [:]][key(index) ?? Self.unknownText] = .some(value)
                continue
            }
            if item.isAppended {
                if arrays[item.name] != nil {
                    arrays[item.name]?[0] += value ?? Self.unknownText
                    continue
                }
                value = value.flatMap { tail in (plainValue(item.name) ?? "").map { $0 + tail } }
            }
            if !isTemporary { variables[item.name] = .some(value) }
            if isTemporary || exported.contains(item.name) {
                check.process.environment[item.name] = value ?? Self.unknownText
            }
        }
    }

    private mutating func call(_ body: Syntax, _ words: [String]) throws -> Flow {
        let saved = arguments
        arguments = words
        callDepth += 1
        defer { callDepth -= 1 }
        let flow = try evaluate(body)
        arguments = saved
        if case .returned(let status) = flow { return .next(status) }
        return flow
    }

    func isMissing(_ path: String) throws -> Bool {
        guard !path.hasPrefix("/dev/"), !path.hasPrefix("/proc/"), !path.hasPrefix("/run/"), !path.hasPrefix("/sys/"),
            let place = check.process.directory.resolving(path)
        else { return false }
        return try check.tree.lookUp(place) == nil
    }

    /// What bash has and dash has not.
    private static let bashBuiltins: Set = [
        "source", "declare", "typeset", "shopt", "let", "mapfile", "readarray", "pushd", "popd", "disown", "enable",
        "caller", "bind", "suspend", "builtin", "history",
    ]

    /// Ends at what the shell does not read.
    mutating func refuse(_ text: String) -> Flow {
        lastFailure = [Finding(.bashOnly(script: name, text: text), .firstLine("#!/bin/bash"), chain: check.chain)]
        return .ended(.failed(lastFailure))
    }

    private mutating func declare(_ operands: [String]) {
        guard let option = operands.first, option.hasPrefix("-"), option.contains("A") || option.contains("a") else {
            return
        }
        for name in operands.dropFirst() where !name.hasPrefix("-") && arrays[name] == nil {
            elements[name] = elements[name] ?? [:]
        }
    }

    /// Nil for what is no builtin.
    private mutating func builtin(_ program: String, _ words: [String]) throws -> Flow? {
        let operands = Array(words.dropFirst())
        if isPlain, Self.bashBuiltins.contains(program) { return nil }
        if ["declare", "local", "typeset"].contains(program) { declare(operands) }
        switch program {
        case ":", "true", "echo", "printf", "trap", "umask", "ulimit", "alias", "unalias", "shopt", "local",
            "declare", "typeset",
            "readonly", "jobs", "pwd", "times", "fg", "bg", "disown", "let", "kill", "bind", "enable", "fc", "history",
            "suspend", "caller":
            return .next(0)
        case "false": return .next(1)
        case "[", "test":
            let last = program == "[" && operands.last == "]" ? operands.dropLast() : operands[...]
            return .next(try ShellTest.evaluate(Array(last), in: &self).map { $0 ? 0 : 1 })
        case "export":
            for name in operands where !name.hasPrefix("-") {
                exported.insert(name)
                if let value = variables[name] { check.process.environment[name] = value ?? Self.unknownText }
            }
            exportAll()
            return .next(0)
        case "unset":
            for name in operands {
                variables[name] = nil
                arrays[name] = nil
                functions[name] = nil
                check.process.environment[name] = nil
            }
            return .next(0)
        case "cd":
            return try changeDirectory(
                operands.first { !$0.hasPrefix("-") || $0 == "-" } ?? check.process.environment["HOME"] ?? "/")
        case "set": return set(operands)
        case "shift":
            if let text = operands.first, text.contains(Self.unknownText) {
                arguments = [Self.unknownText]
                return .next(0)
            }
            let count = operands.first.flatMap { Int($0) } ?? 1
            guard count <= arguments.count, count >= 0 else { return .next(1) }
            arguments.removeFirst(count)
            return .next(0)
        case "exit":
            guard let status = operands.first.map({ Int($0) }) ?? 0, status != 0 else { return .ended(.started) }
            if !lastFailure.isEmpty { return .ended(.failed(lastFailure)) }
            // Where files, arguments and variables alone led here, it always ends so.
            guard taken == 0, conditions > 0 else { return .ended(.started) }
            return .ended(
                .failed([Finding(.failedScript(script: name, status: status), chain: check.chain.filter { $0 != name })]
                ))
        case "return": return .returned(operands.first.map { Int($0) } ?? 0)
        case "break": return .left(isContinue: false)
        case "continue": return .left(isContinue: true)
        case "exec": return try exec(operands)
        case ".", "source": return try source(operands)
        case "command", "builtin": return try commandBuiltin(operands)
        case "type", "hash":
            guard let name = operands.last, !name.hasPrefix("-") else { return .next(0) }
            return try commandBuiltin(["-v", name])
        case "eval": return try evaluateText(operands)
        case "getopts": return .next(takeOption(operands))
        case "read", "mapfile", "readarray":
            for name in operands where !name.hasPrefix("-") { if program == "read" { variables[name] = .some(nil) } }
            return .next(nil)
        // What was put into the background last is what counts.
        case "wait":
            guard !lastBackground.isEmpty else { return .next(nil) }
            lastFailure = lastBackground
            return .next(127)
        default: return nil
        }
    }

    /// `eval`: its operands are a script of their own.
    private mutating func evaluateText(_ operands: [String]) throws -> Flow {
        let text = operands.joined(separator: " ")
        guard !text.contains(Self.unknownText), callDepth < 16 else {
            hasWritten = true
            return .next(nil)
        }
        let syntax: Syntax
        do { syntax = try ShellParser.parse(Array(text.utf8), isPlain: isPlain) } catch { return .next(nil) }
        callDepth += 1
        defer { callDepth -= 1 }
        return try evaluate(syntax)
    }

    private mutating func exportAll() {
        for name in exported {
            if let value = variables[name] { check.process.environment[name] = value ?? Self.unknownText }
        }
    }

    private mutating func set(_ operands: [String]) -> Flow {
        var rest = operands[...]
        while let option = rest.first, option.hasPrefix("-") || option.hasPrefix("+"), option.count > 1 {
            rest = rest.dropFirst()
            if option == "--" {
                arguments = Array(rest)
                return .next(0)
            }
            let isOn = option.hasPrefix("-")
            for letter in option.dropFirst() {
                switch letter {
                case "e": endsAtErrors = isOn
                case "E", "T", "P", "B", "H", "k", "p", "r", "t": if isPlain { return refuse("set -\(letter)") }
                case "u": refusesUnset = isOn
                case "o":
                    let name = rest.popFirst()
                    if name == "errexit" { endsAtErrors = isOn }
                    if name == "pipefail" { countsPipes = isOn }
                    if name == "nounset" { refusesUnset = isOn }
                    if name == "pipefail" || name == "posix", isPlain { return refuse("set -o \(name ?? "")") }
                    if name?.hasSuffix("\r") ?? false { return carriageReturn() }
                case "\r", "\r\n": return carriageReturn()
                default: continue
                }
            }
        }
        if !rest.isEmpty { arguments = Array(rest) }
        return .next(0)
    }

    private mutating func carriageReturn() -> Flow {
        lastFailure = [Finding(.carriageReturn(script: name, interpreter: "sh"), .lineEnds, chain: check.chain)]
        return .ended(.failed(lastFailure))
    }

    private mutating func changeDirectory(_ target: String) throws -> Flow {
        guard !target.contains(Self.unknownText), target != "-", let path = check.process.directory.resolving(target)
        else { return .next(nil) }
        guard let node = try check.tree.lookUp(path), node.isDirectory else {
            if hasWritten { return .next(nil) }
            lastFailure = [Finding(.missingFile(program: name, path: target), chain: check.chain)]
            return .next(1)
        }
        if !hasWritten, let obstacle = try check.obstacle(to: path, node, .execute) {
            let kind = Finding.Kind.notPermitted(
                path: target, obstacle: obstacle.description, user: check.process.user.name)
            lastFailure = [Finding(kind, .permission, chain: check.chain)]
            return .next(1)
        }
        check.process.directory = path
        return .next(0)
    }

    private func isCommand(_ name: String) throws -> Bool {
        if functions[name] != nil || ["exec", "cd", "echo", "test", "printf", "type", "command"].contains(name) {
            return true
        }
        if case .found(let node) = try check.find(name) { return node.isExecutable }
        return try applet([name]) != nil
    }

    private mutating func commandBuiltin(_ operands: [String]) throws -> Flow {
        guard let first = operands.first else { return .next(0) }
        guard first == "-v" || first == "-V" else {
            return try builtin(first, operands) ?? external(operands, isExec: false)
        }
        guard let name = operands.last, !name.contains(Self.unknownText) else { return .next(nil) }
        if try isCommand(name) { return .next(0) }
        lastFailure = [Finding(.missingProgram(subject: self.name, program: name), chain: check.chain)]
        return .next(1)
    }

    /// Reads files before the script, as far as they are there; what fails in them ends nothing.
    mutating func read(_ files: [String]) throws {
        for file in files {
            guard let path = check.process.directory.resolving(file), try check.tree.lookUp(path) != nil else {
                continue
            }
            _ = try inCondition { try $0.source([file]) }
            exportAll()
        }
        lastFailure = []
    }

    private mutating func source(_ operands: [String]) throws -> Flow {
        guard let path = operands.first, !path.contains(Self.unknownText) else { return .next(nil) }
        let place: ClosureCheck.Place
        if path.contains("/") {
            place = try check.process.directory.resolving(path).map { try check.open($0, .read) } ?? .missing
        } else {
            var found = ClosureCheck.Place.missing
            for directory in check.process.searchPath + ["."] {
                guard case .missing = found, let full = check.process.directory.resolving(directory + "/" + path) else {
                    continue
                }
                found = try check.open(full, .read)
            }
            place = found
        }
        switch place {
        case .missing:
            if try hasWritten || !isMissing(path) { return .next(nil) }
            lastFailure = [Finding(.missingFile(program: name, path: path), chain: check.chain)]
            return .ended(.failed(lastFailure))
        case .denied(let path, let obstacle):
            let kind = Finding.Kind.notPermitted(
                path: path.description, obstacle: obstacle.description, user: check.process.user.name)
            lastFailure = [Finding(kind, .permission, chain: check.chain)]
            return .ended(.failed(lastFailure))
        case .found(let node):
            check.report.files.insert(node.path)
            let syntax: Syntax
            let bytes = try check.tree.read(node, limit: ShellParser.limit)
            do { syntax = try ShellParser.parse(bytes, isPlain: isPlain) } catch { return .ended(.unknown(path)) }
            callDepth += 1
            defer { callDepth -= 1 }
            let flow = try evaluate(syntax)
            if case .returned(let status) = flow { return .next(status) }
            return flow
        }
    }

    // MARK: Programs

    private mutating func exec(_ operands: [String]) throws -> Flow {
        var rest = operands[...]
        while let option = rest.first, option.hasPrefix("-"), option != "--" {
            rest = rest.dropFirst(option == "-a" ? 2 : 1)
        }
        if rest.first == "--" { rest = rest.dropFirst() }
        guard let program = rest.first else { return .next(0) }
        if program.contains(Self.unknownText) { return .ended(.unknown(name)) }
        return try external(Array(rest), isExec: true)
    }

    /// What fails when the script is at work already.
    private mutating func inUse() -> Flow {
        check.report.add(.computedCommand(script: name, text: name))
        return .next(nil)
    }

    private static let userMakers: Set = ["useradd", "adduser", "usermod", "groupadd", "addgroup", "groupmod", "sed"]

    /// Whether what is missing may have been made by the script.
    private func isMade(_ finding: Finding) -> Bool {
        switch finding.kind {
        case .missingInput: hasWritten
        case .unknownUser: hasUsers
        default: false
        }
    }

    /// The command line by which a BusyBox executes an applet that has no file of its name.
    func applet(_ words: [String]) throws -> [String]? {
        guard let box = check.process.busybox, let name = words.first, !name.contains("/") else { return nil }
        if case .found = try check.find(name) { return nil }
        return try check.hasApplet(name, box) ? [box.path.description] + words : nil
    }

    private mutating func external(_ words: [String], isExec: Bool) throws -> Flow {
        exportAll()
        if let program = words.first, program.hasSuffix("\r") { return carriageReturn() }
        var trial = check
        trial.report.findings = []
        trial.process.isChanged = hasWritten
        try trial.follow(applet(words) ?? words, subject: name)
        check.report.files.formUnion(trial.report.files)
        check.report.needs = trial.report.needs
        if isExec { for unknown in trial.report.unknown { check.report.add(unknown) } }
        let errors = trial.report.findings.filter {
            $0.severity == .error && !$0.mentions(Self.unknownText) && !isMade($0)
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
        if !["sleep", "id", "date", "cat", "ls", "grep", "hostname", "uname", "nproc"].contains(words[0]) {
            hasWritten = true
        }
        return .next(words[0].hasSuffix("/true") ? 0 : words[0].hasSuffix("/false") ? 1 : conditionDepth > 0 ? nil : 0)
    }
}
