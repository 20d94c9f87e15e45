import OCI
import TestSupport
import Testing

/// What processes in containers may ask of the kernel.
@Suite(.requires(.root), .requires(.program("crun")), .requires(.program("busybox")), .requires(.program("gcc")))
struct SystemCallTests {
    /// Makes each call with arguments that harm nobody, and prints what it said: 0, or errno's number.
    private static let program = """
        #define _GNU_SOURCE
        #include <errno.h>
        #include <fcntl.h>
        #include <stdio.h>
        #include <string.h>
        #include <sys/mount.h>
        #include <sys/stat.h>
        #include <sys/syscall.h>
        #include <sys/sysmacros.h>
        #include <sys/wait.h>
        #include <unistd.h>

        static void tell(const char *name, long result) {
            printf("%s=%d\\n", name, result < 0 ? errno : 0);
            fflush(stdout);
        }
        /* In a process of its own, for what cannot be undone. */
        #define TELL(name, call) do { fflush(stdout); pid_t p = fork(); if (p == 0) { errno = 0; tell(name, (long)(call)); _exit(0); } waitpid(p, 0, 0); } while (0)

        static long own_clone(long flags) {
            long process = syscall(SYS_clone, flags, 0, 0, 0, 0);
            if (process == 0) _exit(0);
            return process;
        }

        int main(void) {
            char line[256];
            FILE *status = fopen("/proc/self/status", "r");
            while (status && fgets(line, sizeof line, status))
                if (!strncmp(line, "Seccomp:", 8)) printf("filter=%c\\n", line[9]);
            TELL("read", read(0, line, 0));
            TELL("chroot", chroot("/"));
            TELL("personality-linux", syscall(SYS_personality, 0));
            TELL("personality-other", syscall(SYS_personality, 0x0040000));
            TELL("keyctl", syscall(SYS_keyctl, 0, -3, 0));
            TELL("add_key", syscall(SYS_add_key, "user", "test", "x", 1, -2));
            TELL("unshare-user", syscall(SYS_unshare, 0x10000000));
            TELL("unshare-mount", syscall(SYS_unshare, 0x00020000));
            TELL("clone-user", own_clone(0x10000000 | 17));
            TELL("clone3", syscall(435, 0, 0));
            TELL("mount", mount("none", "/tmp", "tmpfs", 0, 0));
            TELL("fsopen", syscall(430, "tmpfs", 0));
            TELL("bpf", syscall(321, 5, 0, 0) < 0 && errno == EPERM ? -1 : 0);
            TELL("userfaultfd", syscall(323, 1));
            TELL("perf_event_open", syscall(298, 0, 0, -1, -1, 0) < 0 && errno == EPERM ? -1 : 0);
            TELL("open_by_handle_at", syscall(304, -1, 0, 0) < 0 && errno == EPERM ? -1 : 0);
            TELL("of-tomorrow", syscall(700));
            TELL("device", mknod("/node", S_IFBLK | 0600, makedev(7, 0)));
        #ifdef __x86_64__
            TELL("x32-keyctl", syscall(0x40000000 | 250, 0, -3, 0));
            long old;
            __asm__ volatile("int $0x80" : "=a"(old) : "a"(288), "b"(0), "c"(-3), "d"(0) : "memory", "r8", "r9", "r10", "r11");
            printf("x86-keyctl=%d\\n", old < 0 ? (int)-old : 0);
        #endif
            return 0;
        }
        """

    /// EPERM, and ENOSYS for what C libraries have another way for.
    private static let refused = [
        "filter=2", "read=0", "chroot=0", "personality-linux=0", "personality-other=1", "keyctl=1", "add_key=1",
        "unshare-user=1",
        "unshare-mount=1", "clone-user=1", "clone3=38", "mount=1", "fsopen=1", "bpf=1", "userfaultfd=1",
        "perf_event_open=1",
        "open_by_handle_at=1", "of-tomorrow=38", "device=1", "x32-keyctl=1", "x86-keyctl=1",
    ]

    private func withProgram(_ body: (Distill, String) async throws -> Void) async throws {
        try await Distill.withStore { distill in
            let path = try distill.context(["calls.c": Self.program])
            let made = try await Command("gcc", ["-static", "-O1", "-o", "\(path)/calls", "\(path)/calls.c"]).run()
            try #require(made.succeeded, "\(made)")
            let base = try await distill.buildOnBusybox(
                "FROM shell\nCOPY calls /calls\nRUN mkdir -p /tmp\nCMD [\"/calls\"]", options: ["-t", "calls"])
            try base.mustSucceed()
            try await body(distill, path)
        }
    }

    private func expect(
        _ output: String, _ expected: [String] = refused, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let lines = Set(output.split(separator: "\n").flatMap { $0.split { $0 == " " || $0 == "|" }.map(String.init) })
        let missing = expected.filter { !lines.contains($0) }
        #expect(missing == [], "\(output)", sourceLocation: sourceLocation)
    }

    @Test func refusesWhatDockerRefuses() async throws {
        try await withProgram { distill, _ in
            expect(try await distill.succeed("run", "--rm", "calls").output)
            // The second start takes the kept filter.
            expect(try await distill.succeed("run", "--rm", "calls").output)
            let step = try await distill.build("FROM calls\nRUN [\"/calls\"]", options: ["--no-cache"])
            try step.mustSucceed()
            expect(step.text)
        }
    }

    @Test(.requires(.program("runc"))) func anyRuntimeHasTheFilter() async throws {
        try await withProgram { distill, _ in
            for program in ["runc", "youki"] {
                let found = try await Command("sh", ["-c", "command -v \"$1\"", "sh", program]).run()
                guard found.succeeded else { continue }
                // A machine on which there is no other runtime.
                let path = "\(distill.directory)/\(program)-only"
                try Files.makeDirectory(path)
                let linked = try await Command("ln", ["-s", found.line, "\(path)/\(program)"]).run()
                try #require(linked.succeeded, "\(linked)")
                // They need cgroups of version 2, or of version 1 alone.
                let script = """
                    [ -e /sys/fs/cgroup/cgroup.controllers ] || { umount -R /sys/fs/cgroup; mount -t cgroup2 none /sys/fs/cgroup; }
                    PATH=$1 exec "$0" run --rm calls
                    """
                var command = distill.command([])
                (command.program, command.arguments) = (
                    "unshare", ["--mount", "sh", "-c", script, Distill.binary, path]
                )
                let outcome = try await command.run()
                try #require(outcome.succeeded, "\(outcome)")
                expect(outcome.output)
            }
        }
    }

    /// A crun that is too old for finished programs: one without the annotation's name in its binary.
    @Test func anOldRuntimeHasTheFilter() async throws {
        try await withProgram { distill, _ in
            let path = "\(distill.directory)/old"
            try Files.makeDirectory(path)
            let made = try await Command(
                "sh",
                [
                    "-ec",
                    "sed s/run.oci.seccomp_bpf_data/run.oci.seccomp_bpf_none/g \"$(command -v crun)\" > \"$1/crun\"; chmod 755 \"$1/crun\"",
                    "sh", path,
                ]
            ).run()
            try #require(made.succeeded, "\(made)")
            let outcome = try await distill.command(["run", "--rm", "calls"], environment: ["PATH": path]).run()
            try #require(outcome.succeeded, "\(outcome)")
            // Such a runtime knows nothing of calls that are newer than the rules.
            expect(outcome.output, Self.refused.filter { $0 != "of-tomorrow=38" })
        }
    }

    @Test func optionsLiftIt() async throws {
        try await withProgram { distill, path in
            let free = try await distill.succeed("run", "--rm", "--security-opt", "seccomp=unconfined", "calls")
            expect(free.output, ["filter=0", "personality-other=0", "unshare-user=0", "device=1"])
            let profile = "\(path)/profile.json"
            try Files.write(
                #"{"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"], "syscalls": [{"names": ["chroot"], "action": "SCMP_ACT_ERRNO", "errnoRet": 99}]}"#,
                to: profile)
            let own = try await distill.succeed("run", "--rm", "--security-opt", "seccomp=\(profile)", "calls")
            expect(own.output, ["filter=2", "chroot=99", "personality-other=0"])
            let step = try await distill.build(
                "FROM calls\nRUN [\"/calls\"]", options: ["--no-cache", "--security-opt", "seccomp=\(profile)"])
            expect(step.text, ["filter=2", "chroot=99", "personality-other=0"])
            // Another profile is another step.
            let again = try await distill.build(
                "FROM calls\nRUN [\"/calls\"]", options: ["--security-opt", "seccomp=\(profile)"])
            let other = try await distill.build(
                "FROM calls\nRUN [\"/calls\"]", options: ["--security-opt", "seccomp=unconfined"])
            #expect(again.text.contains("CACHED"), "\(again)")
            expect(other.text, ["filter=0"])
        }
    }

    @Test(arguments: [
        ("seccomp=/no/such/file", "the file cannot be read"),
        ("seccomp=profile.json", "the profile has no 'defaultAction' where it must have one"),
        ("seccomp", "known are seccomp=FILE"), ("selinux=x", "known are seccomp=FILE"),
    ])
    func refusesOtherOptions(option: String, reason: String) async throws {
        try await Distill.withStore { distill in
            try Files.write("{}", to: "\(distill.directory)/profile.json")
            try Files.makeDirectory("\(distill.directory)/context")
            try Files.write("FROM scratch\nCOPY Dockerfile /", to: "\(distill.directory)/context/Dockerfile")
            let outcome = try await distill("build", "--security-opt", option, "context")
            #expect(outcome.exitCode != 0 && outcome.errorOutput.contains(reason), "\(outcome)")
        }
    }

    @Test func servicesAndTheirHealthChecksHaveIt() async throws {
        try await withProgram { distill, path in
            let project = ComposeProject(distill: distill)
            try Files.write(
                #"{"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"], "syscalls": [{"names": ["chroot"], "action": "SCMP_ACT_ERRNO"}]}"#,
                to: "\(distill.directory)/own.json")
            try project.write(
                """
                services:
                  usual: {image: calls}
                  able: {image: calls, cap_add: [SYS_ADMIN, SYS_PTRACE]}
                  free: {image: calls, security_opt: ["seccomp:unconfined"]}
                  own: {image: calls, security_opt: ["seccomp=own.json"]}
                  checked:
                    image: calls
                    command: sh -c 'while [ ! -e /seen ]; do sleep 0.1; done; cat /seen'
                    healthcheck: {test: "/calls > /part && mv /part /seen", interval: 1s}
                """)
            try await project.succeed("up")
            func output(_ service: String) async throws -> String {
                try await project.succeed("logs", "--no-log-prefix", service).output
            }
            expect(try await output("usual"))
            expect(try await output("able"), ["filter=2", "mount=0", "unshare-user=0", "keyctl=1", "chroot=0"])
            expect(try await output("free"), ["filter=0", "keyctl=0"])
            expect(try await output("own"), ["filter=2", "chroot=1", "keyctl=0"])
            expect(try await output("checked"))
            try await project.succeed("down")
        }
    }

    @Test func insecureStepsHaveNone() async throws {
        try await withProgram { distill, _ in
            let step = try await distill.build(
                "FROM calls\nRUN --security=insecure [\"/calls\"]",
                options: ["--no-cache", "--allow", "security.insecure"])
            try step.mustSucceed()
            expect(step.text, ["filter=0", "mount=0", "keyctl=0", "device=0"])
        }
    }

    /// Two containers of one process, and of two: a session keyring is named by the container's ID, and joined by it.
    @Test func eachContainerHasItsOwnKeyring() async throws {
        try await withProgram { distill, _ in
            let dockerfile = """
                FROM calls AS a
                RUN --security=insecure grep -o 'keyring *distill-[0-9a-f]*' /proc/keys | sed 's/.* /ring-/' | sort -u
                FROM calls AS b
                RUN --security=insecure grep -o 'keyring *distill-[0-9a-f]*' /proc/keys | sed 's/.* /ring-/' | sort -u && true
                FROM scratch
                COPY --from=a /calls /a
                COPY --from=b /calls /b
                """
            let step = try await distill.build(dockerfile, options: ["--no-cache", "--allow", "security.insecure"])
            try step.mustSucceed()
            let rings = Set(step.text.matches(of: /ring-distill-[0-9a-f]{32}/).map { String($0.output) })
            #expect(rings.count >= 2, "\(step)")
        }
    }
}
