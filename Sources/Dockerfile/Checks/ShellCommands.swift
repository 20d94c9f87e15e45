/// The simple commands of a shell's text, roughly: enough to see which programs a RUN starts, and with what words.
///
/// Operators, line ends and groups divide; quotes are taken away; substitutions and control words are left as words.
struct ShellCommands {
    /// Each command's words, without assignments and what only starts another (`sudo`, `env`, `exec`, `time`).
    let commands: [[String]]

    init(_ text: String) {
        var commands: [[String]] = []
        var words: [String] = []
        var word = ""
        var quote: Unicode.Scalar?
        var isWord = false
        func endWord() {
            if isWord { words.append(word) }
            (word, isWord) = ("", false)
        }
        func endCommand() {
            endWord()
            let command = Self.program(words)
            if !command.isEmpty { commands.append(command) }
            words = []
        }
        var isEscaped = false
        for scalar in text.unicodeScalars {
            if isEscaped {
                isEscaped = false
                // A line that goes on.
                if scalar != "\n" {
                    word.unicodeScalars.append(scalar)
                    isWord = true
                }
                continue
            }
            switch (quote, scalar) {
            case (_, "\\") where quote != "'": isEscaped = true
            case (nil, "'"), (nil, "\""):
                quote = scalar
                isWord = true
            case (let open?, _) where scalar == open: quote = nil
            case (.some, _): word.unicodeScalars.append(scalar)
            case (nil, ";"), (nil, "&"), (nil, "|"), (nil, "\n"), (nil, "("), (nil, ")"), (nil, "`"): endCommand()
            case (nil, " "), (nil, "\t"), (nil, "\r"): endWord()
            default:
                word.unicodeScalars.append(scalar)
                isWord = true
            }
        }
        endCommand()
        self.commands = commands
    }

    private static let starters: Set = [
        "sudo", "env", "exec", "time", "nice", "command", "then", "do", "else", "{", "!", "if", "while", "set",
    ]

    private static func program(_ words: [String]) -> [String] {
        var rest = words[...]
        while let first = rest.first {
            let isAssignment =
                first.firstIndex(of: "=").map { first[..<$0].allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" } }
                ?? false
            guard isAssignment || starters.contains(first) else { break }
            rest.removeFirst()
        }
        return Array(rest)
    }
}

extension RunInstruction.Command {
    /// What it starts.
    var commands: [[String]] {
        switch self {
        case .exec(let words):
            // The shell that is named is no other than the usual one.
            if words.count >= 3, ["sh", "bash", "ash"].contains(CleanPath.base(words[0])), words[1].hasPrefix("-"),
                words[1].hasSuffix("c")
            {
                return ShellCommands(words[2]).commands
            }
            return words.isEmpty ? [] : [words]
        case .shell(let text): return ShellCommands(text).commands
        case .script(let heredoc): return ShellCommands(heredoc.text).commands
        }
    }
}
