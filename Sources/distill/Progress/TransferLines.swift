import Distribution
import LinuxSystem
import OCI
import Rendering
import Synchronization

/// A transfer as lines: one when a blob is done, and on a terminal one below them that tells how far the rest is.
enum TransferLines {
    /// What a new transfer is shown by.
    static func observer(isQuiet: Bool) -> TransferObserver {
        if isQuiet { return { _ in } }
        guard Terminal.isTerminal(2) else {
            return { event in if let line = line(event) { StandardStream.error.show("\(line)\n") } }
        }
        let screen = Mutex<Screen>(Screen())
        return { event in
            let text = screen.withLock { $0.text(event, at: .now) }
            if !text.isEmpty { StandardStream.error.show(text) }
        }
    }

    /// The line of a blob that is done; nil for what goes on.
    static func line(_ event: TransferEvent) -> ShownText? {
        guard case .finished(let descriptor, let outcome) = event else { return nil }
        let text =
            switch outcome {
            case .transferred: HumanSize.text(descriptor.size)
            case .existed: "already exists"
            case .mounted(let repository): "mounted from \(repository)"
            case .foreign: "stays where it is"
            }
        return "\(descriptor.digest.short): \(text)"
    }

    /// The meter on the terminal's last line.
    private struct Screen {
        private var meter = TransferMeter()
        private var lastPaint: ContinuousClock.Instant?
        private var isShown = false

        private static let eraseLine: ShownText = "\r\u{1B}[K"
        private static let pause = Duration.milliseconds(100)

        mutating func text(_ event: TransferEvent, at time: ContinuousClock.Instant) -> ShownText {
            meter.take(event, at: time)
            var text: ShownText = ""
            if let line = TransferLines.line(event) {
                text = "\(isShown ? Self.eraseLine : "")\(line)\n"
                isShown = false
            }
            guard !meter.isDone else {
                if isShown { text = Self.eraseLine + text }
                isShown = false
                return text
            }
            if !text.isEmpty || lastPaint.map({ time - $0 >= Self.pause }) ?? true {
                // The cursor stays on the line, and a longer one would leave rests.
                let columns = Terminal.size(2)?.columns ?? 80
                let line = TerminalText.truncated("\(meter.line(at: time))", columns: max(1, columns - 1))
                text += "\(Self.eraseLine)\(line)"
                (isShown, lastPaint) = (true, time)
            }
            return text
        }
    }
}
