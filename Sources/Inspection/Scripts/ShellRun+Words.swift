internal import OCI

/// Word expansions (POSIX.1-2017, XCU 2.6).
extension ShellRun {
    /// Bytes of a value and fields of a command, more than which are not known.
    private static let valueLimit = 64 << 10
    static let fieldLimit = 4096

    /// A value that is not too long to be kept.
    static func limited(_ value: String) -> String? { value.utf8.count <= valueLimit ? value : nil }

    /// The fields that a word becomes; nil where that is not known.
    mutating func expand(_ word: Syntax.Word) throws -> [String]? {
        var fields: [String] = []
        var current: String?
        var pattern = false
        for (index, part) in word.parts.enumerated() {
            guard fields.count <= Self.fieldLimit, (current?.utf8.count ?? 0) <= Self.valueLimit else { return nil }
            switch part {
            case .text(let text, let isQuoted):
                current = (current ?? "") + (index == 0 && !isQuoted ? home(text) : text)
                if !isQuoted, text.contains(where: { "*?[".contains($0) }) { pattern = true }
            case .unknown: current = (current ?? "") + Self.unknownText
            case .arithmetic(let text): current = (current ?? "") + (number(text).map(String.init) ?? Self.unknownText)
            case .parameter(let parameter, let isQuoted):
                if let values = try self.fields(of: parameter, isQuoted) {
                    guard let first = values.first else { continue }
                    current = (current ?? "") + first
                    for value in values.dropFirst() {
                        current.map { fields.append($0) }
                        current = value
                    }
                    continue
                }
                let value = try value(of: parameter)
                // zsh splits no value of a parameter, and drops those that are empty.
                let isWhole = isQuoted || (check.process.zsh != nil && value?.isEmpty == false)
                split(value, isWhole, &fields, &current)
            case .command(let syntax, let isQuoted): split(try output(of: syntax), isQuoted, &fields, &current)
            }
        }
        if let current { fields.append(current) }
        return pattern ? try fields.flatMap { try files(matching: $0) } : fields
    }

    /// What a parameter becomes that may be several fields: `$@`, an array, or one in whose place they stand; nil for any other.
    private mutating func fields(of parameter: Syntax.Parameter, _ isQuoted: Bool) throws -> [String]? {
        let isList =
            parameter.name == "@" || parameter.name.hasSuffix("[@]") || (parameter.name == "*" && !isQuoted)
        let holdsList = parameter.word.parts.contains {
            if case .parameter(let inner, _) = $0 { inner.name == "@" || inner.name.hasSuffix("[@]") } else { false }
        }
        guard isList || holdsList, !parameter.isIndirect, parameter.operation != "length" else {
            return parameter.isIndirect && isList ? [Self.unknownText] : nil
        }
        if isPlain, Self.isBashOnly(parameter) { refused = refused ?? "${\(parameter.name)\(parameter.operation)…}" }
        let values = isList ? all(parameter.name) ?? [Self.unknownText] : nil
        let isEmpty = values?.isEmpty ?? ((plainValue(parameter.name) ?? "") == "")
        switch parameter.operation {
        case "": return values
        case ":-", "-": return isEmpty ? try expand(parameter.word) ?? [Self.unknownText] : values
        case ":+", "+": return isEmpty ? [] : try expand(parameter.word) ?? [Self.unknownText]
        case ":":
            guard let values, let place = try text(parameter.word) else { return [Self.unknownText] }
            return slice(values, place, isPositional: parameter.name.count == 1) ?? values.map { _ in Self.unknownText }
        case "^^", ",,", "^", ",": return values.map { $0.map { Self.recased($0, parameter.operation) } }
        default: return values.map { $0.map { _ in Self.unknownText } }
        }
    }

    private func split(_ value: String?, _ isQuoted: Bool, _ fields: inout [String], _ current: inout String?) {
        let value = value ?? Self.unknownText
        if isQuoted {
            current = (current ?? "") + value
            return
        }
        if let marks = variables["IFS"] ?? nil, !marks.allSatisfy(\.isWhitespace) {
            let pieces = value.split(omittingEmptySubsequences: false) { marks.contains($0) }.map(String.init)
            current = (current ?? "") + pieces[0]
            for piece in pieces.dropFirst() {
                current.map { fields.append($0) }
                current = piece
            }
            return
        }
        let words = value.split(whereSeparator: \.isWhitespace).map(String.init)
        if value.first?.isWhitespace ?? false, let text = current {
            fields.append(text)
            current = nil
        }
        for (index, word) in words.enumerated() {
            if index > 0, let text = current {
                fields.append(text)
                current = nil
            }
            current = (current ?? "") + word
        }
        if words.count > 0, value.last?.isWhitespace ?? false, let text = current {
            fields.append(text)
            current = nil
        }
    }

    /// `~` and `~/…` (XCU 2.6.1); whose home another name is, is not known.
    private func home(_ text: String) -> String {
        guard text.hasPrefix("~") else { return text }
        let rest = text.dropFirst()
        guard rest.isEmpty || rest.hasPrefix("/") else { return Self.unknownText }
        let home: String? = (variables["HOME"] ?? nil) ?? check.process.environment["HOME"]
        return (home ?? Self.unknownText) + rest
    }

    /// A word as one text; nil where that is not known.
    mutating func text(_ word: Syntax.Word) throws -> String? {
        var result = ""
        for (index, part) in word.parts.enumerated() {
            guard result.utf8.count <= Self.valueLimit else { return nil }
            switch part {
            case .text(let text, let isQuoted): result += index == 0 && !isQuoted ? home(text) : text
            case .unknown: return nil
            case .arithmetic(let text):
                guard let value = number(text) else { return nil }
                result += String(value)
            case .parameter(let parameter, _):
                guard let value = try value(of: parameter) else { return nil }
                result += value
            case .command(let syntax, _):
                guard let value = try output(of: syntax) else { return nil }
                result += value
            }
        }
        return result.contains(Self.unknownText) ? nil : Self.limited(result)
    }

    /// A word as a pattern: what is quoted in it stands for itself.
    mutating func pattern(_ word: Syntax.Word) throws -> [ShellPattern.Element]? {
        var result: [ShellPattern.Element] = []
        for part in word.parts {
            if case .text(let text, let isQuoted) = part {
                result += isQuoted ? text.unicodeScalars.map { .scalar($0) } : ShellPattern.elements(text)
            } else {
                guard let text = try text(.init(parts: [part])) else { return nil }
                result += ShellPattern.elements(text)
            }
        }
        return result
    }

    /// A variable without its operation; the outer nil where it is not set, the inner where it is not known.
    func plainValue(_ name: String) -> String?? {
        switch name {
        case "@", "*": return arguments.joined(separator: " ")
        case "#": return String(arguments.count)
        case "0": return self.name
        case "OPTIND": return String(optionPlace)
        case "?", "$", "!", "-", "PPID", "RANDOM", "SECONDS", "LINENO", "OLDPWD": return .some(nil)
        case "PWD": return check.process.directory.description
        case "HOME": return variables["HOME"] ?? "/"
        case "UID", "EUID": return String(check.process.user.identifier)
        case "BASH_SOURCE", "BASH_SOURCE[0]": return self.name
        case "HOSTNAME", "IFS", "BASH_VERSION", "OSTYPE", "HOSTTYPE", "REPLY", "FUNCNAME",
            "BASHPID":
            return .some(nil)
        default:
            if let number = Int(name) {
                guard number > 0, number <= arguments.count else { return nil }
                return arguments[number - 1]
            }
            if name.hasSuffix("[@]") { return .some(all(name)?.joined(separator: " ")) }
            if name.contains("[") { return element(name) }
            if let value = variables[name] { return .some(value) }
            if let values = arrays[name] { return values.first ?? "" }
            return hasOpenNames ? .some(nil) : nil
        }
    }

    mutating func value(of parameter: Syntax.Parameter) throws -> String? {
        if isPlain, Self.isBashOnly(parameter) { refused = refused ?? "${\(parameter.name)\(parameter.operation)…}" }
        if parameter.isIndirect {
            guard let target = plainValue(parameter.name) ?? nil, !target.isEmpty, !target.contains(Self.unknownText)
            else { return nil }
            return try value(of: .init(name: target, operation: parameter.operation, word: parameter.word))
        }
        let found = plainValue(parameter.name)
        if (found ?? "") == "" { lastEmpty = parameter.name }
        let isUsed = found.map { $0.map { !$0.isEmpty || !parameter.operation.hasPrefix(":") } ?? true } ?? false
        switch parameter.operation {
        case "": return found ?? unset(parameter.name)
        case ":-", "-": return isUsed ? found ?? nil : try text(parameter.word)
        case ":+", "+": return isUsed ? try text(parameter.word) : ""
        case ":=", "=":
            if isUsed { return found ?? nil }
            let value = try text(parameter.word)
            variables[parameter.name] = .some(value)
            return value
        case ":?", "?":
            if isUsed { return found ?? nil }
            missingVariable = missingVariable ?? parameter.name
            return ""
        case "length" where parameter.name == "FUNCNAME[@]": return String(callDepth)
        case "length" where parameter.name.hasSuffix("[@]"):
            return all(parameter.name).map { String($0.count) }
                ?? (elements[String(parameter.name.dropLast(3))]?.count).map(String.init)
        case "length": return (found ?? "").map { String($0.count) }
        case "#", "##", "%", "%%":
            guard let value = found ?? "", let pattern = try pattern(parameter.word) else { return nil }
            return Self.trimmed(
                value, pattern, fromEnd: parameter.operation.hasPrefix("%"), longest: parameter.operation.count == 2)
        case ":":
            guard let value = found ?? "", let place = try text(parameter.word) else { return nil }
            return part(value, place)
        case "^^", ",,", "^", ",":
            return (found ?? "").map { Self.recased($0, parameter.operation) }
        case "/", "//":
            guard let value = found ?? "", let change = try text(parameter.word) else { return nil }
            return Self.replaced(value, change, all: parameter.operation == "//").flatMap(Self.limited)
        default: return nil
        }
    }

    /// `${NAME:START:LENGTH}` of bash, with numbers.
    private func part(_ value: String, _ place: String) -> String? {
        let numbers = place.split(separator: ":").map { number(String($0)) }
        guard var start = numbers.first ?? nil, numbers.count < 3 else { return nil }
        if start < 0 { start = max(0, value.count + start) }
        let rest = value.dropFirst(start)
        guard numbers.count == 2 else { return String(rest) }
        guard let length = numbers[1], length >= 0 else { return nil }
        return String(rest.prefix(length))
    }

    private mutating func unset(_ name: String) -> String? {
        if refusesUnset, !["@", "*"].contains(name) { missingVariable = missingVariable ?? name }
        return ""
    }

    private static func trimmed(_ value: String, _ pattern: [ShellPattern.Element], fromEnd: Bool, longest: Bool)
        -> String
    {
        let scalars = Array(value.unicodeScalars)
        guard scalars.count <= 1024 else { return value }
        func text(_ part: ArraySlice<Unicode.Scalar>) -> String {
            var result = String.UnicodeScalarView()
            result.append(contentsOf: part)
            return String(result)
        }
        let lengths = longest ? Array(stride(from: scalars.count, through: 0, by: -1)) : Array(0...scalars.count)
        for length in lengths {
            let part = fromEnd ? scalars.suffix(length) : scalars.prefix(length)
            if ShellPattern.matches(text(part), pattern) {
                return text(fromEnd ? scalars.dropLast(length) : scalars.dropFirst(length))
            }
        }
        return value
    }

    /// The files that a pattern names in the image, sorted; the pattern itself where there are none.
    private func files(matching pattern: String) throws -> [String] {
        guard pattern.contains(where: { "*?[".contains($0) }), !pattern.contains(Self.unknownText) else {
            return [pattern]
        }
        let isAbsolute = pattern.hasPrefix("/")
        var found = [isAbsolute ? "" : "."]
        for name in pattern.split(separator: "/") {
            let elements = ShellPattern.elements(String(name))
            var next: [String] = []
            for directory in found.prefix(64) {
                guard let path = check.process.directory.resolving(directory.isEmpty ? "/" : directory),
                    let node = try check.tree.lookUp(path)
                else { continue }
                for child in try check.tree.children(of: node) {
                    let text = String(decoding: child.path.name ?? [], as: UTF8.self)
                    if text.hasPrefix(".") == name.hasPrefix("."), ShellPattern.matches(text, elements) {
                        next.append(directory + "/" + text)
                    }
                }
            }
            found = next
        }
        if found.isEmpty { return bashOptions.contains("nullglob") ? [] : [pattern] }
        return found.map {
            !isAbsolute && $0.hasPrefix("./") && !pattern.hasPrefix("./") ? String($0.dropFirst(2)) : $0
        }
    }

    // MARK: What commands print

    /// What a command prints, without the line ends behind it; nil where that is not known.
    mutating func output(of syntax: Syntax) throws -> String? {
        switch syntax {
        case .list(let commands): return try commands.last.flatMap { try output(of: $0) }
        case .and(let left, let right):
            guard case .simple(let command) = left, command.words.first?.plain == "cd", let last = command.words.last,
                command.words.dropFirst().dropLast().allSatisfy({ ["--", "-P", "-L"].contains($0.plain) }),
                command.words.count > 1, let target = try text(last),
                let path = check.process.directory.resolving(target),
                let node = try check.tree.lookUp(path)
            else { return nil }
            let saved = check.process.directory
            defer { check.process.directory = saved }
            check.process.directory = node.path
            return try output(of: right)
        case .simple(let command):
            var words: [String] = []
            for word in command.words {
                guard let fields = try expand(word), !fields.contains(where: { $0.contains(Self.unknownText) }) else {
                    return nil
                }
                words += fields
            }
            if words.isEmpty { return try inserted(command) }
            return try printed(words)
        case .or(let left, let right): return try either(left, right)
        case .pipeline(let commands, false): return try listedFile(commands)
        default: return nil
        }
    }

    /// `$(< FILE)`: what the file has.
    private mutating func inserted(_ command: Syntax.Simple) throws -> String? {
        guard command.inputs.count == 1, command.assignments.isEmpty, let path = try text(command.inputs[0]) else {
            return nil
        }
        guard try !hasWritten && isMissing(path) else { return try content(of: path, isFirstLine: false, []) }
        substitutionFailure = [Finding(.missingFile(program: name, path: path), chain: check.chain)]
        return ""
    }

    /// `$(a || b)`: what the second prints where it is known that the first fails.
    private mutating func either(_ left: Syntax, _ right: Syntax) throws -> String? {
        let first = try output(of: left)
        let status = substitutionStatus
        (substitutionFailure, substitutionStatus) = ([], nil)
        guard let first, let status else { return nil }
        if status == 0 {
            substitutionStatus = 0
            return first
        }
        return try first.isEmpty ? output(of: right) : nil
    }

    /// `ls PATTERN | head -n 1`: the first of the files, or nothing.
    private mutating func listedFile(_ commands: [Syntax]) throws -> String? {
        guard !hasWritten, commands.count == 2, case .simple(let first) = commands[0],
            case .simple(let last) = commands[1],
            first.words.first?.plain == "ls", ["head", "tail"].contains(last.words.first?.plain ?? ""),
            last.words.dropFirst().map(\.plain) == ["-1"] || last.words.dropFirst().map(\.plain) == ["-n", "1"]
                || last.words.dropFirst().map(\.plain) == ["-n1"]
        else { return nil }
        var files: [String] = []
        for word in first.words.dropFirst() {
            guard word.plain?.hasPrefix("-") != true else { return nil }
            guard let fields = try expand(word), !fields.contains(where: { $0.contains(Self.unknownText) }) else {
                return nil
            }
            files += fields
        }
        var found: [String] = []
        for file in files {
            guard file.hasPrefix("/"), !["/proc", "/sys", "/dev", "/run", "/tmp"].contains(where: file.hasPrefix),
                let path = ImagePath(file)
            else { return nil }
            guard let node = try check.tree.lookUp(path) else { continue }
            if node.isDirectory { return nil }
            found.append(file)
        }
        substitutionStatus = 0
        return last.words.first?.plain == "head" ? found.first ?? "" : found.last ?? ""
    }

    /// Keeps why a command whose output is asked for cannot start, or fails.
    private mutating func noteSubstitution(_ words: [String]) throws {
        guard functions[words[0]] == nil, !Self.printers.contains(words[0]) else { return }
        switch try check.find(words[0]) {
        case .missing where try applet(words) == nil:
            substitutionFailure = [
                Finding(.missingProgram(subject: name, program: words[0]), chain: check.chain)
            ]
        case .found(let node):
            substitutionFailure = try toolFailure(words)
            if substitutionFailure.isEmpty, try isFollowed(words[0], node) {
                substitutionFailure = try trial(of: words).errors
            }
        case .missing, .denied: break
        }
    }

    /// Whether what a program does is looked into: scripts, and interpreters of them.
    private func isFollowed(_ word: String, _ node: ImageTree.Node) throws -> Bool {
        if Language(program: word.split(separator: "/").last.map(String.init) ?? word) != nil { return true }
        return try check.tree.read(node, at: 0, count: 2).elementsEqual("#!".utf8)
    }

    /// What `command -v NAME` and `which NAME` print.
    private mutating func sought(_ program: String, _ name: String) throws -> String? {
        guard !(check.process.environment["PATH"] ?? "").contains(Self.unknownText) else { return nil }
        if case .found = try check.find(name) {
            return Self.printers.contains(name) || functions[name] != nil ? nil : try check.place(of: name)
        }
        guard try program == "command" && !isCommand(name) && !mayHaveMade(name) && !hasOpenNames else { return nil }
        (substitutionStatus, soughtProgram) = (1, name)
        return ""
    }

    /// Builtins that print, or whose status tells something else.
    private static let printers: Set = [
        "echo", "printf", "pwd", "command", "type", "test", "[", "cat", "true", "false", "eval", "set", "trap", "umask",
        "export",
        "read", "cd", "jobs", "ulimit", "alias", "hash", "times", "exec", ".", "source", "local", "declare", "shopt",
    ]

    private mutating func printed(_ words: [String]) throws -> String? {
        guard let program = words.first else { return "" }
        substitutionStatus = program == "false" ? 1 : nil
        if ["echo", "printf", "pwd", "cat", "dirname", "basename"].contains(program) { substitutionStatus = 0 }
        try noteSubstitution(words)
        let operands = Array(words.dropFirst())
        let last = operands.last ?? ""
        if ["dirname", "basename", "id", "whoami", "readlink", "realpath", "uname"].contains(program) {
            guard case .found = try check.find(program) else { return "" }
        }
        switch (program, operands) {
        case ("echo", _):
            return operands.first == "-n" || operands.first == "-e" ? nil : operands.joined(separator: " ")
        case ("printf", _): return Self.formatted(operands)
        case ("cat", _) where operands.count == 1, ("head", _) where operands.count == 1 || operands.count == 3:
            return try content(of: last, isFirstLine: program == "head", operands)
        case ("pwd", _): return check.process.directory.description
        case ("dirname", _):
            let parts = last.split(separator: "/", omittingEmptySubsequences: false).dropLast()
            return parts.isEmpty ? "." : parts.joined(separator: "/").isEmpty ? "/" : parts.joined(separator: "/")
        case ("basename", _): return operands.count == 1 ? last.split(separator: "/").last.map(String.init) ?? "/" : nil
        case ("uname", ["-m"]):
            let machines = ["amd64": "x86_64", "arm64": "aarch64", "riscv64": "riscv64", "s390x": "s390x"]
            return machines[check.platform.architecture]
        case ("uname", ["-s"]), ("uname", []): return "Linux"
        case ("id", ["-u"]): return String(check.process.user.identifier)
        case ("id", ["-g"]): return check.process.user.groups.first.map { String($0) }
        case ("whoami", _), ("id", ["-un"]): return check.process.user.identifier == 0 ? "root" : nil
        case ("readlink", _), ("realpath", _):
            guard let path = check.process.directory.resolving(last), program == "realpath" || operands.count == 2
            else { return nil }
            return try check.tree.lookUp(path)?.path.description
        case ("find", _): return try listing(words)?.joined(separator: "\n")
        case ("which", _) where operands.count == 1, ("command", _) where operands.count == 2 && operands[0] == "-v":
            return last.contains("/") ? nil : try sought(program, last)
        default: return nil
        }
    }
}
