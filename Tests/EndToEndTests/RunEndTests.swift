import TestSupport
import Testing

/// How `run` ends: docs/exit-codes.md as a table, signals, and that nothing outlives its command.
@Suite(.requires(.root), .requires(.program("crun")), .requires(.program("busybox")))
struct RunEndTests {
    private func withImage(_ body: (Distill) async throws -> Void) async throws {
        try await Distill.withStore { distill in
            try await distill.buildOnBusybox(
                """
                FROM shell
                COPY --chmod=600 <<EOF /denied
                #!/bin/sh
                EOF
                COPY --chmod=755 <<EOF /nointerpreter
                #!/no/such
                EOF
                COPY --chmod=755 <<EOF /noformat
                hello
                EOF
                CMD ["true"]
                """, options: ["-t", "ends"]
            ).mustSucceed()
            try await body(distill)
        }
    }

    @Test func endsWithTheDocumentedCode() async throws {
        let rows: [(words: String, code: Int)] = [
            ("run ends", 0), ("run ends sh -c exit\\ 7", 7), ("run ends sh -c exit\\ 127", 127),
            ("run -u 7 ends /denied", 126), ("run ends /noformat", 126),
            ("run ends /bin", 126), ("run ends /nointerpreter", 127), ("run ends /no/such", 127),
            ("run ends nosuch", 127),
            ("run --no-such-option ends", 125), ("run", 125), ("run -e", 125), ("run --network nosuch ends", 125),
            ("run nosuchimage", 125),
            ("run --memory 1k ends", 125), ("run --cpus many ends", 125), ("run --pids-limit x ends", 125),
            ("run --cap-add NOSUCH ends", 125),
            ("run --device /etc/passwd ends", 125), ("run --sysctl kernel.panic=1 ends", 125),
            ("run --detach-keys ctrl- ends", 125),
            ("run -i -t ends", 125), ("nosuchcommand", 64), ("build --no-such-option .", 64), ("build", 64),
            ("build /no/such", 1),
        ]
        try await withImage { distill in
            for row in rows {
                let arguments = row.words.replacing("\\ ", with: "\u{1}").split(separator: " ").map {
                    String($0).replacing("\u{1}", with: " ")
                }
                let outcome = try await distill.command(arguments).run()
                #expect(outcome.exitCode == row.code, "\(row.words): \(outcome)")
                if row.code > 0, !row.words.contains("sh -c") {
                    #expect(outcome.errorOutput.hasPrefix("distill: "), "\(row.words): \(outcome)")
                }
            }
        }
    }

    @Test func passesSignalsOn() async throws {
        let signals: [(number: Int32, name: String)] = [
            (10, "USR1"), (12, "USR2"), (3, "QUIT"), (1, "HUP"), (15, "TERM"), (2, "INT"), (28, "WINCH"),
        ]
        try await withImage { distill in
            for signal in signals {
                let script =
                    "trap 'echo got \(signal.name); exit 9' \(signal.name); echo ready >&2; while :; do sleep 0.05; done"
                let command = distill.command(["run", "ends", "sh", "-c", script])
                let outcome = try await command.run(sending: signal.number, whenErrorShows: "ready")
                #expect(outcome.exitCode == 9 && outcome.output == "got \(signal.name)\n", "\(signal.name): \(outcome)")
            }
        }
    }

    /// The first process is another than the program: it passes signals on, tells the program's end, and no zombie stays.
    @Test(.requires(.program("tini-static"))) func startsBehindAnInit() async throws {
        try await withImage { distill in
            // What the inner shell leaves behind ends while nobody of ours waits for it.
            let script = """
                tr '\\0' ' ' < /proc/1/cmdline; echo $$
                sh -c 'sleep 0.2 & exit 0'; sleep 0.6; cat /proc/[0-9]*/stat | grep -c ' Z '
                trap 'echo got TERM; exit 9' TERM; echo ready >&2; while :; do sleep 0.05; done
                """
            let command = distill.command(["run", "--init", "ends", "sh", "-c", script])
            let outcome = try await command.run(sending: 15, whenErrorShows: "ready")
            let lines = outcome.output.split(separator: "\n")
            #expect(lines.first?.hasPrefix("/run/distill-init -- sh -c") == true, "\(outcome)")
            #expect(lines.suffix(2) == ["0", "got TERM"] && outcome.exitCode == 9, "\(outcome)")
            for (program, code) in [("/no/such", 127), ("/denied", 126)] {
                let outcome = try await distill("run", "--init", "-u", "7", "ends", program)
                #expect(outcome.exitCode == code && outcome.errorOutput.hasPrefix("distill: "), "\(outcome)")
            }
            #expect(try await distill("run", "--init", "--read-only", "ends", "true").exitCode == 0)
            #expect(try await distill("run", "--init", "ends", "sh", "-c", "kill -KILL $$").exitCode == 137)
        }
    }

    /// `tail` waits for the process that must not outlive its command.
    @Test(.requires(.program("pgrep"))) func leavesNothingWhenItIsKilled() async throws {
        try await withImage { distill in
            let script = """
                "$0" run ends sh -c 'echo ready; exec sleep 738291' > "$1" &
                until [ -s "$1" ]; do :; done
                inner=$(pgrep -xf 'sleep 738291')
                kill -KILL $!
                timeout 60 tail --pid="$inner" -f /dev/null && echo ended
                """
            let outcome = try await Command(
                "sh", ["-c", script, Distill.binary, "\(distill.directory)/shown"],
                environment: ["DISTILL_ROOT": distill.store]
            ).run()
            #expect(outcome.output == "ended\n", "\(outcome)")
        }
    }

    /// A program's output goes through pipes: what the caller opened stays the caller's, and a reader that goes away is told.
    @Test func keepsTheCallersStreams() async throws {
        try await withImage { distill in
            let script = """
                "$0" run -u 7:8 ends sh -c 'echo x; test -t 0 || echo pipes' > "$1/out" < /dev/null; stat -c %u:%g "$1/out"; cat "$1/out"
                "$0" run ends yes | head -n 1
                """
            let outcome = try await Command(
                "sh", ["-c", script, Distill.binary, distill.directory], environment: ["DISTILL_ROOT": distill.store]
            ).run()
            #expect(outcome.output == "0:0\nx\npipes\ny\n", "\(outcome)")
        }
    }

    @Test func givesRightsAndTakesThem() async throws {
        try await withImage { distill in
            func effective(_ options: String...) async throws -> String {
                let outcome = try await distill.command(
                    ["run"] + options + ["ends", "grep", "CapEff", "/proc/self/status"]
                ).run()
                try outcome.mustSucceed()
                return outcome.line
            }
            #expect(try await effective("--cap-drop", "ALL").hasSuffix("\t0000000000000000"))
            #expect(try await effective("--cap-drop", "all", "--cap-add", "NET_ADMIN").hasSuffix("\t0000000000001000"))
            let groups = try await distill.succeed("run", "--group-add", "77", "-u", "5:6", "ends", "id", "-G")
            #expect(groups.output == "6 77\n")
            let setting = try await distill.succeed(
                "run", "--sysctl", "kernel.msgmax=4096", "ends", "cat", "/proc/sys/kernel/msgmax")
            #expect(setting.output == "4096\n")
            let device = try await distill.succeed(
                "run", "--device", "/dev/null:/dev/other", "ends", "sh", "-c",
                "echo x > /dev/other && test -c /dev/other && echo opened")
            #expect(device.output == "opened\n")
        }
    }
}
