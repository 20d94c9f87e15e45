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
    let indexes: [FetchedIndex]
}

/// A package index in the content store.
struct FetchedIndex: Sendable {
    /// Below the suite's directory.
    let path: String
    let digest: Digest
    /// The digest of the index without compression, which the archive signs too. It is kept under that: unpacking takes
    /// longer than everything else on the way to a small base.
    let plain: Digest?
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
        var indexes: [FetchedIndex] = []
        for component in suite.components {
            indexes.append(try await fetchIndex(component, suite, release))
        }
        return FetchedSuite(suite: suite, release: release, indexes: indexes)
    }

    private func fetchIndex(
        _ component: String, _ suite: ArchiveSuite, _ release: Release
    ) async throws -> FetchedIndex {
        let base = "\(component)/binary-\(architecture)/Packages"
        let plain = release.files[base].flatMap { $0.size <= Self.indexLimit ? $0.digest : nil }
        if let plain, try await downloads.store.contains(plain) {
            return FetchedIndex(path: base, digest: plain, plain: plain)
        }
        for path in [base + ".xz", base + ".gz", base] {
            guard let file = release.files[path], file.size <= Self.indexLimit else { continue }
            let directory = path.split(separator: "/").dropLast().joined(separator: "/")
            var urls = ["\(suite.directory)/\(path)"]
            if release.acquiresByHash {
                urls.insert("\(suite.directory)/\(directory)/by-hash/SHA256/\(file.digest.hex)", at: 0)
            }
            try await downloads.store(file.digest, size: file.size, urls: urls)
            return FetchedIndex(path: path, digest: file.digest, plain: plain)
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
            for index in suite.indexes {
                try await read(index, suite.suite.name, into: &reader)
                reader.begin(archive: number)
            }
        }
        return reader.finish()
    }

    private func read(_ index: FetchedIndex, _ suite: String, into reader: inout PackageIndexReader) async throws {
        if index.plain == index.digest {
            return try await store.read(index.digest) {
                guard reader.consume($0) else { throw DebianError.invalidIndex(suite: suite) }
            }
        }
        let compression: Compression = index.path.hasSuffix(".xz") ? .xz : index.path.hasSuffix(".gz") ? .gzip : .none
        let decompressor = try Decompressor(compression)
        let writer = index.plain == nil ? nil : try await store.writer()
        do {
            try await store.read(index.digest) { piece in
                try decompressor.decompress(piece) { bytes in
                    try writer?.write(bytes)
                    guard reader.consume(bytes) else { throw DebianError.invalidIndex(suite: suite) }
                }
            }
            try decompressor.finish()
            _ = try writer?.commit(expecting: index.plain)
        } catch is DecompressionError { throw DebianError.invalidIndex(suite: suite) } catch is ContentError {
            throw DebianError.invalidIndex(suite: suite)
        }
    }
}
