import LinuxSystem
import OCI
import Sandbox
import Synchronization
import SystemPackage
import TestSupport
import Testing

/// A conformer of ``ContainerRuntime`` that the contract is held to.
enum Conformer: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case recorded, crun, runc, youki

    var testDescription: String { rawValue }

    /// In continuous integration the first real one must be there.
    var isThere: Bool {
        if self == .recorded { return true }
        return ProcessFacts.isRoot && Self.place(rawValue) != nil && Self.place("busybox") != nil
    }

    static func place(_ name: String) -> FilePath? {
        (ProcessFacts.environment["PATH"] ?? "").split(separator: ":").map { FilePath(String($0)).appending(name) }
            .first { ProcessFacts.isExecutable($0) }
    }

    static var those: [Conformer] {
        allCases.filter { $0.isThere || $0 == .crun && ProcessFacts.environment["CI"] != nil }
    }

    /// The runtime; a real one sees no control groups, as in the command's own namespace.
    func make(in directory: String) throws -> any ContainerRuntime {
        if self == .recorded { return RecordedRuntime { Scenario.recording(of: $0) } }
        guard let path = Self.place(rawValue) else { throw SandboxError.noRuntime(searchPath: "") }
        let script =
            "#!/bin/sh\nexec unshare -m sh -c 'mount -t tmpfs none /sys/fs/cgroup; exec \(path) \"$@\"' sh \"$@\"\n"
        // runc and youki put containers into control groups.
        try Files.write(
            self == .crun ? script : "#!/bin/sh\nexec \(path) \"$@\"\n", to: "\(directory)/\(rawValue)", mode: 0o755)
        return OCIRuntime(path: FilePath("\(directory)/\(rawValue)"))
    }
}

/// A process, and what every runtime must make of it.
struct Scenario: Sendable, CustomTestStringConvertible {
    enum Expectation: Sendable, Equatable {
        case exit(ProcessExit, output: String, error: String)
        case failure(SandboxError)
    }

    let name: String
    let arguments: [String]
    let expected: Expectation
    var input = ""

    var testDescription: String { name }

    static let all = [
        Scenario(
            name: "both outputs", arguments: ["/bin/sh", "-c", "echo out; echo err >&2; exit 7"],
            expected: .exit(.code(7), output: "out\n", error: "err\n")),
        Scenario(name: "nothing", arguments: ["/bin/true"], expected: .exit(.code(0), output: "", error: "")),
        Scenario(
            name: "code 1 of its own", arguments: ["/bin/sh", "-c", "echo No such file or directory >&2; exit 1"],
            expected: .exit(.code(1), output: "", error: "No such file or directory\n")),
        Scenario(
            name: "code 127 of its own", arguments: ["/bin/sh", "-c", "exit 127"],
            expected: .exit(.code(127), output: "", error: "")),
        Scenario(
            name: "input", arguments: ["/bin/cat"], expected: .exit(.code(0), output: "typed\n", error: ""),
            input: "typed\n"),
        Scenario(
            name: "much output", arguments: ["/bin/sh", "-c", "head -c 300000 /dev/zero | tr '\\0' x"],
            expected: .exit(.code(0), output: String(repeating: "x", count: 300_000), error: "")),
        Scenario(name: "no program", arguments: ["/no/such"], expected: .failure(.programMissing("/no/such"))),
        Scenario(name: "no program on PATH", arguments: ["nosuch"], expected: .failure(.programMissing("nosuch"))),
        Scenario(
            name: "no interpreter", arguments: ["/t/nointerpreter"],
            expected: .failure(.programMissing("/t/nointerpreter"))),
        Scenario(name: "no right", arguments: ["/t/denied"], expected: .failure(.programNotExecutable("/t/denied"))),
        Scenario(name: "a directory", arguments: ["/t"], expected: .failure(.programNotExecutable("/t"))),
        Scenario(
            name: "no format", arguments: ["/t/noformat"], expected: .failure(.programNotExecutable("/t/noformat"))),
        Scenario(
            name: "what it started ends with it", arguments: ["/bin/sh", "-c", "sleep 1000 & echo begun"],
            expected: .exit(.code(0), output: "begun\n", error: "")),
    ]

    /// What the double plays: that what is above was seen of a real one is held by the same test.
    static func recording(of process: ProcessSpec) -> RecordedRuntime.Recording {
        let scenario = all.first { $0.arguments == process.arguments }
        switch scenario?.expected {
        case .exit(let exit, let output, let error):
            return .init(.exits(exit), writes: [(.output, output), (.error, error)].filter { !$0.1.isEmpty })
        case .failure(.programMissing): return .init(.fails(.programMissing(process.arguments[0])))
        case .failure: return .init(.fails(.programNotExecutable(process.arguments[0])))
        case nil: return .init(.waits)
        }
    }
}

/// Contract of `ContainerRuntime`, `RuntimeContainer` and `RuntimeProcess`; the real ones in a root file system of a static busybox and programs that cannot be executed.
@Suite(.serialized) struct RuntimeContractTests {
    struct Bench {
        let runtime: any ContainerRuntime
        let directory: String

        func process(_ arguments: [String]) -> ProcessSpec {
            var spec = ProcessSpec(
                arguments: arguments, environment: ["PATH=/bin"], workingDirectory: .root, hostname: "test",
                root: "\(directory)/root")
            spec.isRootReadOnly = true
            return spec
        }

        func bundle() throws -> FilePath { FilePath(try Files.makeTemporaryDirectory(in: directory)) }
    }

    private func withBench(_ conformer: Conformer, _ body: (Bench) async throws -> Void) async throws {
        try await Files.withTemporaryDirectory { directory in
            let root = "\(directory)/root"
            for name in ["dev", "proc", "sys", "bin"] { try Files.makeDirectory("\(root)/\(name)") }
            try Files.write("hello\n", to: "\(root)/t/noformat", mode: 0o755)
            try Files.write("#!/no/such\n", to: "\(root)/t/nointerpreter", mode: 0o755)
            try Files.write("#!/bin/sh\n", to: "\(root)/t/denied", mode: 0o644)
            if conformer != .recorded {
                let busybox = try #require(Conformer.place("busybox"), "needs the package busybox-static")
                try Files.write(Files.bytes(busybox.string), to: "\(root)/bin/busybox", mode: 0o755)
                let programs = ["sh", "cat", "head", "tr", "id", "grep", "sleep", "yes", "true", "stty", "tty"]
                for name in programs { _ = try await Command("ln", ["-s", "busybox", "\(root)/bin/\(name)"]).run() }
            }
            try await body(Bench(runtime: conformer.make(in: directory), directory: directory))
        }
    }

    /// Takes what a process writes.
    final class Kept: Sendable {
        private let bytes = Mutex<[UInt8]>([])

        var sink: ProcessStreams.Sink {
            { [self] new in
                bytes.withLock { $0 += new }
                return true
            }
        }

        var text: String { bytes.withLock { String(decoding: $0, as: UTF8.self) } }
    }

    @Test(arguments: Conformer.those, Scenario.all) func endsAsWritten(conformer: Conformer, scenario: Scenario)
        async throws
    {
        try await withBench(conformer) { bench in
            let (output, error) = (Kept(), Kept())
            try Files.write(scenario.input, to: "\(bench.directory)/input")
            let input = try FileDescriptor.open(FilePath("\(bench.directory)/input"), .readOnly)
            let streams = ProcessStreams.apart(
                input: ProcessInput(input.rawValue), output: output.sink, error: error.sink)
            let end: Scenario.Expectation
            do {
                let exit = try await bench.runtime.run(
                    bench.process(scenario.arguments), bundle: bench.bundle(), streams: streams)
                end = .exit(exit, output: output.text, error: error.text)
            } catch let failure as SandboxError { end = .failure(failure) }
            try input.close()
            #expect(end == scenario.expected)
        }
    }

    /// A process that is killed from outside, waited for by one that is cancelled too.
    @Test(arguments: Conformer.those, [false, true]) func isKilled(conformer: Conformer, isCancelled: Bool) async throws
    {
        try await withBench(conformer) { bench in
            let (started, post) = AsyncStream<any RuntimeContainer>.makeStream()
            let task = Task {
                try await bench.runtime.run(
                    bench.process(["/bin/sh", "-c", "sleep 1000"]), bundle: bench.bundle(),
                    streams: .together { _ in true }, at: ProcessMoments(started: { post.yield($0) }))
            }
            for await container in started {
                if isCancelled { task.cancel() } else { container.send(9) }
                break
            }
            if isCancelled {
                await #expect(throws: CancellationError.self) { try await task.value }
            } else {
                let exit = try await task.value
                #expect(exit == .signal(9))
            }
        }
    }

    /// What is cancelled before it begins is not begun, and says so.
    @Test(arguments: Conformer.those) func beginsNothingThatIsCancelled(conformer: Conformer) async throws {
        try await withBench(conformer) { bench in
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return try await bench.runtime.run(
                    bench.process(["/bin/true"]), bundle: bench.bundle(), streams: .together { _ in true })
            }
            await #expect(throws: CancellationError.self) { try await task.value }
        }
    }

    /// What its program needs does not come: the container goes, its program was never started, and the reason is told.
    @Test(arguments: Conformer.those) func endsWhatIsNotMadeReady(conformer: Conformer) async throws {
        struct NotReady: Error {}
        try await withBench(conformer) { bench in
            let kept = Kept()
            await #expect(throws: NotReady.self) {
                try await bench.runtime.run(
                    bench.process(["/bin/sh", "-c", "echo begun; sleep 1000"]), bundle: bench.bundle(),
                    streams: .together(kept.sink),
                    at: ProcessMoments(
                        ready: { throw NotReady() }, started: { _ in Issue.record("its program was started") }))
            }
            #expect(kept.text.isEmpty)
        }
    }

    /// A further process of which the end counts: how it ends and what it wrote. Nothing of it stays; its time is over
    /// only where it does not end.
    @Test(arguments: Conformer.those) func examines(conformer: Conformer) async throws {
        try await withBench(conformer) { bench in
            let (bundle, first) = (try bench.bundle(), bench.process(["/bin/sh", "-c", "sleep 1000"]))
            let container = try await bench.runtime.create(first, bundle: bundle, streams: .together { _ in true })
            try await container.start()
            let seen = try await container.examine(first, with: Scenario.all[0].arguments, timeout: .seconds(100_000))
            #expect(seen.exit == .code(7) && String(decoding: seen.output, as: UTF8.self) == "out\nerr\n")
            await #expect(throws: SandboxError.programMissing("/no/such")) {
                let seen = try await container.examine(first, with: ["/no/such"], timeout: .seconds(100_000))
                Issue.record("it ended with \(String(describing: seen.exit))")
            }
            let late = try await container.examine(first, with: ["/bin/sleep", "1000"], timeout: .milliseconds(20))
            #expect(late.exit == nil && late.output.isEmpty)
            let names = try Directory(opening: bundle).names().map { String(decoding: $0, as: UTF8.self) }
            #expect(names.filter { $0.hasPrefix("exec-") || $0.hasPrefix("console-") || $0.hasPrefix("log-") } == [])
            container.kill()
            let end = try await container.end()
            #expect(end == .signal(9))
            await container.delete()
        }
    }

    @Test(arguments: Conformer.those.filter { $0 != .recorded }) func vanishes(conformer: Conformer) async throws {
        try await withBench(conformer) { bench in
            let runtime = OCIRuntime(path: FilePath("\(bench.directory)/gone/\(conformer.rawValue)"))
            await #expect(throws: SandboxError.runtimeVanished(path: "\(bench.directory)/gone/\(conformer.rawValue)")) {
                try await runtime.run(
                    bench.process(["/bin/true"]), bundle: bench.bundle(), streams: .together { _ in true })
            }
        }
    }

    /// A further process has its own user and rights, and no more than it is given.
    @Test(arguments: Conformer.those.filter { $0 != .recorded }) func executesFurtherProcesses(conformer: Conformer)
        async throws
    {
        try await withBench(conformer) { bench in
            let container = try await bench.runtime.create(
                bench.process(["/bin/sh", "-c", "sleep 1000"]), bundle: bench.bundle(), streams: .together { _ in true }
            )
            try await container.start()
            var process = bench.process([
                "/bin/sh", "-c", "id -u; umask; grep -E 'CapEff|NoNewPrivs' /proc/self/status; exit 5",
            ])
            (process.user, process.forbidsNewPrivileges) = (1000, true)
            let kept = Kept()
            let further = try await container.execute(
                process, streams: .apart(input: nil, output: kept.sink, error: kept.sink))
            let exit = try await further.end()
            #expect(exit == .code(5))
            #expect(
                kept.text.split(whereSeparator: \.isWhitespace) == [
                    "1000", "0022", "CapEff:", "0000000000000000", "NoNewPrivs:", "1",
                ])
            await #expect(throws: SandboxError.programMissing("/no/such")) {
                try await container.execute(bench.process(["/no/such"]), streams: .together { _ in true }).end()
            }
            let late = try await container.examine(
                bench.process([]), with: ["/bin/sleep", "1000"], timeout: .milliseconds(20))
            #expect(late.exit == nil)
            container.kill()
            let end = try await container.end()
            #expect(end == .signal(9))
            await container.delete()
        }
    }

    /// The terminal is one of its own, of the size that it is given; its owner reads what is shown.
    @Test(arguments: Conformer.those.filter { $0 != .recorded }) func hasATerminal(conformer: Conformer) async throws {
        try await withBench(conformer) { bench in
            let kept = Kept()
            var process = bench.process([
                "/bin/sh", "-c",
                "stty size; tty; trap 'stty size; exit 3' WINCH; echo ready; while :; do sleep 0.01; done",
            ])
            process.terminalSize = (columns: 70, rows: 20)
            let (lines, post) = AsyncStream<Void>.makeStream()
            let container = try await bench.runtime.create(
                process, bundle: bench.bundle(),
                streams: .terminal(input: nil) { bytes in
                    _ = kept.sink(bytes)
                    if kept.text.contains("ready") { post.yield() }
                    return true
                })
            try await container.start()
            for await _ in lines { break }
            container.resize(columns: 99, rows: 33)
            let end = try await container.end()
            #expect(end == .code(3))
            #expect(
                kept.text == "20 70\r\n/dev/pts/0\r\nready\r\n33 99\r\n"
                    || kept.text == "20 70\r\n/dev/console\r\nready\r\n33 99\r\n")
            await container.delete()
        }
    }

    /// Who does not want more is not waited for: the program is told by SIGPIPE.
    @Test(arguments: Conformer.those.filter { $0 != .recorded }) func endsWithItsReader(conformer: Conformer)
        async throws
    {
        try await withBench(conformer) { bench in
            let exit = try await bench.runtime.run(
                bench.process(["/bin/sh", "-c", "yes; exit 4"]), bundle: bench.bundle(),
                streams: .apart(input: nil, output: { _ in false }, error: { _ in true }))
            #expect(exit == .code(4))
        }
    }
}
