internal import LinuxSystem
internal import OCI
public import SystemPackage

/// The directories of cache mounts, by their ID.
public final class CacheMountDirectory: Sendable {
    private let directory: Directory
    private let path: FilePath

    init(directory: Directory, path: FilePath) { (self.directory, self.path) = (directory, path) }

    /// A cache that is in use; others see it as used for as long as this object lives.
    final class Lease: Sendable {
        let path: FilePath
        private let lock: FileLock

        init(path: FilePath, lock: FileLock) { (self.path, self.lock) = (path, lock) }
    }

    /// How many directories a private cache may have.
    private static let privateLimit = 64

    /// Takes a cache into use, made if it is missing.
    ///
    /// - Parameter fill: fills a new directory.
    func lease(_ cache: CacheMount, fill: (Directory) throws -> Void) throws -> Lease {
        let name = Self.name(cache.id)
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

    /// The name of a cache's directory.
    static func name(_ id: String) -> String { Digest(sha256: id.utf8).hex }

    /// The IDs of all caches, sorted.
    func identifiers() throws -> [String] {
        let entries = try directory.names().filter { !$0.ends(with: ".lock") && $0.first != UInt8(ascii: ".") }
        let ids = try entries.compactMap { name -> String? in
            guard let id = try directory.extendedAttribute(Self.identifierAttribute, of: name) else { return nil }
            return String(decoding: id, as: UTF8.self)
        }
        return Set(ids).sorted()
    }

    /// Waits until nobody uses a cache, and keeps others from it meanwhile.
    ///
    /// - Parameter body: gets the directory in which the cache has its name.
    func withExclusiveUse(of id: String, _ body: (Directory) throws -> Void) throws {
        let lock = try FileLock.wait(lockName(Self.name(id)), in: directory, mode: .exclusive)
        try withExtendedLifetime(lock) { try body(directory) }
    }

    /// Takes a cache's directory from another one, in place of what is here.
    func replace(_ id: String, by source: Directory) throws {
        let name = Array(Self.name(id).utf8)
        try withExclusiveUse(of: id) { directory in
            try source.setExtendedAttribute(Self.identifierAttribute, Array(id.utf8), of: name)
            let former = Array(".\(ProcessFacts.identifier)-former".utf8)
            try directory.removeTree(former)
            if try directory.status(name) != nil { try directory.rename(name, to: former, in: directory) }
            try source.rename(name, to: name, in: directory)
            try directory.removeTree(former)
        }
    }

    /// The host path of a cache, whether it exists or not.
    public func path(of id: String) -> FilePath { path.appending(Self.name(id)) }

    private func lockName(_ name: String) -> [UInt8] { Array("\(name).lock".utf8) }

    private func open(
        _ name: String, _ cache: CacheMount, _ lock: FileLock, _ fill: (Directory) throws -> Void
    ) throws -> Lease {
        let bytes = Array(name.utf8)
        if try directory.status(bytes) == nil {
            // Made beside it and renamed, so that nobody sees half of what it begins with.
            let temporary = Array(".\(ProcessFacts.identifier)-\(name)".utf8)
            try directory.removeTree(temporary)
            try directory.makeDirectory(temporary, mode: 0o700)
            try fill(try directory.openDirectory(temporary))
            try directory.setOwner(temporary, user: cache.user, group: cache.group)
            try directory.setMode(temporary, cache.mode)
            try directory.setExtendedAttribute(Self.identifierAttribute, Array(cache.id.utf8), of: temporary)
            if try !directory.renameIfAbsent(temporary, to: bytes, in: directory) { try directory.removeTree(temporary) }
        }
        return Lease(path: path.appending(name), lock: lock)
    }

    /// Holds the cache's ID, for people and for `system df`.
    private static let identifierAttribute = Array((UserNamespace.attributePrefix + "distill.cache").utf8)

    /// A cache as it is on disk.
    public struct Entry: Hashable, Sendable {
        /// nil for one that was made by an older version.
        public let id: String?
        /// Bytes in its files.
        public let size: Int64
        /// When its lock was last made or its top directory last changed, in seconds since 1970.
        public let lastUsed: Int64
        let name: [UInt8]
    }

    public func usage() throws -> [Entry] {
        try directory.names().filter { !$0.ends(with: ".lock") && $0.first != UInt8(ascii: ".") }.map { name in
            let id = try directory.extendedAttribute(Self.identifierAttribute, of: name)
            let lock = try directory.status(name + Array(".lock".utf8))?.modified.seconds ?? 0
            return Entry(
                id: id.map { String(decoding: $0, as: UTF8.self) }, size: try Self.size(directory.openDirectory(name)),
                lastUsed: max(lock, try directory.status(name)?.modified.seconds ?? 0), name: name)
        }
    }

    private static func size(_ directory: Directory) throws -> Int64 {
        var sum: Int64 = 0
        var walk = try DirectoryWalk(directory)
        while let step = try walk.next() {
            guard case .entry(let name) = step, let status = try walk.current.status(name) else { continue }
            if status.kind == .regular { sum += status.size }
            if status.kind == .directory { try walk.enter(name) }
        }
        return sum
    }

    /// Removes caches that were last used before a moment.
    ///
    /// - Returns: bytes.
    func remove(lastUsedBefore limit: Int64) throws -> Int64 {
        var reclaimed: Int64 = 0
        for entry in try usage() where entry.lastUsed < limit {
            try directory.removeTree(entry.name)
            try directory.removeFile(entry.name + Array(".lock".utf8))
            reclaimed += entry.size
        }
        return reclaimed
    }
}
