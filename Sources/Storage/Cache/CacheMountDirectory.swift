internal import LinuxSystem
internal import OCI
package import SystemPackage

/// The directories of cache mounts, by their ID.
package final class CacheMountDirectory: Sendable {
    private let directory: Directory
    private let path: FilePath

    init(directory: Directory, path: FilePath) { (self.directory, self.path) = (directory, path) }

    /// A cache that is in use; others see it as used for as long as this object lives.
    final class Lease: Sendable {
        let path: FilePath
        private let lock: FileLock
        /// Makes now the time of the cache's last use.
        fileprivate let touch: @Sendable () throws -> Void

        fileprivate init(path: FilePath, lock: FileLock, touch: @escaping @Sendable () throws -> Void) {
            (self.path, self.lock, self.touch) = (path, lock, touch)
        }

        deinit {
            // Best effort: it was touched when it was taken.
            try? touch()
        }
    }

    /// How many directories a private cache may have.
    private static let privateLimit = 64

    /// Takes a cache into use, made if it is missing.
    ///
    /// - Parameter fill: fills a new directory, and returns whose owner and mode it takes; nil for the cache's own.
    func lease(_ cache: CacheMount, fill: (Directory) throws -> FileStatus?) throws -> Lease {
        let name = Self.name(cache)
        switch cache.sharing {
        case .shared: return try open(name, cache, try .wait(lockName(name), in: directory, mode: .shared), fill)
        case .locked: return try open(name, cache, try .wait(lockName(name), in: directory, mode: .exclusive), fill)
        case .private:
            for number in 0..<Self.privateLimit {
                let candidate = number == 0 ? name : "\(name)-\(number)"
                if let lock = try FileLock.attempt(lockName(candidate), in: directory, mode: .exclusive) {
                    return try open(candidate, cache, lock, fill)
                }
            }
            return try open(name, cache, try .wait(lockName(name), in: directory, mode: .exclusive), fill)
        }
    }

    /// A cache by what makes it this one and no other.
    struct Identity: Hashable {
        let id: String
        /// See ``CacheMount/variant``.
        let variant: String?

        /// The name of its directory.
        var name: String { Digest(sha256: (variant.map { "\(id)\0\($0)" } ?? id).utf8).hex }
    }

    /// The name of a cache's directory.
    private static func name(_ cache: CacheMount) -> String { Identity(id: cache.id, variant: cache.variant).name }

    /// All caches, sorted by their IDs; further directories of private ones aside.
    func identities() throws -> [Identity] {
        let entries = try directory.names().filter { !$0.ends(with: ".lock") && $0.first != UInt8(ascii: ".") }
        let all = try entries.compactMap { name -> Identity? in
            guard let id = try directory.extendedAttribute(Self.identifierAttribute, of: name) else { return nil }
            let variant = try directory.extendedAttribute(Self.variantAttribute, of: name)
            let identity = Identity(
                id: String(decoding: id, as: UTF8.self), variant: variant.map { String(decoding: $0, as: UTF8.self) })
            return identity.name.utf8.elementsEqual(name) ? identity : nil
        }
        return all.sorted { ($0.id, $0.variant ?? "") < ($1.id, $1.variant ?? "") }
    }

    /// Waits until nobody uses a cache, and keeps others from it meanwhile.
    ///
    /// - Parameter body: gets the directory in which the cache has its name.
    func withExclusiveUse(of cache: Identity, _ body: (Directory) throws -> Void) throws {
        let lock = try FileLock.wait(lockName(cache.name), in: directory, mode: .exclusive)
        try withExtendedLifetime(lock) { try body(directory) }
    }

    /// Takes a cache's directory from another one, in place of what is here.
    func replace(_ cache: Identity, by source: Directory) throws {
        let name = Array(cache.name.utf8)
        try withExclusiveUse(of: cache) { directory in
            try mark(name, cache, in: source)
            let former = ProcessFacts.temporaryName
            if try directory.status(name) != nil { try directory.rename(name, to: former, in: directory) }
            try source.rename(name, to: name, in: directory)
            try directory.removeTree(former)
        }
    }

    /// Notes which cache a directory is.
    private func mark(_ name: [UInt8], _ cache: Identity, in directory: Directory) throws {
        try directory.setExtendedAttribute(Self.identifierAttribute, Array(cache.id.utf8), of: name)
        guard let variant = cache.variant else { return }
        try directory.setExtendedAttribute(Self.variantAttribute, Array(variant.utf8), of: name)
    }

    /// The host path of a cache, whether it exists or not.
    package func path(of cache: CacheMount) -> FilePath { path.appending(Self.name(cache)) }

    private func lockName(_ name: String) -> [UInt8] { Array("\(name).lock".utf8) }

    /// Of the lock under which a cache is made; a lease holds the other one, and perhaps together with others.
    private func makingLockName(_ name: String) -> [UInt8] { Array("\(name).new.lock".utf8) }

    private func open(
        _ name: String, _ cache: CacheMount, _ lock: FileLock, _ fill: (Directory) throws -> FileStatus?
    ) throws -> Lease {
        let bytes = Array(name.utf8)
        // One makes it while the others wait, whatever they share it as.
        let making =
            try directory.status(bytes) == nil
            ? FileLock.wait(makingLockName(name), in: directory, mode: .exclusive) : nil
        defer { withExtendedLifetime(making) {} }
        if making != nil, try directory.status(bytes) == nil {
            // Made beside it and renamed, so that nobody sees half of what it begins with.
            let temporary = ProcessFacts.temporaryName
            try directory.makeDirectory(temporary, mode: 0o700)
            let model = try fill(try directory.openDirectory(temporary))
            try directory.setOwner(temporary, user: model?.user ?? cache.user, group: model?.group ?? cache.group)
            try directory.setMode(temporary, model?.mode ?? cache.mode)
            try mark(temporary, Identity(id: cache.id, variant: cache.variant), in: directory)
            if try !directory.renameIfAbsent(temporary, to: bytes, in: directory) {
                try directory.removeTree(temporary)
            }
        }
        let lease = Lease(
            path: path.appending(name), lock: lock,
            touch: { [directory] in
                try directory.setModified(Array("\(name).lock".utf8), .now)
            })
        try lease.touch()
        return lease
    }

    /// Holds the cache's ID, for people and for `system df`.
    private static let identifierAttribute = Array((UserNamespace.attributePrefix + "distill.cache").utf8)
    /// Holds what tells it from others of the ID.
    private static let variantAttribute = Array((UserNamespace.attributePrefix + "distill.cache.variant").utf8)

    /// A cache as it is on disk.
    package struct Entry: Hashable, Sendable {
        /// nil for one that was made by an older version.
        package let id: String?
        /// Bytes in its files.
        package let size: Int64
        /// When it was last taken or given back, or its top directory last changed, in seconds since 1970.
        package let lastUsed: Int64
        let name: [UInt8]
    }

    package func usage() throws -> [Entry] {
        try directory.names().filter { !$0.ends(with: ".lock") && $0.first != UInt8(ascii: ".") }.map { name in
            let id = try directory.extendedAttribute(Self.identifierAttribute, of: name)
            let lock = try directory.status(name + Array(".lock".utf8))?.modified.seconds ?? 0
            return Entry(
                id: id.map { String(decoding: $0, as: UTF8.self) }, size: try Self.size(directory.openDirectory(name)),
                lastUsed: max(lock, try directory.status(name)?.modified.seconds ?? 0), name: name)
        }
    }

    /// Bytes of its files, at most ``OCI/DocumentLimit/blob``: those with holes may claim more together than there are numbers.
    private static func size(_ directory: Directory) throws -> Int64 {
        var sum: Int64 = 0
        var walk = try DirectoryWalk(directory)
        while let step = try walk.next() {
            guard case .entry(let name) = step, let status = try walk.current.status(name) else { continue }
            if status.kind == .regular { sum = min(sum + min(status.size, DocumentLimit.blob), DocumentLimit.blob) }
            if status.kind == .directory { try walk.enter(name) }
        }
        return sum
    }

    /// Removes caches that were last used before a moment.
    ///
    /// - Returns: bytes.
    func remove(lastUsedBefore limit: Int64) throws -> Int64 {
        var reclaimed: Int64 = 0
        for entry in try usage() where entry.lastUsed < limit { reclaimed += try remove(entry) }
        // Unfinished, of processes that are gone: nobody else uses the store now.
        for name in try directory.names() where name.first == UInt8(ascii: ".") { try directory.removeTree(name) }
        return reclaimed
    }

    /// Removes one cache; nobody uses it.
    ///
    /// - Returns: bytes.
    func remove(_ entry: Entry) throws -> Int64 {
        try directory.discardTree(entry.name)
        for suffix in [".lock", ".new.lock"] { try directory.removeFile(entry.name + Array(suffix.utf8)) }
        return entry.size
    }

    /// The lock that keeps others from a cache; nil while somebody uses it.
    func attempt(_ entry: Entry) throws -> FileLock? {
        try FileLock.attempt(entry.name + Array(".lock".utf8), in: directory, mode: .exclusive)
    }
}
