import ArgumentParser
import Dockerfile
import Engine
import LinuxSystem
import OCI
import Rendering
import Synchronization

/// A build that a person looks at: its progress, what its images lack, and what they weigh.
struct ShownBuild {
    let mode: ProgressMode
    var explainsCache = false

    func run(_ specification: BuildSpecification, on engine: Engine) async throws -> BuildOutcome {
        let steps = StepsUnderWay()
        do {
            return try await withProgress(mode, explainsCache: explainsCache) { events in
                try await withInterruption(while: { steps.exist }) {
                    try await engine.build(specification) { event in
                        steps.take(event)
                        events(event)
                    }
                }
            }
        } catch EngineError.incompleteImage {
            // What is lacking was shown.
            throw ExitCode(1)
        }
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
