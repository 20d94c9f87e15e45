import BuildGraph
import Distribution
import Engine
import OCI
import Storage

extension ServedEngine {
    /// POST /images/create
    func createImage(_ exchange: Exchange) async throws {
        let query = exchange.request.query
        if let source = query["fromSrc"] { return try await importImage(exchange, from: source) }
        guard let name = query["fromImage"] else { throw APIError.missingParameter("fromImage") }
        try await pullImage(exchange, name)
    }

    private func pullImage(_ exchange: Exchange, _ name: String) async throws {
        let request = exchange.request
        let reference = try Self.reference(name, tag: request.query["tag"])
        let platform = try request.query["platform"].map { try Platform(parsing: $0) } ?? .host
        let given =
            try RegistryAuthorization.credential(request.header("x-registry-auth")).map { [reference.domain: $0] }
            ?? [:]
        _ = try await exchange.body()
        try await exchange.followedProgress { backlog in
            try await withEngine(given: given) { engine in
                let earlier = try engine.store.images.id(of: reference)
                let lines = TransferLines(.pull, of: reference)
                let (kept, manifest) = try await engine.pull(reference, for: platform) { event in
                    for line in lines.take(event) { backlog.tell(line.json, isDispensable: line.isDispensable) }
                }
                let id = try engine.store.images.id(of: kept)
                backlog.tell(.object(["status": .string("Digest: \(manifest.descriptor.digest)")]))
                let verdict = id == earlier ? "Image is up to date for" : "Downloaded newer image for"
                backlog.tell(.object(["status": .string("Status: \(verdict) \(reference.familiar)")]))
                events.tell("pull", image: reference.familiar, ["name": reference.familiarName])
            }
        }
    }

    /// POST /images/{name}/push
    func pushImage(_ exchange: Exchange, _ name: String) async throws {
        let request = exchange.request
        let reference = try Self.reference(name, tag: request.query["tag"])
        let given =
            try RegistryAuthorization.credential(request.header("x-registry-auth")).map { [reference.domain: $0] }
            ?? [:]
        _ = try await exchange.body()
        try await exchange.followedProgress { backlog in
            try await withEngine(given: given) { engine in
                let store = engine.store
                guard let id = try store.images.id(of: reference) else {
                    throw APIError.noSuchImage(reference.familiar)
                }
                let lines = TransferLines(.push, of: reference)
                let observer: TransferObserver = { event in
                    for line in lines.take(event) { backlog.tell(line.json, isDispensable: line.isDispensable) }
                }
                let (manifest, early) = try await EarlyUpload.run(
                    to: reference, of: engine.registries, observer: observer
                ) { packed in
                    try await store.perform { try store.publish(id, .gzip, observer: packed) }
                }
                try await engine.push(manifest, to: reference, early: early, observer: observer)
                let tag = reference.tag ?? ""
                backlog.tell(.object(["status": .string("\(tag): digest: \(manifest.digest) size: \(manifest.size)")]))
                backlog.tell(
                    .object([
                        "progressDetail": .object([:]),
                        "aux": .object([
                            "Tag": .string(tag), "Digest": .string(manifest.digest.description),
                            "Size": .integer(manifest.size),
                        ]),
                    ]))
                events.tell("push", image: reference.familiar, ["name": reference.familiarName])
            }
        }
    }

    /// POST /auth
    func checkLogin(_ exchange: Exchange) async throws {
        guard let document = try await exchange.document() else { throw APIError.malformedBody }
        let registry = RegistryAuthorization.registry(document["serveraddress"]?.string ?? "")
        guard let credential = RegistryAuthorization.credential(document) else {
            throw APIError.missingParameter("username")
        }
        try await RegistryAccess(environment).withClient(given: [registry: credential]) {
            try await $0.checkLogin(to: registry)
        }
        try await exchange.answer(200, .object(["IdentityToken": .string(""), "Status": .string("Login Succeeded")]))
    }

    /// GET /distribution/{name}/json
    func inspectDistribution(_ exchange: Exchange, _ name: String) async throws {
        let reference = try ImageReference(name).withDefaultTag
        let given =
            try RegistryAuthorization.credential(exchange.request.header("x-registry-auth")).map {
                [reference.domain: $0]
            } ?? [:]
        let answer = try await withEngine(given: given) { engine in
            try await engine.registries.withClient { client in
                let root = try await client.manifest(reference)
                let platforms: [JSON]
                switch root.content {
                case .index(let index): platforms = index.images.compactMap { $0.platform?.json }
                case .manifest:
                    platforms = [
                        try await client.image(reference, platform: .host, keptIn: engine.store.content).image.config
                            .platform.json
                    ]
                }
                return JSON.object(["Descriptor": root.descriptor.json, "Platforms": .array(platforms)])
            }
        }
        try await exchange.answer(200, answer)
    }
}
