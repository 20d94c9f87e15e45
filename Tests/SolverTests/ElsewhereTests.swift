import BuildGraph
import OCI
import Sandbox
import Solver
import Storage
import Synchronization
import SystemPackage
import TestSupport
import Testing

/// Steps that another build does at the same time, or did elsewhere, and layers that come when they are needed.
@Suite(.needsRoot, .timeLimit(.minutes(5))) struct ElsewhereTests {
    /// Of two builds that come to a command at once one executes it; the other one waits and takes the result, or
    /// executes it where that failed.
    @Test(arguments: [true, false]) func oneExecutesForBoth(succeeds: Bool) async throws {
        try await World.with { world in
            let (beginnings, begins) = AsyncStream<Void>.makeStream()
            let (pauses, pauseBegins) = AsyncStream<Void>.makeStream()
            let calls = Mutex(0)
            let runtime = RecordedRuntime { _ in
                let number = calls.withLock {
                    $0 += 1
                    return $0
                }
                guard number == 1 else {
                    pauseBegins.yield()
                    return .init(files: ["/made": "x"])
                }
                begins.yield()
                for await _ in pauses { break }
                return .init(.exits(.code(succeeds ? 0 : 3)), files: ["/made": "x"])
            }
            let dockerfile = "FROM scratch\nRUN [\"/x\"]\n"
            let first = Task { try await world.build(dockerfile, runtime) }
            for await _ in beginnings { break }
            // Another process has a store of its own in the same directory.
            var other = World(store: try Store(path: world.store.path), directory: world.directory)
            defer { other.store.close() }
            other.hear = { if $0.contains("waiting for another build") { pauseBegins.yield() } }
            let second = try await other.build(dockerfile, runtime)
            if succeeds {
                #expect(try await first.value.image == second.image)
            } else {
                await #expect(throws: BuildError.self) { try await first.value }
            }
            #expect(second.solution.cachedCount == (succeeds ? 1 : 0) && calls.withLock { $0 } == (succeeds ? 1 : 2))
            #expect(try other.lines(of: second.image).map { $0.prefix(6) } == ["/made "])
        }
    }

    private static let dockerfile = """
        FROM scratch AS one
        COPY file /a
        FROM scratch
        COPY --from=one /a /b
        RUN ["/x"]

        """

    private static let runtime = RecordedRuntime { _ in .init(files: ["/made": "x"]) }

    /// What a build in a world leaves as a cache: its manifest and its config.
    private func exported(_ built: World.Built, _ world: World) throws -> (manifest: Manifest, config: [UInt8]) {
        let target = try #require(built.graph.target)
        let exported = try world.store.exportCache(
            built.solution.steps(.maximal, of: target, in: built.graph), LayerCompression.gzip)
        let manifest = try Manifest(bytes: world.store.content.bytes(of: exported.manifest.digest))
        return (manifest, try world.store.content.bytes(of: manifest.config.digest))
    }

    /// Two worlds of one context: what a build made in the first is the second one's cache. What is fetched is noted.
    private func withCache(
        _ body: (_ built: World.Built, _ other: World, _ cache: ImportedCache, _ fetched: () -> [Digest]) async throws
            -> Void
    ) async throws {
        try await World.with { world in
            try Files.write("1", to: "\(world.directory)/context/file")
            let built = try await world.build(Self.dockerfile, Self.runtime)
            let content = world.store.content
            let (manifest, config) = try exported(built, world)
            let document = try BuildCacheDocument(manifest: manifest, configBytes: config)
            let other = World(
                store: try Store(path: FilePath("\(world.directory)/other")), directory: world.directory)
            defer { other.store.close() }
            let fetched = Mutex<[Digest]>([])
            let cache = ImportedCache(document) { blob in
                fetched.withLock { $0.append(blob.digest) }
                try other.store.content.put(content.bytes(of: blob.digest))
            }
            try await body(built, other, cache) { fetched.withLock { $0 } }
        }
    }

    /// Sizes of a cache from elsewhere are summed up: none is larger than a blob can be.
    @Test(arguments: ["size", "archive"]) func refusesSizesThatNoLayerHas(member: String) async throws {
        try await World.with { world in
            try Files.write("1", to: "\(world.directory)/context/file")
            let built = try await world.build(Self.dockerfile, Self.runtime)
            let (manifest, config) = try exported(built, world)
            let text = String(decoding: config, as: UTF8.self)
            let number = try #require(text.firstRange(of: "\"\(member)\":"))
            let rest = text[number.upperBound...].drop { $0.isWholeNumber }
            let wrong = text[..<number.upperBound] + "\(Int64.max)" + rest
            #expect(throws: ImageFormatError.impossibleSize(.max)) {
                try BuildCacheDocument(manifest: manifest, configBytes: Array(wrong.utf8))
            }
        }
    }

    /// Steps of a cache are taken over without a byte of their layers; a step on top of them brings what it stands on.
    @Test func takesOverACache() async throws {
        try await withCache { built, other, cache, fetched in
            let same = try await other.build(Self.dockerfile) { context, _ in context.importedCaches = [cache] }
            #expect(same.solution.executedCount == 0 && same.image.id == built.image.id && fetched().isEmpty)
            let blobs = Set(built.image.layers.compactMap { cache.blob(of: $0.diffID)?.digest })
            for _ in 0..<2 {
                let more = try await other.build(Self.dockerfile + "WORKDIR /w\n") { context, _ in
                    context.importedCaches = [cache]
                }
                #expect(fetched().count == 2 && Set(fetched()) == blobs)
                let names = try other.lines(of: more.image).map { $0.prefix { $0 != " " } }
                #expect(names == ["/b", "/made", "/w"])
            }
        }
    }

    /// A cache is looked into where the store's own steps are not, and nothing of it counts where none are to be.
    @Test(arguments: [(SolveContext.IgnoredCache.own, 0), (.none, 0), (.all, 3), (.stages(["1"]), 2)])
    func isIgnored(what: SolveContext.IgnoredCache, executed: Int) async throws {
        try await withCache { _, other, cache, _ in
            let built = try await other.build(Self.dockerfile, Self.runtime) { context, _ in
                (context.importedCaches, context.ignoredCache) = ([cache], what)
            }
            #expect(built.solution.executedCount == executed, "\(built.log)")
        }
    }

    /// Without the cache that a step was taken from nobody brings its layer: it is executed, and what it copies is the same.
    @Test func executesWhatNobodyBrings() async throws {
        try await withCache { built, other, cache, fetched in
            _ = try await other.build(Self.dockerfile) { context, _ in context.importedCaches = [cache] }
            let alone = try await other.build(Self.dockerfile, Self.runtime)
            #expect(alone.solution.executedCount == 3 && fetched().isEmpty)
            // The file that the command wrote is of another time.
            #expect(alone.image.layers[0].diffID == built.image.layers[0].diffID)
            #expect(try other.lines(of: alone.image).map { $0.prefix { $0 != " " } } == ["/b", "/made"])
        }
    }

    /// A base's layers come when a step needs them, each once; steps that need none of them do without.
    @Test(arguments: [
        ("ENV A=1", false), ("COPY --link --chown=1:1 file /f", false), ("COPY --link --chown=who file /f", true),
        ("COPY file /f", true), ("WORKDIR /w", true), ("RUN [\"/x\"]", true),
    ])
    func fetchesABaseWhereItIsNeeded(line: String, isNeeded: Bool) async throws {
        try await World.with { world in
            try Files.write("1", to: "\(world.directory)/context/file")
            let elsewhere = World(
                store: try Store(path: FilePath("\(world.directory)/elsewhere")), directory: world.directory)
            defer { elsewhere.store.close() }
            let made = try await elsewhere.build(
                "FROM scratch\nCOPY file /a\nCOPY <<E /etc/passwd\nwho:x:5:6::/:\nE\n")
            let layers = try made.image.layers.map { layer in
                Image.Layer(
                    diffID: layer.diffID,
                    blobs: [try #require(try elsewhere.store.cacheBlob(of: layer.diffID, LayerCompression.gzip))])
            }
            var here = world
            here.bases["base:1"] = Image(config: made.image.config, layers: layers)
            let dockerfile = "FROM base:1\n\(line)\n"
            if isNeeded {
                await #expect {
                    _ = try await here.build(dockerfile, Self.runtime)
                } throws: { error in
                    if case .other(StorageError.layerMissing)? = (error as? BuildError)?.cause { true } else { false }
                }
            }
            let fetched = Mutex<[DiffID]>([])
            for _ in 0..<2 {
                let built = try await here.build(dockerfile, Self.runtime) { context, _ in
                    context.fetchLayer = { layer, progress in
                        fetched.withLock { $0.append(layer.diffID) }
                        let blob = try elsewhere.store.content.bytes(of: layer.blobs[0].digest)
                        try world.store.content.put(blob)
                        progress(Int64(blob.count), Int64(blob.count))
                    }
                }
                #expect(built.image.layers.map(\.diffID).starts(with: layers.map(\.diffID)))
                #expect(Set(fetched.withLock { $0 }) == (isNeeded ? Set(layers.map(\.diffID)) : []))
                #expect(fetched.withLock { $0 }.count == (isNeeded ? 2 : 0))
                if isNeeded { #expect(try here.lines(of: built.image).contains { $0.hasPrefix("/etc/passwd ") }) }
            }
        }
    }
}
