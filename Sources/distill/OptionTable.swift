import ArgumentParser
import OCI

/// The options that a command itself has, without those of the commands below it.
struct OptionTable {
    struct Option: Equatable {
        /// As it is written: `--target`, or `-n` for one without a long name.
        let name: String
        let takesValue: Bool
        let isRepeating: Bool
    }

    private var options: [String: Option] = [:]
    /// How many arguments stand before those that belong to somebody else's program; nil where there is no program.
    private(set) var ownArguments: Int?

    /// - Parameter description: the parser's own, as `--experimental-dump-help` prints it.
    init(description: JSON) {
        var positionals = 0
        for argument in description["command"]?["arguments"]?.array ?? [] {
            let names = (argument["names"]?.array ?? []).compactMap { name in
                name["name"]?.string.map { (name["kind"]?.string == "long" ? "--" : "-") + $0 }
            }
            if argument["kind"]?.string == "positional" {
                if argument["parsingStrategy"]?.string == "allRemainingInput" { ownArguments = positionals }
                positionals += 1
            } else if let name = names.first(where: { $0.hasPrefix("--") }) ?? names.first {
                let option = Option(
                    name: name, takesValue: argument["kind"]?.string == "option",
                    isRepeating: argument["isRepeating"]?.bool == true)
                for name in names { options[name] = option }
            }
        }
    }

    init(_ command: any ParsableCommand.Type) throws {
        self.init(description: try JSON.parse(Array(command._dumpHelp().utf8)))
    }

    subscript(name: String) -> Option? { options[name] }

    /// Every name of every option.
    var names: [String] { options.keys.sorted() }
}
