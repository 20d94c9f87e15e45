internal import OCI

/// What a program makes of its arguments by `argparse`: options and their defaults, and functions for its commands.
struct PythonArguments {
    /// By the name under which the value is kept; what is not known has none.
    var values: [String: String] = [:]
    /// Names for what `parse_args` gave.
    var results: Set<String> = []
    /// The command that a parser is for, by the name of the parser.
    var commands: [String: String] = [:]
    /// Functions by the name under which they are kept, and by command.
    var targets: [String: [String: (module: String, function: String)]] = [:]
    /// What parsers demand: options by all their names, and how many words.
    var options: [String: [[String]]] = [:]
    var words: [String: Int] = [:]
    /// Parsers that demand a command.
    var choosers: Set<String> = []
    /// Names of what makes parsers of commands, and the parsers that they are of.
    var makers: [String: String] = [:]
}

extension PythonRun {
    /// A call by which a program says what its arguments are; nil for any other.
    mutating func parsesArguments(_ own: [String], _ arguments: [[PythonToken]], in module: String) throws -> Flow? {
        guard own.count == 2, loaded["argparse"] != nil else { return nil }
        if own.count == 2, parsed.results.contains(own[0]), let table = parsed.targets[own[1]] {
            guard let command = operands.first(where: { !$0.hasPrefix("-") }), let target = table[command] else {
                return .next
            }
            return try call(target.function, in: target.module)
        }
        guard guards == 0 else { return nil }
        switch own[1] {
        case "add_argument":
            addArgument(own[0], arguments, in: module)
            return .next
        case "set_defaults":
            guard let command = parsed.commands[own[0]] else { return .next }
            for argument in arguments where argument.count == 3 && argument[1] == .sign("=") {
                guard case .name(let name) = argument[0], case .name(let function) = argument[2] else { continue }
                parsed.targets[name, default: [:]][command] = (module, function)
            }
            return .next
        case "parse_args": return demands(of: own[0], arguments, in: module)
        default: return nil
        }
    }

    private mutating func addArgument(_ parser: String, _ arguments: [[PythonToken]], in module: String) {
        let names = arguments.compactMap { text($0) }
        guard let first = names.first else { return }
        func option(_ name: String) -> [PythonToken]? {
            arguments.first { $0.count > 2 && $0[0] == .name(name) && $0[1] == .sign("=") }.map {
                Array($0.dropFirst(2))
            }
        }
        let isOption = first.hasPrefix("-")
        let plain = (names.first { $0.hasPrefix("--") } ?? first).drop { $0 == "-" }.replacing("-", with: "_")
        let key = option("dest").flatMap { text($0) } ?? String(plain)
        var value = option("default").flatMap { pathText($0, in: module) }
        let isText =
            option("action") == nil && option("type").map { $0 == [.name("str")] || $0.last == .name("Path") } ?? true
        if isOption {
            for (index, operand) in operands.enumerated() {
                if names.contains(operand) { value = index + 1 < operands.count ? operands[index + 1] : nil }
                if let equals = operand.firstIndex(of: "="), names.contains(String(operand[..<equals])) {
                    value = String(operand[operand.index(after: equals)...])
                }
            }
            if option("required") == [.name("True")] { parsed.options[parser, default: []].append(names) }
        } else {
            if !operands.isEmpty { value = nil }
            let isOpen =
                ["?", "*"].contains { option("nargs") == [.text($0)] }
            let isDemanded = option("nargs") == nil || option("nargs") == [.text("+")]
            if isDemanded, !isOpen, option("default") == nil { parsed.words[parser, default: 0] += 1 }
            if operands.count == 1, parsed.words[parser] == 1, isDemanded, !operands[0].hasPrefix("-") {
                value = operands[0]
            }
        }
        parsed.values[key] = isText ? value : nil
    }

    /// Notes what a name stands for that is made of a parser: `sub = parser.add_subparsers(…)`, `s = sub.add_parser('x')`,
    /// `args = parser.parse_args()`.
    mutating func noteParser(_ tokens: [PythonToken]) {
        guard tokens.count > 5, case .name(let name) = tokens[0], tokens[1] == .sign("=") else { return }
        if tokens.contains(.name("parse_args")) { parsed.results.insert(name) }
        guard guards == 0, tokens.count > 6, case .name(let owner) = tokens[2], tokens[3] == .sign("."),
            case .name(let method) = tokens[4], tokens[5] == .sign("(")
        else { return }
        let arguments = Self.arguments(tokens, from: 5)
        switch method {
        case "add_parser":
            if let command = arguments.first.flatMap({ text($0) }) { parsed.commands[name] = command }
        case "add_subparsers":
            let isDemanded = arguments.contains([.name("required"), .sign("="), .name("True")])
            parsed.makers[name] = owner
            if isDemanded { parsed.choosers.insert(owner) }
        default: return
        }
    }

    /// What a program demands and is not given: `parse_args` ends it then.
    private func demands(of parser: String, _ arguments: [[PythonToken]], in module: String) -> Flow? {
        guard counts, loaded["__main__"]?.node != nil, parsed.commands[parser] == nil,
            !operands.contains(where: { ["-h", "--help", "--version", "-V"].contains($0) || $0.hasPrefix("@") })
        else { return nil }
        if let given = arguments.first, arguments.count > 1 || !isWholeLine(given) { return nil }
        let hasCommands = parsed.makers.values.contains(parser)
        let words = operands.filter { !$0.hasPrefix("-") }.count
        let lacksOption = (parsed.options[parser] ?? []).contains { names in
            !operands.contains { operand in names.contains { operand.hasPrefix($0) || $0.hasPrefix(operand) } }
        }
        let lacksWord = !hasCommands && words < parsed.words[parser] ?? 0
        let lacksCommand = parsed.choosers.contains(parser) && words == 0
        guard lacksOption || lacksWord || lacksCommand else { return nil }
        return .fails([Finding(.failedScript(script: place(of: module), status: 2), chain: check.chain)])
    }

    /// Nothing, or all that the program is given.
    private func isWholeLine(_ tokens: [PythonToken]) -> Bool {
        let line: [PythonToken] = [
            .name("sys"), .sign("."), .name("argv"), .sign("["), .number("1"), .sign(":"), .sign("]"),
        ]
        if tokens == [.name("None")] || tokens == line || Self.value(of: tokens) == line { return true }
        if tokens.count == 1, case .name(let name) = tokens[0] { return nones.contains(name) }
        return false
    }
}
