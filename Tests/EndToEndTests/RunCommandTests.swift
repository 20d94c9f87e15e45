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
            #expect(
                try await output(
                    "-e", "A=1", "--env", "FROM_HOST", "shell", "sh", "-c", "echo $A $FROM_HOST $FROM_IMAGE")
                    == "1 host yes")
            #expect(try await output("-w", "/tmp", "shell", "pwd") == "/tmp")
            #expect(try await output("shell", "pwd") == "/work")
            #expect(
                try await output("-u", "user", "shell", "id") == "uid=1000(user) gid=1001(group) groups=1001(group)")
            #expect(try await output("-u", "7:8", "shell", "sh", "-c", "id -u; id -g") == "7\n8")
            #expect(try await output("--network", "none", "shell", "sh", "-c", "ip -o link | wc -l") == "1")
            #expect(
                try await output("--read-only", "shell", "sh", "-c", "touch /x 2>/dev/null || echo refused")
                    == "refused")

            let shared = "\(distill.directory)/shared"
            try Files.write("from the host\n", to: "\(shared)/file")
            #expect(
                try await output("-v", "\(shared):/mnt", "shell", "sh", "-c", "echo back > /mnt/new; cat /mnt/file")
                    == "from the host")
            #expect(try Files.text("\(shared)/new") == "back\n")
            #expect(
                try await output(
                    "-v", "\(shared):/mnt:ro", "shell", "sh", "-c", "touch /mnt/y 2>/dev/null || echo refused")
                    == "refused")
            #expect(
                try await output(
                    "-v", "\(shared):/mnt:z,ro", "shell", "sh", "-c", "touch /mnt/y 2>/dev/null || echo refused")
                    == "refused")
        }
    }

    @Test(arguments: ["readonly", "RO", "rox", "ro,rw", ""])
    func refusesOptionsThatADirectoryHasNot(words: String) async throws {
        try await Distill.withStore { distill in
            let outcome = try await distill("run", "-v", "\(distill.directory):/mnt:\(words)", "shell", "true")
            #expect(
                outcome.exitCode == 125 && outcome.errorOutput.contains("are not options of a mount: ro, rw"),
                "\(outcome)")
        }
    }

    /// What the image's config says is so in `run` as in docker: volumes, their content and owner, the working directory, the
    /// user's home, the host's name.
    /// What docker has in long forms: files of variables, mounts by fields, and name servers.
    @Test func takesDockersLongForms() async throws {
        try await withShell { distill in
            func output(_ arguments: String...) async throws -> String {
                let outcome = try await distill.command(
                    ["run", "--rm"] + arguments, environment: ["FROM_HOST": "host", "UNSET": nil]
                ).run()
                try outcome.mustSucceed()
                return outcome.line
            }
            let file = "\(distill.directory)/variables"
            try Files.write("# of docker's form\nA=\"quoted\"\r\n  B= x \nFROM_HOST\nUNSET\nFROM_IMAGE=no\n", to: file)
            #expect(
                try await output(
                    "--env-file", file, "-e", "FROM_IMAGE=option", "shell", "sh", "-c",
                    "echo $A,\"$B\",$FROM_HOST,${UNSET-gone},$FROM_IMAGE") == "\"quoted\", x ,host,gone,option")

            let shared = "\(distill.directory)/shared"
            try Files.write("from the host\n", to: "\(shared)/file")
            #expect(
                try await output(
                    "--mount", "type=bind,src=\(shared),dst=/mnt,readonly", "shell", "sh", "-c",
                    "touch /mnt/new 2>/dev/null || cat /mnt/file") == "from the host")
            #expect(
                try await output(
                    "--mount", "type=tmpfs,target=/mem,tmpfs-mode=0700,tmpfs-size=1m", "--mount", "target=/kept",
                    "shell", "sh", "-c", "stat -c %a /mem; grep -c size=1024k /proc/mounts; touch /kept/x && echo done")
                    == "700\n1\ndone")

            let resolver = try await output(
                "--dns", "192.0.2.1", "--dns", "192.0.2.2", "--dns-search", "inner.example", "--dns-opt", "ndots:3",
                "shell", "grep", "-E", "^(nameserver|search|options)", "/etc/resolv.conf")
            #expect(
                resolver == "nameserver 192.0.2.1\nnameserver 192.0.2.2\nsearch inner.example\noptions ndots:3")

            let missing = try await distill("run", "--env-file", "\(file).none", "shell")
            #expect(missing.exitCode == 125 && missing.errorOutput.contains("\(file).none"), "\(missing)")
            try Files.write("A=1\nno name=2\n", to: file)
            let wrong = try await distill("run", "--env-file", file, "shell")
            #expect(wrong.exitCode == 125 && wrong.errorOutput.contains("\(file):2:1"), "\(wrong)")
        }
    }

    @Test func makesWhatTheConfigSays() async throws {
        try await withShell { distill in
            let outcome = try await distill.buildOnBusybox(
                """
                FROM shell
                RUN mkdir -p /etc /data/sub && echo 'app:x:1000:1001::/home/app:/bin/sh' > /etc/passwd && echo kept > /data/sub/file && \\
                    chown -R 1000:1001 /data && chmod 2750 /data
                VOLUME ["/data", "/fresh", "/deep/a", "/deep"]
                WORKDIR /made/for/it
                USER app
                CMD ["sh", "-c", "cat /data/sub/file; stat -c '%a %u:%g' /data /fresh; touch /data/w && echo wrote; ls -d /deep/a; pwd; id -u; echo $HOME $HOSTNAME; cat /etc/hostname"]
                """, options: ["-t", "config"])
            try outcome.mustSucceed()
            let expected =
                "kept\n2750 1000:1001\n755 0:0\nwrote\n/deep/a\n/made/for/it\n1000\n/home/app distill\ndistill\n"
            #expect(try await distill.succeed("run", "--rm", "config").output == expected)
            #expect(try await distill.succeed("run", "--rm", "--read-only", "config").output == expected)
            let named = try await distill.succeed(
                "run", "--rm", "--hostname", "other", "config", "sh", "-c",
                "hostname; echo $HOSTNAME; cat /etc/hostname; grep -c other /etc/hosts")
            #expect(named.output == "other\nother\nother\n1\n")
            // Something of one's own in its place, or in it, is not hidden by the volume.
            try Files.write("mine", to: "\(distill.directory)/mine/file")
            let mine = try await distill.succeed(
                "run", "-v", "mine:/data", "-v", "mine:/deep/b", "--tmpfs", "/fresh/t", "config", "sh", "-c",
                "cat /data/file /deep/b/file; grep -c ' /fresh/t tmpfs' /proc/mounts")
            #expect(mine.output == "minemine1\n")
            let anonymous = try await distill.succeed(
                "run", "-v", "/etc", "--read-only", "--user", "0", "config", "sh", "-c",
                "echo x >> /etc/passwd && wc -l < /etc/passwd; cat /etc/hostname")
            #expect(anonymous.output == "2\ndistill\n")
            #expect(try await distill.succeed("run", "config", "ls", "/fresh").output == "", "nothing stays")
        }
    }

    @Test func forgetsWhatAContainerWrote() async throws {
        try await withShell { distill in
            try await distill.succeed("run", "--rm", "shell", "sh", "-c", "echo x > /left")
            let looked = try await distill.succeed(
                "run", "--rm", "shell", "sh", "-c", "ls /left 2>/dev/null || echo gone")
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
