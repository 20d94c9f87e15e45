extension InstructionParser {
    func from() throws(Diagnostic) -> FromInstruction {
        let words = head.plainWords()
        let named = words.count == 3 && words[1].text.uppercased() == "AS"
        guard words.count == 1 || named else {
            throw fault(
                .invalidArguments, "FROM requires either one or three arguments",
                hint: "write FROM image or FROM image AS name")
        }
        let alias = named ? words[2] : nil
        if let alias, !Self.isStageName(alias.text.lowercased()) {
            throw Diagnostic(
                .error(.invalidStageName), at: alias.range,
                "invalid name for a stage: '\(alias)' must start with a letter and hold only letters, digits, '-', '_' and '.'"
            )
        }
        let flags = try FlagSet(head, ["platform": .single])
        return FromInstruction(
            platform: flags.word("platform"), base: words[0], asKeyword: named ? words[1] : nil, alias: alias,
            description: alias.flatMap { description(of: $0.text.lowercased()) })
    }

    /// `^[a-z][a-z0-9-_.]*$`
    private static func isStageName(_ text: String) -> Bool {
        guard let first = text.unicodeScalars.first, ("a"..."z").contains(first) else { return false }
        return text.unicodeScalars.allSatisfy {
            ("a"..."z").contains($0) || $0.isASCIIDigit || ["-", "_", "."].contains($0)
        }
    }

    func onBuild() throws(Diagnostic) -> OnBuildInstruction {
        guard !head.arguments.isEmpty else { throw needsArguments(.onbuild) }
        _ = try FlagSet(head, [:])
        var nested = line
        nested.text = head.text.suffix(from: head.arguments.lowerBound)
        nested.comments = []
        let parser = InstructionParser(nested, escape: escape)
        switch parser.head.name {
        case .onbuild: throw fault(.invalidOnBuild, "ONBUILD ONBUILD is not allowed")
        case .maintainer, .from:
            throw fault(
                .invalidOnBuild, "\(parser.head.keyword.text.uppercased()) is not allowed as an ONBUILD trigger")
        default: break
        }
        // As it stands, white space at its end too (reference frontend, parseOnBuild).
        var trigger = head.text.string(head.arguments.lowerBound..<head.text.count)
        for heredoc in line.heredocs { trigger += "\n" + heredoc.content + heredoc.name }
        do {
            return OnBuildInstruction(trigger: trigger, instruction: try parser.instruction(), fault: nil)
        } catch {
            // JSON that is no list of strings is an error here already, as in the reference; anything else concerns the
            // build that runs the trigger.
            if error.code == .error(.invalidJSON) { throw error }
            var fault = error
            fault.severity = .warning
            return OnBuildInstruction(trigger: trigger, instruction: nil, fault: fault)
        }
    }
}
