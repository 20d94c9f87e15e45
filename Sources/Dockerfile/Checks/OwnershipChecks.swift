/// `chown -R` and `chmod -R` over what an earlier instruction brought.
enum OwnershipChecks {
    /// Only where the change reaches all that COPY or ADD put there, with another owner or mode than it has: of a directory below,
    /// which is often made for the program to write to, little is known.
    static func changes(_ input: CheckInput) -> [Finding] {
        var findings: [Finding] = []
        var directory: String?
        var copies: [Copied] = []
        // Nobody reads more findings than these, and nobody waits for them.
        let limit = 1000
        for step in SizeChecks.shipped(input).flatMap(\.steps) {
            switch step.instruction.kind {
            case .workdir: directory = step.words.first.map { resolve($0.expansion.text, directory) } ?? nil
            case .copy where copies.count >= limit, .add where copies.count >= limit: continue
            case .copy(let copy): copies += Copied(copy.files, step, directory).map { [$0] } ?? []
            case .add(let add): copies += Copied(add.files, step, directory).map { [$0] } ?? []
            case .run(let run):
                guard
                    let change = run.command.commands.compactMap(Change.init).first(where: { change in
                        change.paths.compactMap { resolve($0, directory) }.contains { path in
                            copies.contains { $0.isReached(by: path, change) }
                        }
                    })
                else { continue }
                findings.append(
                    Finding(
                        range: step.instruction.range,
                        message: "\(change.program) of copied files stores them a second time",
                        hint: "use COPY --\(change.program == "chmod" ? "chmod" : "chown")"))
            default: break
            }
        }
        return findings
    }

    /// Files that an instruction brought.
    private struct Copied {
        /// Absolute, without a slash at its end.
        let path: String
        let hasOwner: Bool
        let hasMode: Bool

        init?(_ files: CopiedFiles, _ step: ExpandedStage.Step, _ directory: String?) {
            let word = step.words.first { $0.word == files.destination }?.expansion.text ?? files.destination.text
            guard let path = OwnershipChecks.resolve(word, directory) else { return nil }
            (self.path, hasOwner, hasMode) = (path, files.chown != nil, files.chmod != nil)
        }

        func isReached(by other: String, _ change: Change) -> Bool {
            if change.program == "chmod" ? hasMode : hasOwner { return false }
            return path == other || path.hasPrefix(other == "/" ? other : other + "/")
        }
    }

    private struct Change {
        let program: String
        let paths: [String]

        /// - Returns: nil for another command, and for one that reaches named files alone.
        init?(_ words: [String]) {
            guard let program = words.first.map({ CleanPath.base($0) }), ["chown", "chmod", "chgrp"].contains(program)
            else { return nil }
            let flags = words.dropFirst().filter { $0.hasPrefix("-") }
            guard flags.contains(where: { $0 == "--recursive" || (!$0.hasPrefix("--") && $0.contains("R")) }) else {
                return nil
            }
            // The owner or the mode comes first; a mode may begin with a dash, and is no flag of use then.
            self.program = program
            paths = Array(words.dropFirst().filter { !$0.hasPrefix("-") }.dropFirst())
        }
    }

    /// The absolute path; nil where it is not known.
    private static func resolve(_ text: String, _ directory: String?) -> String? {
        guard !text.isEmpty, !text.contains("$") else { return nil }
        if text.hasPrefix("/") { return CleanPath.clean(text) }
        return directory.map { CleanPath.clean($0 + "/" + text) }
    }
}
