/// A page for man(1) in the macros of man(7).
package struct ManualPage {
    let path: [String]
    let command: CommandDescription
    let version: String

    /// - Parameter path: the command's, below the root.
    package init(_ command: CommandDescription, at path: [String], version: String) {
        (self.path, self.command, self.version) = (path, command, version)
    }

    /// `distill-image-ls.1`
    package var fileName: String { name + ".1" }

    private var name: String { (["distill"] + path).joined(separator: "-") }
    private var words: String { (["distill"] + path).joined(separator: " ") }

    /// Ends with a line feed.
    package var text: String {
        var lines = [
            ".TH \"\(Self.escaped(name.uppercased()))\" \"1\" \"\" \"distill \(Self.escaped(version))\" \"Distill\"",
            ".SH NAME",
            "\(Self.escaped(name)) \\- \(Self.escaped(Self.withoutStop(command.abstract)))", ".SH SYNOPSIS",
        ]
        lines += synopsis + [".SH DESCRIPTION", Self.paragraph(command.abstract)]
        lines += commands + options + examples
        if path.isEmpty { lines += surroundings }
        lines +=
            [".SH EXIT STATUS"]
            + Surroundings.statuses.flatMap { [".TP", "\\fB\(Self.escaped($0.code))\\fR", Self.paragraph($0.meaning)] }
        lines += seeAlso
        return lines.joined(separator: "\n") + "\n"
    }

    private var synopsis: [String] {
        var line = "\\fB\(Self.escaped(words))\\fR"
        if !command.shownOptions.isEmpty { line += " [\\fIOPTIONS\\fR]" }
        if !command.shownCommands.isEmpty { line += " \\fICOMMAND\\fR" }
        for operand in command.operands { line += " \\fI\(Self.escaped(operand.synopsis))\\fR" }
        if command.passesRest { line += " [\\fIARG\\fR…]" }
        return [line]
    }

    private var commands: [String] {
        guard !command.shownCommands.isEmpty else { return [] }
        return [".SH COMMANDS"]
            + command.shownCommands.flatMap { child in
                [
                    ".TP", "\\fB\(Self.escaped(name))\\-\(Self.escaped(child.name))\\fR(1)",
                    Self.paragraph(child.abstract),
                ]
            }
    }

    private var options: [String] {
        let operands = command.operands.flatMap {
            [".TP", "\\fI\(Self.escaped($0.name))\\fR", Self.paragraph($0.abstract)]
        }
        let options = command.shownOptions.flatMap { option in
            let names = option.names.map { "\\fB\(Self.escaped($0))\\fR" }.joined(separator: ", ")
            let value = option.takesValue ? " \\fI\(Self.escaped(option.valueName))\\fR" : ""
            return [".TP", names + value, Self.paragraph(option.abstract + Self.default(option))]
        }
        return (operands.isEmpty ? [] : [".SH ARGUMENTS"] + operands)
            + (options.isEmpty ? [] : [".SH OPTIONS"] + options)
    }

    private var examples: [String] {
        let examples = Example.of(path, command)
        guard !examples.isEmpty else { return [] }
        return [".SH EXAMPLES"]
            + examples.flatMap {
                [
                    ".PP", Self.paragraph($0.meaning + ":"), ".PP", ".RS 4", ".EX", Self.escaped($0.command), ".EE",
                    ".RE",
                ]
            }
    }

    private var surroundings: [String] {
        func list(_ title: String, _ rows: [(name: String, meaning: String)]) -> [String] {
            [".SH \(title)"] + rows.flatMap { [".TP", "\\fB\(Self.escaped($0.name))\\fR", Self.paragraph($0.meaning)] }
        }
        return list("ENVIRONMENT", Surroundings.variables) + list("FILES", Surroundings.files)
    }

    private var seeAlso: [String] {
        let above = path.isEmpty ? [] : [(["distill"] + path.dropLast()).joined(separator: "-")]
        let names = above + command.shownCommands.map { "\(name)-\($0.name)" }
        guard !names.isEmpty else { return [] }
        return [".SH SEE ALSO", names.map { "\\fB\(Self.escaped($0))\\fR(1)" }.joined(separator: ",\n")]
    }

    private static func `default`(_ option: OptionDescription) -> String {
        guard option.takesValue, let value = option.defaultValue, !value.isEmpty else { return "" }
        return " (default: \(value))"
    }

    private static func withoutStop(_ text: String) -> String { text.hasSuffix(".") ? String(text.dropLast()) : text }

    private static func paragraph(_ text: String) -> String { escaped(text).isEmpty ? "\\&" : escaped(text) }

    /// Text that troff(1) reads as it stands: no escape, no request, and hyphens that stay what they are.
    static func escaped(_ text: String) -> String {
        var result = ""
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if !result.isEmpty { result += "\n" }
            if line.hasPrefix(".") || line.hasPrefix("'") { result += "\\&" }
            for character in line {
                switch character {
                case "\\": result += "\\e"
                case "-": result += "\\-"
                case "\"": result += "\\(dq"
                case "'": result += "\\(aq"
                case "`": result += "\\(ga"
                case "^": result += "\\(ha"
                case "~": result += "\\(ti"
                default: result.append(character)
                }
            }
        }
        return result
    }
}
