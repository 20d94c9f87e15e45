internal import LinuxSystem
internal import OCI
internal import SystemPackage

/// How much room a store takes of what can be made again.
package struct StoreLimit: Hashable, Sendable {
    /// Bytes of layers that only the build cache and images without a name have; nil is any number.
    package var cache: Int64?
    /// Bytes of cache mounts; nil is any number.
    package var mounts: Int64?

    package init(cache: Int64?, mounts: Int64?) { (self.cache, self.mounts) = (cache, mounts) }
}

extension Store {
    /// Removes what was used the longest ago of the build cache and the images without a name, until the store is below a limit
    /// again, with a tenth of that to spare; and of the cache mounts apart.
    ///
    /// - Returns: nil where nothing had to go, or another process uses the store.
    package func keep(below limit: StoreLimit) throws -> Removal? {
        let cacheIsFull = try limit.cache.map { try cacheSize() > $0 } ?? false
        let mountsAreFull =
            try limit.mounts.map { try mountsAreDue() && cacheMounts.usage().reduce(0) { $0 + $1.size } > $0 } ?? false
        guard cacheIsFull || mountsAreFull else { return nil }
        return try withExclusiveUse {
            var removal = Removal()
            if cacheIsFull, let bytes = limit.cache { removal.deleted = try shrinkCache(to: bytes - bytes / 10) }
            if mountsAreFull, let bytes = limit.mounts {
                removal.reclaimed += try cacheMounts.shrink(to: bytes - bytes / 10)
            }
            removal.reclaimed += try removeUnused()
            return removal
        }
    }

    /// The layers of images that have a name or stand in a list that has one.
    private func namedLayers() throws -> Set<DiffID> {
        var result: Set<DiffID> = []
        for image in try images.list() where image.isNamed {
            result.formUnion(try images.parts(of: image.id).layers)
        }
        return result
    }

    private func cacheSize() throws -> Int64 {
        var all = try cache.layers()
        for image in try images.list() where !image.isNamed {
            all.formUnion(try images.parts(of: image.id).layers)
        }
        return try all.subtracting(namedLayers()).reduce(0) { try $0 + (layers.facts($1)?.size ?? 0) }
    }

    private enum Candidate {
        case record(String)
        case image(ImageDirectory.Summary)
    }

    /// - Returns: the images that went.
    private func shrinkCache(to bytes: Int64) throws -> [Digest] {
        var candidates: [(used: FileTime, layers: Set<DiffID>, what: Candidate)] = []
        for entry in try cache.entries() {
            candidates.append((entry.moment, Set([entry.layer].compactMap(\.self)), .record(entry.name)))
        }
        for image in try images.list() where !image.isNamed {
            let time = FileTime(seconds: try images.written(image.id))
            candidates.append((time, Set(try images.parts(of: image.id).layers), .image(image)))
        }
        var seen = try namedLayers()
        var kept: Int64 = 0
        var deleted: [Digest] = []
        for candidate in candidates.sorted(by: { $0.used > $1.used }) {
            let new = candidate.layers.subtracting(seen)
            let size = try new.reduce(Int64(0)) { try $0 + (layers.facts($1)?.size ?? 0) }
            if kept + size <= bytes || size == 0 {
                kept += size
                seen.formUnion(new)
                continue
            }
            switch candidate.what {
            case .record(let name): try cache.remove(name)
            case .image(let image):
                for reference in image.references { _ = try images.untag(reference) }
                try images.remove(image.id)
                deleted.append(image.id)
            }
        }
        return deleted
    }

    private static let mountCheckFile = Array("mounts-measured".utf8)
    /// Seconds between two looks at the sizes of cache mounts, for which all their files are walked.
    private static let mountCheckInterval: Int64 = 3600

    private func mountsAreDue() throws -> Bool {
        if let status = try root.status(Self.mountCheckFile),
            status.modified.seconds + Self.mountCheckInterval > FileTime.now.seconds
        {
            return false
        }
        try root.replaceFile(Self.mountCheckFile, with: [], .recoverable)
        return true
    }

    /// Whether this is the first time that something is told, which is then noted.
    package func isFirst(_ notice: String) throws -> Bool {
        let name = Array("told-\(notice)".utf8)
        guard try root.status(name) == nil else { return false }
        try root.replaceFile(name, with: [], .recoverable)
        return true
    }

    /// Removes everything that is in the store, applications' volumes too, and the store's directory.
    ///
    /// - Returns: false when another process uses the store; nothing was removed then.
    package func removeEverything() throws -> Bool {
        close()
        // Without these two another process would not see that it must wait.
        let last = ["version", "lock"].map { Array($0.utf8) }
        let isDone: Bool? = try withExclusiveUse {
            for name in try root.names() where !last.contains(name) { try root.removeTree(name) }
            return true
        }
        guard isDone == true else { return false }
        for name in last { try root.removeFile(name) }
        guard let name = path.lastComponent, try root.names().isEmpty else { return true }
        // A mount point stays.
        try? Directory(opening: path.removingLastComponent()).removeTree(Array(name.string.utf8))
        return true
    }
}

extension CacheMountDirectory {
    /// Removes the caches that were used the longest ago until the rest is small enough. Nobody else may use the store.
    ///
    /// - Returns: bytes that went.
    func shrink(to bytes: Int64) throws -> Int64 {
        var (kept, reclaimed): (Int64, Int64) = (0, 0)
        for entry in try usage().sorted(by: { $0.lastUsed > $1.lastUsed }) {
            if kept + entry.size <= bytes { kept += entry.size } else { reclaimed += try remove(entry) }
        }
        return reclaimed
    }

    /// The IDs, each once and sorted.
    package func identifiers() throws -> [String] { Set(try identities().map(\.id)).sorted() }

    /// Removes the caches of an ID, or with a name that begins so; those that somebody uses stay.
    ///
    /// - Returns: the removed ones' sizes, and how many are in use; nil where there is none of the ID.
    package func remove(id: String) throws -> (removed: Int, bytes: Int64, inUse: Int)? {
        let entries = try usage().filter {
            $0.id == id || (id.count >= 12 && String(decoding: $0.name, as: UTF8.self).hasPrefix(id))
        }
        guard !entries.isEmpty else { return nil }
        var result: (removed: Int, bytes: Int64, inUse: Int) = (0, 0, 0)
        for entry in entries {
            guard let lock = try attempt(entry) else {
                result.inUse += 1
                continue
            }
            try withExtendedLifetime(lock) { result.bytes += try remove(entry) }
            result.removed += 1
        }
        return result
    }
}
