/// What the image of a file starts, as far as the file tells.
struct StartedProgram {
    /// The instruction that names the program; nil where only the base names one.
    let instruction: Instruction
    /// ENTRYPOINT's words and CMD's behind them, those of a shell form as the shell splits them.
    let words: [String]

    /// - Parameter stages: those that the image is made of.
    init?(_ stages: [ExpandedStage]) {
        let instructions = stages.flatMap(\.syntax.instructions)
        let entrypoint = instructions.last { $0.name == .entrypoint }
        let command = instructions.last { $0.name == .cmd }
        guard let first = entrypoint ?? command else { return nil }
        instruction = first
        words = [entrypoint, command].compactMap { $0 }.flatMap(Self.words)
        if words.isEmpty { return nil }
    }

    private static func words(_ instruction: Instruction) -> [String] {
        switch instruction.kind {
        case .entrypoint(.exec(let words)), .cmd(.exec(let words)): words
        case .entrypoint(.shell(let text)), .cmd(.shell(let text)): ShellCommands(text).commands.flatMap { $0 }
        default: []
        }
    }

    /// The last part of the program's path.
    var name: String { CleanPath.base(words[0]) }

    private static let shells: Set = ["sh", "bash", "ash", "dash", "zsh", "fish"]

    /// Whether a person is meant to work in the image: it starts a shell, or nothing but waits.
    var isWorkplace: Bool {
        if Self.shells.contains(name) {
            return words.count == 1 || words[1...].allSatisfy { $0.hasPrefix("-") && !$0.hasSuffix("c") }
        }
        return ["sleep", "tail"].contains(name)
    }
}
