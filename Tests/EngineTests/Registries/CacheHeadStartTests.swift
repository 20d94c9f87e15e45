import Archive
import BuildGraph
import Dockerfile
import Engine
import LinuxSystem
import OCI
import Sandbox
import Solver
import Storage
import Synchronization
import SystemPackage
import TestSupport
import Testing

/// A registry's cache while steps are being done: what arrives before what, and what a build that fails leaves.
@Suite(.timeLimit(.minutes(5))) struct CacheHeadStartTests {
    /// Three layers are there before the last command, one of them the image's own.
    private static let dockerfile = """
        FROM scratch AS one
        COPY file /a
        RUN ["/a", "one"]
        FROM scratch AS two
        COPY --from=one /one /b
        RUN ["/b", "two"]
        """

    /// What happened, in its order: `blob` and `manifest` arrived, `two` ended.
    private final class Log: Sendable {
        private let lines = Mutex<[String]>([])
        private let blobs: AsyncStream<Void>
        private let arrival: AsyncStream<Void>.Continuation

        init() { (blobs, arrival) = AsyncStream.makeStream() }

        var words: [String] { lines.withLock { $0 } }

        func add(_ word: String) {
            lines.withLock { $0.append(word) }
            if word == "blob" { arrival.yield() }
        }

        func hear(_ request: FakeRegistry.Request) {
            if request.method == "POST" { add("upload") }
            guard request.method == "PUT" else { return }
            add(request.path.contains("/blobs/") ? "blob" : "manifest")
        }

        /// Waits until so many blobs have arrived.
        func wait(for count: Int) async {
            var rest = count
            if rest > 0 {
                for await _ in blobs {
                    rest -= 1
                    if rest == 0 { return }
                }
            }
        }
    }

    private func build(
        _ bench: Bench, to registry: FakeRegistry, mode: String = "max", waitingFor count: Int, _ log: Log,
        ending: RecordedRuntime.Recording.Ending = .exits(.code(0)),
        _ change: (inout BuildSpecification) throws -> Void = { _ in }
    ) async throws -> Result<BuildOutcome, any Error> {
        var bench = bench
        let runtime = RecordedRuntime { process in
            guard process.arguments.last == "two" else { return .init(files: ["/one": "1"]) }
            await log.wait(for: count)
            log.add("two")
            return .init(ending, files: ["/two": "2"])
        }
        bench.engine.runtime = { runtime }
        let targets = try BuildWords.cacheTargets(["type=registry,ref=\(registry.host)/me/cache:1,mode=\(mode)"])
        return try await bench.build(Self.dockerfile) {
            ($0.cache.targets, $0.check) = (targets, .off)
            try change(&$0)
        }.result
    }

    /// Layers of finished steps are there before the last step ends, only the image's own with `mode=min`, and the manifest is last.
    @Test(arguments: [("max", 3), ("min", 1)]) func sendsWhileStepsRun(mode: String, count: Int) async throws {
        let log = Log()
        var settings = FakeRegistry.Settings()
        settings.hears = { log.hear($0) }
        try await FakeRegistry.with(settings) { registry in
            try await withBench { bench in
                _ = try await build(bench, to: registry, mode: mode, waitingFor: count, log).get()
                let words = log.words.filter { $0 != "upload" }
                // The last layer and the config follow.
                let expected = Array(repeating: "blob", count: count) + ["two", "blob", "blob", "manifest"]
                #expect(words == expected, "\(words)")
                // No layer is sent again; the config may know steps by fewer keys.
                let mark = log.words.count
                _ = try await build(bench, to: registry, mode: mode, waitingFor: 0, log).get()
                #expect(log.words.dropFirst(mark).count { $0 == "blob" } <= 1, "\(log.words.dropFirst(mark))")
            }
            // Another machine executes nothing.
            try await withBench { bench in
                let source = try BuildWords.cacheSources(["type=registry,ref=\(registry.host)/me/cache:1"])
                let (words, result) = try await bench.build(Self.dockerfile) {
                    ($0.cache.sources, $0.check) = (source, .off)
                }
                if mode == "max" {
                    #expect(throws: Never.self) { try result.get() }
                    #expect(!words.contains("executed"), "\(words)")
                }
            }
        }
    }

    /// What a build leaves that fails has no name, and the build's own error is told.
    @Test func leavesNoHalfCache() async throws {
        let log = Log()
        var settings = FakeRegistry.Settings()
        settings.hears = { log.hear($0) }
        try await FakeRegistry.with(settings) { registry in
            try await withBench { bench in
                let result = try await build(
                    bench, to: registry, waitingFor: 3, log, ending: .exits(.code(3)))
                #expect { try result.get() } throws: { ($0 as? SourcedError)?.error is BuildError }
                #expect(!log.words.contains("manifest") && registry.manifest("1", in: "me/cache") == nil)
            }
        }
    }

    /// A build that fails does not wait for a registry that says nothing.
    @Test func endsAnUploadWithTheBuild() async throws {
        let (uploads, begun) = AsyncStream<Void>.makeStream()
        var settings = FakeRegistry.Settings()
        settings.hears = { if $0.method == "POST" { begun.yield() } }
        let faults = [FakeRegistry.Fault("POST", "/blobs/", .silent, times: .max)]
        try await FakeRegistry.with(settings, faults: faults) { registry in
            try await withBench { bench in
                var bench = bench
                let runtime = RecordedRuntime { process in
                    guard process.arguments.last == "two" else { return .init(files: ["/one": "1"]) }
                    for await _ in uploads { break }
                    return .init(.exits(.code(3)))
                }
                bench.engine.runtime = { runtime }
                let targets = try BuildWords.cacheTargets(["type=registry,ref=\(registry.host)/me/cache:1,mode=max"])
                let result = try await bench.build(Self.dockerfile) { ($0.cache.targets, $0.check) = (targets, .off) }
                    .result
                #expect { try result.get() } throws: { ($0 as? SourcedError)?.error is BuildError }
            }
        }
    }

    /// A registry that takes nothing is told once, at the end; or not, where the cache may fail.
    @Test(arguments: [false, true]) func tellsAtTheEndWhatIsWrong(isOptional: Bool) async throws {
        let faults = [FakeRegistry.Fault("POST", "/blobs/", .status(403), times: .max)]
        try await FakeRegistry.with(faults: faults) { registry in
            try await withBench { bench in
                let result = try await build(bench, to: registry, waitingFor: 0, Log()) {
                    $0.cache.targets[0].isOptional = isOptional
                }
                let isBuilt = if case .success = result { true } else { false }
                #expect(isBuilt == isOptional)
            }
        }
    }

    /// Where a secret in the image ends the build, a layer in which one is found does not leave before.
    @Test func keepsBackWhatHoldsASecret() async throws {
        let log = Log()
        var settings = FakeRegistry.Settings()
        settings.hears = { log.hear($0) }
        try await FakeRegistry.with(settings) { registry in
            try await withBench { bench in
                let secret = "tK7-vQ2xLm9pRw4zYb6N"
                try Files.write("password \(secret)\n", to: "\(bench.directory)/context/file")
                let app = try ImageReference("\(registry.host)/me/app:1")
                let result = try await build(bench, to: registry, waitingFor: 2, log) {
                    ($0.names, $0.outputs) = ([app], [.init(.registry)])
                    $0.secrets = ["key": .bytes(Array(secret.utf8))]
                    $0.dockerfile = .inline(Array((Self.dockerfile + "\nCOPY --from=one /a /c\n").utf8))
                }
                #expect { try result.get() } throws: { error in
                    if case EngineError.secretsFound = error { true } else { false }
                }
                // That of /one and that of /b.
                #expect(log.words.filter { $0 != "upload" }.prefix(3) == ["blob", "blob", "two"], "\(log.words)")
                #expect(!log.words.contains("manifest"))
                for request in registry.requests where request.method == "PUT" {
                    let decompressor = DetectingDecompressor()
                    var text = ""
                    try request.body.withUnsafeBytes { bytes in
                        try decompressor.decompress(bytes) { text += String(decoding: $0, as: UTF8.self) }
                    }
                    try decompressor.finish { text += String(decoding: $0, as: UTF8.self) }
                    #expect(!text.contains(secret))
                }
            }
        }
    }
}
