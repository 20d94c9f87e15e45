import BuildGraph
import Engine
import LinuxSystem
import OCI
import Secrets
import Storage
import Synchronization
import SystemPackage
import TestSupport
import Testing

/// What must not leave with an image, by the front door.
@Suite(.timeLimit(.minutes(5))) struct SecretGateTests {
    /// Of the form of a token, made when the test runs.
    private static let token =
        "ghp_" + String((0..<36).map { Array("aB3dE5gH7jK9mN1pQ2rS4tU6vW8xY0zC")[($0 * 7 + $0 / 5) % 32] })

    /// Builds, and tells each finding in a line: place, layer, line of the Dockerfile, whether it is seen.
    private func found(
        _ bench: Bench, _ dockerfile: String, _ change: (inout BuildSpecification) throws -> Void = { _ in }
    ) async throws -> (lines: [String], result: Result<BuildOutcome, any Error>) {
        let lines = Mutex<[String]>([])
        let (_, result) = try await bench.build(dockerfile) {
            $0.check = .off
            try change(&$0)
        } hear: { event in
            guard case .secrets(let report, _) = event else { return }
            lines.withLock { $0 += Self.lines(report) }
        }
        return (lines.withLock { $0 }, result)
    }

    private static func lines(_ report: SecretReport) -> [String] {
        report.items.map { item in
            let hidden = if case .hidden(let layer) = item.visibility { " hidden by \(layer)" } else { "" }
            let layer = item.layer.map { " in \($0)" } ?? ""
            let line = item.instruction?.line.map { " line \($0)" } ?? ""
            return "\(item.finding.rule.rawValue) \(item.finding.path)\(layer)\(line)\(hidden)"
                + (item.isBase ? " base" : "") + (item.allowed == nil ? "" : " allowed")
        }
    }

    private func withToken(_ body: (Bench) async throws -> Void) async throws {
        try await withBench { bench in
            try Files.write("token = \(Self.token)\n", to: "\(bench.directory)/context/key")
            try await body(bench)
        }
    }

    @Test func findsWhatIsCoveredToo() async throws {
        try await withToken { bench in
            let (lines, result) = try await found(bench, "FROM scratch\nCOPY key /a\nCOPY key /b\nCOPY file /a\n")
            #expect(lines == ["github-token a in 1 line 2 hidden by 3", "github-token b in 2 line 3"])
            _ = try result.get()
        }
    }

    @Test(arguments: [(SecretMode.error, 1), (.warn, nil), (.off, nil)] as [(SecretMode, Int?)])
    func decides(mode: SecretMode, count: Int?) async throws {
        try await withToken { bench in
            let (lines, result) = try await found(bench, "FROM scratch\nCOPY key /a\n") {
                $0.secretPolicy.mode = mode
                $0.names = [try ImageReference("app:1")]
            }
            #expect(lines.isEmpty == (mode == .off))
            guard let count else {
                _ = try result.get()
                return
            }
            #expect { try result.get() } throws: { error in
                if case EngineError.secretsFound(count) = error { true } else { false }
            }
            #expect(throws: (any Error).self) { try bench.engine.store.images.resolve("app:1") }
        }
    }

    /// Values that the build was given, wherever they stand: files, arguments in the history, labels.
    @Test func knowsWhatItWasGiven() async throws {
        try await withBench { bench in
            try Files.write("x=plain-words-9\n", to: "\(bench.directory)/context/leak")
            let dockerfile = "FROM scratch\nARG API_TOKEN\nLABEL t=$API_TOKEN\nCOPY leak /l\n"
            let (lines, _) = try await found(bench, dockerfile) {
                $0.secrets = ["a": .bytes(Array("plain-words-9\n".utf8)), "none": .file("/nonexistent")]
                $0.request.buildArguments = ["API_TOKEN": "word-of-mine-7"]
            }
            #expect(lines.contains("build-secret l in 1 line 4"), "\(lines)")
            #expect(lines.contains { $0.hasPrefix("build-argument image.config.Labels.t") }, "\(lines)")
            #expect(lines.contains { $0.hasPrefix("build-argument image.history[") }, "\(lines)")
            // What a layer was found to hold is remembered; an argument that is not given is in no document.
            #expect(try await found(bench, dockerfile).lines == ["build-secret l in 1 line 4"])
        }
    }

    /// What was there when the baseline was written is allowed, and what comes later is not.
    @Test func allowsABaseline() async throws {
        try await withToken { bench in
            let list = "\(bench.directory)/allowed.yaml"
            let first = try await found(bench, "FROM scratch\nCOPY key /a\n") {
                ($0.secretPolicy.mode, $0.secretPolicy.baseline) = (.error, list)
            }
            _ = try first.result.get()
            let (lines, result) = try await found(bench, "FROM scratch\nCOPY key /a\nCOPY key /b\n") {
                ($0.secretPolicy.mode, $0.secretPolicy.allowFile) = (.error, list)
            }
            #expect(lines == ["github-token a in 1 line 2 allowed", "github-token b in 2 line 3"])
            #expect { try result.get() } throws: { error in
                if case EngineError.secretsFound(1) = error { true } else { false }
            }
            for (name, isDamaged) in [("none.yaml", false), ("bad.yaml", true)] {
                if isDamaged { try Files.write("- [", to: "\(bench.directory)/\(name)") }
                let (_, result) = try await found(bench, "FROM scratch\nCOPY key /a\n") {
                    $0.secretPolicy.allowFile = "\(bench.directory)/\(name)"
                }
                #expect { try result.get() } throws: { error in
                    switch error {
                    case EngineError.unusableFile(_, .unreadable): !isDamaged
                    case EngineError.unusableFile(_, .allowFile): isDamaged
                    default: false
                    }
                }
            }
        }
    }

    /// The base's secrets are the base's, and count where that is asked for; a layer is looked through once.
    @Test func looksThroughStoredImages() async throws {
        try await withToken { bench in
            _ = try await found(bench, "FROM scratch\nCOPY key /a\n") { $0.names = [try ImageReference("base:1")] }
            let (lines, result) = try await found(bench, "FROM base:1\nCOPY key /b\n") {
                $0.names = [try ImageReference("app:1")]
            }
            #expect(lines == ["github-token b in 2 line 2"])
            let id = try result.get().receipt.id
            var policy = SecretPolicy()
            for (includesBase, expected) in [
                (false, ["github-token b in 2 line 2"]),
                (true, ["github-token a in 1 base", "github-token b in 2 line 2"]),
            ] {
                policy.includesBase = includesBase
                for _ in 0..<2 {
                    let reports = try await bench.engine.secrets(in: id, name: "app:1", policy)
                    #expect(reports.flatMap(Self.lines) == expected)
                }
            }
            let engine = bench.engine
            await #expect {
                try await engine.guardSecrets(in: id, name: "app:1", policy, pushes: true) { _ in }
            } throws: { error in
                if case EngineError.secretsFound(2) = error { true } else { false }
            }
            try await engine.guardSecrets(in: id, name: "app:1", policy, pushes: false) { _ in }
        }
    }

    /// An image whose files are given other times knows the lines of its layers too, and what they hold.
    @Test func knowsTheLinesOfAnImageOfOtherTimes() async throws {
        try await withToken { bench in
            let (_, result) = try await found(bench, "FROM scratch\nCOPY file /f\nCOPY key /a\n") {
                var image = OutputSpecification(.image)
                image.rewritesTimestamps = true
                ($0.outputs, $0.names) = ([image], [try ImageReference("app:1")])
                $0.request.buildArguments["SOURCE_DATE_EPOCH"] = "1000000000"
            }
            let outcome = try result.get()
            let id = outcome.receipt.id
            #expect(id != outcome.results[0].image.id)
            let reports = try await bench.engine.secrets(in: id, name: "app:1", SecretPolicy())
            #expect(reports.flatMap(Self.lines) == ["github-token a in 2 line 3"])
        }
    }

    /// A package's own test key is nobody's secret: where its list stands in the same layer or in one below.
    @Test func packagesFilesAreNoSecrets() async throws {
        try await withToken { bench in
            let sum = try await Program.shell("md5sum '\(bench.directory)/context/key' | cut -c1-32")
            let list = "\(String(decoding: sum.dropLast(), as: UTF8.self))  usr/lib/x/key\n"
            try Files.write(list, to: "\(bench.directory)/context/var/lib/dpkg/info/x.md5sums")
            let package = "FROM scratch\nCOPY var /var\nCOPY key /usr/lib/x/key\n"
            #expect(try await found(bench, package).lines.isEmpty)
            let later = "FROM scratch\nCOPY key /usr/lib/x/key\nCOPY var /var\n"
            try Files.write("second = \(Self.token)\n", to: "\(bench.directory)/context/key")
            #expect(try await found(bench, later).lines == ["github-token usr/lib/x/key in 1 line 2"])
        }
    }
}
