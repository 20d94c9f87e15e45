internal import LinuxSystem
package import OCI

extension Store {
    /// What was removed.
    package struct Removal: Hashable, Sendable {
        package var untagged: [ImageReference] = []
        package var deleted: [Digest] = []
        /// Bytes of files in removed layers and blobs.
        package var reclaimed: Int64 = 0

        package init(deleted: [Digest] = []) { self.deleted = deleted }
    }

    /// Removes images with their names, and the layers that nothing uses.
    ///
    /// Layers that the build cache still names stay. Nothing but names goes while another process uses the store.
    ///
    /// - Parameter isChosen: says which images go, of those that are there.
    package func removeImages(where isChosen: (ImageDirectory.Summary) -> Bool) throws -> Removal {
        var removal = Removal()
        try withNames {
            for image in try images.list() where isChosen(image) {
                for reference in image.references where try images.untag(reference) {
                    removal.untagged.append(reference)
                }
                try images.remove(image.id)
                removal.deleted.append(image.id)
            }
        }
        removal.reclaimed = try collect() ?? 0
        return removal
    }

    /// As ``removeImages(where:)``, with what the build cache has of the images that go and of nothing else: what was named is
    /// freed, and other builds keep their steps.
    package func pruneImages(where isChosen: (ImageDirectory.Summary) -> Bool) throws -> Removal {
        var (going, staying): (Set<DiffID>, Set<DiffID>) = ([], [])
        for image in try images.list() {
            let parts = try images.parts(of: image.id).layers
            if isChosen(image) { going.formUnion(parts) } else { staying.formUnion(parts) }
        }
        let freed = going.subtracting(staying)
        for entry in try cache.entries() where entry.layer.map(freed.contains) == true { try cache.remove(entry.name) }
        return try removeImages(where: isChosen)
    }

    /// Removes images by their IDs, whatever names they have, and the layers that nothing uses.
    package func removeImages(_ identifiers: [Digest]) throws -> Removal {
        var removal = Removal(deleted: identifiers)
        try withNames { for id in identifiers { try images.remove(id) } }
        removal.reclaimed = try collect() ?? 0
        return removal
    }

    /// What ``prune(_:)`` removes.
    package struct PrunePolicy: Hashable, Sendable {
        /// Images at all, and not the build cache alone.
        package var includesImages = true
        /// Images with a name too, and not only those that lost theirs.
        package var includesNamedImages = false
        /// Steps' results, and not cache mounts alone.
        package var includesSteps = true
        package var includesCacheMounts = true
        /// Kept downloads of packages too.
        package var includesDownloads = false
        /// Only what was last used before this moment, in seconds since 1970.
        package var lastUsedBefore: Int64?
        /// Bytes of the build cache that stay, those that were used last.
        package var keptBytes: Int64?

        package init() {}
    }

    /// Removes images without a name, the build cache, and what no image needs then.
    ///
    /// - Returns: nil when another process uses the store; nothing was removed then.
    package func prune(_ policy: PrunePolicy) throws -> Removal? {
        try withExclusiveUse {
            var removal = Removal()
            let limit = policy.lastUsedBefore ?? .max
            for image in try images.list()
            where policy.includesImages && (!image.isNamed || policy.includesNamedImages) {
                guard try images.written(image.id) < limit else { continue }
                for reference in image.references where try images.untag(reference) {
                    removal.untagged.append(reference)
                }
                try images.remove(image.id)
                removal.deleted.append(image.id)
            }
            if policy.includesSteps { try pruneCache(policy, limit) }
            if policy.keptBytes == nil, policy.includesCacheMounts {
                removal.reclaimed += try cacheMounts.remove(lastUsedBefore: limit)
            }
            removal.reclaimed += try removeUnused()
            try filters.removeAll()
            if policy.includesDownloads {
                for digest in try downloads.all() {
                    removal.reclaimed += try downloads.size(of: digest) ?? 0
                    try downloads.remove(digest)
                }
            }
            return removal
        }
    }

    private func pruneCache(_ policy: PrunePolicy, _ limit: Int64) throws {
        var kept: Int64 = 0
        var seen: Set<DiffID> = []
        for entry in try cache.entries().sorted(by: { $0.lastUsed > $1.lastUsed }) {
            if let allowed = policy.keptBytes, entry.lastUsed >= limit || policy.lastUsedBefore == nil {
                let isNew = entry.layer.map { seen.insert($0).inserted } ?? false
                if isNew, let layer = entry.layer { kept += try layers.facts(layer)?.size ?? 0 }
                if kept <= allowed { continue }
            } else if entry.lastUsed >= limit {
                continue
            }
            try cache.remove(entry.name)
        }
    }

    /// Removes layers and blobs that neither an image nor the cache names.
    ///
    /// - Returns: bytes; nil when another process uses the store and nothing was removed.
    package func collect() throws -> Int64? { try withExclusiveUse { try removeUnused() } }

    func removeUnused() throws -> Int64 {
        var usedLayers = try cache.layers()
        var usedBlobs: Set<Digest> = []
        for id in try images.ids() {
            let parts = try images.parts(of: id)
            usedLayers.formUnion(parts.layers)
            usedBlobs.formUnion(parts.blobs)
        }
        for layer in usedLayers {
            if try !layers.hasAnyFiles(layer) {
                // It is one of these blobs.
                usedBlobs.formUnion(try layers.packedBlobs(layer).map(\.blob.digest))
            } else if try layers.author(layer) == .unknown {
                // Only a blob has the bytes of another program's archive.
                let blobs = try layers.sources(layer).map(\.digest)
                guard !blobs.contains(where: usedBlobs.contains) else { continue }
                if let blob = try blobs.first(where: content.has) { usedBlobs.insert(blob) }
            }
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
        try secretNotes.keep(layers: usedLayers, images: Set(images.ids()))
        try records.retain(Set(usedLayers.map(\.digest)))
        try buildNotes.retain(Set(images.ids()))
        try sweepUnfinished()
        try content.sweep()
        try downloads.sweep()
        return reclaimed
    }

    /// Removes what commands that were killed left beside final names: files that were being written, and what was being removed.
    /// Whoever writes or removes holds the store's lock shared, so nothing of the kind is anybody's now.
    private func sweepUnfinished() throws {
        for name in ["images", "references", "cache", "steps", "contexts", "origins", "drafts", "mounts", "layers"] {
            try root.openDirectory(Array(name.utf8)).sweepHidden()
        }
        for layer in try layers.all() { try layers.sweep(layer) }
    }
}

extension Directory {
    fileprivate func sweepHidden() throws {
        for name in try names() where name.first == UInt8(ascii: ".") { try removeTree(name) }
    }
}

extension LayerDirectory {
    fileprivate func sweep(_ layer: DiffID) throws {
        try directory.directory(Array(layer.digest.hex.utf8)).sweepHidden()
    }
}
