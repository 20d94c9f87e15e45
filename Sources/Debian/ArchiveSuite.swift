internal import Archive
internal import OCI
internal import SystemPackage

/// One suite on one mirror.
struct ArchiveSuite: Hashable, Sendable {
    /// Of the mirror, without a slash at its end.
    let uri: String
    /// `bookworm-updates`.
    let name: String
    let components: [String]
    let keyring: FilePath
    let isOptional: Bool

    var directory: String { "\(uri)/dists/\(name)" }
}

/// A suite whose signature was checked, and whose indexes are in the content store.
struct FetchedSuite: Sendable {
    let suite: ArchiveSuite
    let release: Release
    let indexes: [(path: String, digest: Digest)]
}

/// Brings signed indexes from mirrors into the content store.
struct SuiteFetcher: Sendable {
    private static let releaseLimit: Int64 = 16 << 20
    private static let indexLimit: Int64 = 1 << 30

    let downloads: Downloads
    let architecture: String
    /// Seconds since 1970.
    let now: Int64

    /// - Returns: nil for an optional suite that the mirror does not have.
    func fetch(_ suite: ArchiveSuite) async throws -> FetchedSuite? {
        let signed: [UInt8]
        do {
            signed = try await downloads.bytes("\(suite.directory)/InRelease", maximumSize: Self.releaseLimit)
        } catch RemoteFileError.status(_, code: 404) where suite.isOptional { return nil }
        let text = try await ReleaseVerifier(keyring: suite.keyring).verify(signed, suite: suite.name)
        let release = try Release(text: text, suite: suite.name)
        if let until = release.validUntil, until < now {
            throw DebianError.expiredRelease(suite: suite.name, validUntil: until)
        }
        var indexes: [(path: String, digest: Digest)] = []
        for component in suite.components {
            indexes.append(try await fetchIndex(component, suite, release))
        }
        return FetchedSuite(suite: suite, release: release, indexes: indexes)
    }

    private func fetchIndex(
        _ component: String, _ suite: ArchiveSuite, _ release: Release
    ) async throws -> (path: String, digest: Digest) {
        let base = "\(component)/binary-\(architecture)/Packages"
        for path in [base + ".xz", base + ".gz", base] {
            guard let file = release.files[path], file.size <= Self.indexLimit else { continue }
            let directory = path.split(separator: "/").dropLast().joined(separator: "/")
            var urls = ["\(suite.directory)/\(path)"]
            if release.acquiresByHash {
                urls.insert("\(suite.directory)/\(directory)/by-hash/SHA256/\(file.digest.hex)", at: 0)
            }
            try await downloads.store(file.digest, size: file.size, urls: urls)
            return (path, file.digest)
        }
        throw DebianError.missingIndex(suite: suite.name, path: base)
    }
}

/// Reads fetched indexes into one.
struct IndexLoader: Sendable {
    let store: any ContentStore
    let architecture: String

    func load(_ suites: [FetchedSuite]) async throws -> PackageIndex {
        var reader = PackageIndexReader(architecture: architecture)
        for (number, suite) in suites.enumerated() {
            reader.begin(archive: number)
            for (path, digest) in suite.indexes {
                try await read(path, digest, suite.suite.name, into: &reader)
                reader.begin(archive: number)
            }
        }
        return reader.finish()
    }

    private func read(
        _ path: String, _ digest: Digest, _ suite: String, into reader: inout PackageIndexReader
    ) async throws {
        let compression: Compression = path.hasSuffix(".xz") ? .xz : path.hasSuffix(".gz") ? .gzip : .none
        let decompressor = try Decompressor(compression)
        do {
            try await store.read(digest) { piece in
                try decompressor.decompress(piece) {
                    guard reader.consume($0) else { throw DebianError.invalidIndex(suite: suite) }
                }
            }
            try decompressor.finish()
        } catch is DecompressionError { throw DebianError.invalidIndex(suite: suite) }
    }
}
