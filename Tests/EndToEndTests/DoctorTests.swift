import OCI
import SystemPackage
import TestSupport
import Testing

/// `doctor` on machines that lack each part in turn: the part is taken away from the command alone, in a mount namespace or by a
/// filter of system calls.
@Suite(.requires(.root), .requires(.program("crun")), .requires(.program("slirp4netns")), .requires(.program("gcc")))
struct DoctorTests {
    /// What is taken away, and what is told of it.
    struct Lack: Sendable, CustomTestStringConvertible {
        let name: String
        /// Lines of a shell; `hide` puts what cannot be executed over programs.
        let script: String
        let subject: String
        let status: String
        let sentence: String
        let remedy: String
        var environment: [String: String] = [:]

        var testDescription: String { name }
    }

    private static let lacks: [Lack] = [
        Lack(
            name: "no runtime", script: "hide crun runc youki", subject: "runtime", status: "missing",
            sentence: "no OCI runtime is installed: none of crun, runc, youki", remedy: "install crun"),
        Lack(
            name: "a runtime that does not work", script: "hide runc youki; mount --bind /bin/false /usr/bin/crun",
            subject: "runtime", status: "missing", sentence: "crun could not run the container",
            remedy: "install runc"),
        Lack(
            name: "no control groups", script: "mount -t tmpfs none /sys/fs/cgroup", subject: "limits",
            status: "limited", sentence: "limits of memory, cpu, cpuset, pids cannot be set",
            remedy: "mount -t cgroup2 none /sys/fs/cgroup"),
        Lack(
            name: "small space", script: "mount -t tmpfs -o size=32m none \"$DISTILL_ROOT\"", subject: "space",
            status: "missing", sentence: "free for ", remedy: "distill system prune --all --force"),
        Lack(
            name: "a store that cannot be written", script: "mount -t tmpfs -o ro,size=1m none \"$DISTILL_ROOT\"",
            subject: "store", status: "missing", sentence: "Read-only file system", remedy: "set DISTILL_ROOT to a"),
        Lack(
            name: "no way outside", script: "hide slirp4netns", subject: "network", status: "limited",
            sentence: "slirp4netns is not installed", remedy: "install slirp4netns"),
        Lack(
            name: "no device of networks", script: "mount --bind /dev/null /dev/net/tun", subject: "network",
            status: "limited", sentence: "nothing leads outside of the private network: /dev/net/tun",
            remedy: "sudo modprobe tun"),
        Lack(
            name: "no git", script: "hide git", subject: "git", status: "optional", sentence: "git is not installed",
            remedy: "install git"),
        Lack(
            name: "no gpgv", script: "hide gpgv", subject: "gpgv", status: "optional",
            sentence: "gpgv is not installed",
            remedy: "install gpgv"),
        Lack(
            name: "no keys", script: "mount -t tmpfs none /usr/share/keyrings", subject: "gpgv", status: "optional",
            sentence: "debian-archive-keyring is not installed", remedy: "install debian-archive-keyring"),
        Lack(
            name: "no agent", script: "hide ssh-agent", subject: "agent", status: "optional",
            sentence: "ssh-agent is not installed", remedy: "install openssh-client"),
        Lack(
            name: "a dead mirror", script: "", subject: "mirror", status: "optional",
            sentence: "127.0.0.1:9/debian/dists/bookworm/InRelease' cannot be reached",
            remedy: "export DISTILL_DEBIAN_MIRROR=URL",
            environment: ["DISTILL_DEBIAN_MIRROR": "http://127.0.0.1:9/debian"]),
        Lack(
            name: "no overlayfs", script: "set -- \"$REFUSE\" EPERM fsopen,overlay \"$@\"", subject: "overlay",
            status: "missing", sentence: "overlayfs cannot be mounted: Operation not permitted",
            remedy: "CAP_SYS_ADMIN"),
        Lack(
            name: "an old kernel", script: "set -- setarch \"$(uname -m)\" --uname-2.6 \"$@\"", subject: "kernel",
            status: "limited", sentence: "older than 5.10", remedy: "docs/kernels.md"),
    ]

    private static let hide = """
        hide() {
            for program; do
                for place in /usr/local/sbin /usr/local/bin /usr/sbin /usr/bin; do
                    [ ! -e "$place/$program" ] || mount --bind /dev/null "$place/$program"
                done
            done
        }

        """

    @Test func eachLackIsTold() async throws {
        try await Distill.withStore { distill in
            try Files.makeDirectory(distill.store)
            let refuse = try await Self.filter(in: distill.directory)
            for lack in Self.lacks {
                let own = ["DISTILL_ROOT": distill.store, "REFUSE": refuse, "DISTILL_DEBIAN_MIRROR": ""]
                let outcome = try await Command(
                    "unshare",
                    [
                        "--mount", "sh", "-ec", Self.hide + lack.script + "\nexec \"$@\"", "sh", Distill.binary,
                        "doctor", "--format", "json",
                    ],
                    environment: own.merging(lack.environment) { _, given in given }
                ).run()
                try Self.expect(lack, outcome)
            }
        }
    }

    /// As an ordinary user, whom the kernel, a file or a program makes poorer.
    @Test func whatUsersLackIsTold() async throws {
        try await OrdinaryUser.with { user in
            let refuse = try await Self.filter(in: user.directory)
            var poor = user
            poor.subordinates = "somebody-else:200000:65536\n"
            var refused = user
            refused.outerWrapper = [refuse, "EPERM", "namespaces"]
            var unmapped = user
            unmapped.outerWrapper = [
                "unshare", "--mount", "sh", "-ec", Self.hide + "hide newuidmap; exec \"$@\"", "sh",
            ]
            let users: [(OrdinaryUser, Lack)] = [
                (
                    poor,
                    Lack(
                        name: "no IDs", script: "", subject: "namespaces", status: "limited",
                        sentence: "/etc/subuid has no IDs for 'distill-test'", remedy: "usermod --add-subuids")
                ),
                (
                    unmapped,
                    Lack(
                        name: "no newuidmap", script: "", subject: "namespaces", status: "limited",
                        sentence: "newuidmap is not installed", remedy: "install uidmap")
                ),
                (
                    refused,
                    Lack(
                        name: "no namespaces", script: "", subject: "namespaces", status: "missing",
                        sentence: "the kernel allows no user namespaces", remedy: "user namespaces")
                ),
                (
                    user,
                    Lack(
                        name: "no control groups", script: "", subject: "limits", status: "limited",
                        sentence: "cannot be set", remedy: "run it as root")
                ),
            ]
            for (user, lack) in users {
                let outcome = try await user.command(
                    ["doctor", "--format", "json"], environment: ["DISTILL_DEBIAN_MIRROR": "http://127.0.0.1:9/x"]
                ).run()
                try Self.expect(lack, outcome)
            }
        }
    }

    private static func filter(in directory: String) async throws -> String {
        let source = FilePath(#filePath).removingLastComponent().appending("Fixtures/refuse.c").string
        try await Command("gcc", ["-o", "\(directory)/refuse", source]).run().mustSucceed()
        return "\(directory)/refuse"
    }

    /// Says what it is, for which commands, and what mends it: nothing that is not fine goes without a remedy, and none says to
    /// run what told it.
    private static func expect(_ lack: Lack, _ outcome: Command.Outcome) throws {
        let document = try JSON.parse(outcome.output)
        let checks = document["checks"]?.array ?? []
        let check = try #require(checks.first { $0["name"]?.string == lack.subject }, "\(lack.name): \(outcome)")
        #expect(check["status"]?.string == lack.status, "\(lack.name): \(check)")
        #expect(check["detail"]?.string?.contains(lack.sentence) == true, "\(lack.name): \(check)")
        #expect(check["remedy"]?.string?.contains(lack.remedy) == true, "\(lack.name): \(check)")
        #expect((outcome.exitCode == 1) == (lack.status == "missing"), "\(lack.name): \(outcome)")
        for check in checks where check["status"]?.string != "ok" {
            #expect(check["remedy"]?.string?.isEmpty == false, "\(lack.name): \(check)")
            #expect(check["remedy"]?.string?.contains("distill doctor") == false, "\(lack.name): \(check)")
            #expect(check["commands"]?.array?.isEmpty == false, "\(lack.name): \(check)")
        }
    }
}
