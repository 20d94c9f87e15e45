import Engine
import LinuxSystem
import NIOHPACK
import OCI
import Storage

/// `moby.buildkit.v1.Control`
extension ServedEngine {
    func control(_ method: String, _ head: HPACKHeaders, _ call: GRPCStream, _ stream: HTTP2Stream) async throws {
        switch method {
        case "ListWorkers": try await call.send(ProtobufWriter.message { $0.message(1, BuilderCapabilities.worker) })
        case "Info": try await call.send(ProtobufWriter.message { $0.message(1, BuilderCapabilities.version) })
        case "Solve": try await solve(SolveRequest(call.only()), call)
        case "Status": try await followStatus(call)
        case "Session": try await holdTunnel(head, call, stream)
        case "DiskUsage": try await tellDiskUsage(call)
        case "Prune": try await prune(call)
        default: throw GRPCStatus(.unimplemented, "there is no '\(method)'")
        }
    }

    /// One build, until it is done.
    private func solve(_ request: SolveRequest, _ call: GRPCStream) async throws {
        let job = SolveJob(request)
        jobs.set(request.reference, job)
        defer {
            job.log.end()
            forget(request.reference)
        }
        let response = try await result(of: job)
        try await call.send(
            ProtobufWriter.message { $0.map(1, response.mapValues { Array($0.utf8) }) })
    }

    /// - Returns: what the exporters tell.
    private func result(of job: SolveJob) async throws -> [String: String] {
        if job.request.hasDefinition { throw APIError.lowLevelBuild }
        if !job.request.frontend.name.isEmpty { return try await build(job.request.frontend, for: job) }
        switch try await job.returned.value() {
        case .nothing: return [:]
        case .failure(let status): throw status
        case .result(let id):
            guard let prepared = results.withLock({ $0[id] }) else {
                throw GRPCStatus(.invalidArgument, "there is no result '\(id)'")
            }
            return try await build(prepared.frontend, for: job)
        }
    }

    /// A finished build is known for a while: a client may ask for its status late.
    private func forget(_ reference: String) {
        let old = finished.withLock { finished in
            finished.append(reference)
            return finished.count > 32 ? finished.removeFirst() : nil
        }
        guard let old else { return }
        jobs.remove(old)
        results.withLock { results in results = results.filter { !$0.key.hasPrefix(old + "/") } }
    }

    private func followStatus(_ call: GRPCStream) async throws {
        var reference = ""
        try ProtobufReader.forEachField(try await call.only()) { field, value in
            if field == 1 { reference = value.text }
        }
        try await call.beginAnswer()
        let job = try await jobs.value(reference, within: .seconds(60))
        for await message in job.log.follow() { try await call.send(message) }
    }

    private func tellDiskUsage(_ call: GRPCStream) async throws {
        _ = try await call.only()
        let records = try await withEngine { engine in
            let store = engine.store
            return try await store.perform {
                try store.usage().filter { [.buildCache, .cacheMounts].contains($0.kind) && $0.size > 0 }.map { entry in
                    Self.usageRecord(
                        entry.kind.rawValue, entry.kind == .buildCache ? "regular" : "exec.cachemount", entry.size,
                        count: entry.count)
                }
            }
        }
        try await call.send(ProtobufWriter.message { answer in for record in records { answer.message(1, record) } })
    }

    private static func usageRecord(_ description: String, _ type: String, _ size: Int64, count: Int) -> [UInt8] {
        ProtobufWriter.message { record in
            record.string(1, description.lowercased().replacing(" ", with: "-"))
            record.flag(2, true)
            record.integer(4, size)
            record.time(6, .now)
            record.time(7, .now)
            record.integer(8, Int64(count))
            record.string(9, description)
            record.string(10, type)
        }
    }

    private func prune(_ call: GRPCStream) async throws {
        var policy = Store.PrunePolicy()
        var filters: [String] = []
        try ProtobufReader.forEachField(try await call.only()) { field, value in
            switch field {
            case 1: filters.append(value.text)
            case 3 where value.number > 0: policy.lastUsedBefore = FileTime.now.seconds - value.number / 1_000_000_000
            case 4 where value.number > 0: policy.keptBytes = value.number
            default: break
            }
        }
        let removal = try await prune(policy)
        guard removal.reclaimed > 0 else { return }
        try await call.send(Self.usageRecord("Build Cache", "regular", removal.reclaimed, count: 1))
    }
}
