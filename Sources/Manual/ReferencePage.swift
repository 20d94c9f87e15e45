/// A page of the reference in Markdown.
package struct ReferencePage {
    let path: [String]
    let command: CommandDescription

    package init(_ command: CommandDescription, at path: [String]) { (self.path, self.command) = (path, command) }

    /// `distill-image-ls.md`
    package var fileName: String { name + ".md" }

    private var name: String { (["distill"] + path).joined(separator: "-") }
    private var words: String { (["distill"] + path).joined(separator: " ") }

    /// Ends with a line feed.
    package var text: String {
        var lines = ["# \(words)", "", Self.escaped(command.abstract), "", "```", synopsis, "```", ""]
        if !command.shownCommands.isEmpty {
            lines += ["## Commands", "", "| command | what it does |", "|---|---|"]
            lines +=
                command.shownCommands.map { "| [`\($0.name)`](\(name)-\($0.name).md) | \(Self.escaped($0.abstract)) |" }
                + [""]
        }
        if !command.operands.isEmpty {
            lines += ["## Arguments", "", "| argument | what it is |", "|---|---|"]
            lines += command.operands.map { "| \(Self.code($0.synopsis)) | \(Self.escaped($0.abstract)) |" } + [""]
        }
        if !command.shownOptions.isEmpty {
            lines += ["## Options", "", "| option | what it does |", "|---|---|"]
            lines += command.shownOptions.map(Self.row) + [""]
        }
        let examples = Example.of(path, command)
        if !examples.isEmpty {
            lines += ["## Examples", ""] + examples.flatMap { ["\($0.meaning):", "", "```sh", $0.command, "```", ""] }
        }
        if path.isEmpty { lines += Self.surroundings }
        return lines.joined(separator: "\n")
    }

    private var synopsis: String {
        var line = words
        if !command.shownOptions.isEmpty { line += " [OPTIONS]" }
        if !command.shownCommands.isEmpty { line += " COMMAND" }
        for operand in command.operands { line += " \(operand.synopsis)" }
        return command.passesRest ? line + " [ARG…]" : line
    }

    private static func row(_ option: OptionDescription) -> String {
        let names = option.names.map {
            code($0 + (option.takesValue && $0 == option.name ? " \(option.valueName)" : ""))
        }
        var meaning = escaped(option.abstract)
        if option.takesValue, let value = option.defaultValue, !value.isEmpty {
            meaning += " (default: \(code(value)))"
        }
        if !option.values.isEmpty { meaning += " One of \(option.values.map(code).joined(separator: ", "))." }
        return "| \(names.joined(separator: ", ")) | \(meaning) |"
    }

    private static var surroundings: [String] {
        func table(_ title: String, _ head: String, _ rows: [(name: String, meaning: String)]) -> [String] {
            ["## \(title)", "", "| \(head) | meaning |", "|---|---|"]
                + rows.map { "| \(code($0.name)) | \(escaped($0.meaning)) |" } + [""]
        }
        return table("Environment", "variable", Surroundings.variables) + table("Files", "file", Surroundings.files)
            + table("Exit codes", "code", Surroundings.statuses.map { ($0.code, $0.meaning) })
    }

    private static func code(_ text: String) -> String { "`\(text.replacing("|", with: "\\|"))`" }

    /// Text in which Markdown finds nothing of its own.
    private static func escaped(_ text: String) -> String {
        var result = ""
        for character in text {
            if "|<*_[]".contains(character) { result += "\\" }
            result.append(character)
        }
        return result
    }
}
