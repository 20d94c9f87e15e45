/// Where in the tree of commands a command line leads.
package struct CommandPath {
    /// The names of the commands, the root's left out.
    package let names: [String]
    package let command: CommandDescription
    /// What stands behind the last command's name.
    package let rest: ArraySlice<String>

    /// Follows words as far as they name commands; options before a command's name are stepped over, with their values.
    package init(_ words: [String], in root: CommandDescription) {
        var (names, command, rest): ([String], CommandDescription, ArraySlice<String>) = ([], root, words[...])
        while let (next, read) = Self.step(rest, in: command) {
            names.append(next.name)
            command = next
            rest = rest.dropFirst(read)
        }
        (self.names, self.command, self.rest) = (names, command, rest)
    }

    /// The command that the first word without a dash names, and how many words lead there.
    private static func step(_ words: ArraySlice<String>, in command: CommandDescription) -> (CommandDescription, Int)?
    {
        guard !command.commands.isEmpty else { return nil }
        var index = words.startIndex
        while index < words.endIndex, words[index].hasPrefix("-"), words[index] != "-", words[index] != "--" {
            let hasValue = words[index].contains("=") || command.option(words[index])?.takesValue != true
            index += hasValue ? 1 : 2
        }
        guard index < words.endIndex, let next = command.command(words[index]) else { return nil }
        return (next, index - words.startIndex + 1)
    }

    /// The first word of ``rest`` that could be a command's name.
    package var unknownCommand: String? {
        guard !command.commands.isEmpty else { return nil }
        var rest = rest
        while let word = rest.popFirst() {
            guard word.hasPrefix("-") else { return word }
            if word == "--" { return nil }
            if !word.contains("="), command.option(word)?.takesValue == true { _ = rest.popFirst() }
        }
        return nil
    }
}
