import BuildGraph
import Distribution
import Dockerfile
import Engine
import LinuxSystem
import OCI
import Storage

extension ServedEngine {
    /// The session of an ID, which may still be on its way.
    func session(_ id: String) async throws -> ClientSession {
        do { return try await sessions.value(id, within: .seconds(20)) } catch is CancellationError {
            try Task.checkCancellation()
            throw APIError.noSession(id)
        }
    }

    /// Builds what a client asks for, and gives it what it wants of it.
    ///
    /// - Returns: ExporterResponse
    func build(_ frontend: FrontendRequest, for job: SolveJob) async throws -> [String: String] {
        try await build(frontend, job.request, job.log).response
    }

    private typealias Built = (response: [String: String], id: Digest)

    private func build(_ frontend: FrontendRequest, _ request: SolveRequest, _ log: StatusLog) async throws -> Built {
        let session = try await session(request.session)
        let asked: Credentials.Asking = { try await session.credential(for: $0) }
        return try await withEngine(asking: asked) { engine in
            let build = SessionBuild(
                served: self, engine: engine, session: session, frontend: frontend, log: log, job: request.reference,
                entitlements: request.entitlements)
            var specification = try await build.specification()
            let exports = try SessionExports(request.exporters, engine.store)
            specification.outputs = exports.outputs
            let places = CachePlaces(session)
            for place in request.cacheExports {
                specification.cache.targets.append(try places.place(place, isTarget: true))
            }
            let ids = specification.dockerfile.source.map { MountedNames.ids(of: "ssh", in: $0) } ?? []
            return try await ForwardedAgents.around(ids, of: session, in: engine.store, &specification) {
                specification in
                let status = BuildStatus(log, job: request.reference, platforms: specification.platforms)
                var built = try await self.run(specification, exports, session, engine, status)
                built.response["cache.manifest"] = places.writtenManifest.map(\.json.text)
                return built
            }
        }
    }

    private func run(
        _ specification: BuildSpecification, _ exports: SessionExports, _ session: ClientSession, _ engine: Engine,
        _ status: BuildStatus
    ) async throws -> Built {
        let outcome: BuildOutcome
        do {
            outcome = try await engine.build(specification) { event in
                status.take(event)
                if case .built = event { status.beginExport(exports.title) }
            }
        } catch {
            let failure = self.status(error)
            let digest = status.failedDigest
            status.finish(failure.message)
            status.endExport([])
            guard let digest else { throw failure }
            let vertex: JSON = .object(["digest": .string(digest)])
            let detail = GRPCStatus.Detail(type: "github.com/moby/buildkit/errdefs.Vertex+json", value: vertex.bytes)
            throw GRPCStatus(failure.code, failure.message, details: [detail] + failure.details)
        }
        try await exports.deliver(to: session)
        let receipt = outcome.receipt
        status.endExport(
            exports.storesImage
                ? ["exporting layers", "writing image \(receipt.id)"]
                    + receipt.names.map { "naming to \($0.description)" } : ["exporting layers"])
        for name in receipt.names { events.tell("tag", image: receipt.id.description, ["name": name.familiar]) }
        return (exports.response(receipt), receipt.id)
    }

    /// The image of a result that another build of the client stands on; it is built once.
    func image(of prepared: PreparedResult) async throws -> Digest {
        guard prepared.take() else { return try await prepared.image.value() }
        do {
            let request = SolveRequest(prepared.job.request, exporting: .init(type: "", attributes: [:]))
            let id = try await build(prepared.frontend, request, prepared.job.log).id
            prepared.image.set(.success(id))
            return id
        } catch {
            prepared.image.set(.failure(error))
            throw error
        }
    }
}

extension DockerfilePlace {
    /// The file, where it was received already.
    var source: SourceFile? { if case .received(let file, _) = self { file } else { nil } }
}
