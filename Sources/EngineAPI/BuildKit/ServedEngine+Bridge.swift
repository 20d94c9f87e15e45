import LinuxSystem
import OCI

/// `moby.buildkit.v1.frontend.LLBBridge`: what a client asks of the build that it runs as a frontend.
extension ServedEngine {
    func bridge(_ method: String, _ build: String, _ call: GRPCStream) async throws {
        let job: SolveJob
        do { job = try await jobs.value(build, within: .seconds(20)) } catch is CancellationError {
            throw GRPCStatus(.notFound, "no such job \(build)")
        }
        let message = try await call.only()
        switch method {
        case "Ping": try await call.send(BuilderCapabilities.pong)
        case "Solve": try await call.send(answer(FrontendRequest(message), in: job))
        case "Evaluate":
            var id = ""
            try ProtobufReader.forEachField(message) { field, value in if field == 1 { id = value.text } }
            if let prepared = results.withLock({ $0[id] }) { _ = try await image(of: prepared) }
            try await call.send([])
        case "Return":
            job.returned.set(.success(try Self.returned(message)))
            try await call.send([])
        default: throw GRPCStatus(.unimplemented, "there is no '\(method)'")
        }
    }

    /// SolveResponse: a reference that only this side can read, or what was asked about a Dockerfile.
    private func answer(_ frontend: FrontendRequest, in job: SolveJob) async throws -> [UInt8] {
        if frontend.hasDefinition { throw APIError.lowLevelBuild }
        if let question = frontend.options["requestid"] {
            let metadata = try await review(question, frontend, for: job)
            return ProtobufWriter.message { answer in answer.message(3) { $0.map(10, metadata) } }
        }
        let id = try job.nextID()
        var frontend = frontend
        // Caches are named once, for the whole build.
        if frontend.cacheImports.isEmpty, frontend.namedImports.isEmpty {
            frontend.cacheImports = job.request.frontend.cacheImports + job.request.frontend.namedImports
        }
        let prepared = PreparedResult(frontend, job)
        results.withLock { $0[id] = prepared }
        if frontend.evaluates { _ = try await image(of: prepared) }
        return ProtobufWriter.message { answer in
            answer.message(3) { result in
                result.message(3) { reference in
                    reference.string(1, id)
                    reference.message(2, Self.token(id))
                }
            }
        }
    }

    /// A Definition that says nothing but which result it stands for: clients hand it back as an input of another build.
    private static func token(_ id: String) -> [UInt8] {
        let source = ProtobufWriter.message { operation in
            operation.message(3) { $0.string(1, "distill://\(id)") }
        }
        let digest = Digest(sha256: source).description
        let end = ProtobufWriter.message { operation in operation.message(1) { $0.string(1, digest) } }
        return ProtobufWriter.message { definition in
            definition.message(1, source)
            definition.message(1, end)
            definition.message(2) { entry in
                entry.string(1, digest)
                entry.message(2, [])
            }
        }
    }

    /// The result that a token stands for; nil for any other Definition.
    static func result(of definition: [UInt8]) throws -> String? {
        var id: String?
        try ProtobufReader.forEachField(definition) { field, value in
            guard field == 1 else { return }
            // The operation's source (LLB's ops.proto).
            try ProtobufReader.forEachField(value.data) { field, value in
                guard field == 3 else { return }
                try ProtobufReader.forEachField(value.data) { field, value in
                    if field == 1, value.text.hasPrefix("distill://") {
                        id = String(value.text.dropFirst("distill://".count))
                    }
                }
            }
        }
        return id
    }

    /// ReturnRequest
    private static func returned(_ message: [UInt8]) throws -> SolveJob.Returned {
        var returned = SolveJob.Returned.nothing
        try ProtobufReader.forEachField(message) { field, value in
            if field == 1 {
                if let id = try reference(in: value.data), case .nothing = returned { returned = .result(id) }
            }
            if field == 2 { returned = .failure(try GRPCStatus(status: value.data)) }
        }
        return returned
    }

    /// The first reference of a Result.
    private static func reference(in result: [UInt8]) throws -> String? {
        var id: String?
        func read(_ reference: [UInt8]) throws {
            try ProtobufReader.forEachField(reference) { field, value in if field == 1, id == nil { id = value.text } }
        }
        try ProtobufReader.forEachField(result) { field, value in
            switch field {
            case 1 where id == nil: id = value.text
            case 3: try read(value.data)
            case 4:
                try ProtobufReader.forEachField(value.data) { field, value in
                    if field == 1 { try read(ProtobufReader.entry(value.data).value) }
                }
            default: break
            }
        }
        return id.flatMap { $0.isEmpty ? nil : $0 }
    }
}
