import SystemPackage
import TestSupport
import Testing

/// An ordinary user where the kernel keeps overlayfs for root, as before Linux 5.11: played here by a filter of system calls.
/// `KernelTests` has the real thing.
@Suite(
    .requires(.root), .requires(.program("crun")), .requires(.program("busybox")), .requires(.program("newuidmap")),
    .requires(.program("setpriv")), .requires(.program("gcc")), .requires(.program("fuse-overlayfs")))
struct OverlayProgramTests {
    private static let dockerfile =
        Distill.busyboxStage + """
            FROM shell AS made
            RUN mkdir -p /etc /tmp /d/sub /o/deep /m/in /p /to && echo a > /d/a && echo b > /d/b && echo s > /d/sub/s && echo x > /o/deep/x && \
                ln -s a /d/link && ln -s /d /way && echo f > /file && echo m > /m/in/f && ln /m/in/f /m/hard && echo 1 > /p/mode && mkfifo /p/fifo
            RUN rm /d/a /d/link && rm -r /d/sub && rm /file && mkdir /file && echo in > /file/in && rm /way && mkdir -p /way/new
            RUN [ ! -e /d/a ] && [ ! -L /d/link ] && [ ! -e /d/sub ] && [ "$(ls /d)" = b ] && [ "$(cat /file/in)" = in ] && [ "$(ls /way)" = new ]
            RUN rm -rf /o && mkdir -p /o/later && echo new > /o/new && rm -r /m/in && mkdir -m 1777 /m/in
            RUN [ "$(ls /o | tr '\\n' ' ')" = 'later new ' ] && [ "$(ls -A /m/in)" = '' ] && mkdir -p /made/deep /o/deep && touch /made/deep/x
            RUN mv /d/b /d/c && chown 7:8 /p/mode && chmod 4755 /p/mode && mv /made /renamed && rm -r /renamed/deep && mkdir /renamed/deep
            RUN --mount=type=cache,target=/cache --mount=type=tmpfs,target=/fast --mount=type=secret,id=s --mount=type=bind,from=shell,target=/bound \
                touch /cache/x /fast/x && [ "$(cat /run/secrets/s)" = hidden ] && [ -e /bound/bin/busybox ] && [ "$(id -u)" = 0 ]
            RUN --mount=type=bind,from=shell,target=/bound,rw touch /bound/x && [ -e /bound/x ] && [ ! -e /cache/x ]
            USER 1000:1001
            RUN [ "$(id -u):$(id -g)" = 1000:1001 ] && ! touch /no 2>/dev/null && touch /m/in/mine
            USER 0
            FROM shell
            COPY --from=made --chown=33:44 /d /d
            COPY --from=made /o /file /all/
            COPY --from=made /p /p
            COPY --from=made /m/in /in
            RUN [ "$(stat -c '%a %u:%g' /p/mode)" = '4755 7:8' ] && [ -p /p/fifo ] && touch /d/later && chown 65535:65534 /d/later
            CMD ["sh", "-c", "find /d /all /p /in | sort | xargs stat -c '%n %F %a %u:%g'"]
            """

    /// - Parameter body: gets the user, and root with a store of its own.
    private func withoutOverlay(_ body: (OrdinaryUser, Distill) async throws -> Void) async throws {
        try await OrdinaryUser.with { user in
            var user = user
            let source = FilePath(#filePath).removingLastComponent().appending("Fixtures/refuse.c").string
            let refuse = "\(user.directory)/refuse"
            try await Command("gcc", ["-o", refuse, source]).run().mustSucceed()
            user.outerWrapper = ["timeout", "300", refuse, "EPERM", "fsopen,overlay"]
            try await body(user, Distill(directory: user.directory))
        }
    }

    /// How many processes have this directory among their words.
    private func programs(_ directory: String) async throws -> Int {
        let list = try await Command("pgrep", ["-f", "fuse-overlayfs .*\(directory)"]).run()
        return list.output.split(separator: "\n").count
    }

    @Test func buildsAndRunsAsRootDoes() async throws {
        try await withoutOverlay { user, root in
            let context = try root.context([
                "Dockerfile": Self.dockerfile, "secret": "hidden", ".dockerignore": "secret",
            ])
            try await root.addBusybox(to: context)
            let build = [
                "build", "--reproducible", "--progress", "plain", "--secret", "id=s,src=\(context)/secret", "-t",
                "made", context,
            ]
            try await user.command(build).run().mustSucceed()
            try await root.command(build).run().mustSucceed()
            // The same image, byte for byte.
            let digests = try await [
                user.succeed("images", "-q", "--no-trunc"), root.succeed("images", "-q", "--no-trunc"),
            ].map(\.output)
            #expect(digests[0] == digests[1] && digests[0].hasPrefix("sha256:"))
            let runs = try await [user.succeed("run", "made"), root.succeed("run", "made")].map(\.output)
            #expect(runs[0] == runs[1] && runs[0].contains("/d/later regular empty file 644 65535:65534"), "\(runs)")
            // The marks are gone, so that each layer is what it is on every other kernel: also one that is read again.
            try await user.succeed("save", "--format", "oci", "-o", "\(user.home)/made.tar", "made")
            try await user.succeed("system", "prune", "-a", "-f")
            try await user.succeed("load", "-i", "\(user.home)/made.tar")
            #expect(try await user.succeed("run", "made").output == runs[1])
            let check = try await user.succeed("system", "check")
            #expect(check.output.contains("nothing is wrong"), "\(check)")
            #expect(try await programs(user.directory) == 0)
        }
    }

    @Test func endsWithWhatItServed() async throws {
        try await withoutOverlay { user, root in
            let failing = "RUN echo begun && exit 3\n"
            let context = try root.context(["Dockerfile": Distill.busyboxStage + "FROM shell\n" + failing])
            try await root.addBusybox(to: context)
            let failed = try await user.command(["build", "-t", "made", context]).run()
            #expect(failed.exitCode == 1 && failed.errorOutput.contains("exit code 3"), "\(failed)")
            #expect(try await programs(user.directory) == 0)
            try Files.write(
                Distill.busyboxStage + "FROM shell\nRUN echo begun && sleep 1000\n", to: "\(context)/Dockerfile")
            var killed = user
            // Enough to begin, and the signal cannot be caught.
            killed.wrapper = ["timeout", "-s", "KILL", "10"]
            let outcome = try await killed.command(["build", "--progress", "plain", "-t", "made", context]).run()
            #expect(outcome.exitCode != 0 && outcome.text.contains("begun"), "\(outcome)")
            // The pattern does not match the shell's own words.
            let loop =
                "for i in $(seq 100); do pgrep -f \"[f]use-overlayfs .*$1\" > /dev/null || exit 0; sleep 0.1; done; exit 1"
            let waited = try await Command("sh", ["-c", loop, "sh", user.directory]).run()
            #expect(waited.succeeded)
        }
    }

    @Test func saysWhatIsMissing() async throws {
        try await withoutOverlay { user, root in
            var user = user
            let context = try root.context(["Dockerfile": Distill.busyboxStage])
            try await root.addBusybox(to: context)
            // A device that is none.
            user.outerWrapper += [
                "unshare", "--mount", "sh", "-ec", "rm $0/fuse && : > $0/fuse && exec \"$@\"", user.directory,
            ]
            let build = try await user.command(["build", context]).run()
            #expect(build.exitCode == 1, "\(build)")
            #expect(
                build.errorOutput.contains("fuse-overlayfs could not mount the layers, which RUN and run need"),
                "\(build)")
            #expect(build.errorOutput.contains("/dev/fuse is there"), "\(build)")
        }
    }
}
