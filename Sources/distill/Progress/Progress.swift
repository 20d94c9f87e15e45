import Bases
import Diagnosis
import Distribution
import Engine
import Inspection
import LinuxSystem
import Rendering
import Solver
import Storage

/// Runs an operation while what it tells is shown on standard error.
func withProgress<Result: Sendable>(
    _ mode: ProgressMode, explainsCache: Bool = false,
    _ operation: @escaping @Sendable (@escaping @Sendable (EngineEvent) -> Void) async throws -> Result
) async throws -> Result {
    let (stream, continuation) = AsyncStream<ProgressInput>.makeStream()
    return try await withThrowingTaskGroup(of: Result?.self) { group in
        group.addTask {
            var display = EngineDisplay(mode, explainsCache: explainsCache)
            for await input in stream { display.take(input) }
            display.finish()
            return nil
        }
        group.addTask {
            defer { continuation.finish() }
            return try await operation { continuation.yield(.event($0)) }
        }
        if mode == .tty {
            group.addTask {
                while !Task.isCancelled {
                    continuation.yield(.tick)
                    try? await Task.sleep(for: .milliseconds(100))  // cancelled: the loop ends
                }
                return nil
            }
        }
        var result: Result?
        var failure: (any Error)?
        var isShown = false
        while !isShown || (result == nil && failure == nil) {
            do {
                guard let value = try await group.next() else { break }
                if let value { result = value } else { isShown = true }
            } catch { failure = error }
        }
        group.cancelAll()
        if let failure { throw failure }
        guard let result else { throw CancellationError() }
        return result
    }
}

enum ProgressInput: Sendable {
    case event(EngineEvent)
    /// Time has passed.
    case tick
}

/// What an engine tells, for a person: each kind of event by whoever shows it.
struct EngineDisplay {
    private let mode: ProgressMode
    private let explainsCache: Bool
    private let composition: CompositionProgress
    private let transfers: @Sendable (EngineEvent) -> Void
    /// A base's own steps may stand within those of the build that needs it.
    private var steps: [StepDisplay] = []

    init(_ mode: ProgressMode, explainsCache: Bool) {
        (self.mode, self.explainsCache) = (mode, explainsCache)
        composition = CompositionProgress(mode: mode)
        let observer = TransferLines.observer(isQuiet: mode == .quiet)
        transfers = { if case .transfer(let event) = $0 { observer(event) } }
    }

    mutating func take(_ input: ProgressInput) {
        switch input {
        case .tick: steps.last?.paint()
        case .event(let event): take(event)
        }
    }

    private mutating func take(_ event: EngineEvent) {
        switch event {
        case .building, .base(.completing): steps.append(StepDisplay(mode, explainsCache: explainsCache))
        case .step(let event), .base(.step(let event)): steps.last?.take(event)
        case .built, .base(.completed): steps.popLast()?.finish()
        case .base(let event): composition.take(event)
        case .transfer(let transfer):
            // What is painted on the terminal is painted by one.
            if let last = steps.last, mode == .tty { last.take(transfer) } else { transfers(event) }
        case .verified: if mode != .quiet { StandardStream.error.show("built twice, and nothing differs\n") }
        case .reviewed(let review): show(review)
        case .secrets(let report, let isFatal):
            if mode != .quiet || isFatal {
                StandardStream.error.show(report.summary(Distill.errorStyle, isFatal: isFatal))
            }
        case .madeRoom(let bytes, let limit, let isFirst):
            if mode != .quiet {
                StandardStream.error.show(StoreLimitNotice.text(bytes: bytes, limit: limit.cache, isFirst: isFirst))
            }
        case .warning(.unreviewedImage) where mode == .quiet, .warning(.unusedArgument) where mode == .quiet: break
        case .warning(let warning): StandardStream.error.show("warning: \(warning.sentence)\n")
        }
    }

    private func show(_ review: ImageReview) {
        guard mode != .quiet || review.isFatal else { return }
        // What ends no build is shown as a warning, whatever it means for the start.
        for finding in review.report.findings {
            let place: ShownText = review.platform.map { "\($0): " } ?? ""
            StandardStream.error.show("\(place)\(finding.line(review.isFatal ? nil : .warning, Distill.errorStyle))")
        }
        if let alone = review.loneProgram { StandardStream.error.show("\(alone.sentence)\n") }
    }

    /// Nothing stays half painted.
    mutating func finish() {
        while let last = steps.popLast() { last.finish() }
    }
}

/// The steps of one graph on standard error.
private final class StepDisplay {
    private enum Renderer {
        case none
        case json(JSONRenderer)
        case plain(PlainRenderer)
        case live(LiveRenderer)
    }

    private var renderer: Renderer

    init(_ mode: ProgressMode, explainsCache: Bool) {
        renderer =
            switch mode {
            case .quiet: .none
            case .rawjson: .json(JSONRenderer())
            case .plain: .plain(PlainRenderer(explainsCache: explainsCache, isTerminal: Terminal.isTerminal(2)))
            case .grouped:
                .plain(
                    PlainRenderer(
                        explainsCache: explainsCache, groups: LogGroups.Host(environment: ProcessFacts.environment)))
            case .tty: .live(LiveRenderer(style: Distill.errorStyle, explainsCache: explainsCache))
            }
    }

    func take(_ event: BuildEvent) {
        switch renderer {
        case .none: break
        case .json(var json):
            StandardStream.error.show(ShownText(json: json.text(for: event)))
            renderer = .json(json)
        case .plain(var plain):
            renderer = .none
            StandardStream.error.show(plain.text(for: event))
            renderer = .plain(plain)
        case .live(var live):
            renderer = .none
            live.take(event)
            renderer = .live(live)
        }
    }

    func paint() {
        guard case .live(var live) = renderer else { return }
        renderer = .none
        StandardStream.error.show(live.paint(size: terminalSize()))
        renderer = .live(live)
    }

    /// A blob that comes or goes meanwhile.
    func take(_ event: TransferEvent) {
        guard case .live(var live) = renderer else { return }
        renderer = .none
        live.take(event, at: .now)
        renderer = .live(live)
    }

    func finish() {
        switch renderer {
        case .live(var live): StandardStream.error.show(live.finish(size: terminalSize()))
        case .plain(var plain): StandardStream.error.show(plain.finish())
        case .none, .json: break
        }
        renderer = .none
    }
}

private func terminalSize() -> LiveScreen.Size {
    let size = Terminal.size(2) ?? (80, 24)
    return LiveScreen.Size(columns: size.columns, rows: size.rows)
}
