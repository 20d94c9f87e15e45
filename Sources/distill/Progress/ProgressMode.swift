import Engine
import LinuxSystem
import Rendering

/// How a build shows what it does.
enum ProgressMode: String {
    case tty, plain, quiet, rawjson
    /// Plain lines in the groups of a CI machine's log.
    case grouped

    /// Whether it is shown in lines that follow one another.
    var isPlain: Bool { self == .plain || self == .grouped }

    /// - Parameter text: the value of `--progress`.
    init(_ text: String, quiet: Bool) throws {
        if quiet {
            self = .quiet
        } else if text == "auto" {
            let environment = ProcessFacts.environment
            if Terminal.isTerminal(2), environment["TERM"] != "dumb" {
                self = .tty
            } else {
                self = LogGroups.Host(environment: environment) == nil ? .plain : .grouped
            }
        } else if let mode = ProgressMode(rawValue: text), mode != .grouped {
            self = mode == .tty && !Terminal.isTerminal(2) ? .plain : mode
        } else {
            throw InvalidOption(
                name: "--progress", value: text, reason: "known are auto, tty, plain, quiet and rawjson")
        }
    }
}
