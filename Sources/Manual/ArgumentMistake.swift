import Dockerfile

/// What a command line names and the tree of commands does not have.
package enum ArgumentMistake: Error, Hashable, Sendable {
    /// - Parameters:
    ///   - path: the names of the commands above, without the root's.
    ///   - nearest: the path of the command that may be meant, with what stands above it.
    case unknownCommand(String, below: [String], nearest: [String]?)
    /// - Parameter nearest: an option of the command, as it is written.
    case unknownOption(String, of: [String], nearest: String?)
    /// An operand that the command cannot do without.
    ///
    /// - Parameters:
    ///   - abstract: what it is.
    ///   - synopsis: the command with its operands.
    case missingOperand(String, abstract: String, synopsis: String)

    /// Finds the first mistake in what follows the program's name; nil if every command and option is known and all operands are there.
    package static func find(in words: [String], of root: CommandDescription) -> ArgumentMistake? {
        var words = words
        let asksForHelp = words.first == "help"
        if asksForHelp { words.removeFirst() }
        let path = CommandPath(words, in: root)
        if let word = path.unknownCommand {
            return .unknownCommand(word, below: path.names, nearest: nearestCommand(word, below: path, in: root))
        }
        if asksForHelp { return nil }
        return wrongOption(in: path)
    }

    /// Among the names that may stand there, or as they would stand elsewhere: `distill prune` is `system prune`.
    private static func nearestCommand(_ word: String, below path: CommandPath, in root: CommandDescription)
        -> [String]?
    {
        if path.names.isEmpty, let group = root.shownCommands.first(where: { $0.command(word) != nil }) {
            return [group.name, word]
        }
        // 'help' is nobody's command, and always there.
        let names = path.command.shownCommands.flatMap { [$0.name] + $0.aliases } + (path.names.isEmpty ? ["help"] : [])
        if let name = Suggestion.nearest(to: word, among: names) {
            return path.names + [path.command.command(name)?.name ?? name]
        }
        if !path.names.isEmpty, let elsewhere = root.command(word), !elsewhere.isHidden { return [elsewhere.name] }
        return nil
    }

    private static func wrongOption(in path: CommandPath) -> ArgumentMistake? {
        var rest = path.rest
        var operands = 0
        let own = path.command.operands.firstIndex(where: \.takesRest)
        while let word = rest.popFirst() {
            if word == "--" {
                operands += rest.count
                break
            }
            guard word.hasPrefix("-"), word != "-" else {
                operands += 1
                if let own, operands > own { break }
                continue
            }
            let name = word.split(separator: "=", maxSplits: 1).first.map(String.init) ?? word
            if let option = path.command.option(name) {
                if option.takesValue, !word.contains("=") { _ = rest.popFirst() }
                continue
            }
            if name.hasPrefix("--") { return unknown(name, path) }
            guard let letter = unknownLetter(name, path.command, &rest) else { continue }
            return unknown("-\(letter)", path)
        }
        return missing(behind: operands, path)
    }

    private static func missing(behind given: Int, _ path: CommandPath) -> ArgumentMistake? {
        let operands = path.command.operands
        guard operands.indices.contains(given), !operands[given].isOptional, path.command.commands.isEmpty else {
            return nil
        }
        let synopsis = (["distill"] + path.names + operands.map(\.synopsis)).joined(separator: " ")
        return .missingOperand(operands[given].name, abstract: operands[given].abstract, synopsis: synopsis)
    }

    /// The first letter of joined short options that none has; the value of one that takes it may be joined, or the next word.
    private static func unknownLetter(_ word: String, _ command: CommandDescription, _ rest: inout ArraySlice<String>)
        -> Character?
    {
        var letters = word.dropFirst()
        while let letter = letters.popFirst() {
            guard let option = command.option("-\(letter)") else { return letter }
            guard option.takesValue else { continue }
            if letters.isEmpty { _ = rest.popFirst() }
            return nil
        }
        return nil
    }

    private static func unknown(_ name: String, _ path: CommandPath) -> ArgumentMistake {
        let known = path.command.shownOptions.flatMap(\.names).filter { $0.hasPrefix("--") }
        let nearest = name.hasPrefix("--") ? Suggestion.nearest(to: name, among: known) ?? longer(name, known) : nil
        return .unknownOption(name, of: path.names, nearest: nearest)
    }

    /// The only option that a shortened one may mean: `--meta` is `--metadata-file`.
    private static func longer(_ name: String, _ known: [String]) -> String? {
        let longer = known.filter { $0.hasPrefix(name) }
        return longer.count == 1 ? longer.first : nil
    }
}
