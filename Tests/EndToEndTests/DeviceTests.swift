import TestSupport
import Testing

/// No cgroup says which devices a container may open, so that none may be reached by any way.
@Suite(.requires(.root), .requires(.program("crun")), .requires(.program("busybox")), .requires(.program("mknod")))
struct DeviceTests {
    /// Opens a node for reading, and says what came of it in words that the command itself does not have.
    private static func open(_ path: String) -> String {
        "{ (: < \(path)) 2>/dev/null && echo op''ened \(path) || echo ref''used \(path); }"
    }

    /// A context with the nodes of a loop device, of `/dev/mem` and of `/dev/zero`.
    private func withNodes(_ body: (Distill, String) async throws -> Void) async throws {
        try await Distill.withStore { distill in
            let path = "\(distill.directory)/nodes"
            try Files.makeDirectory(path)
            let made = try await Command(
                "sh",
                [
                    "-ec",
                    "cd \"$1\"; mkdir root; mknod -m 666 root/block b 7 0; mknod -m 666 root/memory c 1 1; mknod -m 666 root/zero c 1 5; tar -cf nodes.tar root",
                    "sh", path,
                ]
            ).run()
            try #require(made.succeeded, "\(made)")
            let copied = try await Command("cp", ["\(path)/nodes.tar", try distill.context([:])]).run()
            try #require(copied.succeeded, "\(copied)")
            try await body(distill, path)
        }
    }

    @Test func nodesOfLayersCannotBeOpened() async throws {
        try await withNodes { distill, _ in
            let tell = ["block", "memory", "zero"]
            func lines(_ place: String) -> String { tell.map { Self.open("\(place)/\($0)") }.joined(separator: " && ") }
            let outcome = try await distill.buildOnBusybox(
                """
                FROM shell AS nodes
                ADD nodes.tar /
                FROM shell
                COPY --from=nodes /root /root
                RUN [ -b /root/block ] && [ -c /root/memory ] && \(lines("/root"))
                RUN --mount=from=nodes,target=/n [ -b /n/root/block ] && \(lines("/n/root"))
                RUN --mount=from=nodes,target=/n,rw [ -b /n/root/block ] && \(lines("/n/root"))
                RUN --mount=from=nodes,source=/root/block,target=/file \(Self.open("/file"))
                RUN --mount=type=cache,from=nodes,source=/root,target=/c [ -b /c/block ] && \(lines("/c"))
                """, options: ["-t", "nodes"])
            try outcome.mustSucceed()
            #expect(outcome.text.matches(of: /refused \//).count == 13, "\(outcome)")
            #expect(!outcome.text.contains("opened"), "\(outcome)")
            for options in [[], ["--read-only"]] {
                let run = try await distill.command(["run", "--rm"] + options + ["nodes", "sh", "-c", lines("/root")])
                    .run()
                #expect(run.output == tell.map { "refused /root/\($0)\n" }.joined(), "\(run)")
            }
        }
    }

    @Test func nodesOfMountsCannotBeOpenedButHarmlessOnes() async throws {
        try await withNodes { distill, path in
            try await distill.buildOnBusybox("FROM shell", options: ["-t", "shell"]).mustSucceed()
            for mode in ["", ":ro"] {
                let run = try await distill.succeed(
                    "run", "--rm", "-v", "\(path)/root:/n\(mode)", "-v", "\(path)/root/block:/one\(mode)", "-v",
                    "/dev/null:/null", "shell", "sh", "-c",
                    "\(Self.open("/n/block")); \(Self.open("/n/memory")); \(Self.open("/one")); \(Self.open("/null")); \(Self.open("/dev/zero"))"
                )
                #expect(
                    run.output == "refused /n/block\nrefused /n/memory\nrefused /one\nopened /null\nopened /dev/zero\n",
                    "\(run)")
            }
        }
    }

    @Test func nodesCannotBeMade() async throws {
        try await Distill.withStore { distill in
            try await distill.buildOnBusybox(
                "FROM shell\nRUN mkdir -p /tmp && ! mknod /tmp/b b 7 0 2>/dev/null && ! mknod /tmp/c c 1 1 2>/dev/null && mkfifo /tmp/p",
                options: ["-t", "shell"]
            ).mustSucceed()
            let run = try await distill.succeed(
                "run", "--rm", "shell", "sh", "-c", "mknod /tmp/x b 7 0 2>/dev/null || echo refused")
            #expect(run.output == "refused\n")
        }
    }

    @Test func volumesFromAnImageHaveNone() async throws {
        try await withNodes { distill, _ in
            try await distill.buildOnBusybox("FROM shell\nADD nodes.tar /", options: ["-t", "nodes"]).mustSucceed()
            let project = ComposeProject(distill: distill)
            try project.write(
                """
                services:
                  a:
                    image: nodes
                    command: ["sh", "-c", "\(Self.open("/root/block")); \(Self.open("/root/zero"))"]
                    volumes: ["data:/root"]
                volumes: {data: }
                """)
            let up = try await project.succeed("up", "--no-log-prefix")
            #expect(up.output.contains("refused /root/block") && up.output.contains("refused /root/zero"), "\(up)")
            try await project.succeed("down", "-v")
        }
    }
}
