import Archive
import ArgumentParser
import Distribution
import LinuxSystem
import OCI
import Rendering
import Solver
import Storage
import SystemPackage

/// Where the build cache comes from and goes to beside the store.
struct CacheOptions: ParsableArguments {
    @Option(help: ArgumentHelp("type=local,src=DIR or type=registry,ref=NAME: where steps are looked for that the store does not know; repeatable.", valueName: "source"))
    var cacheFrom: [String] = []
    @Option(help: ArgumentHelp("type=local,dest=DIR, type=registry,ref=NAME or type=inline (in the image itself), with mode=min|max, compression=, compression-level=; repeatable.", valueName: "target"))
    var cacheTo: [String] = []

    /// The caches that can be read; one that is not there is told of, and no error, as in docker.
    func imported(into store: Store) async throws -> [ImportedCache] {
        var result: [ImportedCache] = []
        for text in cacheFrom {
            let place = try BuildCachePlace(parsing: text, option: "--cache-from", path: "src")
            do {
                guard let cache = try await place.read(into: store) else {
                    StandardStream.error.show("warning: there is no build cache at \(text)\n")
                    continue
                }
                result.append(cache)
            } catch let error where !(error is CancellationError) {
                let reason = ErrorReport(error)?.sentence ?? "\(error)"
                StandardStream.error.show("warning: the build cache \(text) is not used: \(reason)\n")
            }
        }
        return result
    }

    /// - Throws: when an option means nothing; before anything is built.
    func targets() throws -> [BuildCachePlace] {
        try cacheTo.map { try BuildCachePlace(parsing: $0, option: "--cache-to", path: "dest") }
    }

    /// The results with the cache of their own layers in their configs, where `type=inline` asks for it.
    ///
    /// - Parameter isAsked: whether something else asks for it: `BUILDKIT_INLINE_CACHE`.
    func inlining(_ results: [Build.Result], in store: Store, isAsked: Bool) async throws -> [Build.Result] {
        guard try isAsked || targets().contains(where: { $0.location == .image }) else { return results }
        return try await store.perform {
            try results.map { result in
                var result = result
                var steps = result.solution.steps(.minimal, of: result.target, in: result.graph)
                if let epoch = result.epoch { steps = steps.map { .init(key: $0.key, layer: $0.layer, created: epoch) } }
                result.image = try store.inliningCache(steps, in: result.image)
                return result
            }
        }
    }

    /// Writes what a build's steps came to.
    func export(_ results: [Build.Result], from store: Store, isQuiet: Bool) async throws {
        for place in try targets() where place.location != .image {
            var seen: Set<Digest> = []
            let steps = results.flatMap { $0.solution.steps(place.extent, of: $0.target, in: $0.graph) }
                .filter { seen.insert($0.key).inserted }
            let manifest = try await store.perform { try store.exportCache(steps, place.compression) }
            try await place.write(manifest, from: store, isQuiet: isQuiet)
        }
    }
}

/// One `--cache-from` or `--cache-to`.
struct BuildCachePlace: Sendable {
    enum Location: Hashable, Sendable {
        case directory(String)
        case registry(ImageReference)
        /// The image that is built.
        case image
    }

    let location: Location
    var extent = Solver.Solution.CacheExtent.minimal
    /// zstd packs and unpacks fastest, and nobody else reads these layers.
    var compression = LayerCompression(.zstd)

    /// - Parameter path: what the directory is called: `src` or `dest`.
    init(parsing text: String, option: String, path: String) throws {
        func fail(_ reason: String) -> UsageError { .invalidOption(name: option, value: text, reason: reason) }
        let fields = CommaSeparated.fields(text).map { field in
            let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            return (name: parts[0].lowercased(), value: parts.count == 2 ? parts[1] : "")
        }
        func value(_ name: String) -> String? { fields.last { $0.name == name && !$0.value.isEmpty }?.value }
        if fields.count == 1, text != "", !text.contains("=") {
            // docker's short form.
            location = .registry(try ImageReference(text).withDefaultTag)
            return
        }
        switch value("type") {
        case "local":
            guard let directory = value(path) else { throw fail("type=local needs \(path)=DIRECTORY") }
            location = .directory(directory)
        case "registry":
            guard let reference = value("ref") else { throw fail("type=registry needs ref=NAME") }
            location = .registry(try ImageReference(reference).withDefaultTag)
        case "inline" where path == "dest": location = .image
        default: throw fail("known types are local, registry\(path == "dest" ? " and inline" : "")")
        }
        let known: Set = ["type", "src", "dest", "ref", "mode", "compression", "compression-level", "force-compression", "ignore-error", "tag", "oci-mediatypes", "image-manifest"]
        if let unknown = fields.first(where: { !known.contains($0.name) }) { throw fail("'\(unknown.name)' means nothing here") }
        if let mode = value("mode") {
            guard let extent = Solver.Solution.CacheExtent(rawValue: mode) else { throw fail("mode is min or max") }
            self.extent = extent
        }
        let packing = BuildOutput.Packing(name: value("compression"), level: value("compression-level").flatMap { Int($0) })
        if let given = try packing.compression(fail) { compression = given }
    }

    /// Reads the documents; layers come when they are needed. Nil where there is no cache.
    func read(into store: Store) async throws -> ImportedCache? {
        switch location {
        case .directory(let path):
            guard let directory = try? Directory(opening: .init(path)) else { return nil }  // no such directory: no cache
            let layout = LayoutDirectory(directory)
            guard let manifest = try layout.manifest(), let config = try layout.blob(manifest.config.digest) else { return nil }
            return ImportedCache(try BuildCacheDocument(manifest: manifest, configBytes: config)) { blob in
                try await store.perform { try layout.copy(blob, into: store.content) }
            }
        case .registry(let reference):
            let repository = RemoteRepository(reference)
            return try await RegistryAccess.withClient { client in
                var root = try await client.manifest(reference)
                // An image for several platforms: the cache of this machine's.
                if case .index(let index) = root.content, let chosen = index.manifest(for: .host) ?? index.images.first(where: { $0.platform == nil }) {
                    root = try await client.manifest(reference.pinned(to: chosen.digest))
                }
                guard case .manifest(let manifest) = root.content else { return nil }
                try await client.fetchBlob(manifest.config, from: repository, into: store.content)
                let config = try store.content.bytes(of: manifest.config.digest)
                guard let document = try Self.document(root.bytes, manifest, config) else { return nil }
                return ImportedCache(document) { blob in
                    try await RegistryAccess.withClient { try await $0.fetchBlob(blob, from: repository, into: store.content) }
                }
            }
        case .image: return nil
        }
    }

    /// The cache that a manifest is, or that the image of a manifest has in its config.
    private static func document(_ bytes: [UInt8], _ manifest: Manifest, _ config: [UInt8]) throws -> BuildCacheDocument? {
        if manifest.config.mediaType == BuildCacheDocument.mediaType {
            return try BuildCacheDocument(manifest: manifest, configBytes: config)
        }
        return try BuildCacheDocument(inlinedIn: Image(manifestBytes: bytes, configBytes: config))
    }

    func write(_ manifest: Descriptor, from store: Store, isQuiet: Bool) async throws {
        switch location {
        case .directory(let path):
            try await store.perform { try LayoutDirectory(OutputFile.directory(path)).replace(by: manifest, from: store.content) }
        case .registry(let reference): try await PushCommand.push(manifest, to: reference, store, observer: TransferLines.observer(isQuiet: isQuiet))
        case .image: break
        }
    }
}
