import SystemPackage
import TestSupport
import Testing

/// Kernels that lack system calls, and filters that refuse them, played on this machine's kernel by a filter (seccomp(2)).
///
/// What a kernel does otherwise than another shows in `KernelTests` alone; docs/kernels.md has the list of calls.
@Suite(.requires(.root), .requires(.program("crun")), .requires(.program("busybox")), .requires(.program("gcc")))
struct OldKernelTests {
    private static let dockerfile = """
        FROM shell
        RUN --mount=type=cache,target=/cache --mount=type=tmpfs,target=/fast touch /cache/a /fast/b && echo made > /made
        COPY --from=shell /bin/busybox /other/busybox
        RUN rm -r /bin/sh && [ -x /other/busybox ]
        CMD ["/other/busybox", "cat", "/made"]
        """

    private func with(
        _ error: String, _ calls: String,
        _ body: (Distill, (_ arguments: [String]) async throws -> Command.Outcome) async throws -> Void
    ) async throws {
        try await Distill.withStore { distill in
            let source = FilePath(#filePath).removingLastComponent().appending("Fixtures/refuse.c").string
            let refuse = "\(distill.directory)/refuse"
            try await Command("gcc", ["-o", refuse, source]).run().mustSucceed()
            try await body(distill) { arguments in
                // A process that waits for ever is a failure.
                let words = ["120", refuse, error, calls, Distill.binary] + arguments
                return try await Command(
                    "timeout", words, environment: ["DISTILL_ROOT": distill.store, "NO_COLOR": "1"],
                    workingDirectory: distill.directory
                ).run()
            }
        }
    }

    @Test(arguments: [
        ("ENOSYS", "clone3,close_range,copy_file_range,faccessat2,fsopen,pidfd_open,rseq,statx"), ("ENOSYS", "clone3"),
        ("ENOSYS", "fsopen"),
        ("EPERM", "close_range,copy_file_range,faccessat2,fsopen,rseq"),
        // As file systems that do not know RENAME_NOREPLACE.
        ("EINVAL", "renameat2"),
    ])
    func doesWithout(error: String, calls: String) async throws {
        try await with(error, calls) { distill, run in
            let context = try distill.context(["Dockerfile": Distill.busyboxStage + Self.dockerfile])
            try await distill.addBusybox(to: context)
            try await run(["build", "--progress", "plain", "-t", "made", context]).mustSucceed()
            let made = try await run(["run", "made"])
            #expect(made.output == "made\n", "\(made)")
            let check = try await run(["system", "check"])
            #expect(check.output.contains("nothing is wrong"), "\(check)")
            // What watches over containers goes with the command.
            let script = "while grep -qsz \"^DISTILL_ROOT=$0$\" /proc/[0-9]*/environ; do :; done"
            #expect(try await Command("timeout", ["20", "sh", "-c", script, distill.store]).run().succeeded)
        }
    }

    @Test(arguments: [
        ("ENOSYS", "openat2", "distill: the system call openat2 is not there, which it needs"),
        ("EPERM", "openat2", "distill: the system call openat2 is not there, which it needs"),
        (
            "ENOLCK", "F_OFD_SETLK",
            "distill: Dockerfile:2:1: the file system does not lock 'working': No locks available"
        ),
        ("EINVAL", "F_OFD_SETLK", "distill: Dockerfile:2:1: the file system does not lock 'working': Invalid argument"),
        ("EPERM", "clone3", "distill: a filter of system calls refuses clone3, without which no thread can be begun"),
    ])
    func saysWhatIsMissing(error: String, call: String, sentence: String) async throws {
        try await with(error, call) { distill, run in
            let context = try distill.context(["Dockerfile": "FROM scratch\nCOPY Dockerfile /\n"])
            let build = try await run(["build", context])
            #expect(
                build.exitCode == 1 && build.sentences.filter { $0.hasPrefix("distill: ") } == [sentence]
                    && build.errorOutput.contains("hint: "), "\(build)")
        }
    }
}
