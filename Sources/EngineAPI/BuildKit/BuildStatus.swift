import BuildGraph
import Distribution
import Dockerfile
import Engine
import LinuxSystem
import OCI
import Solver
import Synchronization

/// What an engine tells of a build, in BuildKit's words.
final class BuildStatus: Sendable {
    private struct State {
        var vertices: [Vertex.ID: StatusVertex] = [:]
        var round = 0
        var isPlanned = false
        var failed: StatusVertex?
        var lines: [String: FileTime] = [:]
        var exporting: StatusVertex?
    }

    private let log: StatusLog
    private let job: String
    private let platforms: [Platform]
    private let state = Mutex(State())

    init(_ log: StatusLog, job: String, platforms: [Platform]) {
        (self.log, self.job, self.platforms) = (log, job, platforms)
    }

    func take(_ event: EngineEvent) {
        state.withLock { state in
            switch event {
            case .building: state.round += 1
            case .step(let event): take(event, &state)
            case .transfer(let event): take(event, &state)
            default: break
            }
        }
    }

    /// - Parameter sentence: why the build failed; nil if it did not.
    func finish(_ sentence: String?) {
        state.withLock { state in
            if var vertex = state.failed {
                vertex.completed = .now
                vertex.error = sentence ?? "failed"
                log.tell(vertex.write)
            }
            let failed = state.failed?.digest
            state.failed = nil
            // What was under way ends with it, or with the client that has gone.
            let ended = state.vertices.values.filter {
                $0.started != nil && $0.completed == nil && $0.digest != failed
            }
            for var vertex in ended {
                vertex.completed = .now
                vertex.error = "context canceled"
                log.tell(vertex.write)
            }
            state.vertices = [:]
        }
    }

    /// The step that failed.
    var failedDigest: String? { state.withLock { $0.failed?.digest } }

    private func take(_ event: BuildEvent, _ state: inout State) {
        if case .planned(let vertices) = event.kind { return plan(vertices, &state) }
        guard let id = event.vertex, var vertex = state.vertices[id] else { return }
        defer { state.vertices[id] = vertex }
        switch event.kind {
        case .started:
            vertex.started = .now
            log.tell(vertex.write)
        case .cached:
            let now = FileTime.now
            (vertex.started, vertex.completed, vertex.isCached) = (vertex.started ?? now, now, true)
            log.tell(vertex.write)
        case .output(let bytes), .errorOutput(let bytes): output(bytes, of: vertex)
        case .progress(let label, let completed, let total): progress(label, completed, total, of: vertex, &state)
        case .finished:
            vertex.completed = .now
            log.tell(vertex.write)
        case .failed: state.failed = vertex
        case .planned, .missed, .phase, .foundNothing: break
        }
    }

    private func plan(_ planned: [Vertex], _ state: inout State) {
        (state.vertices, state.isPlanned) = ([:], true)
        let stages = Set(planned.map(\.origin.stage))
        let platform =
            platforms.count > 1 && state.round > 0 && state.round <= platforms.count
            ? "\(platforms[state.round - 1]) " : ""
        for vertex in planned {
            let origin = vertex.origin
            // A stage without a name has a number; the only one is not named at all.
            let stage =
                Int(origin.stage) == nil ? "\(origin.stage) " : stages.count == 1 ? "" : "stage-\(origin.stage) "
            let inputs = vertex.inputs.compactMap { state.vertices[$0]?.digest }
            state.vertices[vertex.id] = StatusVertex(
                "\(job)/\(state.round)/\(vertex.id.index)",
                name: "[\(platform)\(stage)\(origin.step)/\(origin.stepCount)] \(origin.text)",
                inputs: inputs)
        }
        let all = planned.compactMap { state.vertices[$0.id] }
        log.tell { status in for vertex in all { vertex.write(&status) } }
    }

    private func output(_ bytes: [UInt8], of vertex: StatusVertex) {
        log.tell(isDispensable: true) { status in
            status.message(3) { piece in
                piece.string(1, vertex.digest)
                piece.time(2, .now)
                piece.integer(3, 1)
                piece.data(4, bytes)
            }
        }
    }

    private func progress(
        _ label: String, _ completed: Int64, _ total: Int64?, of vertex: StatusVertex, _ state: inout State
    ) {
        let id = vertex.digest + label
        let start = state.lines[id] ?? .now
        state.lines[id] = start
        let isDone = total == completed
        log.tell(isDispensable: !isDone) {
            vertex.writeLine(label, current: completed, total: total ?? 0, isDone: isDone, since: start, &$0)
        }
    }

    // MARK: Exporting

    private func take(_ event: TransferEvent, _ state: inout State) {
        guard let vertex = state.exporting else { return }
        switch event {
        case .progressed(let blob, let completed):
            progress("pushing \(blob.digest.short)", completed, blob.size, of: vertex, &state)
        case .finished(let blob, _): progress("pushing \(blob.digest.short)", blob.size, blob.size, of: vertex, &state)
        case .planned, .began: break
        }
    }

    /// The steps are done, and their result becomes what was asked for.
    func beginExport(_ name: String) {
        state.withLock { state in
            // The steps may have ended before the last of them.
            guard state.exporting == nil, state.isPlanned, state.failed == nil,
                state.vertices.values.allSatisfy({ $0.completed != nil })
            else { return }
            var vertex = StatusVertex("\(job)/\(name)", name: name)
            vertex.started = .now
            state.exporting = vertex
            log.tell(vertex.write)
        }
    }

    func endExport(_ lines: [String]) {
        state.withLock { state in
            guard var vertex = state.exporting else { return }
            for line in lines { progress(line, 0, 0, of: vertex, &state) }
            vertex.completed = .now
            log.tell(vertex.write)
            state.exporting = nil
        }
    }
}
