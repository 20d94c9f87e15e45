import BuildGraph
import Diagnosis
import Dockerfile
import Engine
import LinuxSystem
import OCI
import Rendering
import Solver
import Storage
import Synchronization

/// Notes what a build tells, for `log` and `builder history`.
final class BuildRecorder: Sendable {
    private struct State {
        var renderer = PlainRenderer()
        var log: [UInt8] = []
        var (all, done, cached) = (0, 0, 0)
    }

    private let state = Mutex(State())
    private let started = FileTime.now
    /// Beyond this many bytes the beginning of the log goes.
    private static let limit = 8 << 20

    func take(_ event: EngineEvent) {
        guard case .step(let event) = event else { return }
        state.withLock { state in
            switch event.kind {
            case .planned(let vertices): state.all += vertices.count
            case .finished: state.done += 1
            case .cached: (state.done, state.cached) = (state.done + 1, state.cached + 1)
            default: break
            }
            state.log += state.renderer.text(for: event).text.utf8
            if state.log.count > Self.limit { state.log.removeFirst(Self.limit / 2) }
        }
    }

    /// Keeps what was noted.
    ///
    /// - Parameter result: the built image, or why there is none.
    func keep(_ specification: BuildSpecification, _ result: Result<BuildOutcome, any Error>, in store: Store) {
        let now = FileTime.now
        let report: ErrorReport?
        var object: JSONObject = [
            "Name": .string(Self.name(specification)),
            "Context": .string(PublicURL.text(of: specification.contextName)),
            "Target": .string(specification.request.target ?? ""),
            "Platform": .strings(specification.platforms.map(\.description)),
            "StartedAt": .string(Timestamp(seconds: started.seconds).rfc3339),
            "CompletedAt": .string(Timestamp(seconds: now.seconds).rfc3339),
            "Duration": .integer(
                (now.seconds - started.seconds) * 1_000_000_000 + now.nanoseconds - started.nanoseconds),
            "Tags": .strings(specification.names.map(\.familiar)),
        ]
        switch result {
        case .success(let outcome):
            report = nil
            object["Status"] = .string("completed")
            object["Images"] = .strings(outcome.results.map(\.image.id.description))
        case .failure(let error):
            report = ErrorReport(error)
            object["Status"] = .string(report?.status == 130 || error is CancellationError ? "canceled" : "error")
            object["Error"] = .string(report?.sentence ?? "it failed")
        }
        let state = state.withLock { $0 }
        object["NumTotalSteps"] = .integer(Int64(state.all))
        object["NumCompletedSteps"] = .integer(Int64(state.done))
        object["NumCachedSteps"] = .integer(Int64(state.cached))
        let end = report.map { Array($0.text(.plain).text.utf8) } ?? []
        // A store that takes no record, a full disk for one, is told by what needs it.
        try? store.builds.put(object, log: state.log + end)
    }

    /// What a person knows the build by: its first tag, else its context and target.
    private static func name(_ specification: BuildSpecification) -> String {
        if let name = specification.names.first { return name.familiar }
        return PublicURL.text(of: specification.contextName) + (specification.request.target.map { " (\($0))" } ?? "")
    }
}
