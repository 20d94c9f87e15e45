import SystemPackage
import TestSupport
import Testing

/// Kills, failing system calls, full disks and power cuts, at places that `scripts/faults` draws.
@Suite(
    .serialized, .requires(.root), .requires(.program("crun")), .requires(.program("busybox")),
    .requires(.program("strace")),
    .requires(.program("docker-registry")), .requires(.program("mkfs.ext4")), .requires(.program("mkfs.xfs")),
    .requires(.program("python3")), .requires(.file("/dev/loop-control")))
struct MachineFaultTests {
    private static let scripts =
        FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent().string + "/scripts"

    private func expectNoFailure(kills: Int, cuts: Int, options: [String] = []) async throws {
        let words = ["--kills", "\(kills)", "--cuts", "\(cuts)"] + options + [Distill.binary]
        let outcome = try await Command("python3", ["\(Self.scripts)/faults"] + words).run()
        #expect(outcome.succeeded, "\(outcome)")
        #expect(outcome.output.hasSuffix(" 0 failures\n"), "\(outcome)")
    }

    @Test func storeSurvivesSomeFaults() async throws { try await expectNoFailure(kills: 20, cuts: 5) }

    /// Others than those of the short run.
    @Test(.requires(.patience), .requires(.debianBase), .timeLimit(.minutes(120)))
    func storeSurvivesManyFaults() async throws {
        try await expectNoFailure(kills: 500, cuts: 50, options: ["--seed", "2", "--long"])
    }

    private func expectNothingLeft(cases: Int, options: [String] = []) async throws {
        let words = ["\(Self.scripts)/run-faults", "--cases", "\(cases)"] + options + [Distill.binary]
        let outcome = try await Command("python3", words).run()
        #expect(outcome.succeeded && outcome.output.contains("0 failed"), "\(outcome)")
    }

    @Test func whatRunsLeavesNothing() async throws { try await expectNothingLeft(cases: 10) }

    @Test(.requires(.patience), .timeLimit(.minutes(60))) func whatRunsLeavesNothingEver() async throws {
        try await expectNothingLeft(cases: 300, options: ["--seed", "2"])
    }

    private func expectNoHarm(cases: Int, options: [String]) async throws {
        let words = ["\(Self.scripts)/registry-faults", "--cases", "\(cases)"] + options + [Distill.binary]
        let outcome = try await Command("python3", words).run()
        #expect(outcome.succeeded && outcome.output.hasSuffix(" 0 failures\n"), "\(outcome)")
    }

    /// One that ends is waited for with more tries, and one that stands still for minutes: these are left to the long run.
    @Test func aRegistryThatBreaksConnectionsHarmsNothing() async throws {
        try await expectNoHarm(cases: 4, options: ["--fault", "cut"])
    }

    @Test(.requires(.patience), .timeLimit(.minutes(60))) func aRegistryThatDiesAnywhereHarmsNothing() async throws {
        try await expectNoHarm(cases: 1000, options: [])
    }
}
