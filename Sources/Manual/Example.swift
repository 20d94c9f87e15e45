/// A command line that does something useful as it stands, and what that is.
package struct Example: Hashable, Sendable {
    /// The words behind the program's name, as a shell reads them.
    package let line: String
    /// Without a full stop.
    package let meaning: String

    init(_ line: String, _ meaning: String) { (self.line, self.meaning) = (line, meaning) }

    /// With the program's name.
    package var command: String { line.hasPrefix("|") ? String(line.dropFirst()) : "distill \(line)" }

    /// The examples of a command, by its path below the root.
    package static func of(_ path: [String]) -> [Example] { table[path.joined(separator: " ")] ?? [] }

    /// Those of a command, or for a group without any, of the commands below it.
    package static func of(_ path: [String], _ command: CommandDescription) -> [Example] {
        let own = of(path)
        guard own.isEmpty else { return own }
        return command.shownCommands.flatMap { of(path + [$0.name]).prefix(1) }
    }

    /// The block at the end of a command's help; nil without examples.
    package static func block(for path: [String], _ command: CommandDescription) -> String? {
        let examples = of(path, command)
        guard !examples.isEmpty else { return nil }
        return "\nEXAMPLES:\n" + examples.map { "  # \($0.meaning)\n  \($0.command)\n" }.joined()
    }
}
