import LinuxSystem
import OCI

/// A step as a client sees it (`moby.buildkit.v1.Vertex`).
struct StatusVertex: Sendable {
    let digest: String
    let name: String
    var inputs: [String] = []
    var started: FileTime?
    var completed: FileTime?
    var isCached = false
    var error = ""

    init(_ identity: String, name: String, inputs: [String] = []) {
        digest = Digest(sha256: identity.utf8).description
        (self.name, self.inputs) = (name, inputs)
    }

    func write(_ status: inout ProtobufWriter) {
        status.message(1) { vertex in
            vertex.string(1, digest)
            vertex.strings(2, inputs)
            vertex.string(3, name)
            vertex.flag(4, isCached)
            if let started { vertex.time(5, started) }
            if let completed { vertex.time(6, completed) }
            vertex.string(7, error)
        }
    }

    /// A line below the step: `transferring context: 2.10kB`.
    func writeLine(
        _ id: String, current: Int64, total: Int64, isDone: Bool, since: FileTime, _ status: inout ProtobufWriter
    ) {
        status.message(2) { line in
            line.string(1, id)
            line.string(2, digest)
            line.integer(4, current)
            line.integer(5, total)
            line.time(6, .now)
            line.time(7, since)
            if isDone { line.time(8, .now) }
        }
    }
}

extension StatusLog {
    /// Tells of a step around what is done.
    func step<Result>(_ name: String, _ job: String, _ body: (StatusVertex) async throws -> Result) async throws
        -> Result
    {
        var vertex = StatusVertex("\(job)/\(name)", name: name)
        vertex.started = .now
        tell(vertex.write)
        do {
            let result = try await body(vertex)
            vertex.completed = .now
            tell(vertex.write)
            return result
        } catch {
            vertex.completed = .now
            vertex.error = error is CancellationError ? "context canceled" : "failed"
            tell(vertex.write)
            throw error
        }
    }
}
