/// `# check=skip=RULE,…` in the comment directly above an instruction: its findings are not told (dockerfile 1.26).
struct InstructionSkips {
    private let skips: [(lines: ClosedRange<Int>, selection: CheckOptions.Selection)]

    init(_ syntax: DockerfileSyntax) {
        let instructions = syntax.globalArguments + syntax.stages.flatMap { [$0.opening] + $0.instructions }
        // The file's own directive stands above its first instruction, and is of the whole.
        let directive = syntax.directive(.check)?.text
        skips = instructions.enumerated().flatMap { index, instruction in
            instruction.comments.compactMap { comment in
                if index == 0, directive != nil,
                    Self.value(comment)?.filter({ !$0.isWhitespace }) == directive?.filter({ !$0.isWhitespace })
                {
                    return nil
                }
                // Any text may stand in a comment: what is no option is none of ours.
                guard let value = Self.value(comment), let options = try? CheckOptions(value, at: instruction.range)
                else { return nil }
                let (first, last) = (instruction.range.start.line, instruction.range.end.line)
                return (first...max(first, last), options.skipped)
            }
        }
    }

    /// What stands behind `check=`; nil for another comment.
    static func value(_ comment: String) -> String? {
        let pair = comment.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard pair.count == 2, pair[0].filter({ !$0.isWhitespace }).lowercased() == "check" else { return nil }
        return String(pair[1])
    }

    func skip(_ rule: Rule.Name, at place: SourcePosition) -> Bool {
        skips.contains { $0.lines.contains(place.line) && $0.selection.contains(rule) }
    }
}
