import OCI
import TestSupport
import Testing

/// Several builds on one store, and builds that are killed.
@Suite(.requires(.root), .requires(.program("crun")), .requires(.program("busybox")))
struct InterruptionTests {
    private static let dockerfile =
        Distill.busyboxStage + """
            FROM shell AS one
            RUN echo one > /one && cat /proc/sys/kernel/random/uuid > /random && echo ran
            FROM shell AS two
            COPY file /file
            RUN cat /file > /two && echo ran
            FROM scratch
            COPY --from=one /one /random /
            COPY --from=two /two /
            COPY --from=shell /bin/busybox /bin/cat
            ENTRYPOINT ["/bin/cat"]
            """

    private func context(_ distill: Distill, _ name: String, file: String) async throws -> String {
        let path = try distill.context(name, ["Dockerfile": Self.dockerfile, "file": file])
        try await distill.addBusybox(to: path)
        return path
    }

    @Test(arguments: [(2, 130), (15, 143)] as [(Int32, Int)])
    func endsAtOnceWhenItIsInterrupted(signal: Int32, code: Int) async throws {
        try await Distill.withStore { distill in
            let path = try distill.context(
                "context", ["Dockerfile": Distill.busyboxStage + "RUN echo now\"\" it sleeps; sleep 3600\n"])
            try await distill.addBusybox(to: path)
            let command = distill.command(["build", "--progress", "plain", path])
            let outcome = try await command.run(sending: signal, whenErrorShows: "now it sleeps")
            #expect(outcome.exitCode == code, "\(outcome)")
            #expect(!outcome.text.contains("Error"), "\(outcome)")
            let left = try await Command("ls", ["\(distill.store)/tmp"]).run()
            #expect(left.output == "", "\(left)")
        }
    }

    /// Where no step is executed there is nothing to wait for: not for whoever writes standard input or reads an output.
    @Test(arguments: ["build -", "build -f - CONTEXT", "build -o type=tar,dest=PIPE CONTEXT"])
    func endsWhileItWaitsForSomebodyElse(words: String) async throws {
        try await Distill.withStore { distill in
            let path = try distill.context(
                "context", ["Dockerfile": "FROM scratch\nCOPY big /\n", "big": String(repeating: "x", count: 1 << 20)])
            let pipe = "\(path).pipe"
            let arguments = words.split(separator: " ").map {
                String($0).replacing("CONTEXT", with: path).replacing("PIPE", with: pipe)
            }
            // Both ends stay open, so that neither an end nor a reader comes.
            let script = "mkfifo \"$0\"; exec 0<>\"$0\"; exec timeout --preserve-status -k 20 -s INT 3 \"$@\""
            let outcome = try await Command(
                "sh", ["-c", script, pipe, Distill.binary] + arguments, environment: ["DISTILL_ROOT": distill.store]
            ).run()
            #expect(outcome.exitCode == 130, "\(outcome)")
            // What it left is no burden for the next one.
            try await distill.succeed("build", path)
        }
    }

    @Test func buildsAtTheSameTimeOnOneStore() async throws {
        try await Distill.withStore { distill in
            var contexts: [String] = []
            for number in 0..<4 {
                // Two builds are of the same input.
                contexts.append(try await context(distill, "context\(number)", file: "\(number / 2)"))
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (number, path) in contexts.enumerated() {
                    group.addTask { try await distill.succeed("build", "-t", "image\(number)", path) }
                }
                try await group.waitForAll()
            }
            for number in 0..<4 {
                let run = try await distill.succeed("run", "--rm", "image\(number)", "/one", "/two")
                #expect(run.output == "one\n\(number / 2)", "\(run)")
            }
            // A step that both stand before is executed by one of them.
            #expect(try await distill.inspect("image0")["RootFS"] == (try await distill.inspect("image1")["RootFS"]))
        }
    }

    /// Kills a build when its progress has shown so many lines; the next one ends as if nothing had been.
    @Test(arguments: [1, 2, 4, 6, 8, 12])
    func survivesBeingKilled(lines: Int) async throws {
        try await Distill.withStore { distill in
            let path = try await context(distill, "context", file: "x")
            let seen = try await distill.command(["build", "--progress", "plain", "-t", "killed", path])
                .kill(afterErrorLines: lines)
            #expect(!seen.isEmpty)
            try await distill.succeed("images")
            try await distill.succeed("build", "-t", "whole", path)
            #expect(try await distill.succeed("run", "--rm", "whole", "/one", "/two").output == "one\nx")
            try await distill.succeed("image", "prune", "-f")
            #expect(try await distill.succeed("run", "--rm", "whole", "/one").output == "one\n")
        }
    }
}
