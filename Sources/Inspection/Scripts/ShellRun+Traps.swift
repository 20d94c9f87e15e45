internal import OCI

/// What a script has executed when a command fails, and at its end (bash(1), "trap").
extension ShellRun {
    /// `trap ACTION NAME…`.
    mutating func trap(_ words: [String]) -> Flow {
        let operands = words.first == "--" ? Array(words.dropFirst()) : words
        guard operands.count > 1, let action = operands.first, !action.hasPrefix("-") || action == "-" else {
            return .next(0)
        }
        let names = operands.dropFirst().map { $0.uppercased() }
        if isPlain, names.contains("ERR") {
            lastFailure = [
                Finding(.bashOnly(script: name, text: "trap … ERR"), .firstLine("#!/bin/bash"), chain: check.chain)
            ]
            return .next(1)
        }
        let isNone = action == "-" || action.isEmpty || action.contains(Self.unknownText)
        let syntax: Syntax?
        // What cannot be read does nothing that is known.
        do { syntax = try isNone ? nil : ShellParser.parse(Array(action.utf8), isPlain: isPlain) } catch {
            syntax = nil
        }
        if names.contains("ERR") { errorTrap = syntax }
        if names.contains("EXIT") || names.contains("0") { exitTrap = syntax }
        return .next(0)
    }

    /// The end that the trap for errors makes; nil where the script goes on as without it.
    mutating func trapped() throws -> Flow? {
        guard let action = errorTrap, callDepth == 0 || inheritsTraps else { return nil }
        errorTrap = nil
        defer { errorTrap = action }
        let flow = try inCondition { try $0.evaluate(action) }
        guard case .ended(let ending) = flow else { return nil }
        // `exit $?` ends as the command did.
        if case .started = ending, !Self.endsWell(action) { return nil }
        return flow
    }

    /// Whether an action has `exit 0`, or becomes another program.
    static func endsWell(_ action: Syntax) -> Bool {
        switch action {
        case .simple(let command):
            let words = command.words.map { $0.plain ?? "" }
            return words.prefix(2) == ["exit", "0"] || words.first == "exec"
        case .list(let commands): return commands.contains { endsWell($0) }
        case .and(let left, let right), .or(let left, let right): return endsWell(left) || endsWell(right)
        case .conditional(let branches, let otherwise):
            return branches.contains { endsWell($0.body) } || (otherwise.map { endsWell($0) } ?? false)
        default: return false
        }
    }
}
