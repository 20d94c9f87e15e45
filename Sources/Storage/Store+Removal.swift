public import OCI

extension Store {
    /// What was removed.
    public struct Removal: Hashable, Sendable {
        public var untagged: [ImageReference] = []
        public var deleted: [Digest] = []
        /// Bytes of files in removed layers and blobs.
        public var reclaimed: Int64 = 0

        public init() {}
    }

    /// Removes images that have no name any more, and the layers that nothing uses.
    ///
    /// Layers that the build cache still names stay. Nothing but names goes while another process uses the store.
    public func removeImages(_ identifiers: [Digest]) throws -> Removal {
        var removal = Removal()
        for id in identifiers {
            try images.remove(id)
            removal.deleted.append(id)
        }
        removal.reclaimed = try collect() ?? 0
        return removal
    }

    public enum PruneScope: Sendable {
        case keepingDownloads
        case withDownloads
    }

    /// Forgets the build cache and removes what no image needs.
    ///
    /// - Returns: bytes; nil when another process uses the store and nothing was removed.
    public func prune(_ scope: PruneScope) throws -> Int64? {
        try withExclusiveUse {
            try cache.removeAll()
            try cacheMounts.removeAll()
            var reclaimed = try removeUnused()
            if scope == .withDownloads {
                for digest in try downloads.all() {
                    reclaimed += try downloads.size(of: digest) ?? 0
                    try downloads.remove(digest)
                }
            }
            return reclaimed
        }
    }

    /// Removes layers and blobs that neither an image nor the cache names.
    ///
    /// - Returns: bytes; nil when another process uses the store and nothing was removed.
    public func collect() throws -> Int64? { try withExclusiveUse { try removeUnused() } }

    private func removeUnused() throws -> Int64 {
        var usedLayers = try cache.layers()
        var usedBlobs: Set<Digest> = []
        for id in try images.ids() {
            let image = try images.image(id)
            usedLayers.formUnion(image.layers.map(\.diffID))
            usedBlobs.insert(id)
            if let manifest = image.manifestBytes { usedBlobs.insert(Digest(sha256: manifest)) }
            usedBlobs.formUnion(image.layers.flatMap(\.blobs).map(\.digest))
        }
        var reclaimed: Int64 = 0
        for layer in try layers.all() where !usedLayers.contains(layer) {
            reclaimed += try layers.facts(layer)?.size ?? 0
            try layers.remove(layer)
        }
        for digest in try content.all() where !usedBlobs.contains(digest) {
            reclaimed += try content.size(of: digest) ?? 0
            try content.remove(digest)
        }
        try content.sweep()
        try downloads.sweep()
        return reclaimed
    }
}
