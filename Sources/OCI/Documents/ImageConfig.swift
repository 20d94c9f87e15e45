/// The config of an image: its platform, how it starts, its layers and its history (OCI image specification, config.md).
package struct ImageConfig: Hashable, Sendable {
    /// RFC 3339, as it was written.
    package var created: String?
    package var author: String?
    package var platform: Platform
    package var container: ContainerConfig
    /// From the lowest to the highest.
    package var layers: [DiffID]
    package var history: [HistoryEntry]
    /// Members that we do not know, in their order.
    package var unknown: JSONObject

    package init(platform: Platform) {
        self.platform = platform
        container = ContainerConfig()
        layers = []
        history = []
        unknown = JSONObject()
    }

    private static let known: Set = [
        "created", "author", "architecture", "os", "variant", "config", "rootfs", "history",
    ]

    /// - Throws: when the bytes are no JSON, or name no platform or no valid layers.
    package init(bytes: [UInt8]) throws(ImageFormatError) {
        let json = try JSON.document(bytes, limit: DocumentLimit.config)
        guard let platform = Platform(json) else { throw .missingMember("os, architecture") }
        self.init(platform: platform)
        created = json["created"]?.string
        author = json["author"]?.string
        if let config = json["config"], !config.isNull { container = ContainerConfig(config) }
        guard let identifiers = json["rootfs"]?["diff_ids"] else { throw .missingMember("rootfs.diff_ids") }
        let count = identifiers.array?.count ?? 0
        guard count <= DocumentLimit.layers else { throw .tooManyLayers(count, limit: DocumentLimit.layers) }
        for item in identifiers.array ?? [] {
            guard let text = item.string else { throw .missingMember("rootfs.diff_ids") }
            do { layers.append(DiffID(try Digest(text))) } catch { throw .invalidDigest(text) }
        }
        history = json["history"]?.array?.map(HistoryEntry.init) ?? []
        for member in json.object?.members ?? [] where !Self.known.contains(member.key) {
            unknown[member.key] = member.value
        }
    }

    /// The config's canonical bytes: members in the specification's order, sorted where they are sets.
    package var bytes: [UInt8] {
        var object = JSONObject()
        if let created { object["created"] = .string(created) }
        if let author { object["author"] = .string(author) }
        object["architecture"] = .string(platform.architecture)
        if let variant = platform.variant { object["variant"] = .string(variant) }
        object["os"] = .string(platform.os)
        object["config"] = container.json
        object["rootfs"] = .object(["type": .string("layers"), "diff_ids": .strings(layers.map(\.description))])
        object["history"] = .array(history.map(\.json))
        for member in unknown.members { object[member.key] = member.value }
        return JSON.object(object).bytes
    }
}

/// One line of an image's history (OCI image specification, config.md, `history`).
package struct HistoryEntry: Hashable, Sendable {
    package var created: String?
    package var createdBy: String?
    package var author: String?
    package var comment: String?
    /// Whether the step left no layer.
    package var emptyLayer: Bool

    package init(created: String?, createdBy: String, comment: String?, emptyLayer: Bool) {
        (self.created, self.createdBy, self.comment, self.emptyLayer) = (created, createdBy, comment, emptyLayer)
    }

    package init(_ json: JSON) {
        created = json["created"]?.string
        createdBy = json["created_by"]?.string
        author = json["author"]?.string
        comment = json["comment"]?.string
        emptyLayer = json["empty_layer"]?.bool ?? false
    }

    package var json: JSON {
        var object = JSONObject()
        if let created { object["created"] = .string(created) }
        if let createdBy { object["created_by"] = .string(createdBy) }
        if let author { object["author"] = .string(author) }
        if let comment { object["comment"] = .string(comment) }
        if emptyLayer { object["empty_layer"] = .bool(true) }
        return .object(object)
    }
}
