internal import LinuxSystem
package import OCI

/// In which repositories of registries blobs were seen, so that a registry can be asked to take one over from there
/// (OCI distribution specification, "Mounting a blob from another repository").
///
/// It is a hint and nothing more: a registry that does not have the blob there is sent it. It holds the digests that were
/// seen last, and a few repositories of each.
package struct BlobOriginDirectory: Sendable {
    let directory: Directory

    /// No registry's name: those are digests.
    private static let lock = Array("lock".utf8)
    private static let digestLimit = 2000
    private static let repositoryLimit = 2
    private static let fileLimit = 4 << 20

    /// Repositories by digest, those that were seen last first.
    ///
    /// - Parameter registry: as in an image's name, `docker.io`.
    package func repositories(of registry: String) throws -> [Digest: [String]] {
        var result: [Digest: [String]] = [:]
        for (digest, repositories) in try entries(of: registry) { result[digest] = repositories }
        return result
    }

    /// Remembers that blobs are in a repository. Several may remember at once, threads as well as processes: each takes what is
    /// there and its own under a lock, or one would undo another's.
    package func add(_ digests: [Digest], in repository: String, of registry: String) throws {
        let lock = try FileLock.wait(Self.lock, in: directory, mode: .exclusive)
        defer { withExtendedLifetime(lock) {} }
        let known = try entries(of: registry)
        var before: [Digest: [String]] = [:]
        for (digest, repositories) in known { before[digest] = repositories }
        if digests.allSatisfy({ before[$0]?.first == repository }) { return }
        let new = Set(digests)
        var kept = known.filter { !new.contains($0.digest) }
        for digest in new.sorted(by: { $0.hex < $1.hex }) {
            let others = (before[digest] ?? []).filter { $0 != repository }
            kept.append((digest, Array(([repository] + others).prefix(Self.repositoryLimit))))
        }
        var object = JSONObject()
        for (digest, repositories) in kept.suffix(Self.digestLimit) {
            object[digest.description] = .strings(repositories)
        }
        try directory.replaceFile(Self.name(registry), with: JSON.object(object).bytes, .recoverable)
    }

    /// The blobs that were seen last come last.
    private func entries(of registry: String) throws -> [(digest: Digest, repositories: [String])] {
        guard let bytes = try directory.read(Self.name(registry), limit: Self.fileLimit),
            let json = try? JSON.parse(bytes)  // damaged: as if it were not there
        else { return [] }
        return (json.object?.members ?? []).compactMap { member in
            (try? Digest(member.key)).map { ($0, member.value.strings ?? []) }  // the same
        }
    }

    private static func name(_ registry: String) -> [UInt8] { Array(Digest(sha256: registry.utf8).hex.utf8) }
}
