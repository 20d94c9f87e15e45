package import Manual

extension ErrorReport {
    /// Words on the command line that mean nothing here: a slip, or what docker has and Distill has not.
    package init(_ mistake: ArgumentMistake) {
        switch mistake {
        case .unknownCommand(let word, let path, let nearest):
            let words = path + [word]
            let name = words.joined(separator: " ")
            if let instead = DockerWords.instead(ofCommand: words) {
                self.init("there is no command '\(name)' as docker has", hint: "instead: \(instead)", status: 64)
            } else {
                let list = (["distill"] + path).joined(separator: " ")
                self.init(
                    "there is no command '\(name)'",
                    hint: nearest.map { "did you mean 'distill \($0.joined(separator: " "))'?" }
                        ?? "'\(list) --help' lists all", status: 64)
            }
        case .unknownOption(let option, let path, let nearest):
            let command = (["distill"] + path).joined(separator: " ")
            let status: Int32 = path == ["run"] ? 125 : 64
            if let instead = DockerWords.instead(ofOption: option, of: path) {
                self.init(
                    "'\(command)' has no option '\(option)' as docker has", hint: "instead: \(instead)", status: status)
            } else {
                self.init(
                    "'\(command)' has no option '\(option)'",
                    hint: nearest.map { "did you mean \($0)?" } ?? "'\(command) --help' lists all", status: status)
            }
        case .missingOperand(let name, let abstract, let synopsis):
            let command = synopsis.split(separator: " ").prefix { $0.first?.isLowercase == true }
            let about = abstract.hasSuffix(".") ? String(abstract.dropLast()) : abstract
            self.init(
                "'\(command.joined(separator: " "))' needs \(name)\(about.isEmpty ? "" : ": \(about.prefix(1).lowercased() + about.dropFirst())")",
                hint: synopsis, status: command.dropFirst().first == "run" ? 125 : 64)
        }
    }
}
