import LinuxSystem
import OCI

extension ServedEngine {
    /// POST /build?version=2: what docker's earlier clients ask, with a session of BuildKit beside it.
    func buildWithSession(_ exchange: Exchange) async throws {
        let query = exchange.request.query
        guard let session = query["session"] else { throw APIError.missingParameter("session") }
        let job = SolveJob(try SolveRequest(query, session: session))
        if query["remote"] != "upload-request" { _ = try await exchange.body() }
        let (build, isQuiet) = (query["buildid"], query.isOn("q"))
        let cancellation = Arrival<Void>()
        if let build { cancellations.withLock { $0[build] = cancellation } }
        defer { if let build { cancellations.withLock { _ = $0.removeValue(forKey: build) } } }
        try await exchange.followedProgress { backlog in
            try await withThrowingTaskGroup(of: [String: String]?.self) { group in
                group.addTask {
                    try await cancellation.value()
                    throw APIError.stopped
                }
                group.addTask {
                    for await message in job.log.follow() where !isQuiet {
                        backlog.tell(
                            .object(["id": .string("moby.buildkit.trace"), "aux": .string(Base64.encode(message))]))
                    }
                    return [:]
                }
                group.addTask {
                    defer { job.log.end() }
                    do { return try await self.build(job.request.frontend, for: job) } catch {
                        throw APIError.failedBuild(self.status(error).message)
                    }
                }
                defer { group.cancelAll() }
                // The status and the result: what waits for a cancellation is left.
                for _ in 0..<2 {
                    guard let id = try await group.next()??["containerimage.config.digest"] else { continue }
                    backlog.tell(.object(["id": .string("moby.image.id"), "aux": .object(["ID": .string(id)])]))
                    if isQuiet { backlog.tell(.object(["stream": .string("\(id)\n")])) }
                }
            }
        }
    }

    /// POST /build/cancel: a build that is over, or was never known, is no error.
    func cancelBuild(_ exchange: Exchange) async throws {
        guard let id = exchange.request.query["id"] else { throw APIError.missingParameter("id") }
        cancellations.withLock { $0[id] }?.set(.success(()))
        try await exchange.answer(204)
    }
}

extension SolveRequest {
    /// The query of `POST /build`, in BuildKit's words.
    init(_ query: APIQuery, session: String) throws {
        var frontend = FrontendRequest()
        frontend.name = "dockerfile.v0"
        frontend.options["filename"] = query["dockerfile"]
        frontend.options["target"] = query["target"]
        frontend.options["platform"] = query["platform"]
        if query.isOn("nocache") { frontend.options["no-cache"] = "" }
        if query.isOn("pull") { frontend.options["image-resolve-mode"] = "pull" }
        for (name, value) in try query.pairs("buildargs") { frontend.options["build-arg:\(name)"] = value }
        for (name, value) in try query.pairs("labels") { frontend.options["label:\(name)"] = value ?? "" }
        let network = query["networkmode"].flatMap { ["default", "bridge"].contains($0) ? nil : $0 }
        frontend.options["force-network-mode"] = network
        let hosts = query.all("extrahosts").map { host in
            host.firstIndex(of: ":").map { "\(host[..<$0])=\(host[host.index(after: $0)...])" } ?? host
        }
        if !hosts.isEmpty { frontend.options["add-hosts"] = hosts.joined(separator: ",") }
        if let size = try query.integer("shmsize"), size > 0 { frontend.options["shm-size"] = String(size) }
        for item in try query.json("ulimits")?.array ?? [] {
            guard let name = item["Name"]?.string, let soft = item["Soft"]?.integer, let hard = item["Hard"]?.integer
            else { continue }
            frontend.options["ulimit"] = (frontend.options["ulimit"].map { $0 + "," } ?? "") + "\(name)=\(soft):\(hard)"
        }
        if let remote = query["remote"], remote != "client-session" { frontend.options["context"] = remote }
        frontend.cacheImports = (try query.json("cachefrom")?.strings ?? []).map {
            Entry(type: "registry", attributes: ["ref": $0])
        }
        try self.init(frontend, session: session, outputs: query.json("outputs")?.array ?? [], names: query.all("t"))
        if network == "host" { entitlements = ["network.host"] }
    }

    private init(_ frontend: FrontendRequest, session: String, outputs: [JSON], names: [String]) throws {
        try self.init([])
        (self.frontend, self.session) = (frontend, session)
        reference = "build-\(session)"
        exporters = outputs.map { output in
            var attributes: [String: String] = [:]
            for member in output["Attrs"]?.object?.members ?? [] { attributes[member.key] = member.value.string }
            return Entry(type: output["Type"]?.string ?? "", attributes: attributes)
        }
        if exporters.isEmpty || exporters.allSatisfy({ $0.type.isEmpty }) {
            exporters = [Entry(type: "moby", attributes: ["name": names.joined(separator: ",")])]
        }
    }
}
