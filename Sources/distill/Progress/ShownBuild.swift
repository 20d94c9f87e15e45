import ArgumentParser
import Diagnosis
import Dockerfile
import Engine
import LinuxSystem
import OCI
import Rendering
import Storage
import Synchronization

/// A build that a person looks at: its progress, what its images lack, and what they weigh.
struct ShownBuild: Sendable {
    let mode: ProgressMode
    var explainsCache = false

    func run(_ specification: BuildSpecification, on engine: Engine) async throws -> BuildOutcome {
        let steps = StepsUnderWay()
        do {
            return try await withProgress(mode, explainsCache: explainsCache) { events in
                try await withInterruption(while: { steps.exist }) {
                    try await recorded(specification, on: engine) { event in
                        steps.take(event)
                        events(event)
                    }
                }
            }
        } catch { throw told(error, engine.store) }
    }

    /// A build that can be looked at later, and that nothing is shown of.
    func recorded(
        _ specification: BuildSpecification, on engine: Engine, _ events: @escaping @Sendable (EngineEvent) -> Void
    ) async throws -> BuildOutcome {
        let recorder = BuildRecorder()
        do {
            let outcome = try await engine.build(specification) { event in
                recorder.take(event)
                events(event)
            }
            recorder.keep(specification, .success(outcome), in: engine.store)
            return outcome
        } catch {
            recorder.keep(specification, .failure(error), in: engine.store)
            throw error
        }
    }

    /// Shows what is told of a build under way until there is no more, and gives what became of it.
    func following<Result: Sendable>(
        _ told: AsyncStream<EngineEvent>, _ end: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        try await withProgress(mode, explainsCache: explainsCache) { events in
            for await event in told { events(event) }
            return try await end()
        }
    }

    /// Says what can be done about a failed build; the error with which the command ends.
    func told(_ error: any Error, _ store: Store) -> any Error {
        // What is lacking was shown.
        if case EngineError.incompleteImage = error { return ExitCode(1) }
        if mode != .quiet, ErrorReport(error)?.status == 1 {
            NextStep.failed.tell(
                "'distill log' shows this build again, --keep-failed opens a shell where it failed", in: store)
        }
        return error
    }

    /// What to do with the first image; none for a quiet build.
    func tellNext(_ names: [ImageReference], _ store: Store) {
        guard mode != .quiet, let name = names.first?.familiar else { return }
        NextStep.built.tell(
            "distill run \(name) runs it, distill history \(name) shows what each step weighs", in: store)
    }

    /// The closing lines; none for a quiet build.
    func summarize(_ outcome: BuildOutcome, _ names: [ImageReference]) {
        guard mode != .quiet else { return }
        var told: [Diagnostic] = []
        for result in outcome.results {
            // Platforms mostly have the same ones.
            if result.warnings != told { show(result.warnings, of: result.dockerfile) }
            told = result.warnings
            let platform = outcome.results.count == 1 ? "" : "\(result.image.config.platform): "
            StandardStream.error.show("\(platform)\(BuildSummary.text(result, names))\n")
        }
    }

    /// One warning whole, of several the most harmful; advice is for `--check`.
    private func show(_ warnings: [Diagnostic], of dockerfile: SourceFile) {
        let warnings = warnings.filter { $0.severity < .note }
        guard let worst = warnings.first else { return }
        StandardStream.error.show(worst.shown(in: dockerfile, Distill.errorStyle))
        if warnings.count > 1 {
            StandardStream.error.show("that is the most harmful of \(warnings.count) warnings; --check shows all\n")
        }
    }
}

/// Whether steps are executed, whose processes must be ended before this one is.
private final class StepsUnderWay: Sendable {
    private let count = Mutex(0)

    var exist: Bool { count.withLock { $0 > 0 } }

    func take(_ event: EngineEvent) {
        switch event {
        case .building: count.withLock { $0 += 1 }
        case .built: count.withLock { $0 -= 1 }
        default: break
        }
    }
}
