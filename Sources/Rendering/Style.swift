/// Colours of text, or none.
package enum Style: Sendable {
    case plain
    case colored

    /// Colours only on a terminal that knows them, and not when `NO_COLOR` is set to anything (no-color.org).
    package static func forTerminal(environment: [String: String]) -> Style {
        if let noColor = environment["NO_COLOR"], !noColor.isEmpty { return .plain }
        return environment["TERM"] == "dumb" ? .plain : .colored
    }

    /// What a piece of text says, which decides how it looks.
    package enum Role: String, Sendable {
        case heading = "1"
        case faint = "2"
        case error = "1;31"
        case success = "32"
        case warning = "33"
        case running = "36"
    }

    package func paint(_ text: ShownText, _ role: Role) -> ShownText { paint(text, code: role.rawValue) }

    /// One of a few colours that tell things apart.
    package func paint(_ text: ShownText, number: Int) -> ShownText {
        let colors = ["36", "33", "32", "35", "34", "96", "93", "92"]
        return paint(text, code: colors[abs(number % colors.count)])
    }

    private func paint(_ text: ShownText, code: String) -> ShownText {
        switch self {
        case .plain: text
        case .colored: text.isEmpty ? text : "\u{1B}[\(code)m\(text)\u{1B}[0m"
        }
    }
}
