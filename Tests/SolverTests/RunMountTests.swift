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

/// RUN with what it sees beside its files, and what a failure leaves; a recorded runtime plays the commands. Mounts need root.
@Suite(.needsRoot, .timeLimit(.minutes(5))) struct RunMountTests {
    private struct Bench {
        let store: Store
        let directory: String

        struct Built {
            let tree: [String]
            let executed: Int
        }

        func build(
            _ dockerfile: String, _ runtime: RecordedRuntime,
            _ change: (inout SolveContext, inout BuildRequest) -> Void = { _, _ in }
        ) async throws -> Built {
            let syntax = try DockerfileSyntax.parse(SourceFile(name: "Dockerfile", text: dockerfile))
            var context = SolveContext(store: store) { runtime }
            let files = FileTree(layers: [try Directory(opening: FilePath("\(directory)/context"))])
            context.contexts[.main] = .init(files: files, filter: .everything, path: "\(directory)/context")
            var request = BuildRequest()
            change(&context, &request)
            guard case .graph(let graph) = try StagePlan(syntax, request).lower(bases: [:]) else {
                throw UnexpectedBase()
            }
            let solution = try await Solver(graph, in: context) { _ in }.solve()
            let target = try #require(graph.target)
            let image = solution.image(of: target) { "t\($0)" }
            let tree = try store.layers.tree(image.layers.map(\.diffID))
            let root = try tree.lookUp(.root, links: .keepLast)?.node
            let names = try root.map { try tree.entries(of: $0).map { String(decoding: $0.0, as: UTF8.self) } }
            return Built(tree: names ?? [], executed: solution.executedCount)
        }
    }

    private struct UnexpectedBase: Error {}

    private func withBench(_ body: (Bench) async throws -> Void) async throws {
        try await Files.withTemporaryDirectory { directory in
            try Files.write("context\n", to: "\(directory)/context/sub/file")
            let store = try Store(path: FilePath("\(directory)/store"))
            try await body(Bench(store: store, directory: directory))
            store.close()
        }
    }

    /// What a process sees at its mounts: `target text` or `target names`, `ro` where it cannot write.
    private static func seen(_ process: ProcessSpec) -> [String] {
        let mounts = process.mounts.map { mount -> String in
            let shown: String
            if let directory = try? Directory(opening: FilePath(mount.source)), let names = try? directory.names() {
                shown = names.map { String(decoding: $0, as: UTF8.self) }.sorted().joined(separator: ",")
            } else {
                shown = (try? Files.text(mount.source)) ?? "?"  // not there
            }
            return "\(mount.target) \(shown.filter { $0 != "\n" })\(mount.isReadOnly ? " ro" : "")"
        }
        let temporary = process.temporaryMounts.map { "\($0.target) tmpfs \($0.size ?? 0)" }
        return mounts + temporary + process.environment.filter { $0.hasPrefix("W=") || $0.hasPrefix("SSH_AUTH_SOCK=") }
    }

    private static let stage = "FROM scratch AS one\nCOPY sub /s\nFROM scratch\n"

    /// Options of RUN, and what the command finds.
    @Test(
        arguments: [
            ("--mount=type=bind,target=/c", ["/c sub ro"]), ("--mount=type=bind,source=sub,target=/c,rw", ["/c file"]),
            ("--mount=type=bind,source=sub/file,target=/f", ["/f context ro"]),
            ("--mount=type=bind,from=one,target=/o", ["/o s ro"]),
            ("--mount=type=bind,from=one,source=/s/file,target=/o,rw", ["/o context"]),
            ("--mount=type=cache,target=/k", ["/k "]), ("--mount=type=cache,target=/k,readonly", ["/k  ro"]),
            ("--mount=type=cache,from=one,source=s,target=/k", ["/k file"]),
            ("--mount=type=cache,from=one,target=/k,mode=0700", ["/k "]),
            ("--mount=type=cache,from=one,target=/k", ["/k s"]),
            ("--mount=type=tmpfs,target=/t,size=1m", ["/t tmpfs 1048576"]),
            ("--mount=type=secret,id=w,target=/x", ["/x word ro"]), ("--mount=type=secret,id=w,env=W", ["W=word"]),
            ("--mount=type=secret,id=none,target=/x", []), ("--mount=type=secret,id=w", ["/run/secrets/w word ro"]),
            ("--mount=type=ssh,target=/a", ["/a socket", "SSH_AUTH_SOCK=/a"]),
            ("--mount=type=ssh,id=none,target=/a", ["SSH_AUTH_SOCK=/a"]),
        ] as [(String, [String])])
    func shows(option: String, expected: [String]) async throws {
        try await withBench { bench in
            let found = Mutex<[String]>([])
            let runtime = RecordedRuntime { process in
                let lines = Self.seen(process)
                found.withLock { $0 = lines }
                return .init(files: ["/made": "x"])
            }
            let dockerfile = Self.stage + "RUN \(option) [\"/x\"]\n"
            for executed in [1, 0] {
                let built = try await bench.build(dockerfile, runtime) { context, _ in
                    context.secret = { $0 == "w" ? Array("word".utf8) : nil }
                    context.agents["default"] = { path in
                        try Files.write("socket", to: path.string)
                        return 1
                    }
                }
                // What is mounted is no part of the layer.
                #expect(built.tree == ["made"])
                #expect(runtime.started.count == 1 && (executed == 0) == (built.executed == 0))
            }
            #expect(found.withLock { $0 } == expected)
        }
    }

    /// What must be there and is not.
    @Test(arguments: [
        ("--mount=type=secret,id=no,required", "missingSecret(\"no\")"),
        ("--mount=type=ssh,id=no,required", "missingAgent(\"no\")"),
    ])
    func needs(option: String, expected: String) async throws {
        try await withBench { bench in
            await #expect {
                _ = try await bench.build("FROM scratch\nRUN \(option) [\"/x\"]\n", RecordedRuntime { _ in .init() })
            } throws: { error in
                (error as? BuildError).map { "\($0.cause)" } == expected
            }
        }
    }

    /// Files of a context that a mount shows are part of the step: other ones, another step.
    @Test func executesAgainForOtherFiles() async throws {
        try await withBench { bench in
            let runtime = RecordedRuntime { _ in .init(files: ["/made": "x"]) }
            let dockerfile = Self.stage + "RUN --mount=type=bind,source=sub,target=/c [\"/x\"]\n"
            for (text, count) in [("1", 1), ("1", 1), ("2", 2)] {
                try Files.write(text, to: "\(bench.directory)/context/sub/file")
                _ = try await bench.build(dockerfile, runtime)
                #expect(runtime.started.count == count)
            }
        }
    }

    /// A failure leaves an image with what it wrote, and what a shell in it must be given.
    @Test func keepsWhatFailed() async throws {
        try await withBench { bench in
            try Files.write("#!/none\n", to: "\(bench.directory)/context/sh", mode: 0o755)
            let runtime = RecordedRuntime { _ in .init(.exits(.code(3)), files: ["/made": "x"]) }
            let dockerfile = """
                FROM scratch AS one
                COPY sub /s
                FROM scratch AS two
                COPY sh /bin/sh
                ENV A=b
                USER 7
                WORKDIR /w
                RUN --mount=type=bind,source=sub,target=/c --mount=type=bind,from=one,source=/s/file,target=/seen \\
                    --mount=type=cache,target=/k --mount=type=tmpfs,target=/t --mount=type=secret,id=w --network=none true
                """
            await #expect {
                _ = try await bench.build(dockerfile, runtime) { context, _ in
                    context.keepsFailed = true
                    context.secret = { _ in [1] }
                }
            } throws: { error in
                guard let error = error as? BuildError, case .commandFailed(3, _, _) = error.cause,
                    let kept = error.kept
                else {
                    return false
                }
                #expect(
                    kept.image.familiar.hasPrefix("failed-build:two-") && kept.shell == "/bin/sh"
                        && kept.network == .none)
                #expect(kept.temporary.map(\.description) == ["/t"] && kept.secrets == ["w"])
                #expect(kept.volumes.map { "\($0.target) \($0.isReadOnly)" } == ["/c true", "/k false"])
                #expect(kept.volumes.first?.source == "\(bench.directory)/context/sub")
                let image = try bench.store.images.image(bench.store.images.resolve(kept.image.description))
                let container = image.config.container
                #expect(
                    container.environment.contains("A=b") && container.user == "7" && container.workingDirectory == "/w"
                )
                let tree = try bench.store.layers.tree(image.layers.map(\.diffID))
                for (path, text) in [("/made", "x"), ("/seen", "context\n")] {
                    #expect(try tree.read(try #require(ImagePath(path))) == Array(text.utf8))
                }
                // It goes as the build cache goes.
                #expect(try bench.store.images.list().allSatisfy { !$0.isNamed })
                return true
            }
        }
    }

    /// How a command ends that does not end well.
    @Test(arguments: [
        (RecordedRuntime.Recording.Ending.exits(.outOfMemory), "outOfMemory(limit: Optional(7))"),
        (.exits(.signal(11)), "commandFailed(status: 139"),
        (.fails(.runtimeFailed(runtime: "r", words: "words")), "commandFailed(status: 1"),
    ])
    func tellsHowItEnded(ending: RecordedRuntime.Recording.Ending, expected: String) async throws {
        try await withBench { bench in
            await #expect {
                _ = try await bench.build("FROM scratch\nRUN [\"/x\"]\n", RecordedRuntime { _ in .init(ending) }) {
                    context, _ in
                    context.groupLimits.memory = 7
                }
            } throws: { error in
                (error as? BuildError).map { "\($0.cause)".hasPrefix(expected) } == true
            }
        }
    }

    /// Rights that are asked for, surroundings that are given, and a platform that this machine does not execute.
    @Test func givesRights() async throws {
        try await withBench { bench in
            let runtime = RecordedRuntime { _ in .init(writes: [(.error, "told\n")]) }
            _ = try await bench.build(
                "FROM scratch\nRUN --security=insecure --network=host [\"/x\"]\nRUN --network=none [\"/y\"]\n", runtime
            ) {
                context, request in
                request.entitlements = [.securityInsecure, .networkHost]
                (context.forbidsNewPrivileges, context.sharedMemorySize, context.tellsErrorsApart) = (true, 77, true)
                context.resourceLimits = [.init(name: "core", soft: 1, hard: 2)]
            }
            let (one, two) = (runtime.started[0], runtime.started[1])
            #expect("\(one.capabilities)" == "all" && !one.forbidsNewPrivileges && one.sharesNetwork)
            #expect("\(two.capabilities)" == "standard" && two.forbidsNewPrivileges && !two.sharesNetwork)
            #expect(two.sharedMemorySize == 77 && two.resourceLimits.map(\.name) == ["core"])
            await #expect {
                _ = try await bench.build("FROM scratch\nRUN [\"/z\"]\n", runtime) { context, _ in
                    context.executes = { _ in false }
                }
            } throws: { error in
                if case .foreignPlatform? = (error as? BuildError)?.cause { true } else { false }
            }
        }
    }
}
