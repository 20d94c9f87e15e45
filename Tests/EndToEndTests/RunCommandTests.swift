import TestSupport
import Testing

@Suite(.requires(.root), .requires(.program("crun")), .requires(.program("busybox")))
struct RunCommandTests {
    private func withShell(_ body: (Distill) async throws -> Void) async throws {
        try await Distill.withStore { distill in
            let outcome = try await distill.buildOnBusybox(
                """
                FROM shell
                RUN mkdir -p /etc /tmp && echo 'root:x:0:0::/:/bin/sh' > /etc/passwd && \\
                    echo 'user:x:1000:1001::/home:/bin/sh' >> /etc/passwd && echo 'group:x:1001:' > /etc/group
                ENV FROM_IMAGE=yes
                WORKDIR /work
                CMD ["echo", "the default"]
                """, options: ["-t", "shell"])
            try outcome.mustSucceed()
            try await body(distill)
        }
    }

    @Test func runsWhatTheImageSaysOrTheArgumentsSay() async throws {
        try await withShell { distill in
            #expect(try await distill.succeed("run", "--rm", "shell").output == "the default\n")
            #expect(try await distill.succeed("run", "--rm", "shell", "echo", "-n", "other").output == "other")
            let entrypoint = try await distill.succeed("run", "--rm", "--entrypoint", "/bin/echo", "shell", "a", "b")
            #expect(entrypoint.output == "a b\n")
        }
    }

    @Test func passesInputOutputAndTheExitCode() async throws {
        try await withShell { distill in
            let piped = try await distill("run", "--rm", "-i", "shell", "tr", "a-z", "A-Z", input: "shout\n")
            #expect(piped.output == "SHOUT\n", "\(piped)")
            let without = try await distill("run", "--rm", "shell", "cat", input: "unheard\n")
            #expect(without.output == "", "\(without)")
            let streams = try await distill("run", "--rm", "shell", "sh", "-c", "echo out; echo err >&2; exit 42")
            #expect(streams.output == "out\n")
            #expect(streams.errorOutput == "err\n")
            #expect(streams.exitCode == 42)
        }
    }

    @Test(arguments: [("/nonexistent", 127), ("/etc/passwd", 126)])
    func tellsWhatCannotBeStarted(program: String, code: Int) async throws {
        try await withShell { distill in
            let outcome = try await distill("run", "--rm", "--entrypoint", program, "shell")
            #expect(outcome.exitCode == code, "\(outcome)")
            #expect(outcome.errorOutput.contains(program), "\(outcome)")
        }
    }

    @Test func takesDockersOptions() async throws {
        try await withShell { distill in
            func output(_ arguments: String...) async throws -> String {
                let outcome = try await distill.command(
                    ["run", "--rm"] + arguments, environment: ["FROM_HOST": "host"]
                ).run()
                try outcome.mustSucceed()
                return outcome.line
            }
            #expect(try await output("-e", "A=1", "--env", "FROM_HOST", "shell", "sh", "-c", "echo $A $FROM_HOST $FROM_IMAGE") == "1 host yes")
            #expect(try await output("-w", "/tmp", "shell", "pwd") == "/tmp")
            #expect(try await output("shell", "pwd") == "/work")
            #expect(try await output("-u", "user", "shell", "id") == "uid=1000(user) gid=1001(group)")
            #expect(try await output("-u", "7:8", "shell", "sh", "-c", "id -u; id -g") == "7\n8")
            #expect(try await output("--network", "none", "shell", "sh", "-c", "ip -o link | wc -l") == "1")
            #expect(try await output("--read-only", "shell", "sh", "-c", "touch /x 2>/dev/null || echo refused") == "refused")

            let shared = "\(distill.directory)/shared"
            try Files.write("from the host\n", to: "\(shared)/file")
            #expect(try await output("-v", "\(shared):/mnt", "shell", "sh", "-c", "echo back > /mnt/new; cat /mnt/file") == "from the host")
            #expect(try Files.text("\(shared)/new") == "back\n")
            #expect(try await output("-v", "\(shared):/mnt:ro", "shell", "sh", "-c", "touch /mnt/y 2>/dev/null || echo refused") == "refused")
            #expect(try await output("-v", "\(shared):/mnt:z,ro", "shell", "sh", "-c", "touch /mnt/y 2>/dev/null || echo refused") == "refused")
        }
    }

    @Test(arguments: ["readonly", "RO", "rox", "ro,rw", ""])
    func refusesOptionsThatADirectoryHasNot(words: String) async throws {
        try await Distill.withStore { distill in
            let outcome = try await distill("run", "-v", "\(distill.directory):/mnt:\(words)", "shell", "true")
            #expect(outcome.exitCode == 125 && outcome.errorOutput.contains("are not options of a mount: ro, rw"), "\(outcome)")
        }
    }

    @Test func forgetsWhatAContainerWrote() async throws {
        try await withShell { distill in
            try await distill.succeed("run", "--rm", "shell", "sh", "-c", "echo x > /left")
            let looked = try await distill.succeed("run", "--rm", "shell", "sh", "-c", "ls /left 2>/dev/null || echo gone")
            #expect(looked.output == "gone\n")
        }
    }

    /// `script` of util-linux gives the program a terminal.
    @Test(.requires(.program("script"))) func givesATerminal() async throws {
        try await withShell { distill in
            let command = "\(Distill.binary) run --rm -i -t shell sh -c 'test -t 0 && test -t 1 && stty size && exit 5'"
            let outcome = try await Command(
                "script", ["--quiet", "--return", "--command", "stty rows 33 cols 77; \(command)", "/dev/null"],
                environment: ["DISTILL_ROOT": distill.store]
            ).run()
            #expect(outcome.output.contains("33 77"), "\(outcome)")
            #expect(outcome.exitCode == 5, "\(outcome)")
        }
    }
}
