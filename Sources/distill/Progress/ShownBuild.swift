import Dockerfile
import Engine
import LinuxSystem
import OCI
import Rendering

/// A build that a person looks at: its progress, what its images lack, and what they weigh.
struct ShownBuild {
    let mode: ProgressMode
    var explainsCache = false
    /// nil: as usual.
    var check: ClosureOptions.Mode?

    func run(_ specification: BuildSpecification, on engine: Engine) async throws -> BuildOutcome {
        let (mode, check) = (mode, check)
        return try await withProgress(mode, explainsCache: explainsCache) { events in
            try await withInterruption {
                try await engine.build(specification, events: events) { result in
                    try await ClosureReview(mode: check).check(result, in: engine.store, mode)
                }
            }
        }
    }

    /// The closing lines; none for a quiet build.
    func summarize(_ outcome: BuildOutcome, _ names: [ImageReference]) {
        guard mode != .quiet else { return }
        for result in outcome.results {
            if let first = result.warnings.first {
                let count = result.warnings.count == 1 ? "1 warning" : "\(result.warnings.count) warnings"
                StandardStream.error.show("\(count), the first: \(first.code): \(first.message); --check shows all\n")
            }
            let platform = outcome.results.count == 1 ? "" : "\(result.image.config.platform): "
            StandardStream.error.show("\(platform)\(BuildSummary.text(result, names))\n")
        }
    }
}
