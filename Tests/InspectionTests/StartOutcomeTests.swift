import Inspection
import OCI
import Testing

/// What a real start says counts more than what files say.
@Suite struct StartOutcomeTests {
    private static func report(_ entrypoint: [String]) throws -> ClosureCheck.Report {
        var config = ImageConfig(platform: Platform(os: "linux", architecture: "amd64"))
        config.container.entrypoint = entrypoint
        return try ClosureCheck.run(config, ImageTree(layers: [MemoryLayer(["/app": .program(staticProgram())])]))
    }

    static let outcomes: [(end: StartOutcome.End, program: String, errors: [String])] = [
        (.running, "/app", []), (.exited(0), "/app", []), (.exited(3), "/app", ["FailedStart"]),
        (.signal(11), "/app", ["FailedStart"]),
        (.notExecuted, "/app", ["FailedStart"]), (.foreign, "/app", []),
        (.running, "/gone", []), (.exited(1), "/gone", ["MissingProgram"]), (.notExecuted, "/gone", ["MissingProgram"]),
        (.foreign, "/gone", ["MissingProgram"]),
    ]

    @Test(arguments: outcomes) func isBelieved(end: StartOutcome.End, program: String, errors: [String]) throws {
        var report = try Self.report([program])
        report.believe(StartOutcome(end, limit: 10))
        #expect(report.findings.filter { $0.severity == .error }.map(\.name) == errors)
        #expect(report.start?.end == end)
    }

    @Test func aFindingIsKeptAsAWarning() throws {
        var report = try Self.report(["/gone"])
        report.believe(StartOutcome(.running, limit: 10))
        #expect(report.findings.map(\.severity) == [.warning])
    }

    static let outputs: [(text: String, words: String)] = [
        ("", ""), ("a\n", "a"), ("a\r\n\n  b  \n", "a / b"), ("1\n2\n3\n4\n", "2 / 3 / 4"), ("\u{FF}\n", "\u{FF}"),
    ]

    @Test(arguments: outputs) func tellsTheLastLines(text: String, words: String) {
        #expect(StartOutcome(.exited(1), limit: 1, output: Array(text.utf8)).words == words)
    }
}

/// What is mounted over an image hides what it has there.
@Suite struct CoveredTreeTests {
    private static var tree: ImageTree {
        ImageTree(
            layers: [
                MemoryLayer([
                    "/srv/app": .program(staticProgram()), "/srv/lib/x": .text("x"), "/etc/a": .text("a"),
                    "/var/run": .link("../run"), "/run/y": .text("y"),
                ])
            ])
    }
    private static let other = MemoryLayer(["/tool": .program(staticProgram()), "/lib/z": .text("zz")])

    private static func names(_ tree: ImageTree, _ path: String) throws -> [String]? {
        guard let node = try tree.lookUp(path) else { return nil }
        return try tree.children(of: node).map { $0.path.description }
    }

    @Test func directory() throws {
        let tree = try Self.tree.covered(by: [Covering(#require(ImagePath("/srv")), .files(Self.other))])
        #expect(try tree.lookUp("/srv/app") == nil)
        #expect(try tree.lookUp("/srv/tool")?.isExecutable == true)
        #expect(try tree.contents(of: "/srv/lib/z") == Array("zz".utf8))
        #expect(try Self.names(tree, "/srv") == ["/srv/lib", "/srv/tool"])
        #expect(try tree.contents(of: "/etc/a") == Array("a".utf8))
    }

    @Test func nothing() throws {
        let tree = try Self.tree.covered(by: [Covering(#require(ImagePath("/srv/lib")), .nothing)])
        #expect(try Self.names(tree, "/srv/lib") == [])
        #expect(try tree.lookUp("/srv/app") != nil)
    }

    @Test func file() throws {
        let access = FileAccess(mode: 0o400, user: 7, group: 8)
        let tree = try Self.tree.covered(by: [
            Covering(#require(ImagePath("/etc/new/a")), .file(Array("n".utf8), access))
        ])
        #expect(try tree.contents(of: "/etc/new/a") == Array("n".utf8))
        #expect(try tree.contents(of: "/etc/a") == Array("a".utf8))
        #expect(try Self.names(tree, "/etc") == ["/etc/a", "/etc/new"])
    }

    /// A mount is made behind the links on the way.
    @Test func throughALink() throws {
        let tree = try Self.tree.covered(by: [Covering(#require(ImagePath("/var/run")), .files(Self.other))])
        #expect(try tree.lookUp("/run/y") == nil)
        #expect(try tree.lookUp("/run/tool") != nil)
        #expect(try tree.lookUp("/var/run/tool") != nil)
    }
}
