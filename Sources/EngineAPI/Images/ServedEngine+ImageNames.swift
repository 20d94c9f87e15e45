import Engine
import OCI
import Storage

extension ServedEngine {
    /// POST /images/{name}/tag
    func tagImage(_ exchange: Exchange, _ name: String) async throws {
        let query = exchange.request.query
        guard let repository = query["repo"] else { throw APIError.missingParameter("repo") }
        let reference = try Self.reference(repository, tag: query["tag"])
        let id = try await withEngine { engine in
            let store = engine.store
            return try await store.perform {
                try store.withNames {
                    let id = try ImageLookup.id(name, store)
                    try store.images.tag(id, reference)
                    return id
                }
            }
        }
        events.tell("tag", image: id.description, ["name": reference.familiar])
        try await exchange.answer(201)
    }

    /// A repository and a tag or digest of its own.
    static func reference(_ repository: String, tag: String?) throws -> ImageReference {
        guard let tag else { return try ImageReference(repository).withDefaultTag }
        return try ImageReference(tag.contains(":") ? "\(repository)@\(tag)" : "\(repository):\(tag)")
    }

    /// DELETE /images/{name}
    func removeImage(_ exchange: Exchange, _ name: String) async throws {
        let isForced = exchange.request.query.isOn("force")
        let removed = try await withEngine { engine in
            let store = engine.store
            return try await store.perform {
                let known = try ImageLookup.id(name, store)
                // Of a name this one goes; of an ID all.
                let named = try? ImageReference(name).withDefaultTag  // perhaps an ID
                let isName = try named.map { try store.images.id(of: $0) == known } ?? false
                let removal = try store.untag(isName ? name : known.description) { names in
                    if isName, let named, names.contains(named) { return [named] }
                    if names.count > 1, !isForced { throw APIError.imageHasNames(name, names.map(\.familiar)) }
                    return names
                }
                if removal.isDeleted { _ = try store.collect() }
                return removal
            }
        }
        var list = removed.untagged.map { JSON.object(["Untagged": .string($0.familiar)]) }
        for reference in removed.untagged {
            events.tell("untag", image: removed.id.description, ["name": reference.familiar])
        }
        if removed.isDeleted {
            events.tell("delete", image: removed.id.description)
            list.append(.object(["Deleted": .string(removed.id.description)]))
        }
        try await exchange.answer(200, .array(list))
    }

    /// POST /images/prune
    func pruneImages(_ exchange: Exchange) async throws {
        let filters = try APIFilters(exchange.request.query, known: ["dangling", "until", "label", "label!"])
        let includesNamed = try filters.flag("dangling") == false
        let removal = try await withEngine { engine in
            let store = engine.store
            return try await store.perform {
                // `dangling` says what is looked at, not only what it has.
                let wanted = try ImageFilter(filters.without("dangling"), store)
                var chosen: Set<Digest> = []
                for summary in try store.images.list() where includesNamed || summary.references.isEmpty {
                    if try wanted.names(summary, store) != nil { chosen.insert(summary.id) }
                }
                return chosen.isEmpty ? Store.Removal() : try store.removeImages { chosen.contains($0.id) }
            }
        }
        let list =
            removal.untagged.map { JSON.object(["Untagged": .string($0.familiar)]) }
            + removal.deleted.map { JSON.object(["Deleted": .string($0.description)]) }
        for id in removal.deleted { events.tell("delete", image: id.description) }
        let deleted: JSON = list.isEmpty ? .null : .array(list)
        try await exchange.answer(
            200, .object(["ImagesDeleted": deleted, "SpaceReclaimed": .integer(removal.reclaimed)]))
    }
}
