internal import Archive
internal import LinuxSystem
internal import OCI
internal import SystemPackage

/// Cache mounts as one archive: `caches.json` names them, and each lies in a directory of its own.
extension Store {
    private static let indexName = "caches.json"

    /// Why an archive holds no cache mounts.
    package enum CacheArchiveError: Error, Hashable, Sendable {
        case noSuchCache(String)
        case notAnArchive
    }

    /// Writes cache mounts, packed as zstd. A cache that a build uses is waited for.
    ///
    /// - Parameter ids: which ones; empty for all.
    /// - Returns: the IDs of those that were written.
    /// - Throws: ``CacheArchiveError/noSuchCache(_:)``.
    package func exportCacheMounts(_ ids: [String], _ output: @escaping (UnsafeRawBufferPointer) throws -> Void) throws
        -> [String]
    {
        let known = try cacheMounts.identities()
        if let missing = ids.first(where: { id in !known.contains { $0.id == id } }) {
            throw CacheArchiveError.noSuchCache(missing)
        }
        let chosen = known.filter { ids.isEmpty || ids.contains($0.id) }
        let compressor = StreamCompressor(.zstd, level: BlockCompressor.Format.zstd.usualLevel, output: output)
        func emit(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try compressor.write($0) } }
        let index = JSON.array(
            chosen.map { cache in
                var entry: JSONObject = ["id": .string(cache.id), "directory": .string(cache.name)]
                if let variant = cache.variant { entry["variant"] = .string(variant) }
                return .object(entry)
            }
        ).bytes
        try emit(
            TarWriter.encode(
                TarHeader(name: Array(Self.indexName.utf8), kind: .regular, mode: 0o644, size: Int64(index.count))))
        try emit(index + [UInt8](repeating: 0, count: TarWriter.padding(after: Int64(index.count))))
        for cache in chosen {
            try cacheMounts.withExclusiveUse(of: cache) { parent in
                try RootArchive.write(cache.name, in: parent) { try compressor.write($0) }
            }
        }
        try emit(TarWriter.end)
        try compressor.finish()
        return Self.ids(chosen)
    }

    /// The IDs of caches, each once.
    static func ids(_ caches: [CacheMountDirectory.Identity]) -> [String] {
        caches.map(\.id).reduce(into: []) { if $0.last != $1 { $0.append($1) } }
    }

    /// Reads what ``exportCacheMounts(_:_:)`` wrote. A cache that is here already is replaced.
    ///
    /// - Parameter pieces: calls its argument with the archive's bytes, piece by piece.
    /// - Returns: the IDs of the caches.
    package func importCacheMounts(_ pieces: ((UnsafeRawBufferPointer) throws -> Void) throws -> Void) throws
        -> [String]
    {
        let directory = try makeTemporaryDirectory()
        let assembler = LayerAssembler(root: directory.directory, base: FileTree(layers: []))
        let extraction = ArchiveExtraction(assembler: assembler, destination: .root, owner: nil)
        do {
            try pieces { try extraction.consume($0) }
            try extraction.finish()
        } catch is TarError { throw CacheArchiveError.notAnArchive } catch is DecompressionError {
            throw CacheArchiveError.notAnArchive
        }
        _ = try assembler.finish()
        // A list that is none is told as a broken archive.
        guard let bytes = try directory.directory.read(Array(Self.indexName.utf8)),
            let entries = try? JSON.parse(bytes).array
        else {
            throw CacheArchiveError.notAnArchive
        }
        let caches = try entries.map { entry in
            guard let id = entry["id"]?.string else { throw CacheArchiveError.notAnArchive }
            let cache = CacheMountDirectory.Identity(id: id, variant: entry["variant"]?.string)
            guard entry["directory"]?.string == cache.name,
                try directory.directory.status(Array(cache.name.utf8))?.kind == .directory
            else { throw CacheArchiveError.notAnArchive }
            try cacheMounts.replace(cache, by: directory.directory)
            return cache
        }
        return Self.ids(caches)
    }
}
