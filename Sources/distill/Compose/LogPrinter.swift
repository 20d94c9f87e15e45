import LinuxSystem
import Rendering

/// Lines with their services' names in front, as `docker compose` shows them.
struct LogPrinter: Sendable {
    private let services: [String]
    private let width: Int
    private let style: Style
    private let isTerminal: Bool
    private let hasPrefix: Bool

    init(_ services: [String], hasPrefix: Bool = true) {
        self.services = services
        width = services.map(\.count).max() ?? 0
        isTerminal = Terminal.isTerminal(1)
        style = Distill.outputStyle
        self.hasPrefix = hasPrefix
    }

    func print(_ line: String, of service: String) {
        let text = isTerminal ? ShownText(line: TerminalText.singleLine(line)) : ShownText(passedOn: line)
        guard hasPrefix else { return StandardStream.output.show("\(text)\n") }
        let padding = String(repeating: " ", count: max(0, width - service.count))
        let number = services.firstIndex(of: service) ?? 0
        StandardStream.output.show("\(style.paint("\(service)\(padding) | ", number: number))\(text)\n")
    }
}
