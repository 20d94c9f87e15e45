internal import OCI

extension ShellRun {
    /// Whether a word has what a command prints.
    private static func isComputed(_ word: Syntax.Word) -> Bool {
        word.parts.contains { part in if case .command = part { true } else { false } }
    }

    /// A command of words: a function, a builtin or a program.
    mutating func simple(_ command: Syntax.Simple) throws -> Flow {
        (missingVariable, refused, substitutionFailure, substitutionStatus) = (nil, nil, [], 0)
        var words: [String] = []
        for word in command.words {
            words += try expand(word) ?? [Self.unknownText]
            if words.count > Self.fieldLimit { return .next(nil) }
        }
        let savedEnvironment = check.process.environment
        for assignment in command.assignments where assignment.value.contains(where: Self.isComputed) {
            computed.insert(assignment.name)
        }
        if callDepth > 0, ["local", "declare", "typeset"].contains(words.first), !words.contains("-g") {
            for name in command.assignments.map(\.name) + words.dropFirst() where hidden[name] == nil {
                hidden[name] = .some(variables[name])
            }
        }
        try assign(command.assignments, isTemporary: !words.isEmpty && !Self.declarations.contains(words[0]))
        if let name = missingVariable {
            lastFailure = [
                Finding(.missingVariable(script: self.name, name: name), .variable(name), chain: check.chain)
            ]
            return .ended(.failed(lastFailure))
        }
        if let text = refused { return refuse(text) }
        for output in command.outputs {
            guard let path = try text(output) else { continue }
            if let finding = try writeFailure(path) {
                if hasSpoken { return inUse() }
                lastFailure = [finding]
                return words.first == "exec" ? .ended(.failed([finding])) : .next(1)
            }
            if let place = check.process.directory.resolving(path) { made.insert(place) }
        }
        if command.outputs.isEmpty, ["echo", "printf"].contains(words.first ?? "") { hasSpoken = true }
        defer {
            if command.writesFiles { hasWritten = true }
            if command.writesFiles, words.contains(where: { $0.contains(":") }) { hasUsers = true }
        }
        guard let program = words.first else {
            // An assignment has the status of the command that it asks for its value.
            guard !substitutionFailure.isEmpty else { return .next(substitutionStatus) }
            lastFailure = substitutionFailure
            return .next(127)
        }
        defer {
            if !Self.declarations.contains(program), !command.assignments.isEmpty {
                check.process.environment = savedEnvironment
            }
        }
        if try lacks(command.inputs) { return .next(1) }
        if ["mapfile", "readarray"].contains(program), !isPlain { return try takeLines(words, command) }
        if program == "read", functions[program] == nil { return try takeLine(words, command) }
        document = try command.document.flatMap { try text($0) }
        defer { document = nil }
        if program.contains(Self.unknownText) || aliases.contains(program) { return .next(nil) }
        references = command.assignments.map(\.name)
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
                for word in item.value {
                    if case .text(let first, false)? = word.parts.first, first.hasPrefix("["), first.contains("]=") {
                        // An element with its key is no pattern of files.
                        values.append(try text(word) ?? Self.unknownText)
                    } else {
                        values += try expand(word) ?? [Self.unknownText]
                    }
                    if values.count + (arrays[item.name]?.count ?? 0) > Self.fieldLimit {
                        values = [Self.unknownText]
                        arrays[item.name] = nil
                        break
                    }
                }
                fill(item.name, values, isAppended: item.isAppended)
                continue
            }
            var value = try text(item.value.first ?? .init())
            if let index = item.index {
                elements[item.name, default: [:]][key(index) ?? Self.unknownText] = .some(value)
                continue
            }
            if item.isAppended {
                if let values = arrays[item.name] {
                    let first = (values.first ?? "") + (value ?? Self.unknownText)
                    arrays[item.name] = [Self.limited(first) ?? Self.unknownText] + values.dropFirst()
                    continue
                }
                value = value.flatMap { tail in (plainValue(item.name) ?? "").map { $0 + tail } }.flatMap(Self.limited)
            }
            if !isTemporary { variables[item.name] = .some(value) }
            if exportsAll, !isTemporary { exported.insert(item.name) }
            if isTemporary || exported.contains(item.name) {
                check.process.environment[item.name] = value ?? Self.unknownText
            }
        }
    }

    private mutating func call(_ body: Syntax, _ words: [String]) throws -> Flow {
        let saved = arguments
        arguments = words
        callDepth += 1
        let outer = hidden
        hidden = [:]
        defer {
            callDepth -= 1
            // What was the function's own is what it was before.
            for (name, value) in hidden { variables[name] = value }
            hidden = outer
        }
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
        // A name for another variable stands for what is not known.
        if operands.first?.hasPrefix("-") ?? false, operands.first?.contains("n") ?? false {
            for name in references { variables[name] = .some(nil) }
        }
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
        if let flow = try zshBuiltin(program, operands) { return flow }
        if ["declare", "local", "typeset"].contains(program) { declare(operands) }
        switch program {
        case "shopt":
            let names = operands.filter { !$0.hasPrefix("-") }
            if operands.first == "-s" { bashOptions.formUnion(names) }
            if operands.first == "-u" { bashOptions.subtract(names) }
            return .next(0)
        case "let":
            var status: Int? = 0
            for operand in operands { status = operand.contains(Self.unknownText) ? nil : arithmetic(operand) }
            return .next(status)
        case "printf" where operands.first == "-v" && operands.count > 2:
            variables[operands[1]] = .some(Self.formatted(Array(operands.dropFirst(2))))
            return .next(0)
        case "trap": return trap(operands)
        case "pushd" where !isPlain:
            guard let target = operands.last(where: { !$0.hasPrefix("-") && !$0.hasPrefix("+") }) else {
                hasLostDirectory = true
                return .next(nil)
            }
            directories.append(check.process.directory)
            return try changeDirectory(target)
        case "popd" where !isPlain:
            guard let last = directories.popLast() else { return .next(nil) }
            check.process.directory = last
            return .next(0)
        case "alias":
            for operand in operands {
                if let equals = operand.firstIndex(of: "=") { aliases.insert(String(operand[..<equals])) }
            }
            return .next(0)
        case ":", "true", "echo", "printf", "umask", "ulimit", "unalias", "local",
            "declare", "typeset",
            "readonly", "jobs", "pwd", "times", "fg", "bg", "disown", "kill", "bind", "enable", "fc", "history",
            "suspend", "caller":
            return .next(0)
        case "false": return .next(1)
        case "[", "test":
            let last = program == "[" && operands.last == "]" ? operands.dropLast() : operands[...]
            return .next(try ShellTest.evaluate(Array(last), in: &self).map { $0 ? 0 : 1 })
        case "export":
            for operand in operands where !operand.hasPrefix("-") { export(operand) }
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
            return .ended(.failed([failure(status)]))
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
            forget(operands.filter { !$0.hasPrefix("-") })
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
            (hasWritten, hasOpenNames) = (true, true)
            return .next(nil)
        }
        let syntax: Syntax
        do { syntax = try ShellParser.parse(Array(text.utf8), isPlain: isPlain) } catch { return .next(nil) }
        callDepth += 1
        defer { callDepth -= 1 }
        return try evaluate(syntax)
    }

    mutating func exportAll() {
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
                case "a": exportsAll = isOn
                case "E" where !isPlain: inheritsTraps = isOn
                case "E", "T", "P", "B", "H", "k", "p", "r", "t": if isPlain { return refuse("set -\(letter)") }
                case "u": refusesUnset = isOn
                case "o":
                    let name = rest.popFirst()
                    if name == "errexit" { endsAtErrors = isOn }
                    if name == "allexport" { exportsAll = isOn }
                    if name == "errtrace" { inheritsTraps = isOn }
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

    mutating func carriageReturn() -> Flow {
        lastFailure = [Finding(.carriageReturn(script: name, interpreter: "sh"), .lineEnds, chain: check.chain)]
        return .ended(.failed(lastFailure))
    }

    private mutating func changeDirectory(_ target: String) throws -> Flow {
        guard !target.contains(Self.unknownText), target != "-", let path = check.process.directory.resolving(target)
        else {
            hasLostDirectory = true
            return .next(nil)
        }
        if target.hasPrefix("/") { hasLostDirectory = false }
        guard let node = try check.tree.lookUp(path), node.isDirectory else {
            if hasWritten || hasLostDirectory {
                hasLostDirectory = true
                return .next(nil)
            }
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

    func isCommand(_ name: String) throws -> Bool {
        if functions[name] != nil || ["exec", "cd", "echo", "test", "printf", "type", "command"].contains(name) {
            return true
        }
        if case .found(let node) = try check.find(name) { return node.isExecutable }
        return try applet([name]) != nil
    }

    private mutating func commandBuiltin(_ operands: [String]) throws -> Flow {
        guard let first = operands.first else { return .next(0) }
        if first == "-p" {
            let saved = (check.process.environment["PATH"], variables["PATH"])
            defer { (check.process.environment["PATH"], variables["PATH"]) = saved }
            check.process.environment["PATH"] = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
            variables["PATH"] = check.process.environment["PATH"]
            return try commandBuiltin(Array(operands.dropFirst()))
        }
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
        guard let path = operands.first, !path.contains(Self.unknownText) else {
            hasOpenNames = true
            return .next(nil)
        }
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
            if try hasWritten || !isMissing(path) {
                hasOpenNames = true
                return .next(nil)
            }
            lastFailure = [Finding(.missingFile(program: name, path: path), chain: check.chain)]
            // It ends a POSIX shell (XCU 2.8.1), and is a failure like any other for bash.
            return check.process.isBash ? .next(1) : .ended(.failed(lastFailure))
        case .denied(let path, let obstacle):
            let kind = Finding.Kind.notPermitted(
                path: path.description, obstacle: obstacle.description, user: check.process.user.name)
            lastFailure = [Finding(kind, .permission, chain: check.chain)]
            return check.process.isBash ? .next(1) : .ended(.failed(lastFailure))
        case .found(let node):
            check.report.files.insert(node.path)
            let syntax: Syntax
            let bytes = try check.tree.read(node, limit: ShellParser.limit)
            do { syntax = try ShellParser.parse(bytes, isPlain: isPlain) } catch { return .ended(.unknown(path)) }
            callDepth += 1
            sourced.append(path)
            defer { (callDepth, _) = (callDepth - 1, sourced.removeLast()) }
            let flow = try evaluate(syntax)
            if case .returned(let status) = flow { return .next(status) }
            return flow
        }
    }
}
