package import OCI

/// A command as the argument parser describes it: the one source of help, manual pages, completion and the reference.
package struct CommandDescription: Hashable, Sendable {
    package let name: String
    package let aliases: [String]
    /// One sentence.
    package let abstract: String
    package let isHidden: Bool
    package let options: [OptionDescription]
    /// Arguments without a name, in their order.
    package let operands: [OperandDescription]
    package let commands: [CommandDescription]

    /// The tree below the root.
    ///
    /// - Parameter description: what the parser prints for `--experimental-dump-help`; members that are missing are empty.
    package init(description: JSON) { self.init(command: description["command"] ?? .null) }

    private init(command: JSON) {
        let arguments = command["arguments"]?.array ?? []
        name = command["commandName"]?.string ?? ""
        aliases = command["aliases"]?.strings ?? []
        abstract = command["abstract"]?.string ?? ""
        isHidden = command["shouldDisplay"]?.bool == false
        options = arguments.filter { $0["kind"]?.string != "positional" }.compactMap(OptionDescription.init(argument:))
        operands = arguments.filter { $0["kind"]?.string == "positional" }.map(OperandDescription.init(argument:))
        commands = (command["subcommands"]?.array ?? []).map(CommandDescription.init(command:)).filter {
            $0.name != "help"
        }
    }

    /// The command below this one with a name, or with that alias.
    package func command(_ name: String) -> CommandDescription? {
        commands.first { $0.name == name || $0.aliases.contains(name) }
    }

    /// The option with a name as it is written: `--file`, `-f`.
    package func option(_ name: String) -> OptionDescription? { options.first { $0.names.contains(name) } }

    /// What people see of the commands below this one.
    package var shownCommands: [CommandDescription] { commands.filter { !$0.isHidden } }

    package var shownOptions: [OptionDescription] { options.filter { !$0.isHidden } }

    /// Whether what follows the first operand belongs to somebody else's program, as with `run`.
    package var passesRest: Bool { operands.contains(where: \.takesRest) }

    /// Each command of the tree with its path below the root, which is empty for the root itself; hidden ones are left out.
    package var all: [(path: [String], command: CommandDescription)] {
        [([], self)] + shownCommands.flatMap { child in child.all.map { ([child.name] + $0.path, $0.command) } }
    }
}

/// An option of a command.
package struct OptionDescription: Hashable, Sendable {
    /// As they are written, short ones first: `-f`, `--file`.
    package let names: [String]
    package let abstract: String
    package let takesValue: Bool
    package let isRepeating: Bool
    package let isHidden: Bool
    /// What stands for the value in help: `file`.
    package let valueName: String
    package let defaultValue: String?
    /// The values that there are, where the parser knows them.
    package let values: [String]

    fileprivate init?(argument: JSON) {
        let names = (argument["names"]?.array ?? []).compactMap { name in
            name["name"]?.string.map { (name["kind"]?.string == "long" ? "--" : "-") + $0 }
        }
        guard !names.isEmpty else { return nil }
        self.names = names.filter { !$0.hasPrefix("--") } + names.filter { $0.hasPrefix("--") }
        abstract = argument["abstract"]?.string ?? ""
        takesValue = argument["kind"]?.string == "option"
        isRepeating = argument["isRepeating"]?.bool == true
        isHidden = argument["shouldDisplay"]?.bool == false
        valueName = argument["valueName"]?.string ?? ""
        defaultValue = argument["defaultValue"]?.string
        values = argument["allValues"]?.strings ?? []
    }

    /// The name that documents use: the long one where there is one.
    package var name: String { names.last ?? "" }
}

/// An argument without a name.
package struct OperandDescription: Hashable, Sendable {
    package let name: String
    package let abstract: String
    package let isOptional: Bool
    package let isRepeating: Bool
    /// Whether everything from here on is taken as it is.
    package let takesRest: Bool

    fileprivate init(argument: JSON) {
        name = argument["valueName"]?.string ?? ""
        abstract = argument["abstract"]?.string ?? ""
        isOptional = argument["isOptional"]?.bool == true
        isRepeating = argument["isRepeating"]?.bool == true
        takesRest = argument["parsingStrategy"]?.string == "allRemainingInput"
    }

    /// As a synopsis shows it: `[IMAGE…]`.
    package var synopsis: String {
        (isOptional ? "[" : "") + name + (isRepeating && !name.hasSuffix("…") ? "…" : "") + (isOptional ? "]" : "")
    }
}
