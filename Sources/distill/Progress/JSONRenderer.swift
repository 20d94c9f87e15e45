import BuildGraph
import Diagnosis
import Distribution
import LinuxSystem
import OCI
import Rendering
import Solver

/// A build as lines of JSON, with the members of `docker build --progress rawjson`: vertexes, statuses and logs.
///
/// A vertex that is not in the cache has a member of our own, `reason`. Parts of a step (`copy`, `mount`, `process`,
/// `commit`) are statuses with the time at which they began and ended.
struct JSONRenderer {
    private var steps: [Vertex.ID: Step] = [:]
    private let startInstant = ContinuousClock.now
    private let startTime = FileTime.now

    private struct Step {
        let digest: String
        let name: String
        let inputs: [String]
        var started: ContinuousClock.Instant?
        var reason: String?
    }

    /// The lines for an event.
    mutating func text(for event: BuildEvent) -> String {
        if case .planned(let vertices) = event.kind {
            for vertex in vertices { plan(vertex) }
            return line("vertexes", vertices.compactMap { steps[$0.id] }.map { vertexJSON($0) })
        }
        guard let id = event.vertex, var step = steps[id] else { return "" }
        defer { steps[id] = step }
        switch event.kind {
        case .planned: return ""
        case .missed(let miss):
            step.reason = miss.sentence
            return ""
        case .started:
            step.started = event.time
            return line("vertexes", [vertexJSON(step)])
        case .cached: return line("vertexes", [vertexJSON(step, completed: event.time) { $0["cached"] = .bool(true) }])
        case .finished: return line("vertexes", [vertexJSON(step, completed: event.time)])
        case .failed:
            return line("vertexes", [vertexJSON(step, completed: event.time) { $0["error"] = .string("failed") }])
        case .output(let bytes), .errorOutput(let bytes):
            return line(
                "logs",
                [
                    .object([
                        "vertex": .string(step.digest), "stream": .integer(1), "data": .string(Base64.encode(bytes)),
                        "timestamp": .string(time(event.time)),
                    ])
                ])
        case .foundNothing(let pattern):
            return line(
                "warnings",
                [
                    .object([
                        "vertex": .string(step.digest), "level": .integer(1),
                        "short": .string(Base64.encode(Array(StepText.foundNothing(pattern).utf8))),
                    ])
                ])
        case .progress(let label, let completed, let total):
            return line(
                "statuses", [status(step, label, completed, total ?? 0, since: step.started ?? event.time, until: nil)])
        case .phase(let name, let since):
            return line("statuses", [status(step, name, 0, 0, since: since, until: event.time)])
        }
    }

    private mutating func plan(_ vertex: Vertex) {
        let origin = vertex.origin
        let name = "[\(origin.stage) \(origin.step)/\(origin.stepCount)] \(origin.text)"
        steps[vertex.id] = Step(
            digest: Digest(sha256: "\(vertex.id.index) \(name)".utf8).description, name: name,
            inputs: vertex.inputs.compactMap { steps[$0]?.digest })
    }

    private func line(_ member: String, _ values: [JSON]) -> String {
        String(decoding: JSON.object([member: .array(values)]).bytes, as: UTF8.self) + "\n"
    }

    private func vertexJSON(
        _ step: Step, completed: ContinuousClock.Instant? = nil, _ more: (inout JSONObject) -> Void = { _ in }
    ) -> JSON {
        var object: JSONObject = ["digest": .string(step.digest)]
        if !step.inputs.isEmpty { object["inputs"] = .strings(step.inputs) }
        object["name"] = .string(step.name)
        if let started = step.started ?? completed { object["started"] = .string(time(started)) }
        if let completed { object["completed"] = .string(time(completed)) }
        if let reason = step.reason { object["reason"] = .string(reason) }
        more(&object)
        return .object(object)
    }

    private func status(
        _ step: Step, _ id: String, _ current: Int64, _ total: Int64, since: ContinuousClock.Instant,
        until: ContinuousClock.Instant?
    ) -> JSON {
        var object: JSONObject = [
            "id": .string(id), "vertex": .string(step.digest), "current": .integer(current), "total": .integer(total),
            "timestamp": .string(time(until ?? since)), "started": .string(time(since)),
        ]
        if let until { object["completed"] = .string(time(until)) }
        return .object(object)
    }

    /// RFC 3339 with nanoseconds.
    private func time(_ instant: ContinuousClock.Instant) -> String {
        let passed = (instant - startInstant).components
        let nanoseconds = startTime.nanoseconds + passed.attoseconds / 1_000_000_000
        let seconds = startTime.seconds + passed.seconds + (nanoseconds >= 1_000_000_000 ? 1 : nanoseconds < 0 ? -1 : 0)
        let fraction = String(((nanoseconds % 1_000_000_000) + 1_000_000_000) % 1_000_000_000)
        let padded = String(repeating: "0", count: 9 - fraction.count) + fraction
        return Timestamp(seconds: seconds).rfc3339.dropLast() + ".\(padded)Z"
    }
}
