import BuildGraph
import Dockerfile
import LinuxSystem
import OCI
import Sandbox
import Solver
import Storage
import Synchronization
import SystemPackage
import TestSupport
import Testing

extension Trait where Self == ConditionTrait {
    /// In continuous integration a test that lacks root fails instead of being skipped.
    static var needsRoot: Self {
        .enabled(if: ProcessFacts.isRoot || ProcessFacts.environment["CI"] != nil, "needs root")
    }
}

/// Something that one task tells another.
private final class Flag: Sendable {
    private let value = Mutex(false)

    var isSet: Bool { value.withLock { $0 } }

    func set() { value.withLock { $0 = true } }
}

@Suite(.needsRoot) struct SolverTests {
    /// A store and a context directory, and what a Dockerfile comes to in them.
    private struct Bench {
        let store: Store
        let directory: String
        var ignoresCache = false

        struct Built {
            let image: Image
            let solution: Solver.Solution
            /// `cached` or `executed`, in the order in which steps ended.
            let log: [String]
            /// Why steps were executed, in the order in which they began.
            let misses: [CacheMiss]
            /// Patterns that found nothing.
            var unmatched: [String] = []
        }

        func build(_ dockerfile: String) async throws -> Built {
            let syntax = try DockerfileSyntax.parse(SourceFile(name: "Dockerfile", text: dockerfile))
            guard case .graph(let graph) = try StagePlan(syntax, BuildRequest()).lower(bases: [:]) else {
                throw UnexpectedBase()
            }
            var context = SolveContext(store: store) { throw SandboxError.noRuntime(searchPath: "") }
            let files = FileTree(layers: [try Directory(opening: FilePath("\(directory)/context"))])
            context.contexts[.main] = .init(files: files, filter: .everything, path: "\(directory)/context")
            context.ignoredCache = ignoresCache ? .all : .none
            context.memoryName = directory
            // What the builder makes itself has the same time in every build.
            context.fixedTime = 1_000_000_000
            let log = Mutex<[String]>([])
            let misses = Mutex<[CacheMiss]>([])
            let unmatched = Mutex<[String]>([])
            let solution = try await Solver(graph, in: context) { event in
                switch event.kind {
                case .cached: log.withLock { $0.append("cached") }
                case .finished: log.withLock { $0.append("executed") }
                case .missed(let miss): misses.withLock { $0.append(miss) }
                case .foundNothing(let pattern): unmatched.withLock { $0.append(pattern) }
                default: break
                }
            }.solve()
            let target = try #require(graph.target)
            return Built(
                image: solution.image(of: target) { "t\($0)" }, solution: solution, log: log.withLock { $0 },
                misses: misses.withLock { $0 }, unmatched: unmatched.withLock { $0 })
        }
    }

    private struct UnexpectedBase: Error {}

    private func withBench(_ body: (Bench) async throws -> Void) async throws {
        try await Files.withTemporaryDirectory { directory in
            try Files.makeDirectory("\(directory)/context")
            let store = try Store(path: FilePath("\(directory)/store"))
            try await body(Bench(store: store, directory: directory))
            store.close()
        }
    }

    @Test func executesNothingTwice() async throws {
        try await withBench { bench in
            try Files.write("1", to: "\(bench.directory)/context/a")
            let dockerfile =
                "FROM scratch AS one\nCOPY a /a\nWORKDIR /w\nFROM scratch\nCOPY --from=one /a /b\nCMD [\"/b\"]\n"
            let first = try await bench.build(dockerfile)
            #expect(first.solution.executedCount == 3)
            let second = try await bench.build("# a comment\n" + dockerfile)
            #expect(second.log == ["cached", "cached", "cached"])
            #expect(second.image == first.image)
        }
    }

    @Test func executesOnlyWhatFollowsAChange() async throws {
        try await withBench { bench in
            try Files.write("1", to: "\(bench.directory)/context/a")
            try Files.write("1", to: "\(bench.directory)/context/b")
            let dockerfile = "FROM scratch\nCOPY a /a\nCOPY b /b\nWORKDIR /c\n"
            let first = try await bench.build(dockerfile)
            try Files.write("2", to: "\(bench.directory)/context/b")
            let second = try await bench.build(dockerfile)
            #expect(second.log == ["cached", "executed", "executed"])
            #expect(second.image.layers[0] == first.image.layers[0])
            #expect(second.image.id != first.image.id)
            try Files.write("1", to: "\(bench.directory)/context/b")
            #expect(try await bench.build(dockerfile).image == first.image)
        }
    }

    @Test func hitsByContentWhenAnEarlierStageWasRebuilt() async throws {
        try await withBench { bench in
            try Files.write("1", to: "\(bench.directory)/context/wanted")
            try Files.write("1", to: "\(bench.directory)/context/other")
            let dockerfile = "FROM scratch AS build\nCOPY . /src\nFROM scratch\nCOPY --from=build /src/wanted /app\n"
            _ = try await bench.build(dockerfile)
            try Files.write("2", to: "\(bench.directory)/context/other")
            #expect(try await bench.build(dockerfile).log == ["executed", "cached"])
        }
    }

    @Test func ignoresTheCacheWhenAsked() async throws {
        try await withBench { bench in
            try Files.write("1", to: "\(bench.directory)/context/a")
            _ = try await bench.build("FROM scratch\nCOPY a /a\n")
            var fresh = bench
            fresh.ignoresCache = true
            #expect(try await fresh.build("FROM scratch\nCOPY a /a\n").log == ["executed"])
        }
    }

    @Test func executesAStepWhoseLayerIsGone() async throws {
        try await withBench { bench in
            try Files.write("1", to: "\(bench.directory)/context/a")
            let first = try await bench.build("FROM scratch\nCOPY a /a\n")
            let path = bench.store.layers.path(of: first.image.layers[0].diffID)
            let outcome = try await Command("rm", ["-rf", path.string]).run()
            #expect(outcome.succeeded)
            #expect(try await bench.build("FROM scratch\nCOPY a /a\n").log == ["executed"])
        }
    }

    @Test(arguments: [
        ("FROM scratch\nCOPY missing /a\n", "missing"),
        ("FROM scratch AS s\nFROM scratch\nCOPY --from=s /nothing /a\n", "/nothing"),
    ])
    func saysWhichStepFailed(dockerfile: String, source: String) async throws {
        try await withBench { bench in
            do {
                _ = try await bench.build(dockerfile)
                Issue.record("the build should fail")
            } catch let error as BuildError {
                #expect(error.origin.range?.start.line == dockerfile.split(separator: "\n").count)
                guard case .missingSource(source, _, _) = error.cause else {
                    Issue.record("another cause: \(error.cause)")
                    return
                }
            }
        }
    }

    @Test func saysThatNoRuntimeIsThere() async throws {
        try await withBench { bench in
            do {
                _ = try await bench.build("FROM scratch\nRUN [\"/x\"]\n")
                Issue.record("the build should fail")
            } catch let error as BuildError {
                guard case .other(SandboxError.noRuntime) = error.cause else {
                    Issue.record("another cause: \(error.cause)")
                    return
                }
            }
        }
    }

    @Test func writesAHistoryThatFitsTheLayers() async throws {
        try await withBench { bench in
            try Files.write("1", to: "\(bench.directory)/context/a")
            let built = try await bench.build("FROM scratch\nENV A=1\nCOPY a /d/a\nWORKDIR /d\nWORKDIR /e\nUSER 5\n")
            let history = built.image.config.history
            #expect(history.map(\.emptyLayer) == [true, false, true, false, true])
            #expect(history.filter { !$0.emptyLayer }.count == built.image.layers.count)
        }
    }

    @Test func tellsWhyAStepIsNotInTheCache() async throws {
        try await withBench { bench in
            func misses(_ dockerfile: String) async throws -> [CacheMiss] { try await bench.build(dockerfile).misses }
            func file(_ kind: CacheMiss.FileChange.Kind, _ path: String) -> CacheMiss {
                .files([CacheMiss.FileChange(kind: kind, path: path)])
            }
            let context = "\(bench.directory)/context"
            let dockerfile = "FROM scratch\nCOPY . /a/\nWORKDIR /b\n"
            try Files.write("1", to: "\(context)/one")
            try Files.write("2", to: "\(context)/two")
            #expect(try await misses(dockerfile) == [.first, .first])
            #expect(try await misses(dockerfile) == [])
            try Files.write("3", to: "\(context)/two")
            #expect(try await misses(dockerfile) == [file(.changed, "two"), .previousStep])
            try Files.write("3", to: "\(context)/three")
            #expect(try await misses(dockerfile) == [file(.added, "three"), .previousStep])
            try Directory(opening: FilePath(context)).removeFile(Array("one".utf8))
            #expect(try await misses(dockerfile) == [file(.removed, "one"), .previousStep])
            try Directory(opening: FilePath(context)).setMode(Array("two".utf8), 0o700)
            #expect(try await misses(dockerfile) == [file(.mode, "two"), .previousStep])
            #expect(
                try await misses("FROM scratch\nCOPY --chmod=600 . /a/\nWORKDIR /b\n").first
                    == .option(name: "--chmod", was: "", now: "600"))
            #expect(try await misses("FROM scratch\nCOPY two /a/\nWORKDIR /b\n").first == .instruction(was: ". /a"))
            _ = try await bench.build(dockerfile)
            _ = try bench.store.prune(Store.PrunePolicy())
            #expect(try await misses(dockerfile).first == .removed)
            var fresh = bench
            fresh.ignoresCache = true
            #expect(try await fresh.build(dockerfile).misses == [.ignored, .ignored])
        }
    }

    // MARK: Keys

    private func build(_ bench: Bench, _ lines: String) async throws -> Bench.Built {
        try await bench.build("FROM scratch\n" + lines + "\n")
    }

    /// Each pair copies the same bytes under the same name; what comes out differs.
    @Test(arguments: [
        ("COPY --parents a/b/f /x/", "COPY --parents a/./b/f /x/"),
        ("COPY --parents a/./b/f /x/", "COPY --parents a/b/./f /x/"),
        ("COPY --parents a/b/f /x/", "COPY --parents c/b/f /x/"),
        ("COPY --parents a/b/./f /x/", "COPY --parents a/./b/f /x/"),
        ("COPY --parents a/b/f /x/", "COPY --parents e/b/f /x/"), ("COPY --parents a/b/f /x/", "COPY a/b/f /x/"),
        ("COPY a/b/f /x", "COPY a/b/f /x/"), ("COPY a/b /x", "COPY e/b /x"),
        ("COPY a/b/f c/b/f /x", "COPY a/b/f c/b/f /x/"),
        ("COPY a /x", "COPY --exclude=b/f a /x"), ("COPY a/b/f /x", "COPY --chmod=600 a/b/f /x"),
        ("COPY a/b/f /x", "COPY --chown=1 a/b/f /x"), ("COPY --chown=1 a/b/f /x", "COPY --chown=1: a/b/f /x"),
        ("ADD t.tar /x", "COPY t.tar /x"), ("ADD t.tar /x", "ADD --unpack=false t.tar /x"),
        ("COPY <<f /x\n1\nf", "COPY <<f /x\n2\nf"), ("COPY <<f /x/\n1\nf", "COPY <<g /x/\n1\ng"),
    ])
    func whatComesOutIsInTheKey(one: String, other: String) async throws {
        try await withBench { bench in
            let context = "\(bench.directory)/context"
            for (path, mode) in [("a/b", 0o755), ("c/b", 0o755), ("d/b", 0o755), ("e/b", 0o711)] as [(String, UInt32)] {
                try Files.makeDirectory("\(context)/\(path)")
                try Files.write("same", to: "\(context)/\(path)/f", mode: path == "e/b" ? 0o600 : 0o644)
                try Directory(opening: FilePath(context)).setMode(Array(path.utf8), mode)
            }
            let packed = try await Command("tar", ["-C", context, "-cf", "\(context)/t.tar", "a"]).run()
            try #require(packed.succeeded)
            _ = try await build(bench, one)
            let second = try await build(bench, other)
            #expect(second.log == ["executed"], "\(other) was taken for \(one)")
            var fresh = bench
            fresh.ignoresCache = true
            #expect(try await build(fresh, other).image.layers == second.image.layers)
            #expect(try await build(bench, one).log == ["cached"])
            #expect(try await build(bench, other).log == ["cached"])
        }
    }

    @Test func aLinkedLayerOfANamedOwnerKnowsItsAccounts() async throws {
        try await withBench { bench in
            try Files.write("1", to: "\(bench.directory)/context/f")
            func built(_ id: Int) async throws -> [Image.Layer] {
                try await build(bench, "COPY <<E /etc/passwd\napp:x:\(id):\(id)::/:\nE\nCOPY --link --chown=app f /f")
                    .image.layers
            }
            let (first, second) = (try await built(5), try await built(6))
            #expect(first[1] != second[1], "the owner is the first one's")
            #expect(
                try await build(bench, "COPY <<E /etc/passwd\napp:x:6:6::/:\nE\nCOPY --link --chown=6 f /f").image
                    .layers == second)
        }
    }

    @Test func aLinkedLayerOfANumberStandsOnNothing() async throws {
        try await withBench { bench in
            try Files.write("1", to: "\(bench.directory)/context/f")
            _ = try await build(bench, "COPY <<E /a\n1\nE\nCOPY --link --chown=5:6 f /f")
            #expect(
                try await build(bench, "COPY <<E /a\n2\nE\nCOPY --link --chown=5:6 f /f").log == ["executed", "cached"])
        }
    }

    // MARK: Contexts that change

    /// A log that grows while the context is copied is what was read of it, and no error; the key is of that too.
    @Test func copiesAFileThatGrows() async throws {
        try await withBench { bench in
            let log = "\(bench.directory)/context/build.log"
            try Files.write(String(repeating: "x", count: 3 << 20), to: log)
            try Files.write("1", to: "\(bench.directory)/context/a")
            let file = try Directory(opening: FilePath("\(bench.directory)/context"))
            let ends = Flag()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    let writer = try file.openOrCreateFile(Array("build.log".utf8), mode: 0o644)
                    try writer.seek(to: 3 << 20)
                    while !ends.isSet {
                        try writer.write(Array("line\n".utf8))
                        // Not as fast as it can: a slow machine would read ever more.
                        try? await Task.sleep(for: .microseconds(200))
                    }
                }
                defer { ends.set() }
                for round in 0..<6 {
                    let built = try await build(bench, "COPY . /all/\nCOPY a /a\nENV ROUND=\(round)")
                    #expect(built.image.layers.count == 2)
                    for layer in built.image.layers {
                        let tree = try bench.store.layers.tree([layer.diffID])
                        _ = try tree.read(try #require(ImagePath("/all/build.log")))
                    }
                }
                ends.set()
                try await group.waitForAll()
            }
            // Nothing writes any more: what is cached now is what is there.
            let size = try #require(try file.status(Array("build.log".utf8))).size
            for _ in 0..<2 {
                let built = try await build(bench, "COPY . /all/")
                let tree = try bench.store.layers.tree([try #require(built.image.layers.first).diffID])
                #expect(try tree.read(try #require(ImagePath("/all/build.log")), limit: 64 << 20).count == Int(size))
            }
        }
    }

    @Test func tellsOfPatternsThatFindNothing() async throws {
        try await withBench { bench in
            try Files.write("1", to: "\(bench.directory)/context/a")
            #expect(try await build(bench, "COPY a nosuch* /x/").unmatched == ["nosuch*"])
            #expect(try await build(bench, "COPY a nosuch* /x/").unmatched == ["nosuch*"], "from the cache too")
            #expect(try await build(bench, "COPY [a] /x/").unmatched == [])
        }
    }
}
