internal import LinuxSystem
internal import OCI
internal import SystemPackage

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
        let name = Digest(sha256: cache.id.utf8).hex
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
    private static let identifierAttribute = Array("trusted.distill.cache".utf8)

    /// Removes every cache.
    func removeAll() throws { for name in try directory.names() { try directory.removeTree(name) } }
}
