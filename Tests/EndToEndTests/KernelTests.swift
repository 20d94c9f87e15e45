import SystemPackage
import TestSupport
import Testing

/// The kernels of Debian's releases, each in a machine that qemu emulates: `scripts/kernel-vm --help` tells what is in it,
/// `scripts/kernel-vm-guest` what is done there, as root and as an ordinary user.
@Suite(
    .serialized, .requires(.program("qemu-system-x86_64")), .requires(.program("busybox")),
    .requires(.program("crun")), .requires(.program("newuidmap")), .requires(.program("mkfs.ext4")),
    .timeLimit(.minutes(90)))
struct KernelTests {
    static let script =
        FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent().string
        + "/scripts/kernel-vm"

    @Test(.requires(.kernel("6.1"))) func worksOnDebian12() async throws {
        try await check("--quick", "6.1")
    }

    @Test(
        .requires(.patience), .requires(.kernel("5.10")), .requires(.kernel("6.1")), .requires(.kernel("6.12")),
        .requires(.program("mkfs.xfs")), .requires(.program("mkfs.btrfs")), .requires(.program("runc")),
        arguments: ["5.10", "6.1", "6.12"])
    func worksOnEveryKernel(version: String) async throws {
        try await check(version)
    }

    private func check(_ arguments: String...) async throws {
        let outcome = try await Command(Self.script, arguments, environment: ["DISTILL": Distill.binary]).run()
        // Its lines are the log of the run, those that failed with what was said.
        #expect(outcome.succeeded, "\(outcome)")
        #expect(outcome.output.contains("ok user.runs-"), "\(outcome)")
    }
}
