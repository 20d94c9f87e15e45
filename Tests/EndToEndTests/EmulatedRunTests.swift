import OCI
import SystemPackage
import TestSupport
import Testing

/// RUN for arm64 through qemu's user emulation, which is registered for the test alone: a user namespace has interpreters of its
/// own since Linux 6.7.
@Suite(
    .serialized, .requires(.root), .requires(.program("crun")), .requires(.program("newuidmap")),
    .requires(.file("/usr/bin/qemu-aarch64-static")), .timeLimit(.minutes(60)))
struct EmulatedRunTests {
    private static let script = #"""
        cd "$1"
        echo root:0:65536 > ids
        mount --bind ids /etc/subuid
        mount --bind ids /etc/subgid
        shift
        exec unshare --user --map-users 0,0,65536 --map-groups 0,0,65536 --setuid 0 --setgid 0 --mount sh -ec '
            mount -t binfmt_misc none /proc/sys/fs/binfmt_misc
            z="\\x00\\x00\\x00\\x00" f="\\xff\\xff\\xff\\xff"
            printf "%s" ":qemu-aarch64:M::\\x7fELF\\x02\\x01\\x01\\x00$z$z\\x02\\x00\\xb7\\x00:$f\\xff\\xff\\xff\\x00$f$f\\xfe\\xff\\xff\\xff:/usr/bin/qemu-aarch64-static:F" > /proc/sys/fs/binfmt_misc/register
            exec "$@"' sh "$@"
        """#

    private func emulating(_ distill: Distill, _ arguments: [String], input: String = "") async throws
        -> Command.Outcome
    {
        let words = ["--mount", "sh", "-ec", Self.script, "sh", distill.directory, Distill.binary] + arguments
        return try await Command(
            "unshare", words, environment: ["DISTILL_ROOT": "\(distill.directory)/emulated", "NO_COLOR": "1"],
            workingDirectory: distill.directory, input: input
        ).run()
    }

    @Test func runsWhatTheMachineCannot() async throws {
        guard Platform.host.architecture != "arm64" else { return }
        try await Distill.withStore { distill in
            let context = try distill.context([
                "Dockerfile": "FROM scratch\nCOPY program /program\nRUN [\"/program\"]\nCOPY program /second\n"
            ])
            try Files.write(PlatformTests.program, to: "\(context)/program", mode: 0o755)
            let outcome = try await emulating(
                distill, ["build", "--progress", "plain", "--platform", "linux/arm64", "-t", "made", context])
            #expect(outcome.succeeded && outcome.text.contains("arm64\n"), "\(outcome)")
            let run = try await emulating(distill, ["run", "made", "/program"])
            #expect(run.output == "arm64\n", "\(run)")
            // Both, of which one needs no emulator.
            let both = try await emulating(
                distill,
                [
                    "build", "-q", "--platform", "linux/amd64,linux/arm64", "-o", "type=oci,dest=both.tar", "--target",
                    "copied", try copying(distill),
                ])
            #expect(both.succeeded, "\(both)")
        }
    }

    private func copying(_ distill: Distill) throws -> String {
        try distill.context(
            "copying", ["Dockerfile": "FROM scratch AS copied\nARG TARGETARCH\nCOPY a /$TARGETARCH\n", "a": ""])
    }

    /// The tutorial's program: a base, its compiler and the build for arm64, on this machine.
    @Test(.requires(.patience), .requires(.debianBase)) func buildsTheCalculatorForAnotherProcessor() async throws {
        guard Platform.host.architecture != "arm64" else { return }
        try await Distill.withStore { distill in
            let base = try await emulating(
                distill, ["base", "build", "-q", "--platform", "linux/arm64", "-t", "ubuntu", SharedBase.name])
            try base.mustSucceed()
            let example = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()
                .appending("Examples").appending("calculator").string
            let built = try await emulating(
                distill, ["build", "--progress", "plain", "--platform", "linux/arm64", "-o", "out", example])
            #expect(built.succeeded, "\(built)")
            let run = try await Command(
                "/usr/bin/qemu-aarch64-static", ["\(distill.directory)/out/app"], input: "1 + 2\nexit\n"
            ).run()
            #expect(run.output == "3\n", "\(run)")
        }
    }
}
