import BuildGraph
import Distribution
import Dockerfile
import Engine
import LinuxSystem
import OCI
import Solver
import Storage
import Synchronization
import SystemPackage
import TestSupport
import Testing

/// Images and caches between stores, by a registry of the test's own or by directories.
@Suite(.timeLimit(.minutes(5))) struct ExchangeTests {
    private static let dockerfile = "FROM scratch\nCOPY file /a\nCOPY file /b\nLABEL made=here\n"

    private func push(_ bench: Bench, to name: ImageReference) async throws -> BuildOutcome {
        try await bench.build(Self.dockerfile) {
            ($0.names, $0.outputs, $0.check) = ([name], [.init(.registry)], .off)
        }.result.get()
    }

    @Test func pushesAndPulls() async throws {
        try await FakeRegistry.with { registry in
            let name = try ImageReference("\(registry.host)/me/app:1")
            let pushed = Mutex<Digest?>(nil)
            try await withBench { bench in
                let outcome = try await push(bench, to: name)
                pushed.withLock { $0 = outcome.results[0].image.id }
                let uploads = registry.requests.count { $0.method == "POST" }
                #expect(uploads > 0 && registry.manifest("1", in: "me/app") != nil)
                // What is there already is not sent again.
                _ = try await push(bench, to: name)
                #expect(registry.requests.count { $0.method == "POST" } == uploads)
                // Of one registry, another repository is given what the first has.
                _ = try await push(bench, to: try ImageReference("\(registry.host)/me/other:1"))
                let mounts = registry.requests.filter { $0.method == "POST" && $0.query["from"] == ["me/app"] }
                #expect(!mounts.isEmpty)
                let seen = try SeenBlobs(of: name, bench.engine.store)
                #expect(Set(seen.repositories(outcome.results[0].image.id).map(\.path)) == ["me/app", "me/other"])
            }
            try await withBench { bench in
                let seen = Mutex(0)
                let (reference, manifest) = try await bench.engine.pull(name, for: .host) { event in
                    if case .finished = event { seen.withLock { $0 += 1 } }
                }
                #expect(
                    reference == name
                        && manifest.descriptor.digest == Digest(sha256: registry.manifest("1", in: "me/app") ?? []))
                let store = bench.engine.store
                let id = try store.images.resolve(name.description)
                #expect(id == pushed.withLock { $0 } && seen.withLock { $0 } >= 2)
                #expect(try bench.tree(of: store.images.image(id)) == ["a hello", "b hello"])
                // A push to another repository there need not send what this one has.
                let known = try SeenBlobs(of: name, store)
                for digest in try [id] + store.images.image(id).layers.flatMap(\.blobs).map(\.digest) {
                    #expect(known.repositories(digest).map(\.path) == ["me/app"])
                }
            }
        }
    }

    /// A base comes when a step needs its layers, and another platform's is none.
    @Test func buildsOnARemoteBase() async throws {
        try await FakeRegistry.with { registry in
            let name = try ImageReference("\(registry.host)/me/base:1")
            try await withBench { bench in
                _ = try await bench.build(Self.dockerfile) {
                    ($0.names, $0.outputs, $0.check) = ([name], [.init(.registry)], .off)
                    $0.platforms = [try Platform(parsing: "linux/amd64"), try Platform(parsing: "linux/arm64")]
                }.result.get()
            }
            try await withBench { bench in
                let outcome = try await bench.build("FROM \(name) AS base\nFROM scratch\nCOPY --from=base /a /copied\n")
                {
                    $0.check = .off
                    $0.platforms = [try Platform(parsing: "linux/arm64")]
                }.result.get()
                #expect(try bench.tree(of: outcome.results[0].image) == ["copied hello"])
                let described = try await ImageDocument.inspectRemote(
                    name.description, try Platform(parsing: "linux/arm64"), bench.engine.store, bench.engine.registries)
                #expect(described["Architecture"]?.string == "arm64" && described["RepoTags"]?.array?.count == 1)
                let (_, missing) = try await bench.build("FROM \(registry.host)/me/none:1\n")
                #expect { try missing.get() } throws: { error in
                    let cause = ((error as? SourcedError)?.error as? UnknownImage)?.cause
                    guard case EngineError.unreachableImage(_, .notFound)? = cause else { return false }
                    return true
                }
            }
        }
    }

    @Test func refusesAnotherPlatformsBase() async throws {
        try await FakeRegistry.with { registry in
            let name = try ImageReference("\(registry.host)/me/base:1")
            try await withBench { bench in
                _ = try await bench.build(Self.dockerfile) {
                    ($0.names, $0.outputs, $0.check) = ([name], [.init(.registry)], .off)
                    $0.platforms = [try Platform(parsing: "linux/s390x")]
                }.result.get()
            }
            try await withBench { bench in
                let (_, result) = try await bench.build("FROM \(name)\nCOPY file /\n") {
                    $0.platforms = [try Platform(parsing: "linux/amd64")]
                }
                #expect { try result.get() } throws: { error in
                    let cause = ((error as? SourcedError)?.error as? UnknownImage)?.cause
                    guard case EngineError.otherPlatform(_, let has, _)? = cause else { return false }
                    return has.architecture == "s390x"
                }
            }
        }
    }

    /// With `--pull` a registry is asked for what is newer; without it what is there will do.
    @Test func asksForNewerBases() async throws {
        try await FakeRegistry.with { registry in
            let name = try ImageReference("\(registry.host)/me/base:1")
            try await withBench { bench in
                _ = try await push(bench, to: name)
                try await withBench { other in
                    _ = try await other.engine.pull(name, for: .host) { _ in }
                    try Files.write("newer\n", to: "\(bench.directory)/context/file")
                    _ = try await push(bench, to: name)
                    for (renews, expected) in [(false, "hello"), (true, "newer")] {
                        let outcome = try await other.build("FROM \(name)\nLABEL x=1\n") {
                            ($0.renewsBases, $0.check) = (renews, .off)
                        }.result.get()
                        #expect(try other.tree(of: outcome.results[0].image).first == "a \(expected)")
                    }
                }
            }
        }
    }

    /// A name without a registry means what the machine's rules say: the first that is there, or none where they want no guess.
    @Test(arguments: ["permissive", "enforcing"]) func looksForShortNames(mode: String) async throws {
        try await FakeRegistry.with { empty in
            try await FakeRegistry.with { registry in
                try await Files.withTemporaryDirectory { directory in
                    let rules = """
                        unqualified-search-registries = ["\(empty.host)", "\(registry.host)"]
                        short-name-mode = "\(mode)"
                        colour = "red"
                        """
                    try Files.write(rules, to: "\(directory)/registries.conf")
                    try await withBench(["CONTAINERS_REGISTRIES_CONF": "\(directory)/registries.conf"]) { bench in
                        _ = try await push(bench, to: try ImageReference("\(registry.host)/tool:1"))
                        let name = try ImageReference("tool:1")
                        if mode == "permissive" {
                            let (reference, _) = try await bench.engine.pull(name, for: .host) { _ in }
                            #expect(
                                reference.domain == registry.host
                                    && empty.requests.contains { $0.path.contains("tool") })
                        } else {
                            await #expect {
                                _ = try await bench.engine.pull(name, for: .host) { _ in }
                            } throws: { error in
                                guard case EngineError.ambiguousName(_, let meanings) = error else { return false }
                                return meanings.map(\.domain) == [empty.host, registry.host]
                            }
                        }
                    }
                }
            }
        }
    }

    /// What podman has recorded goes before the aliases of the rules, and nothing else in its file counts.
    @Test func takesRecordedAliases() async throws {
        try await FakeRegistry.with { registry in
            try await Files.withTemporaryDirectory { directory in
                let rules = "[aliases]\n\"tool\" = \"127.0.0.1:1/tool\"\n"
                try Files.write(rules, to: "\(directory)/registries.conf")
                let recorded =
                    "[aliases]\n  \"tool\" = \"\(registry.host)/me/tool\"\n[[registry]]\nlocation = \"\(registry.host)\"\nblocked = true\n"
                try Files.write(recorded, to: "\(directory)/containers/short-name-aliases.conf")
                let variables = [
                    "CONTAINERS_REGISTRIES_CONF": "\(directory)/registries.conf", "XDG_CACHE_HOME": directory,
                ]
                try await withBench(variables) { bench in
                    _ = try await push(bench, to: try ImageReference("\(registry.host)/me/tool:1"))
                    let (reference, _) = try await bench.engine.pull(try ImageReference("tool:1"), for: .host) { _ in }
                    #expect(reference.domain == registry.host && reference.repository == "me/tool")
                }
            }
        }
    }

    /// A registry that wants TLS by the rules of its name is spoken to without, where an output says so, and keeps the name to itself.
    @Test func pushesAsAnOutputSays() async throws {
        try await FakeRegistry.with { registry in
            try await withBench { bench in
                let name = try ImageReference("\(registry.host)/me/app:1")
                let outcome = try await bench.build(Self.dockerfile) {
                    var output = OutputSpecification(.registry)
                    (output.isNamedHere, output.allowsInsecure) = (false, true)
                    ($0.names, $0.outputs, $0.check) = ([name], [output], .off)
                }.result.get()
                #expect(outcome.receipt.names == [name] && registry.manifest("1", in: "me/app") != nil)
                #expect(throws: (any Error).self) { try bench.engine.store.images.resolve(name.description) }
            }
        }
    }

    // MARK: Caches

    /// Builds a Dockerfile of two stages with a cache, and then in another store: what was executed there.
    private func executed(
        _ target: BuildCachePlace, _ source: BuildCachePlace,
        output: (inout BuildSpecification) throws -> Void = { _ in }
    ) async throws -> [String] {
        let dockerfile = "FROM scratch AS one\nCOPY file /a\nFROM scratch\nCOPY --from=one /a /b\n"
        var log: [String] = []
        try await withBench { bench in
            let (_, result) = try await bench.build(dockerfile) {
                ($0.cache.targets, $0.check) = ([target], .off)
                try output(&$0)
            }
            _ = try result.get()
        }
        try await withBench { bench in
            let second = try await bench.build(dockerfile) { ($0.cache.sources, $0.check) = ([source], .off) }
            #expect(try bench.tree(of: second.result.get().results[0].image) == ["b hello"])
            log = second.log.filter { ["executed", "cached", "warning", "no cache"].contains($0) }
        }
        return log
    }

    @Test func takesACacheFromADirectory() async throws {
        try await Files.withTemporaryDirectory { directory in
            let text = "type=local,dest=\(directory)/cache,mode=max"
            let target = try BuildWords.cacheTargets([text])[0]
            let source = try BuildWords.cacheSources(["type=local,src=\(directory)/cache"])[0]
            for _ in 0..<2 {
                let log = try await executed(target, source)
                #expect(log.contains("cached") && !log.contains("executed"), "\(log)")
            }
            // A cache that is damaged is told, and the build goes on without it.
            try Files.write("{}", to: "\(directory)/cache/index.json")
            let log = try await executed(BuildCachePlace(.image, ""), source)
            #expect(log.first == "warning" && log.contains("executed"), "\(log)")
        }
    }

    @Test(arguments: [true, false]) func takesACacheFromARegistry(isInline: Bool) async throws {
        try await FakeRegistry.with { registry in
            let (name, cache) = (
                try ImageReference("\(registry.host)/me/app:1"), try ImageReference("\(registry.host)/me/cache:1")
            )
            var target = isInline ? BuildCachePlace(.image, "inline") : BuildCachePlace(.registry(cache), "cache")
            target.extent = .maximal
            let log = try await executed(target, BuildCachePlace(.registry(isInline ? name : cache), "")) {
                if isInline { ($0.names, $0.outputs) = ([name], [.init(.registry)]) }
            }
            // The image's own layers are all that an inline cache has.
            #expect(log.contains("cached") && log.contains("executed") == isInline, "\(log)")
            // An image without a cache is no cache.
            let none = try await executed(
                BuildCachePlace(.image, ""),
                BuildCachePlace(.registry(try ImageReference("\(registry.host)/me/x:1")), "")
            ) {
                ($0.names, $0.outputs) = ([try ImageReference("\(registry.host)/me/y:1")], [.init(.registry)])
            }
            #expect(none.first == "warning" && none.contains("executed"), "\(none)")
        }
    }

    /// A client's own place, blob by blob.
    @Test func takesACacheFromAClient() async throws {
        let blobs = Mutex<[Digest: [UInt8]]>([:])
        let root = Mutex<Digest?>(nil)
        let send: @Sendable (Descriptor, ContentDirectory) async throws -> Void = { manifest, content in
            let document = try Manifest(bytes: content.bytes(of: manifest.digest))
            for digest in [manifest.digest, document.config.digest] + document.layers.map(\.digest) {
                let bytes = try content.bytes(of: digest)
                blobs.withLock { $0[digest] = bytes }
            }
            root.withLock { $0 = manifest.digest }
        }
        let fetch: @Sendable (Digest, ContentDirectory) async throws -> Void = { digest, content in
            try content.put(blobs.withLock { $0[digest] } ?? [])
        }
        var target = BuildCachePlace(CacheDepot(manifest: nil, fetch: fetch, send: send), "")
        target.extent = .maximal
        let nothing = try await executed(
            target, BuildCachePlace(CacheDepot(manifest: nil, fetch: fetch, send: send), ""))
        #expect(nothing.first == "no cache")
        let source = BuildCachePlace(CacheDepot(manifest: root.withLock { $0 }, fetch: fetch, send: send), "")
        let log = try await executed(BuildCachePlace(.image, ""), source)
        #expect(log.contains("cached") && !log.contains("executed"), "\(log)")
    }

    /// A cache that cannot be written ends a build, unless it need not be.
    @Test(arguments: [true, false]) func tellsOfACacheThatCannotBeWritten(isOptional: Bool) async throws {
        try await withBench { bench in
            var place = BuildCachePlace(.directory("\(bench.directory)/context/file"), "")
            place.isOptional = isOptional
            let (log, result) = try await bench.build(Self.dockerfile) {
                ($0.cache.targets, $0.check) = ([place], .off)
            }
            if isOptional { #expect(log.last == "warning") }
            let isBuilt = if case .success = result { true } else { false }
            #expect(isBuilt == isOptional)
        }
    }
}
