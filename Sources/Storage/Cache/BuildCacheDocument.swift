package import OCI

/// What a build came to, in a form that travels: an OCI manifest whose config lists the steps by their cache keys, and
/// whose layers are the steps' layers. Any store or registry of images keeps it.
package struct BuildCacheDocument: Sendable {
    /// What a step came to.
    package struct Step: Hashable, Sendable {
        package let key: Digest
        /// nil: it changed nothing.
        package let layer: DiffID?
        /// Seconds since 1970.
        package let created: Int64

        package init(key: Digest, layer: DiffID?, created: Int64) {
            (self.key, self.layer, self.created) = (key, layer, created)
        }
    }

    package struct Layer: Hashable, Sendable {
        package let facts: LayerDirectory.Facts
        package let blob: Descriptor
    }

    package let steps: [Step]
    package let layers: [Layer]

    package static let mediaType = MediaType(rawValue: "application/vnd.distill.buildcache.v1+json")

    init(steps: [Step], layers: [Layer]) { (self.steps, self.layers) = (steps, layers) }

    var configBytes: [UInt8] { json.bytes }

    private var json: JSON {
        .object([
            "steps": .array(
                steps.map { step in
                    var object: JSONObject = ["key": .string(step.key.description), "created": .integer(step.created)]
                    if let layer = step.layer { object["layer"] = .string(layer.description) }
                    return .object(object)
                }),
            "layers": .array(
                layers.map { layer in
                    .object([
                        "diffID": .string(layer.facts.diffID.description),
                        "content": .string(layer.facts.content.description),
                        "size": .integer(layer.facts.size), "archive": .integer(layer.facts.archiveSize),
                    ])
                }),
        ])
    }

    var manifest: Manifest {
        let bytes = configBytes
        let config = Descriptor(mediaType: Self.mediaType, digest: Digest(sha256: bytes), size: Int64(bytes.count))
        return Manifest(config: config, layers: layers.map(\.blob))
    }

    /// - Throws: ``ImageFormatError`` for a manifest that is no build cache, or one that is damaged.
    package init(manifest: Manifest, configBytes: [UInt8]) throws(ImageFormatError) {
        guard manifest.config.mediaType == Self.mediaType else {
            throw .unexpectedMediaType(manifest.config.mediaType.rawValue)
        }
        let json: JSON
        do { json = try JSON.parse(configBytes) } catch { throw .notJSON(error) }
        let entries = json["layers"]?.array?.count ?? 0
        guard entries == manifest.layers.count else {
            throw .layerCountMismatch(manifest: manifest.layers.count, config: entries)
        }
        try self.init(json, blobs: manifest.layers)
    }

    /// - Parameter blobs: one for each of the document's layers.
    private init(_ json: JSON, blobs: [Descriptor]) throws(ImageFormatError) {
        guard let entries = json["layers"]?.array, let records = json["steps"]?.array else {
            throw .missingMember("steps, layers")
        }
        func digest(_ json: JSON?) throws(ImageFormatError) -> Digest {
            guard let text = json?.string else { throw .missingMember("digest") }
            do { return try Digest(text) } catch { throw .invalidDigest(text) }
        }
        var layers: [Layer] = []
        for (entry, blob) in zip(entries, blobs) {
            guard let size = entry["size"]?.integer, let archive = entry["archive"]?.integer, size >= 0, archive >= 0
            else {
                throw .missingMember("size, archive")
            }
            guard max(size, archive) <= DocumentLimit.blob else { throw .impossibleSize(max(size, archive)) }
            let facts = LayerDirectory.Facts(
                diffID: DiffID(try digest(entry["diffID"])), content: try digest(entry["content"]), size: size,
                archiveSize: archive)
            layers.append(Layer(facts: facts, blob: blob))
        }
        var steps: [Step] = []
        for record in records {
            guard let created = record["created"]?.integer else { throw .missingMember("created") }
            let layer = record["layer"] == nil ? nil : DiffID(try digest(record["layer"]))
            steps.append(Step(key: try digest(record["key"]), layer: layer, created: created))
        }
        (self.steps, self.layers) = (steps, layers)
    }
}

// MARK: In an image

extension BuildCacheDocument {
    /// The member of an image's config that holds the cache of the steps that its own layers come from.
    private static let member = "distill.buildcache.v1"

    /// What an image's config says of the steps that made it; nil if it says nothing.
    package init?(inlinedIn image: Image) throws(ImageFormatError) {
        guard let json = image.config.unknown[Self.member] else { return nil }
        let blobs = Dictionary(image.layers.map { ($0.diffID.description, $0.blobs) }) { first, _ in first }
        // An image that somebody changed may lack layers that it had.
        let present = (json["layers"]?.array ?? []).compactMap { entry -> (JSON, Descriptor)? in
            guard let blob = entry["diffID"]?.string.flatMap({ blobs[$0]?.first }) else { return nil }
            return (entry, blob)
        }
        let document = JSON.object(["steps": json["steps"] ?? .array([]), "layers": .array(present.map(\.0))])
        try self.init(document, blobs: present.map(\.1))
    }

    /// The image with the document in its config.
    func inlined(in image: Image) -> Image {
        var config = image.config
        config.unknown[Self.member] = json
        return Image(config: config, layers: image.layers)
    }
}

extension Store {
    /// Writes into an image's config which steps its layers come from (BuildKit's `type=inline`).
    ///
    /// - Parameter steps: those whose layers are not the image's are left out.
    package func inliningCache(_ steps: [BuildCacheDocument.Step], in image: Image) throws -> Image {
        let facts = try image.layers.compactMap { try self.layers.facts($0.diffID) }
        let known = Set(facts.map(\.diffID))
        let kept = steps.filter { $0.layer.map(known.contains) ?? true }
        // Blobs are the image's own, and nothing is known of them yet.
        let layers = facts.map { facts in
            BuildCacheDocument.Layer(
                facts: facts, blob: Descriptor(mediaType: .layer, digest: facts.diffID.digest, size: facts.archiveSize))
        }
        return BuildCacheDocument(steps: kept, layers: layers).inlined(in: image)
    }
}

extension Store {
    /// Makes the documents and blobs of a build cache in the content store.
    ///
    /// - Parameters:
    ///   - steps: those whose layers are neither here nor in an imported cache are left out.
    ///   - imported: who has layers that nobody needed here: they stay in the cache as they are.
    package func exportCache(
        _ steps: [BuildCacheDocument.Step], _ compression: LayerCompression, borrowing imported: [ImportedCache] = []
    ) throws -> ExportedCache {
        var absent: [ExportedCache.Absent] = []
        var layers: [DiffID: BuildCacheDocument.Layer] = [:]
        var order: [DiffID] = []
        var kept: [BuildCacheDocument.Step] = []
        for step in steps {
            if let id = step.layer, layers[id] == nil {
                guard let facts = try self.layers.facts(id) else { continue }
                if let blob = try cacheBlob(of: id, compression) {
                    layers[id] = .init(facts: facts, blob: blob)
                } else if let cache = imported.first(where: { $0.blob(of: id) != nil }), let blob = cache.blob(of: id) {
                    layers[id] = .init(facts: facts, blob: blob)
                    absent.append(.init(blob: blob, fetch: cache.fetch))
                } else {
                    continue
                }
                order.append(id)
            }
            kept.append(step)
        }
        let document = BuildCacheDocument(steps: kept, layers: order.compactMap { layers[$0] })
        try content.put(document.configBytes)
        let bytes = document.manifest.bytes
        return ExportedCache(
            manifest: Descriptor(mediaType: .manifest, digest: try content.put(bytes), size: Int64(bytes.count)),
            absent: absent)
    }
}

extension Store {
    /// A layer's blob as a build cache has it, made in the content store if need be.
    ///
    /// - Returns: nil where neither the layer's files nor a blob of it are on this machine.
    /// - Throws: what the pace throws.
    package func cacheBlob(of layer: DiffID, _ compression: LayerCompression, _ pace: PackingPace? = nil) throws
        -> Descriptor?
    {
        let hasFiles = try layers.hasFiles(layer)
        let blobs = try hasFiles ? [] : layers.packedBlobs(layer).map(\.blob)
        guard try hasFiles || blobs.contains(where: { try content.has($0.digest) }) else { return nil }
        let packed = try pack(Image.Layer(diffID: layer, blobs: blobs), compression, pace: pace)
        try keepBlob(packed, pace)
        return packed.descriptor
    }
}

/// The documents of a build cache in a content store, and its layers as far as they are on this machine.
package struct ExportedCache: Sendable {
    /// A layer's blob that only an imported cache has.
    package struct Absent: Sendable {
        package let blob: Descriptor
        package let fetch: @Sendable (Descriptor) async throws -> Void
    }

    package let manifest: Descriptor
    package let absent: [Absent]

    /// Brings what is missing into the content store, from where the cache was imported.
    package func complete() async throws {
        for layer in absent { try await layer.fetch(layer.blob) }
    }
}

/// A build cache from elsewhere; layers come when they are needed.
package struct ImportedCache: Sendable {
    private let steps: [Digest: BuildCacheDocument.Step]
    private let layers: [DiffID: BuildCacheDocument.Layer]
    /// Brings a layer's blob into the content store.
    package let fetch: @Sendable (Descriptor) async throws -> Void

    package init(_ document: BuildCacheDocument, fetch: @escaping @Sendable (Descriptor) async throws -> Void) {
        steps = Dictionary(document.steps.map { ($0.key, $0) }) { $1 }
        layers = Dictionary(document.layers.map { ($0.facts.diffID, $0) }) { $1 }
        self.fetch = fetch
    }

    /// A layer's blob; nil if the cache does not have it.
    package func blob(of layer: DiffID) -> Descriptor? { layers[layer]?.blob }

    /// Makes what is known of a key known to a store.
    ///
    /// - Returns: false when nothing is known.
    package func adopt(_ key: Digest, into store: Store) throws -> Bool {
        guard let step = steps[key] else { return false }
        if let id = step.layer {
            guard let layer = layers[id] else { return false }
            if try store.layers.facts(id) == nil { try store.layers.record(layer.facts) }
            try store.layers.rememberClaimed(layer.blob, of: id)
        }
        try store.cache.put(.init(layer: step.layer, created: step.created), for: key)
        return true
    }
}
