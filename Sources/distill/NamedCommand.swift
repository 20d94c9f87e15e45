import ArgumentParser

/// A command that is parsed by itself.
///
/// The parser describes every command of the tree to itself, and each of its levels reads all arguments. Where the first
/// words name a command without commands below it, its own description is enough: that saves a third of the time of
/// commands that do little.
enum NamedCommand {
    /// The command that the arguments name and describe correctly.
    ///
    /// - Returns: nil for everything else, help and mistakes included: the whole tree is needed to tell about those.
    static func parse(_ arguments: [String], in root: any ParsableCommand.Type) -> (any ParsableCommand)? {
        var (type, rest) = (root, arguments[...])
        while let word = rest.first, let next = command(word, of: type) {
            type = next
            rest.removeFirst()
        }
        guard type != root, type.configuration.subcommands.isEmpty,
            let command = try? type.parseAsRoot(Array(rest)),  // told from the root
            Swift.type(of: command) == type
        else { return nil }
        return command
    }

    private static func command(_ name: String, of type: any ParsableCommand.Type) -> (any ParsableCommand.Type)? {
        type.configuration.subcommands.first { $0._commandName == name || $0.configuration.aliases.contains(name) }
    }

    /// The arguments as docker's parser takes them, in words that ours takes for the same (``OptionSpelling``).
    ///
    /// - Throws: ``UsageError``.
    static func spelledOut(_ arguments: [String], in root: any ParsableCommand.Type) throws -> [String] {
        var (type, rest) = (root, arguments[...])
        var result: [String] = []
        while true {
            let spelling = OptionSpelling(table: try OptionTable(type))
            guard !type.configuration.subcommands.isEmpty else { return result + (try spelling.rewritten(rest).words) }
            let (options, read) = try spelling.rewritten(rest, untilFirstArgument: true)
            result += options
            rest = rest.dropFirst(read)
            // Whatever it is, the parser tells.
            guard let word = rest.first, let next = command(word, of: type) else { return result + rest }
            result.append(word)
            rest.removeFirst()
            type = next
        }
    }
}
