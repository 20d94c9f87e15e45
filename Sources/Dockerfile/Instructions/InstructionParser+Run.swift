extension InstructionParser {
    func run() throws(Diagnostic) -> RunInstruction {
        let flags = try FlagSet(head, ["mount": .repeated, "network": .single, "security": .single])
        var mounts: [MountSyntax] = []
        for value in flags.values("mount") { mounts.append(try MountSyntax(value)) }
        return RunInstruction(
            command: try runCommand(), mounts: mounts,
            network: try choice("network", flags, of: RunInstruction.Network.self) ?? .default,
            security: try choice("security", flags, of: RunInstruction.Security.self) ?? .sandbox)
    }

    private func runCommand() throws(Diagnostic) -> RunInstruction.Command {
        switch try commandForm(head.argumentText) {
        case .exec(let words): return .exec(words)
        case .shell(let text):
            guard let first = line.heredocs.first else { return .shell(text) }
            if Heredoc(opening: text) != nil { return .script(first) }
            var whole = text
            for heredoc in line.heredocs { whole += "\n" + heredoc.content + heredoc.name }
            return .shell(whole)
        }
    }

    private func choice<Choice: RawRepresentable & CaseIterable>(
        _ name: String, _ flags: FlagSet, of type: Choice.Type
    ) throws(Diagnostic) -> Choice? where Choice.RawValue == String {
        guard let value = flags.values(name).last else { return nil }
        if let choice = Choice(rawValue: value.string) { return choice }
        let names = Choice.allCases.map(\.rawValue)
        throw Diagnostic(
            .error(.invalidFlag), at: value.word.range, "'\(value.string)' is no value of --\(name)",
            hint: Suggestion.hint(for: value.string, among: names) ?? "use one of \(names.joined(separator: ", "))")
    }

    func healthcheck() throws(Diagnostic) -> HealthcheckInstruction {
        let scalars = head.text.scalars
        var end = head.arguments.lowerBound
        while end < head.arguments.upperBound, !scalars[end].isSpace { end += 1 }
        guard end > head.arguments.lowerBound else { throw needsArguments(.healthcheck) }
        let type = head.word(head.arguments.lowerBound..<end)
        let rest = head.text.string(head.text.trimmed(end..<head.arguments.upperBound))

        if type.text.uppercased() == "NONE" {
            guard rest.isEmpty else { throw fault(.invalidArguments, "HEALTHCHECK NONE takes no arguments") }
            return HealthcheckInstruction(test: .none)
        }
        let flags = try FlagSet(
            head,
            [
                "interval": .single, "timeout": .single, "start-period": .single, "start-interval": .single,
                "retries": .single,
            ])
        guard type.text.uppercased() == "CMD" else {
            throw Diagnostic(
                .error(.invalidArguments), at: type.range, "HEALTHCHECK does not know '\(type)'",
                hint: "use CMD or NONE")
        }
        let command = try commandForm(rest)
        guard !rest.isEmpty, command != .exec([]) else {
            throw fault(.invalidArguments, "a command is missing behind HEALTHCHECK CMD")
        }
        return HealthcheckInstruction(
            test: .command(command), interval: try duration("interval", flags), timeout: try duration("timeout", flags),
            startPeriod: try duration("start-period", flags), startInterval: try duration("start-interval", flags),
            retries: try retries(flags))
    }

    private func duration(_ name: String, _ flags: FlagSet) throws(Diagnostic) -> Int64? {
        guard let word = flags.word(name) else { return nil }
        guard let duration = GoDuration.parse(word.text) else {
            throw Diagnostic(
                .error(.invalidFlag), at: word.range, "'\(word)' is no length of time",
                hint: "write a number with a unit, such as 30s or 1m30s")
        }
        guard duration != 0 else { return nil }
        guard duration >= 1_000_000 else {
            throw Diagnostic(.error(.invalidFlag), at: word.range, "--\(name) cannot be less than 1ms")
        }
        return duration
    }

    private func retries(_ flags: FlagSet) throws(Diagnostic) -> Int64? {
        guard let word = flags.word("retries") else { return nil }
        guard let retries = Int32(word.text) else {
            throw Diagnostic(.error(.invalidFlag), at: word.range, "'\(word)' is no number of retries")
        }
        guard retries >= 0 else {
            throw Diagnostic(.error(.invalidFlag), at: word.range, "--retries cannot be negative")
        }
        return retries == 0 ? nil : Int64(retries)
    }
}
