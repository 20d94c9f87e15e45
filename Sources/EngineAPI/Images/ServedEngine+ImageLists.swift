import Engine
import LinuxSystem
import OCI
import Storage

extension ServedEngine {
    /// GET /images/json
    func listImages(_ exchange: Exchange) async throws {
        let request = exchange.request
        let filters = try APIFilters(request.query, known: ImageFilter.names)
        let list = try await withEngine { engine in
            let store = engine.store
            return try await store.perform {
                let filter = try ImageFilter(filters, store)
                return try Self.summaries(filter, store, version: request.version)
            }
        }
        try await exchange.answer(200, .array(list))
    }

    /// The newest first.
    static func summaries(_ filter: ImageFilter, _ store: Store, version: APIVersion) throws -> [JSON] {
        var rows: [(created: Int64, json: JSON)] = []
        for summary in try store.images.list() {
            guard let names = try filter.names(summary, store) else { continue }
            let created = summary.created.flatMap(Timestamp.init(rfc3339:))?.seconds ?? 0
            // Damaged: told without what only the config knows.
            let labels = (try? store.images.image(summary.id))?.config.container.labels ?? [:]
            let manifest = summary.manifest ?? summary.id
            var tags = names.filter { $0.digest == nil }.map(\.familiar).sorted()
            var digests = Set(names.map(\.familiarName)).sorted().map { "\($0)@\(manifest)" }
            if tags.isEmpty, version < APIVersion(1, 43) { (tags, digests) = (["<none>:<none>"], ["<none>@<none>"]) }
            var row: JSONObject = [
                "Containers": .integer(-1), "Created": .integer(created), "Id": .string(summary.id.description),
                "Labels": .sorted(labels), "ParentId": .string(""), "RepoDigests": .strings(digests),
                "RepoTags": .strings(tags), "SharedSize": .integer(-1), "Size": .integer(summary.size),
            ]
            if version < APIVersion(1, 44) { row["VirtualSize"] = .integer(summary.size) }
            rows.append((created, .object(row)))
        }
        return rows.sorted { $0.created > $1.created }.map(\.json)
    }

    /// GET /images/{name}/json
    func inspectImage(_ exchange: Exchange, _ name: String) async throws {
        let request = exchange.request
        let document = try await withEngine { engine in
            let store = engine.store
            return try await store.perform { try ImageDocument.inspect(ImageLookup.id(name, store).description, store) }
        }
        try await exchange.answer(200, Self.completed(document, version: request.version))
    }

    /// With what the interface has beside what a person is shown.
    private static func completed(_ document: JSON, version: APIVersion) -> JSON {
        guard var object = document.object else { return document }
        let empty: JSON = .string("")
        object["Parent"] = empty
        object["DockerVersion"] = empty
        if version < APIVersion(1, 44) { object["VirtualSize"] = object["Size"] }
        object["GraphDriver"] = .object(["Name": .string("overlay2"), "Data": .null])
        object["Metadata"] = .object(["LastTagTime": .string("0001-01-01T00:00:00Z")])
        if version < APIVersion(1, 50), var config = object["Config"]?.object {
            for name in ["Hostname", "Domainname", "Image"] where config[name] == nil { config[name] = empty }
            for name in ["AttachStdin", "AttachStdout", "AttachStderr", "Tty", "OpenStdin", "StdinOnce"] {
                config[name] = .bool(false)
            }
            object["Config"] = .object(config)
        }
        // The container of which the first builder made an image: there was none.
        if version < APIVersion(1, 45) {
            object["Container"] = empty
            object["ContainerConfig"] = object["Config"]
        }
        return .object(object)
    }

    /// GET /images/{name}/history
    func imageHistory(_ exchange: Exchange, _ name: String) async throws {
        let rows = try await withEngine { engine in
            let store = engine.store
            return try await store.perform {
                let id = try ImageLookup.id(name, store)
                let names = try store.images.names().filter { $0.id == id }.map(\.reference.familiar).sorted()
                return try ImageHistory.rows(store.images.image(id), id, store).map { row in
                    JSON.object([
                        "Comment": .string(row.entry.comment ?? ""),
                        "Created": .integer(row.entry.created.flatMap(Timestamp.init(rfc3339:))?.seconds ?? 0),
                        "CreatedBy": .string(row.entry.createdBy ?? ""),
                        "Id": .string(row.id?.description ?? "<missing>"),
                        "Size": .integer(row.size),
                        "Tags": row.id == nil || names.isEmpty ? .null : .strings(names),
                    ])
                }
            }
        }
        try await exchange.answer(200, .array(rows))
    }
}
