import Engine
import Inspection
import LinuxSystem
import OCI
import Sandbox
import Storage
import SystemPackage
import TestSupport
import Testing

/// What comes of starting an image's program once, played by a recorded runtime. A container's root is mounted, which needs root.
@Suite(.needsRoot, .timeLimit(.minutes(5))) struct StartTrialTests {
    private func withImage(
        _ instructions: String, _ recording: RecordedRuntime.Recording, platform: String? = nil,
        _ body: (Engine, Image, RecordedRuntime) async throws -> Void
    ) async throws {
        try await withBench { bench in
            var bench = bench
            try Files.write("#!/none\n", to: "\(bench.directory)/context/app", mode: 0o755)
            let runtime = RecordedRuntime { _ in recording }
            bench.engine.runtime = { runtime }
            let outcome = try await bench.build("FROM scratch\nCOPY app /app\n\(instructions)\n") {
                $0.check = .off
                if let platform { $0.platforms = [try Platform(parsing: platform)] }
            }.result.get()
            try await body(bench.engine, outcome.results[0].image, runtime)
        }
    }

    /// How the process ends, and whether the image is held to be one that cannot start.
    @Test(arguments: [
        (RecordedRuntime.Recording(.exits(.code(0))), false),
        (.init(.exits(.code(3)), writes: [(.error, "no luck\n")]), true),
        (.init(.exits(.signal(11))), true), (.init(.exits(.outOfMemory)), true), (.init(.waits), false),
        (.init(.fails(.programMissing("/app"))), true), (.init(.fails(.programNotExecutable("/app"))), true),
    ])
    func believesTheStart(recording: RecordedRuntime.Recording, fails: Bool) async throws {
        try await withImage("ENTRYPOINT [\"/app\"]\nENV A=b\nUSER 7", recording) { engine, image, runtime in
            let report = try await engine.review(image, StartChange(), limit: 1)
            #expect(report.cannotStart == fails)
            let process = try #require(runtime.started.first)
            #expect(process.arguments == ["/app"] && process.user == 7 && process.environment.contains("A=b"))
            #expect(!process.sharesNetwork && process.networkNamespace == nil)
        }
    }

    /// What is not started at all: nothing to start, another machine's program, one that is not there, a user whom nobody knows.
    @Test(
        arguments: [
            ("LABEL a=b", nil, nil), ("ENTRYPOINT [\"/app\"]", "linux/s390x", nil),
            ("ENTRYPOINT [\"/none\"]", nil, true),
            ("ENTRYPOINT [\"/app\"]\nUSER nobody", nil, true),
        ] as [(String, String?, Bool?)])
    func startsNothing(instructions: String, platform: String?, fails: Bool?) async throws {
        try await withImage(instructions, .init(), platform: platform) { engine, image, runtime in
            let report = try await engine.review(image, StartChange(), limit: 1)
            #expect(runtime.started.isEmpty)
            if let fails { #expect(report.cannotStart == fails) }
        }
    }

    /// A caller's own command, user, directory and variables are what is started.
    @Test func startsWhatACallerSays() async throws {
        var change = StartChange()
        (change.entrypoint, change.command, change.user) = (["/app"], ["--x"], "8:9")
        (change.workingDirectory, change.variables) = (ImagePath("/w"), [("A", "mine"), ("B", "2")])
        try await withImage("ENTRYPOINT [\"/other\"]\nENV A=b", .init()) { engine, image, runtime in
            let report = try await engine.review(image, change, limit: 1)
            #expect(!report.cannotStart)
            let process = try #require(runtime.started.first)
            #expect(process.arguments == ["/app", "--x"] && process.user == 8 && process.group == 9)
            #expect(process.workingDirectory.description == "/w")
            #expect(process.environment.contains("A=mine") && process.environment.contains("B=2"))
        }
    }
}

/// What of this machine covers a part of an image when it starts.
@Suite struct StartChangeTests {
    private func findings(_ mounts: (Bench) -> [StartChange.Mount]) async throws -> Int {
        var count = 0
        try await withBench { bench in
            try Files.write("#!/bin/sh\n", to: "\(bench.directory)/context/app", mode: 0o755)
            let outcome = try await bench.build("FROM scratch\nCOPY app /bin/app\nENTRYPOINT [\"/bin/app\"]\n") {
                $0.check = .off
            }.result.get()
            var change = StartChange()
            change.mounts = mounts(bench)
            count = try await bench.engine.review(outcome.results[0].image, change).findings.count
        }
        return count
    }

    /// Without `/bin/sh` a script lacks its interpreter; a mount brings one, or takes the program away.
    @Test func seesMounts() async throws {
        let shell = ImagePath("/bin/sh") ?? .root
        let bin = ImagePath("/bin") ?? .root
        #expect(try await findings { _ in [] } == 1)
        // One that itself is a script of the same, which is followed to its end.
        let file = StartChange.Mount.file(Array("\u{7F}ELF".utf8), mode: 0o755, user: 0, group: 0, shell)
        let covered = try await findings { _ in [file] }
        let hosted = try await findings { bench in [.host(FilePath("\(bench.directory)/context/app"), shell)] }
        let directory = try await findings { bench in [.host(FilePath("\(bench.directory)/context"), bin)] }
        #expect([covered, hosted, directory] == [1, 1, 1])
        #expect(try await findings { _ in [.empty(bin)] } == 1)
        #expect(try await findings { _ in [.host("/nonexistent", bin)] } == 1)
    }

    /// What is changed takes the place of the image's own.
    @Test func changesTheConfig() {
        var config = ContainerConfig()
        (config.entrypoint, config.command, config.user) = (["/a"], ["b"], "x")
        config.environment = ["A=1"]
        var change = StartChange()
        #expect(change.applied(to: config).entrypoint == ["/a", "b"])
        (change.command, change.variables, change.healthcheck) = (["c"], [("A", "2")], ["NONE"])
        let changed = change.applied(to: config)
        #expect(changed.entrypoint == ["/a", "c"] && changed.command == nil && changed.user == "x")
        #expect(changed.environment == ["A=2"] && changed.healthcheck?.test == ["NONE"])
    }
}
