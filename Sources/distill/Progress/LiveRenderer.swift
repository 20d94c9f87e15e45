import BuildGraph
import Diagnosis
import Rendering
import Solver

/// A build on a terminal: one line a running step with its time and its last output, finished steps above.
struct LiveRenderer {
    private let style: Style
    private var screen = LiveScreen()
    private var steps: [Vertex.ID: LiveStep] = [:]
    private var order: [Vertex.ID] = []
    private var finished: [ShownText] = []

    /// Lines of output that are shown below a running step.
    private static let outputLines = 4
    /// Lines of output that are kept for the case that the step fails.
    private static let keptLines = 40

    private struct LiveStep {
        var text: StepText
        var isRunning = false
        var output: [String] = []
        /// Why it is not in the cache, if that is told.
        var miss: String?
        var progress: [(label: String, completed: Int64, total: Int64?)] = []
    }

    private let explainsCache: Bool

    /// - Parameter explainsCache: whether it is told why steps are not in the cache.
    init(style: Style, explainsCache: Bool = false) { (self.style, self.explainsCache) = (style, explainsCache) }

    mutating func take(_ event: BuildEvent) {
        if case .planned(let vertices) = event.kind {
            order = vertices.map(\.id)
            for (index, vertex) in vertices.enumerated() {
                steps[vertex.id] = LiveStep(text: StepText(number: index + 1, vertex))
            }
            return
        }
        guard let id = event.vertex, var step = steps[id] else { return }
        switch event.kind {
        case .planned, .phase: break
        case .missed(let miss): if explainsCache { step.miss = miss.sentence }
        case .started:
            step.isRunning = true
            step.text.start = event.time
        case .output(let bytes):
            step.output += step.text.lines.take(bytes).map { TerminalText.singleLine($0) }
            step.output = Array(step.output.suffix(Self.keptLines))
        case .progress(let label, let completed, let total):
            step.progress.removeAll { $0.label == label }
            step.progress.append((label, completed, total))
        case .cached:
            step.isRunning = false
            if !step.text.isBase { finished.append("\(style.paint("CACHED ", .faint))\(step.text.title)") }
        case .foundNothing(let pattern):
            finished.append("\(style.paint("warning ", .warning))\(StepText.foundNothing(pattern)): \(step.text.title)")
        case .finished:
            step.isRunning = false
            finished.append(
                "\(style.paint("done   ", .success))\(step.text.title)\(style.paint(" \(Self.seconds(step, event))", .faint))"
            )
            if let miss = step.miss { finished.append(style.paint("       not cached: \(miss)", .faint)) }
        case .failed:
            step.isRunning = false
            if let last = step.text.lines.finish() { step.output.append(TerminalText.singleLine(last)) }
            finished.append("\(style.paint("FAILED ", .error))\(step.text.title)")
            finished += step.output.map { "  \($0)" }
        }
        steps[id] = step
    }

    private static func seconds(_ step: LiveStep, _ event: BuildEvent) -> String {
        step.text.start.map { HumanDuration.elapsed(event.time - $0) } ?? ""
    }

    /// The text that brings the screen up to date.
    mutating func paint(size: LiveScreen.Size) -> ShownText {
        defer { finished = [] }
        return screen.repaint(finished: finished, blocks: blocks(), size: size)
    }

    /// The text that leaves only finished lines.
    mutating func finish(size: LiveScreen.Size) -> ShownText {
        defer { finished = [] }
        return screen.repaint(finished: finished, blocks: [], size: size)
    }

    private func blocks() -> [[ShownText]] {
        let now = ContinuousClock.now
        return order.compactMap { steps[$0] }.filter(\.isRunning).map { step in
            let elapsed = step.text.start.map { HumanDuration.elapsed(now - $0) } ?? ""
            let head: ShownText =
                "\(style.paint("running", .running)) \(step.text.title) \(style.paint("\(elapsed)", .faint))"
            let bars = step.progress.suffix(3).map { progress -> ShownText in
                "  \(progress.label) \(ProgressBar.text(received: progress.completed, total: progress.total, bytesPerSecond: nil))"
            }
            return [head] + bars + step.output.suffix(Self.outputLines).map { style.paint("  \($0)", .faint) }
        }
    }
}
