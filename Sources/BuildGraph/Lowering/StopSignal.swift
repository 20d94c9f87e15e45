internal import Dockerfile

/// The signals that STOPSIGNAL may name: Linux's, by name or number (signal(7)).
enum StopSignal {
    private static let names: Set = [
        "ABRT", "ALRM", "BUS", "CHLD", "CLD", "CONT", "FPE", "HUP", "ILL", "INT", "IO", "IOT", "KILL", "PIPE", "POLL",
        "PROF", "PWR", "QUIT", "SEGV", "STKFLT", "STOP", "SYS", "TERM", "TRAP", "TSTP", "TTIN", "TTOU", "URG", "USR1",
        "USR2", "VTALRM", "WINCH", "XCPU", "XFSZ", "RTMIN", "RTMAX",
    ]

    static func isKnown(_ text: String) -> Bool {
        if let number = Int(text) { return number != 0 }
        let name = Self.name(text)
        if names.contains(name) { return true }
        for (base, limit) in [("RTMIN+", 15), ("RTMAX-", 14)] where name.hasPrefix(base) {
            if let offset = Int(name.dropFirst(base.count)), (1...limit).contains(offset) { return true }
        }
        return false
    }

    static func suggestion(for text: String) -> String? {
        Suggestion.nearest(to: name(text), among: names.sorted()).map { "did you mean SIG\($0)?" }
    }

    private static func name(_ text: String) -> String {
        let upper = text.uppercased()
        return upper.hasPrefix("SIG") ? String(upper.dropFirst(3)) : upper
    }
}
