import OCI
import TestSupport
import Testing

/// `build --keep-failed`: the command that it prints opens a shell in what the step left.
@Suite(.requires(.root), .requires(.program("crun")), .requires(.program("busybox")))
struct KeepFailedTests {
    /// Runs the printed command, without a terminal.
    private static func open(_ distill: Distill, _ build: Command.Outcome, typing input: String) async throws -> String
    {
        let line = try #require(
            build.text.split(separator: "\n").map(String.init).first { $0.contains("distill run --rm -it") }, "\(build)"
        )
        let words = line.split(separator: " ").dropFirst().map { $0 == "-it" ? "-i" : String($0) }
        let outcome = try await distill.command(words, input: input).run()
        try outcome.mustSucceed()
        return outcome.output
    }

    @Test func showsWhatTheStepSaw() async throws {
        try await Distill.withStore { distill in
            let build = try await distill.buildOnBusybox(
                """
                FROM shell AS tools
                RUN echo tool > /t
                FROM shell
                ENV A="b c"
                WORKDIR /w
                RUN --mount=type=bind,from=tools,source=/t,target=/t --mount=type=cache,target=/c \
                    --mount=type=tmpfs,target=/m echo hit > /c/hit; echo partial > /w/x; exit 3
                """, options: ["--keep-failed"])
            #expect(build.exitCode == 1)
            let seen = try await Self.open(
                distill, build, typing: "pwd; cat x /t /c/hit; echo $A; grep -c ' /m tmpfs' /proc/mounts\n")
            #expect(seen == "/w\npartial\ntool\nhit\nb c\n1\n")
        }
    }

    @Test func bringsAShellWhereTheImageHasNone() async throws {
        try await Distill.withStore { distill in
            let context = try distill.context([
                "Dockerfile": "FROM scratch\nCOPY busybox /busybox\nRUN [\"/busybox\", \"false\"]\n"
            ])
            try await Command("cp", [try await Command("which", ["busybox"]).run().line, "\(context)/busybox"]).run()
                .mustSucceed()
            let build = try await distill("build", "--keep-failed", context)
            #expect(try await Self.open(distill, build, typing: "ls -d /busybox; echo open\n") == "/busybox\nopen\n")
        }
    }

    /// Steps of the same number in two projects are kept side by side, and go with what has no name.
    @Test func keepsSeveralUntilTheyArePruned() async throws {
        try await Distill.withStore { distill in
            for word in ["one", "two"] {
                let build = try await distill.buildOnBusybox(
                    "FROM shell\nRUN echo \(word) > /word; exit 3\n", options: ["--keep-failed"])
                #expect(build.exitCode == 1)
            }
            let names = try await distill.succeed("images", "--format", "{{.Repository}}").output
            #expect(names == "failed-build\nfailed-build\n")
            try await distill.succeed("image", "prune", "--force")
            #expect(try await distill.succeed("images", "-q").output.isEmpty)
        }
    }

    @Test func keepsNothingUnlessAsked() async throws {
        try await Distill.withStore { distill in
            let build = try await distill.buildOnBusybox("FROM shell\nRUN exit 4\n")
            #expect(build.exitCode == 1)
            #expect(!build.text.contains("kept"))
            #expect(try await !distill.succeed("images", "-a").output.contains("failed-build"))
        }
    }

    @Test func appliesTheOptionsOfContainers() async throws {
        try await Distill.withStore { distill in
            let script = "tail -n 1 /etc/hosts; df /dev/shm | awk 'END { print $2 }'; ulimit -n"
            let options = ["--add-host", "peer:192.0.2.7", "--shm-size", "1m", "--ulimit", "nofile=100:200"]
            let build = try await distill.buildOnBusybox(
                "FROM shell\nRUN \(script)\n", options: options + ["-t", "limits"])
            try build.mustSucceed()
            for line in ["192.0.2.7\tpeer", "1024", "100"] { #expect(build.text.contains(" \(line)\n"), "\(build)") }
            let words =
                ["run"] + options + [
                    "--tmpfs", "/m:size=64k", "limits", "/bin/sh", "-c", script + "; df /m | awk 'END { print $2 }'",
                ]
            let run = try await distill.command(words).run()
            #expect(run.output == "192.0.2.7\tpeer\n1024\n100\n64\n", "\(run)")
        }
    }

    @Test(arguments: [
        ("--add-host", "peer"), ("--add-host", "peer:nowhere"), ("--shm-size", "many"), ("--ulimit", "nofile"),
        ("--ulimit", "unknown=1"), ("--ulimit", "nofile=2:1"), ("--ulimit", "nofile=1:2:3"),
    ])
    func refusesOptionsThatMeanNothing(name: String, value: String) async throws {
        try await Distill.withStore { distill in
            let context = try distill.context(["Dockerfile": "FROM scratch\nCOPY Dockerfile /\n"])
            let outcome = try await distill("build", name, value, context)
            #expect(outcome.exitCode == 64)
            #expect(outcome.errorOutput.hasPrefix("distill: \(name) '\(value)': "), "\(outcome)")
        }
    }
}
