import LinuxSystem
import OCI
import SystemPackage
import TestSupport
import Testing

@testable import Machine

@Suite struct TrialTests {
    @Test(arguments: [
        (Trial.Finding.restricted(.noProgram("newuidmap"), hasOne: true), Trial.Status.limited),
        (.restricted(.notMapped, hasOne: false), .missing), (.space(1 << 20, path: "/"), .missing),
        (.space(500 << 20, path: "/"), .limited),
        (.space(8 << 30, path: "/"), .works), (.limits(["memory"], missing: ["cpu"]), .limited),
        (.programs([], missing: ["git"]), .absent),
        (.noMirror, .absent), (.runtimeEnded(name: "crun", status: 1, words: ""), .missing),
        (.overlay(byProgram: true, nil), .limited),
    ])
    func hasAStatus(finding: Trial.Finding, status: Trial.Status) { #expect(Trial(.space, finding).status == status) }

    @Test(arguments: [
        (PackageInstaller.apt, ["ip", "nsenter"], "sudo apt-get install iproute2 util-linux"),
        (.dnf, ["newuidmap"], "sudo dnf install shadow-utils"),
        (.apk, ["newuidmap", "newgidmap"], "sudo apk add shadow-uidmap"), (.pacman, ["git"], "sudo pacman -S git"),
    ])
    func namesPackages(installer: PackageInstaller, programs: [String], line: String) {
        #expect(installer.line(for: programs) == line)
    }

    /// Without any program and without a place for a store.
    @Test func everySubjectIsTried() async {
        let environment = HostEnvironment(
            variables: ["PATH": "/nonexistent", "DISTILL_ROOT": "/proc/nosuch"], isRoot: true)
        let trials = await MachineTrials(environment, patience: 1).run()
        #expect(trials.map(\.subject) == Trial.Subject.allCases)
        #expect(trials.first { $0.subject == .store }?.status == .missing)
        #expect(trials.first { $0.subject == .runtime }?.status == .absent)
    }

    @Test func factsHaveDockersNames() throws {
        let document = try MachineFacts.document(
            HostEnvironment(variables: ["DISTILL_ROOT": "/nonexistent/x", "HTTP_PROXY": "http://a:b@c:1"]), store: nil)
        for name in ["ServerVersion", "Images", "NCPU", "MemTotal", "KernelVersion", "OSType", "DockerRootDir"] {
            #expect(document[name] != nil)
        }
        #expect(document["HttpProxy"]?.string?.contains("b@") == false)
        #expect(MachineFacts.version()["Server"]?["Version"]?.string == ToolVersion.text)
    }
}
