import BuildGraph
import Diagnosis
import Distribution
import Rendering
import Solver

/// A build on a terminal: a line that tells how far it is, one a running step with its time and its last output, what is
/// transferred, and finished steps above.
struct LiveRenderer {
    private let style: Style
    private let explainsCache: Bool
    private var screen = LiveScreen()
    private var steps: [Vertex.ID: LiveStep] = [:]
    private var order: [Vertex.ID] = []
    private var finished: [Line] = []
    private var meter = TransferMeter()
    private var start: ContinuousClock.Instant
    private var (done, cached) = (0, 0)

    /// Lines of output that are shown below a running step.
    private static let outputLines = 4
    /// A line with something at its right end.
    private struct Line {
        var left: ShownText
        var right: ShownText = ""
        /// Of a failed step nothing is cut: it may be what tells why.
        var isWhole = false
    }

    private struct Transfer {
        let label: String
        var completed: Int64
        var total: Int64?
        let first: (bytes: Int64, time: ContinuousClock.Instant)
    }

    private struct LiveStep {
        var text: StepText
        var isRunning = false
        var output: [String] = []
        /// Why it is not in the cache, if that is told.
        var miss: String?
        var transfers: [Transfer] = []
    }

    /// - Parameters:
    ///   - explainsCache: whether it is told why steps are not in the cache.
    ///   - start: when the build began.
    init(style: Style, explainsCache: Bool = false, start: ContinuousClock.Instant = .now) {
        (self.style, self.explainsCache, self.start) = (style, explainsCache, start)
    }

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
        case .output(let bytes), .errorOutput(let bytes):
            step.output += step.text.lines.take(bytes).map { TerminalText.singleLine($0) }
            step.output = Array(step.output.suffix(Self.outputLines))
        case .progress(let label, let completed, let total): Self.note(label, completed, total, event.time, &step)
        case .foundNothing(let pattern):
            finished.append(
                Line(
                    left:
                        "\(style.paint("warning ", .warning))\(StepText.foundNothing(pattern)): \(step.text.title)"))
        case .cached, .finished, .failed: end(&step, event)
        }
        steps[id] = step
    }

    private static func note(
        _ label: String, _ completed: Int64, _ total: Int64?, _ time: ContinuousClock.Instant, _ step: inout LiveStep
    ) {
        if let index = step.transfers.firstIndex(where: { $0.label == label }) {
            (step.transfers[index].completed, step.transfers[index].total) = (completed, total)
        } else {
            step.transfers.append(
                Transfer(label: label, completed: completed, total: total, first: (completed, time)))
        }
    }

    private mutating func end(_ step: inout LiveStep, _ event: BuildEvent) {
        step.isRunning = false
        switch event.kind {
        case .cached:
            (done, cached) = (done + 1, cached + (step.text.isBase ? 0 : 1))
            if !step.text.isBase { finished.append(Line(left: "\(style.paint("CACHED ", .faint))\(step.text.title)")) }
        case .finished:
            done += 1
            let elapsed = step.text.start.map { HumanDuration.elapsed(event.time - $0) } ?? ""
            finished.append(
                Line(
                    left: "\(style.paint("done   ", .success))\(step.text.title)",
                    right: style.paint("\(elapsed)", .faint)))
            if let miss = step.miss { finished.append(Line(left: style.paint("       not cached: \(miss)", .faint))) }
        default:
            // What it wrote last is told with the error, once.
            finished.append(Line(left: "\(style.paint("FAILED ", .error))\(step.text.title)", isWhole: true))
        }
    }

    /// Blobs that come or go while steps are executed.
    mutating func take(_ event: TransferEvent, at time: ContinuousClock.Instant) {
        meter.take(event, at: time)
        if let line = TransferLines.line(event) { finished.append(Line(left: line)) }
    }

    /// The text that brings the screen up to date.
    mutating func paint(size: LiveScreen.Size, at now: ContinuousClock.Instant = .now) -> ShownText {
        defer { finished = [] }
        return screen.repaint(finished: finishedLines(size), blocks: blocks(size, now), size: size)
    }

    /// The text that leaves only finished lines, the last of which tells how long it all took.
    mutating func finish(size: LiveScreen.Size, at now: ContinuousClock.Instant = .now) -> ShownText {
        defer { finished = [] }
        if !order.isEmpty {
            let part = cached > 0 ? ", \(cached) cached" : ""
            finished.append(
                Line(
                    left: "\(style.paint("total  ", .heading))\(done) of \(order.count) steps\(part)",
                    right: style.paint("\(HumanDuration.elapsed(now - start))", .faint)))
        }
        return screen.repaint(finished: finishedLines(size), blocks: [], size: size)
    }

    private func finishedLines(_ size: LiveScreen.Size) -> [ShownText] {
        finished.map {
            $0.isWhole ? $0.left : TerminalText.line($0.left, right: $0.right, columns: max(1, size.columns))
        }
    }

    private func blocks(_ size: LiveScreen.Size, _ now: ContinuousClock.Instant) -> [[ShownText]] {
        let columns = max(1, size.columns)
        let running = order.compactMap { steps[$0] }.filter(\.isRunning)
        guard !running.isEmpty || !meter.isDone else { return [] }
        let head = TerminalText.line(
            "\(style.paint("building", .heading)) \(done)/\(order.count)",
            right: style.paint("\(HumanDuration.elapsed(now - start))", .faint), columns: columns)
        var result = [[head]]
        if !meter.isDone {
            result.append([
                TerminalText.line(
                    "\(style.paint("transfers", .running))", right: "\(meter.line(at: now))", columns: columns)
            ])
        }
        return result + running.map { block($0, columns, now) }
    }

    /// A running step: its line, its transfers, and the end of what it writes.
    private func block(_ step: LiveStep, _ columns: Int, _ now: ContinuousClock.Instant) -> [ShownText] {
        let elapsed = step.text.start.map { HumanDuration.elapsed(now - $0) } ?? ""
        let head = TerminalText.line(
            "\(style.paint("running", .running)) \(step.text.title)", right: style.paint("\(elapsed)", .faint),
            columns: columns)
        let bars = step.transfers.filter { $0.total == nil || $0.completed < $0.total ?? 0 }.suffix(3).map { transfer in
            let text = ProgressBar.text(
                received: transfer.completed, total: transfer.total, bytesPerSecond: Self.rate(transfer, now),
                width: columns < 60 ? 6 : 20)
            return TerminalText.line("  \(transfer.label)", right: "\(text)", columns: columns)
        }
        let unfinished = TerminalText.singleLine(step.text.lines.unfinished)
        let output = step.output + (unfinished.isEmpty ? [] : [unfinished])
        return [head] + bars + output.suffix(Self.outputLines).map { style.paint("  \($0)", .faint) }
    }

    /// Bytes a second; nil in the first moment, when it says nothing.
    private static func rate(_ transfer: Transfer, _ now: ContinuousClock.Instant) -> Int64? {
        let elapsed = (now - transfer.first.time).components
        let milliseconds = elapsed.seconds * 1000 + elapsed.attoseconds / 1_000_000_000_000_000
        let moved = transfer.completed - transfer.first.bytes
        guard milliseconds >= 500, moved > 0 else { return nil }
        let (product, overflow) = moved.multipliedReportingOverflow(by: 1000)
        return overflow ? nil : product / milliseconds
    }
}
