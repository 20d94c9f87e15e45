import LinuxSystem
import OCI
import Sandbox
import Synchronization
import SystemPackage
import TestSupport
import Testing

extension Trait where Self == ConditionTrait {
    /// In continuous integration a test that lacks root or a runtime fails instead of being skipped.
    static var needsRuntime: Self {
        .enabled(if: Runtime.isThere && ProcessFacts.isRoot || ProcessFacts.environment["CI"] != nil, "needs root and an OCI runtime")
    }
}

extension Runtime {
    static var isThere: Bool { (try? find(searchPath: ProcessFacts.environment["PATH"] ?? "")) != nil }
}

/// The runtime against this machine's own root file system, mounted nowhere: `/` read-only.
@Suite(.needsRuntime, .serialized) struct RuntimeTests {
    private func run(_ script: String, configure: (inout ProcessSpec) -> Void = { _ in }) async throws -> (Runtime.Exit, String) {
        let runtime = try Runtime.find(searchPath: ProcessFacts.environment["PATH"] ?? "")
        return try await Files.withTemporaryDirectory { directory in
            // cgroups are the command's business, which has a mount namespace of its own; `unshare` stands in for it.
            var spec = ProcessSpec(
                arguments: ["/bin/sh", "-c", script], environment: ["PATH=/usr/bin:/bin"], workingDirectory: .root,
                hostname: "test", root: "/")
            spec.isRootReadOnly = true
            configure(&spec)
            let output = Mutex<[UInt8]>([])
            let exit = try await runtime.run(spec, bundle: FilePath(directory)) { bytes in output.withLock { $0 += bytes } }
            return (exit, String(decoding: output.withLock { $0 }, as: UTF8.self))
        }
    }

    @Test func findsNoRuntimeOnAnEmptyPath() {
        #expect(throws: SandboxError.noRuntime(searchPath: "/nowhere")) { try Runtime.find(searchPath: "/nowhere") }
    }

    @Test func mapsSignalsToStatuses() {
        #expect(Runtime.Exit.code(3).status == 3)
        #expect(Runtime.Exit.signal(9).status == 137)
    }

    @Test(.enabled(if: Terminal.hasPlainControlGroups, "crun refuses this machine's cgroups outside of distill"))
    func runsAProcessWithItsOutput() async throws {
        let (exit, output) = try await run("echo out; echo err >&2; hostname; exit 7")
        #expect(exit == .code(7))
        #expect(output == "out\nerr\ntest\n")
    }
}

extension Terminal {
    /// Whether `/sys/fs/cgroup` is version 2 or absent.
    static var hasPlainControlGroups: Bool { Files.exists("/sys/fs/cgroup/cgroup.controllers") || !Files.exists("/sys/fs/cgroup") }
}
