import BuildGraph
import OCI
import Sandbox
import Solver
import Storage
import SystemPackage
import TestSupport
import Testing

/// What is told of each step, and under which keys its result is found again.
@Suite(.needsRoot, .timeLimit(.minutes(5))) struct StepTests {
    private static let dockerfile = """
        FROM scratch AS one
        COPY file /a
        WORKDIR /w
        FROM scratch AS two
        COPY --from=one /a /b
        RUN ["/b", "--x"]
        """

    private static let runtime = RecordedRuntime { process in
        .init(
            .exits(.code(process.arguments.last == "--fail" ? 3 : 0)), writes: [(.output, "out"), (.error, "err")],
            files: ["/made": "x"])
    }

    private func world(_ body: (World) async throws -> Void) async throws {
        try await World.with { world in
            try Files.write("1", to: "\(world.directory)/context/file")
            try await body(world)
        }
    }

    /// A step that is executed says why, that it begins, what it writes, and that it ended; another one that it is known.
    @Test func tellsOfEveryStep() async throws {
        try await world { world in
            let first = try await world.build(Self.dockerfile, Self.runtime)
            func of(_ step: String, _ log: [String]) -> [String] {
                log.filter { $0.hasPrefix(step + " ") }.map { String($0.dropFirst(step.count + 1)) }
            }
            let run = ["missed first", "started", "output out", "output err", "finished"]
            #expect(of("two-2", first.log) == run)
            // Nothing is known of the context: it is copied before it is known that nothing was there.
            #expect(of("one-1", first.log) == ["started", "missed first", "finished"])
            for step in ["one-2", "two-1"] {
                #expect(of(step, first.log) == ["missed first", "started", "finished"], "\(step)")
            }
            let second = try await world.build(Self.dockerfile, Self.runtime)
            #expect(second.log.sorted() == ["one-1 cached", "one-2 cached", "two-1 cached", "two-2 cached"])
            let apart = try await world.build(Self.dockerfile.replacing("--x", with: "--y"), Self.runtime) {
                context, _ in context.tellsErrorsApart = true
            }
            #expect(
                of("two-2", apart.log) == [
                    "missed instruction(was: \"/b --x\")", "started", "output out", "error err", "finished",
                ])
        }
    }

    /// Why a command is executed again, by the first thing that differs.
    @Test(arguments: [
        ("RUN [\"/x\"]", "RUN [\"/y\"]", "instruction(was: \"/x\")"),
        (
            "ENV A=1\nRUN [\"/x\"]", "ENV A=2\nRUN [\"/x\"]",
            "variable(name: \"A\", was: Optional(\"1\"), now: Optional(\"2\"))"
        ),
        ("RUN [\"/x\"]", "ENV A=2\nRUN [\"/x\"]", "variable(name: \"A\", was: nil, now: Optional(\"2\"))"),
        ("RUN [\"/x\"]", "USER 7\nRUN [\"/x\"]", "option(name: \"USER\", was: Optional(\"\"), now: Optional(\"7\"))"),
        (
            "RUN [\"/x\"]", "RUN --network=none [\"/x\"]",
            "option(name: \"--network\", was: Optional(\"default\"), now: Optional(\"none\"))"
        ),
        (
            "RUN --mount=type=tmpfs,target=/t [\"/x\"]", "RUN --mount=type=bind,target=/t [\"/x\"]",
            "option(name: \"--mount /t\", was: Optional(\"tmpfs,\"), now: Optional("
        ),
        ("COPY file /\nRUN [\"/x\"]", "COPY file /other\nRUN [\"/x\"]", "previousStep"),
    ])
    func tellsWhyACommandIsExecuted(before: String, after: String, expected: String) async throws {
        try await world { world in
            _ = try await world.build("FROM scratch\n\(before)\n", Self.runtime)
            let built = try await world.build("FROM scratch\n\(after)\n", Self.runtime)
            let told = built.log.filter { $0.contains(" missed ") }.last?.split(separator: " ", maxSplits: 2).last
            #expect(told?.hasPrefix(expected) == true, "\(built.log)")
        }
    }

    @Test func tellsThatItFailed() async throws {
        try await world { world in
            await #expect(throws: BuildError.self) {
                _ = try await world.build("FROM scratch\nRUN [\"/x\", \"--fail\"]\n", Self.runtime)
            }
            // What it stood on is remembered: the next build says that nothing but its result is missing.
            let built = try await world.build("FROM scratch\nRUN [\"/x\", \"--ok\"]\n", Self.runtime)
            #expect(built.log.first == "0-1 missed instruction(was: \"/x --fail\")", "\(built.log)")
        }
    }

    /// The steps that an exported cache has: those of the image's own stage, or all.
    @Test(arguments: [(Solver.Solution.CacheExtent.minimal, 2), (.maximal, 4)])
    func exportsSteps(extent: Solver.Solution.CacheExtent, count: Int) async throws {
        try await world { world in
            let built = try await world.build(Self.dockerfile, Self.runtime)
            let target = try #require(built.graph.target)
            let steps = built.solution.steps(extent, of: target, in: built.graph)
            #expect(Set(steps.map(\.layer)).count == count)
            #expect(Set(steps.compactMap(\.layer)).isSuperset(of: built.image.config.layers))
            // Under each of its keys another store finds the step.
            let other = try Store(path: FilePath("\(world.directory)/other"))
            defer { other.close() }
            for step in steps { try other.cache.put(.init(layer: step.layer, created: step.created), for: step.key) }
            for step in steps {
                #expect(try world.store.cache.record(for: step.key)?.layer == step.layer)
                #expect(try other.cache.record(for: step.key)?.layer == step.layer)
            }
        }
    }

    /// A step that is found by what it copies leads there by the short way too, the next time and elsewhere.
    @Test func findsTheShortWayAgain() async throws {
        try await world { world in
            try Files.write("1", to: "\(world.directory)/context/other")
            let dockerfile = "FROM scratch AS one\nCOPY . /src\nFROM scratch\nCOPY --from=one /src/file /a\n"
            func keys() async throws -> (keys: Set<Digest>, executed: Int) {
                let built = try await world.build(dockerfile)
                let target = try #require(built.graph.target)
                let steps = built.solution.steps(.minimal, of: target, in: built.graph)
                return (Set(steps.map(\.key)), built.solution.executedCount)
            }
            let first = try await keys()
            try Files.write("2", to: "\(world.directory)/context/other")
            let second = try await keys()
            #expect(first.keys.count == 2 && second.keys.count == 2 && first.executed == 2 && second.executed == 1)
            // The content's key is the same, the stage's another.
            #expect(first.keys.intersection(second.keys).count == 1)
            let third = try await keys()
            #expect(third.executed == 0 && third.keys.isSubset(of: second.keys))
        }
    }
}
