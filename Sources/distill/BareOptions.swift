import OCI

/// Options that docker has as flags, and that take a value here besides.
enum BareOptions {
    /// The value that an option without one has: `--check` looks for mistakes and builds nothing.
    private static let values = ["--check": "lint", "--sbom": "true", "--provenance": "true"]

    /// Arguments in which options of `build` and `base build` have their values written out: the parser would take the
    /// context for it.
    static func spelledOut(_ arguments: [String]) -> [String] {
        if arguments.first == "compose" { return composeSpelledOut(arguments) }
        guard arguments.first == "build" || arguments.prefix(2) == ["base", "build"] else { return arguments }
        let end = arguments.firstIndex(of: "--") ?? arguments.endIndex
        return arguments[..<end].map { argument in
            if let value = values[argument] { return "\(argument)=\(value)" }
            // docker's --check is a switch.
            guard argument.hasPrefix("--check="), let isOn = SwitchWord.value(argument.dropFirst("--check=".count))
            else { return argument }
            return isOn ? "--check=lint" : "--check=warn"
        } + arguments[end...]
    }

    /// docker's `-f` names a file before the command `logs`, and means to follow behind it: the parser knows one of both.
    private static func composeSpelledOut(_ arguments: [String]) -> [String] {
        let valued: Set = ["-f", "--file", "-p", "--project-name", "--project-directory", "--env-file", "--profile"]
        var index = 1
        while index < arguments.count, arguments[index].hasPrefix("-") {
            index += valued.contains(arguments[index]) ? 2 : 1
        }
        guard index < arguments.count else { return arguments }
        if arguments[index] == "build" {
            return arguments[...index] + arguments[(index + 1)...].map { $0 == "--check" ? "--check=lint" : $0 }
        }
        guard arguments[index] == "logs" else { return arguments }
        return arguments[...index] + arguments[(index + 1)...].map { $0 == "-f" ? "--follow" : $0 }
    }
}
