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

@testable import Engine

/// What an engine is told by its surroundings, and what it tells without building.
@Suite(.timeLimit(.minutes(5))) struct EngineSettingTests {
    /// Settings of files and of a variable, and what the limit is then; `-` is a share of the file system.
    @Test(
        arguments: [
            (nil, nil, "- -"), ("[store]\nlimit = \"20GB\"\ncache-mounts = \"1GB\"\n", nil, "21474836480 1073741824"),
            ("[store]\nlimit = \"20GB\"\n", "1MB", "1048576 -"), ("[store]\nlimit = \"0\"\n", nil, "none -"),
            ("[store]\nlimit = \"many\"\n", nil, "store.limit: the form is 20GB; 0 is any number of bytes"),
            (nil, "many", "DISTILL_STORE_LIMIT: the form is 20GB; 0 is any number of bytes"),
            ("[store]\ncolour = 1\n", nil, "FILE: known are limit and cache-mounts of [store]"),
            ("[store\n", nil, "FILE: it is no TOML"),
        ] as [(String?, String?, String)])
    func limitsTheStore(file: String?, variable: String?, expected: String) async throws {
        try await Files.withTemporaryDirectory { directory in
            var variables = ["XDG_CONFIG_HOME": directory]
            let path = "\(directory)/distill/distill.toml"
            if let file { try Files.write(file, to: path) }
            variables["DISTILL_STORE_LIMIT"] = variable
            let environment = HostEnvironment(variables: variables)
            let line = told {
                let limit = try StoreSettings(environment, store: FilePath(directory)).limit
                let share = try StoreSettings(HostEnvironment(), store: FilePath(directory)).limit
                func word(_ given: Int64?, _ usual: Int64?) -> String {
                    if given == usual { return "-" }
                    return given == .max ? "none" : "\(given ?? -1)"
                }
                return word(limit.cache, share.cache) + " " + word(limit.mounts, share.mounts)
            }
            #expect(line == expected.replacing("FILE", with: path))
        }
    }

    /// A store above its limit loses what was used the longest ago, which is told.
    @Test func makesRoom() async throws {
        try await withBench(["DISTILL_STORE_LIMIT": "1"]) { bench in
            let heard = Mutex<[Bool]>([])
            for text in ["one", "two"] {
                try Files.write(String(repeating: text, count: 1000), to: "\(bench.directory)/context/file")
                let (_, result) = try await bench.build("FROM scratch\nCOPY file /\n") {
                    $0.check = .off
                } hear: { event in
                    guard case .madeRoom(let bytes, _, let isFirst) = event else { return }
                    heard.withLock { $0.append(isFirst) }
                    #expect(bytes > 0)
                }
                _ = try result.get()
            }
            #expect(heard.withLock { $0 }.first == true && !heard.withLock { $0 }.dropFirst().contains(true))
        }
    }

    @Test(arguments: [
        ("http_proxy=http://127.0.0.1:3128", true), ("HTTPS_PROXY=localhost:1", true),
        ("all_proxy=socks5://u:p@[::1]:1/", true),
        ("http_proxy=http://proxy.example:80", false), ("http_proxy=http://127.example@proxy.example", false),
        ("no_proxy=localhost", false), ("other=localhost", false), ("ftp_proxy=", false),
    ])
    func knowsProxiesOfThisMachine(text: String, expected: Bool) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        #expect(LoopbackProxy.isNamed((parts[0], parts[1])) == expected)
    }

    /// Dockerfiles that are not built: the codes of what is found, and whether it fails.
    @Test(
        arguments: [
            ("FROM scratch\nCOPY file /\n", [], false), ("FROM scratch as one\n", ["FromAsCasing"], false),
            ("FROM scratch\nCOPY --from=none /a /\nRUN --security=insecure x\n", ["RunAsksForRights"], false),
            ("FROM scratch\nCOPYY a b\n", ["error"], true),
            (
                "FROM scratch AS one\nFROM scratch\nCOPY --from=stage /a /\nCOPY --from=more / /m\n"
                    + "COPY --from=l / /l\nCOPY --from=id / /i\nCOPY --from=other / /o\n", [], false
            ),
            ("# check=error=true\nFROM scratch as one\n", ["FromAsCasing"], true), ("", ["error"], true),
        ] as [(String, [String], Bool)])
    func reviews(dockerfile: String, codes: [String], fails: Bool) async throws {
        try await withBench { bench in
            let context = "\(bench.directory)/context"
            var specification = BuildSpecification(
                context: try ContextSource(context, bench.engine.environment), contextName: context)
            specification.dockerfile = .inline(Array(dockerfile.utf8))
            specification.namedContexts = [
                (name: "other", source: .image(try ImageReference("alpine"))), (name: "stage", source: .stage("one")),
                (name: "more", source: .files(specification.context)),
                (name: "l", source: .layout(path: "/x", .unnamed)),
                (name: "id", source: .stored(Digest(sha256: []))),
            ]
            let review = try await bench.engine.review(specification)
            let found = review.findings.map { $0.severity == .error ? "error" : "\($0.code)" }
            #expect(
                review.fails == fails && (fails && codes == ["error"] ? !found.isEmpty : found == codes), "\(found)")
        }
    }

    /// A step that leaves other files the second time: the step, the file, and the stage that it came from.
    @Test func findsWhatDiffers() async throws {
        try await withBench { bench in
            var bench = bench
            let count = Mutex(0)
            let runtime = RecordedRuntime { _ in
                let number = count.withLock { count in
                    count += 1
                    return count
                }
                return .init(files: ["/made": "\(number)"])
            }
            bench.engine.runtime = { runtime }
            let dockerfile =
                "FROM scratch AS one\nRUN [\"/a\"]\nFROM scratch\nCOPY file /\nCOPY --from=one /made /copied\n"
            let (_, result) = try await bench.build(dockerfile) { ($0.isVerified, $0.check) = (true, .off) }
            #expect { try result.get() } throws: { error in
                guard let difference = (error as? SourcedError)?.error as? BuildDifference else { return false }
                return difference.layer == 2 && difference.layerCount == 2
                    && difference.place?.origin.range?.start.line == 5
                    && difference.earlier?.origin.range?.start.line == 2
            }
            // With times alone that differ nothing does.
            let same = RecordedRuntime { _ in .init(files: ["/made": "same"]) }
            bench.engine.runtime = { same }
            let (log, _) = try await bench.build(dockerfile) {
                ($0.isVerified, $0.isReproducible, $0.check) = (true, true, .off)
            }
            #expect(log.contains("verified"))
        }
    }

    /// Arguments that no ARG takes are told, and stages that are not to come from the cache must be there.
    @Test func tellsOfUnusedWords() async throws {
        try await withBench { bench in
            let dockerfile = "FROM scratch AS one\nARG version\nCOPY file /a\nFROM scratch\nCOPY --from=one /a /\n"
            let first = try await bench.build(dockerfile) {
                ($0.request.buildArguments, $0.check) = (["versoin": "1"], .off)
            }
            #expect(first.log.last == "warning")
            for (stages, executed) in [(["one"], 1), (["ONE", "1"], 2), (["0"], 1)] {
                let (log, _) = try await bench.build(dockerfile) {
                    ($0.cache.ignored, $0.check) = (.stages(Set(stages)), .off)
                }
                #expect(log.count { $0 == "executed" } == executed, "\(log)")
            }
            let (_, result) = try await bench.build(dockerfile) { $0.cache.ignored = .stages(["two"]) }
            #expect { try result.get() } throws: { error in
                guard
                    case EngineError.invalid(.stagesWithoutCache, "two", .noStage(let known))? =
                        (error as? SourcedError)?.error
                else { return false }
                return known == ["one"]
            }
        }
    }
}
