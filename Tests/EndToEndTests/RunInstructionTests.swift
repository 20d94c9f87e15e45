import OCI
import TestSupport
import Testing

/// Builds whose steps execute: on a base that is made of a static busybox.
@Suite(.requires(.root), .requires(.program("crun")), .requires(.program("busybox")))
struct RunInstructionTests {
    @Test func executesInTheImage() async throws {
        try await Distill.withStore { distill in
            let outcome = try await distill.buildOnBusybox(
                """
                FROM shell
                ENV WHO=world
                ARG EXTRA=arg
                WORKDIR /w
                RUN echo "hello $WHO $EXTRA from $PWD" > out && echo shown-$((40 + 2))
                RUN ["/bin/sh", "-c", "echo exec form > exec"]
                USER 1234:4321
                RUN id -u > /tmp/../w/uid 2>/dev/null || id -u
                SHELL ["/bin/busybox", "ash", "-c"]
                RUN true
                """, options: ["-t", "executed"])
            try outcome.mustSucceed()
            #expect(outcome.text.contains("shown-42"))
            #expect(outcome.text.contains("1234"))
            let printed = try await distill.succeed(
                "run", "--rm", "--entrypoint", "/bin/cat", "executed", "/w/out", "/w/exec")
            #expect(printed.output == "hello world arg from /w\nexec form\n")
        }
    }

    @Test(.requires(.program("skopeo")), .requires(.program("umoci")))
    func leavesNothingOfTheSandboxBehind() async throws {
        try await Distill.withStore { distill in
            try await distill.buildOnBusybox(
                """
                FROM shell
                RUN cat /etc/resolv.conf /etc/hosts /proc/self/status /dev/null > /dev/null && echo x > /file
                """, options: ["-t", "clean"]
            ).mustSucceed()
            let tree = try await distill.tree("clean").filter { !$0.hasPrefix("bin/") }
            let paths = Set(tree.compactMap { $0.split(separator: " ").first.map(String.init) })
            #expect(paths.contains("file"))
            for path in ["etc/resolv.conf", "etc/hosts", "dev/null", "proc/self", ".dockerenv"] {
                #expect(!paths.contains(path), "\(tree)")
            }
        }
    }

    @Test func keepsDeletionsAndReplacements() async throws {
        try await Distill.withStore { distill in
            try await distill.buildOnBusybox(
                """
                FROM shell
                RUN mkdir -p /d/sub && echo 1 > /d/a && echo 2 > /d/sub/b && ln -s a /d/link && mkfifo /d/pipe
                RUN rm -r /d/sub /d/a && mkdir /d/a && echo 3 > /d/a/inner && chmod 2750 /d/a
                """, options: ["-t", "changed"]
            ).mustSucceed()
            let listing = try await distill.succeed(
                "run", "--rm", "--entrypoint", "/bin/find", "changed", "/d", "-exec", "/bin/stat", "-c", "%n %F %a",
                "{}", ";")
            #expect(
                listing.output.split(separator: "\n").map(String.init).sorted() == [
                    "/d directory 755", "/d/a directory 2750", "/d/a/inner regular file 644",
                    "/d/link symbolic link 777",
                    "/d/pipe fifo 644",
                ])
        }
    }

    @Test func hidesTheHost() async throws {
        try await Distill.withStore { distill in
            let outcome = try await distill.buildOnBusybox(
                """
                FROM shell
                RUN echo "pid $$ caps $(grep CapEff /proc/self/status)" && \\
                    (mount -t tmpfs none /mnt 2>/dev/null && echo mounted || echo refused) && \\
                    (cat /proc/kcore | head -c 1 | wc -c) && ls /sys/firmware | wc -l && ls /dev
                """)
            try outcome.mustSucceed()
            #expect(outcome.text.contains("refused"))
            #expect(!outcome.text.contains("mounted\n"))
            // Docker's default capabilities without MKNOD: CHOWN, DAC_OVERRIDE, FSETID, FOWNER, NET_RAW, SETGID, SETUID,
            // SETFCAP, SETPCAP, NET_BIND_SERVICE, SYS_CHROOT, KILL and AUDIT_WRITE.
            #expect(outcome.text.contains("00000000a00425fb"), "\(outcome)")
            #expect(!outcome.text.contains("sda") && !outcome.text.contains("vda"))
        }
    }

    @Test func separatesTheNetworkWhenAsked() async throws {
        try await Distill.withStore { distill in
            let dockerfile = "FROM shell\nRUN ip link show | grep -c '^[0-9]*:' | sed 's/^/links-/'"
            let none = try await distill.buildOnBusybox(dockerfile, options: ["--network", "none", "--no-cache"])
            try none.mustSucceed()
            #expect(none.text.contains("links-1"), "\(none)")
        }
    }

    @Test func reportsTheExitCodeAndTheLastLines() async throws {
        try await Distill.withStore { distill in
            let outcome = try await distill.buildOnBusybox(
                "FROM shell\nRUN echo before && echo going wrong >&2 && exit 7\nRUN echo never-$((1 + 1))")
            #expect(outcome.exitCode != 0)
            #expect(outcome.errorOutput.contains("7"), "\(outcome)")
            #expect(outcome.errorOutput.contains("going wrong"), "\(outcome)")
            #expect(outcome.errorOutput.contains("Dockerfile:6"), "\(outcome)")
            #expect(!outcome.text.contains("never-2"))
        }
    }

    @Test func doesNotBuildWhatNothingNeeds() async throws {
        try await Distill.withStore { distill in
            let outcome = try await distill.buildOnBusybox(
                """
                FROM shell AS unused
                RUN echo unused-$((1 + 1)) && false
                FROM shell AS used
                RUN echo used-$((1 + 1))
                FROM scratch
                COPY --from=used /bin/busybox /b
                """, options: ["-t", "needed"])
            try outcome.mustSucceed()
            #expect(outcome.text.contains("used-2"))
            #expect(!outcome.text.contains("unused-2"))
        }
    }

    /// Two stages that each wait for a sign of the other: only a builder that runs both at once ends.
    @Test(.timeLimit(.minutes(30))) func buildsIndependentStagesAtOnce() async throws {
        try await Distill.withStore { distill in
            // A port of the host's network is seen from both sandboxes.
            let meet =
                "(echo hi | timeout 60 nc -l -p PORT -w 60 >/dev/null || timeout 60 sh -c 'until echo hi | nc 127.0.0.1 PORT; do :; done')"
                .replacing("PORT", with: "\(Int.random(in: 20_000..<30_000))")
            let outcome = try await distill.buildOnBusybox(
                """
                FROM shell AS left
                RUN \(meet) && echo left > /left
                FROM shell AS right
                RUN \(meet) && echo right > /right
                FROM scratch
                COPY --from=left /left /
                COPY --from=right /right /
                """, options: ["-t", "met", "--network", "host"])
            try outcome.mustSucceed()
        }
    }

    @Test func passesArgumentsOfTheBuildAndOfProxies() async throws {
        try await Distill.withStore { distill in
            let outcome = try await distill.buildOnBusybox(
                "FROM shell\nARG A=default\nARG TARGETARCH\nRUN echo \"<$A> <$TARGETARCH> <$http_proxy>\" && env | sort",
                options: [
                    "-t", "arguments", "--build-arg", "A=given", "--build-arg", "http_proxy=http://proxy.example",
                ])
            try outcome.mustSucceed()
            #expect(
                outcome.text.contains("<given> <\(Platform.host.architecture)> <http://proxy.example>"), "\(outcome)")
            let history = try await distill.succeed("history", "--no-trunc", "arguments")
            #expect(!history.output.contains("proxy.example"))
            #expect(
                try await distill.inspect("arguments")["Config"]?["Env"]?.strings?.contains { $0.hasPrefix("A=") }
                    == false)
        }
    }
}
