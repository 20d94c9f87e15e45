import Agents
import Bases
import BuildGraph
import Dockerfile
import Engine
import Inspection
import LinuxSystem
import OCI
import Sandbox
import Solver
import Storage
import Synchronization
import SystemPackage
import TestSupport
import Testing

/// Builds by the front door: a value goes in, events and an outcome come out. No step executes anything, so nothing needs root.
@Suite struct EngineBuildTests {
    private static let twoStages =
        "FROM scratch AS one\nCOPY file /a\nFROM scratch\nCOPY --from=one /a /b\nENTRYPOINT [\"/b\"]\n"

    @Test func buildsTwoStagesAndFindsThemAgain() async throws {
        try await withBench { bench in
            let name = try ImageReference("app:1")
            let first = try await bench.build(Self.twoStages) { $0.names = [name] }
            let outcome = try first.result.get()
            #expect(first.log.first == "building" && first.log.contains("executed"), "\(first.log)")
            // It is no program, which is told and ends nothing.
            #expect(first.log.suffix(2) == ["built", "reviewed 1"], "\(first.log)")
            #expect(outcome.receipt.names == [name])
            #expect(try bench.engine.store.images.resolve("app:1") == outcome.results[0].image.id)
            #expect(outcome.results[0].image.layers.count == 1)
            let again = try await bench.build(Self.twoStages) { $0.names = [name] }
            #expect(try again.result.get().receipt.id == outcome.receipt.id)
            #expect(!again.log.contains("executed"), "\(again.log)")
        }
    }

    @Test func makesNothingOfAnImageThatMustNotLackAnything() async throws {
        try await withBench { bench in
            let (log, result) = try await bench.build(Self.twoStages) {
                $0.check = .error
                $0.names = [try ImageReference("app:1")]
            }
            #expect(throws: EngineError.self) { try result.get() }
            #expect(log.last == "reviewed 1", "\(log)")
            #expect(throws: (any Error).self) { try bench.engine.store.images.resolve("app:1") }
            let unchecked = try await bench.build(Self.twoStages) { $0.check = .off }
            #expect(unchecked.log.last == "built", "\(unchecked.log)")
        }
    }

    /// An error of the Dockerfile carries the file and the step; what is told of steps has an end.
    @Test func tellsWhichFileAFailureIsOf() async throws {
        try await withBench { bench in
            let (log, result) = try await bench.build("FROM scratch\nCOPY file /\nRUN [\"/file\"]\n")
            #expect { try result.get() } throws: { error in
                guard let sourced = error as? SourcedError, let step = sourced.error as? BuildError else {
                    return false
                }
                return sourced.source.name == "Dockerfile" && step.origin.range?.start.line == 3
            }
            #expect(log.last == "built", "\(log)")
        }
    }

    /// A base that nobody has is told with the place that names it, whoever is asked for it.
    @Test(arguments: ["distroless/nosuch", "distroless/static@sha256:\(String(repeating: "0", count: 64))"])
    func tellsWhereABaseIsNamed(base: String) async throws {
        try await withBench { bench in
            let (_, result) = try await bench.build("FROM scratch\nCOPY file /\nFROM \(base)\n")
            #expect { try result.get() } throws: { error in
                guard let unknown = (error as? SourcedError)?.error as? UnknownImage else { return false }
                return unknown.cause is BaseError && unknown.range?.start.line == 3
            }
        }
    }

    @Test func goesOnWithoutACacheThatIsNotThere() async throws {
        try await withBench { bench in
            let (log, result) = try await bench.build(Self.twoStages) {
                $0.cache.sources = [BuildCachePlace(.directory("/nonexistent"), "place")]
            }
            _ = try result.get()
            #expect(log.first == "no cache", "\(log)")
        }
    }

    @Test func comparesASecondBuild() async throws {
        try await withBench { bench in
            let (log, result) = try await bench.build(Self.twoStages) {
                ($0.isVerified, $0.isReproducible) = (true, true)
            }
            _ = try result.get()
            #expect(
                log.count { $0 == "building" } == 2 && log.contains("verified") && !log.contains("cached"), "\(log)")
        }
    }

    @Test func makesOneImageForEachPlatform() async throws {
        try await withBench { bench in
            let platforms = ["linux/amd64", "linux/arm64"]
            let (_, result) = try await bench.build(Self.twoStages) {
                $0.platforms = try platforms.map { try Platform(parsing: $0) }
            }
            #expect(try result.get().results.map { $0.image.config.platform.description } == platforms)
        }
    }

    /// The secret's name is known and its file is not there: told when a step asks, and not before.
    @Test func readsNoSecretThatNoStepAsksFor() async throws {
        try await withBench { bench in
            let (_, result) = try await bench.build(Self.twoStages) { $0.secrets = ["a": .file("/nonexistent")] }
            _ = try result.get()
        }
    }

    @Test(arguments: [
        ("BUILDKIT_INLINE_CACHE", "maybe"), ("BUILDKIT_CONTEXT_KEEP_GIT_DIR", "2"), ("SOURCE_DATE_EPOCH", "yesterday"),
    ])
    func refusesArgumentsThatMeanNothing(name: String, value: String) async throws {
        try await withBench { bench in
            let (_, result) = try await bench.build(Self.twoStages) { $0.request.buildArguments[name] = value }
            #expect { try result.get() } throws: { error in
                if case EngineError.invalid(_, value, _) = (error as? SourcedError)?.error ?? error {
                    true
                } else {
                    false
                }
            }
        }
    }

    @Test(
        arguments: [
            ([:], nil, false), (["DISTILL_REDIRECT_DISTROLESS": "1"], nil, true),
            (["DISTILL_REDIRECT_DISTROLESS": "0"], nil, false),
            (["DISTILL_REDIRECT_DISTROLESS": "1"], false, false), ([:], true, true),
        ] as [([String: String], Bool?, Bool)])
    func takesPublicNamesAsAskedOrAsTheEnvironmentSays(variables: [String: String], asked: Bool?, expected: Bool)
        async throws
    {
        try await withBench(variables) { bench in
            var specification = BaseSpecification()
            specification.redirectsPublicNames = asked
            #expect(bench.engine.catalog(specification) { _ in }.redirectsPublicNames == expected)
        }
    }
}
