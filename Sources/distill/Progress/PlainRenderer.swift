import BuildGraph
import Diagnosis
import LinuxSystem
import Rendering
import Solver

/// A build as lines of text: `#4 [build 2/5] RUN make`, `#4 0.312 output`, `#4 DONE 1.2s`.
struct PlainRenderer {
    private var steps: [Vertex.ID: StepText] = [:]
    private let explainsCache: Bool
    private let isTerminal: Bool
    private var groups: LogGroups?

    /// - Parameters:
    ///   - explainsCache: whether it is told why steps are not in the cache.
    ///   - isTerminal: whether a terminal would act on what steps write; a pipe or file gets that as it is, as from docker.
    ///   - groups: the CI machine in whose log each executed step is a group.
    init(explainsCache: Bool = false, isTerminal: Bool = false, groups: LogGroups.Host? = nil) {
        (self.explainsCache, self.isTerminal, self.groups) = (
            explainsCache, isTerminal, groups.map { LogGroups(host: $0) }
        )
    }

    /// The text for an event, with line feeds; often empty.
    mutating func text(for event: BuildEvent) -> ShownText {
        let text = lines(for: event)
        guard var groups, let id = event.vertex, let step = steps[id] else { return text }
        defer { self.groups = groups }
        let now = FileTime.now.seconds
        switch event.kind {
        case .started: return groups.begin(step.number, "#\(step.number) \(step.title)", at: now)
        case .cached, .finished, .failed:
            return groups.write(text, of: step.number) + groups.end(step.number, at: now)
        default: return groups.write(text, of: step.number)
        }
    }

    /// The end of what waited for its turn.
    mutating func finish() -> ShownText { groups?.finish(at: FileTime.now.seconds) ?? "" }

    private mutating func lines(for event: BuildEvent) -> ShownText {
        if case .planned(let vertices) = event.kind {
            for (index, vertex) in vertices.enumerated() { steps[vertex.id] = StepText(number: index + 1, vertex) }
            return ""
        }
        guard let id = event.vertex, var step = steps[id] else { return "" }
        defer { steps[id] = step }
        let number = step.number
        switch event.kind {
        case .planned, .phase: return ""
        case .missed(let miss):
            return explainsCache ? "#\(number) \(step.title)\n#\(number) NOT CACHED: \(miss.sentence)\n" : ""
        case .started:
            step.start = event.time
            return explainsCache ? "" : "#\(number) \(step.title)\n"
        case .cached:
            let title: ShownText = step.start == nil ? "#\(number) \(step.title)\n" : ""
            return step.isBase ? "\(title)#\(number) DONE 0.0s\n" : "\(title)#\(number) CACHED\n"
        case .output(let bytes), .errorOutput(let bytes):
            return step.lines.take(bytes).map { output($0, of: step, at: event.time) }.joined()
        case .progress(let label, let completed, let total):
            guard total == nil || completed == total else { return "" }
            return completed == 0 ? "#\(number) \(label)\n" : ""
        case .foundNothing(let pattern):
            let title: ShownText = step.start == nil ? "#\(number) \(step.title)\n" : ""
            return "\(title)#\(number) WARNING: \(StepText.foundNothing(pattern))\n"
        case .finished: return "\(rest(of: &step, at: event.time))#\(number) DONE \(step.elapsed(at: event.time))s\n"
        case .failed:
            let title: ShownText = step.start == nil ? "#\(number) \(step.title)\n" : ""
            return "\(title)\(rest(of: &step, at: event.time))#\(number) ERROR\n"
        }
    }

    private func output(_ line: String, of step: StepText, at time: ContinuousClock.Instant) -> ShownText {
        let text = isTerminal ? ShownText(line: TerminalText.singleLine(line)) : ShownText(passedOn: line)
        return "#\(step.number) \(step.elapsed(at: time)) \(text)\n"
    }

    /// The last line, if it did not end.
    private func rest(of step: inout StepText, at time: ContinuousClock.Instant) -> ShownText {
        step.lines.finish().map { output($0, of: step, at: time) } ?? ""
    }
}

/// What is known of a step while it is shown.
struct StepText {
    let number: Int
    let title: String
    let isBase: Bool
    var start: ContinuousClock.Instant?
    var lines = LineSplitter()

    init(number: Int, _ vertex: Vertex) {
        self.number = number
        let origin = vertex.origin
        title = "[\(origin.stage) \(origin.step)/\(origin.stepCount)] \(origin.text)"
        isBase = if case .base = vertex.operation { true } else { false }
    }

    /// What a person is told of a pattern that finds nothing.
    static func foundNothing(_ pattern: String) -> String { "'\(pattern)' matches no file" }

    /// Seconds since the step's start, with three decimals.
    func elapsed(at time: ContinuousClock.Instant) -> String {
        guard let start else { return "0.000" }
        let components = (time - start).components
        return FixedPoint.text(Double(components.seconds) + Double(components.attoseconds) / 1e18, decimals: 3)
            ?? "0.000"
    }
}
