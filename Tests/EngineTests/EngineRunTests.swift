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

/// RUN by the front door, without any right: processes are played by a recorded runtime, which leaves files in their roots.
@Suite struct EngineRunTests {
    private func build(
        _ dockerfile: String, in directory: String, _ runtime: RecordedRuntime
    ) async throws -> BuildOutcome {
        try Files.write("hello\n", to: "\(directory)/context/file")
        let environment = HostEnvironment(variables: [:], workingDirectory: FilePath(directory))
        var engine = Engine(store: try Store(path: FilePath("\(directory)/store")), environment: environment)
        defer { engine.close() }
        engine.runtime = { runtime }
        let context = "\(directory)/context"
        var specification = BuildSpecification(context: try ContextSource(context, environment), contextName: context)
        specification.dockerfile = .inline(Array(dockerfile.utf8))
        specification.check = .off
        return try await engine.build(specification) { _ in }
    }

    private func cause(_ error: any Error) -> BuildError.Cause? {
        ((error as? SourcedError)?.error as? BuildError)?.cause
    }

    @Test func executesAStepOnceAndCopiesWhatItLeft() async throws {
        try await Files.withTemporaryDirectory { directory in
            let runtime = RecordedRuntime { _ in .init(writes: [(.output, "made\n")], files: ["/made": "text"]) }
            let dockerfile = """
                FROM scratch AS one
                COPY file /a
                ENV COLOUR=blue
                USER 7:8
                WORKDIR /work
                RUN ["/a", "--x"]
                FROM scratch
                COPY --from=one /made /b
                """
            let first = try await build(dockerfile, in: directory, runtime)
            let process = try #require(runtime.started.first)
            #expect(process.arguments == ["/a", "--x"] && process.environment.contains("COLOUR=blue"))
            #expect(process.user == 7 && process.group == 8 && process.workingDirectory.description == "/work")
            #expect(first.results[0].image.layers.count == 1)
            let second = try await build(dockerfile, in: directory, runtime)
            #expect(second.results[0].image.id == first.results[0].image.id && runtime.started.count == 1)
            // What a step leaves is in the image that it is in: other bytes, another image.
            let other = RecordedRuntime { _ in .init(files: ["/made": "other"]) }
            let third = try await build(dockerfile.replacing("--x", with: "--y"), in: directory, other)
            #expect(third.results[0].image.id != first.results[0].image.id)
        }
    }

    /// Each of two stages goes on when the other one's command has begun: one after the other would never end.
    @Test func executesStagesAtOnce() async throws {
        try await Files.withTemporaryDirectory { directory in
            let meeting = Meeting(of: 2)
            let runtime = RecordedRuntime { process in
                await meeting.arrive()
                return .init(files: [process.arguments[0]: "x"])
            }
            let dockerfile = """
                FROM scratch AS a
                RUN ["/a"]
                FROM scratch AS b
                RUN ["/b"]
                FROM scratch
                COPY --from=a /a /
                COPY --from=b /b /
                """
            let outcome = try await build(dockerfile, in: directory, runtime)
            #expect(
                outcome.results[0].image.layers.count == 2
                    && Set(runtime.started.map { $0.arguments[0] }) == ["/a", "/b"])
        }
    }

    /// The first failure ends the others, which would never end by themselves.
    @Test func endsOthersWithTheFirstFailure() async throws {
        try await Files.withTemporaryDirectory { directory in
            let meeting = Meeting(of: 2)
            let runtime = RecordedRuntime { process in
                await meeting.arrive()
                return process.arguments[0] == "/a"
                    ? .init(.exits(.code(3)), writes: [(.error, "why\n")]) : .init(.waits)
            }
            let dockerfile = """
                FROM scratch AS a
                RUN ["/a"]
                FROM scratch AS b
                RUN ["/b"]
                FROM scratch
                COPY --from=a /a /
                COPY --from=b /b /
                """
            await #expect {
                _ = try await build(dockerfile, in: directory, runtime)
            } throws: { error in
                guard case .commandFailed(3, ["/a"], let output)? = cause(error) else { return false }
                return String(decoding: output, as: UTF8.self) == "why\n"
            }
        }
    }

    @Test func endsWhenItIsCancelled() async throws {
        try await Files.withTemporaryDirectory { directory in
            let meeting = Meeting(of: 2)
            let runtime = RecordedRuntime { _ in
                await meeting.arrive()
                return .init(.waits)
            }
            let task = Task { try await build("FROM scratch\nRUN [\"/a\"]\n", in: directory, runtime) }
            await meeting.arrive()
            task.cancel()
            await #expect(throws: (any Error).self) { try await task.value }
        }
    }

    @Test(arguments: [
        ("RUN true", SandboxError.programMissing("/bin/sh"), true, true),
        (#"RUN ["/a"]"#, .programMissing("/a"), true, false),
        (#"RUN ["/a"]"#, .programNotExecutable("/a"), false, false),
    ])
    func tellsWhatWasNotExecuted(line: String, error: SandboxError, isMissing: Bool, isShell: Bool) async throws {
        try await Files.withTemporaryDirectory { directory in
            let runtime = RecordedRuntime { _ in .init(.fails(error)) }
            await #expect {
                _ = try await build("FROM scratch\n\(line)\n", in: directory, runtime)
            } throws: { error in
                guard case .notExecuted(_, isMissing, isShell)? = cause(error) else { return false }
                return true
            }
        }
    }
}

/// Where several tasks wait for each other.
private actor Meeting {
    private var missing: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(of count: Int) { missing = count }

    func arrive() async {
        missing -= 1
        if missing <= 0 {
            for continuation in waiting { continuation.resume() }
            waiting = []
        } else {
            await withCheckedContinuation { waiting.append($0) }
        }
    }
}
