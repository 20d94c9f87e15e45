import Engine
import LinuxSystem

/// How a build shows what it does.
enum ProgressMode: String {
    case tty, plain, quiet, rawjson

    /// - Parameter text: the value of `--progress`.
    init(_ text: String, quiet: Bool) throws {
        if quiet {
            self = .quiet
        } else if text == "auto" {
            self = Terminal.isTerminal(2) && ProcessFacts.environment["TERM"] != "dumb" ? .tty : .plain
        } else if let mode = ProgressMode(rawValue: text) {
            self = mode == .tty && !Terminal.isTerminal(2) ? .plain : mode
        } else {
            throw InvalidOption(
                name: "--progress", value: text, reason: "known are auto, tty, plain, quiet and rawjson")
        }
    }
}
