import OCI
import SystemPackage
import TestSupport
import Testing

/// What an ordinary user can do without root: everything, and the same.
@Suite(
    .requires(.root), .requires(.program("crun")), .requires(.program("busybox")), .requires(.program("newuidmap")),
    .requires(.program("slirp4netns")), .requires(.program("setpriv")))
struct RootlessTests {
    private static let dockerfile =
        Distill.busyboxStage + """
            FROM shell AS made
            RUN mkdir -p /etc /tmp /data/old && echo 'root:x:0:0::/:/bin/sh' > /etc/passwd && touch /data/old/a /data/gone && chown -R 7:8 /data && chmod 4750 /data/gone
            RUN rm -r /data/old /data/gone && mkdir /data/old && touch /data/old/b
            RUN --mount=type=cache,target=/cache --mount=type=tmpfs,target=/fast --mount=type=secret,id=s \\
                touch /cache/x && touch /fast/x && [ "$(cat /run/secrets/s)" = hidden ] && [ "$(id -u)" = 0 ]
            RUN --network=none [ "$(ls /sys/class/net)" = lo ]
            USER 1000:1001
            RUN [ "$(id -u):$(id -g)" = 1000:1001 ] && ! touch /no 2>/dev/null
            USER 0
            FROM shell
            COPY --from=made --chown=33:44 /data /data
            COPY --from=made /data /own
            RUN touch /own/later && chown 65535:65534 /own/later
            CMD ["sh", "-c", "id -u; ls -n /own"]
            """

    @Test func buildsAndRunsAsRootDoes() async throws {
        try await OrdinaryUser.with { user in
            let root = Distill(directory: user.directory)
            let context = try root.context([
                "Dockerfile": Self.dockerfile, "secret": "hidden", ".dockerignore": "secret",
            ])
            try await root.addBusybox(to: context)
            let build = [
                "build", "--reproducible", "--progress", "plain", "--secret", "id=s,src=\(context)/secret", "-t",
                "made", context,
            ]
            let own = try await user.command(build).run()
            try #require(own.succeeded, "\(own)")
            let again = try await user.command(build).run()
            #expect(again.text.contains("CACHED") && !again.text.contains("DONE 0.1"), "\(again)")
            let other = try await root.command(build).run()
            try #require(other.succeeded, "\(other)")
            // The same image, byte for byte.
            let digests = try await [
                user.succeed("images", "-q", "--no-trunc"), root.succeed("images", "-q", "--no-trunc"),
            ].map(\.output)
            #expect(digests[0] == digests[1] && digests[0].hasPrefix("sha256:"))
            let runs = try await [user.succeed("run", "made"), root.succeed("run", "made")].map(\.output)
            #expect(runs[0] == runs[1] && runs[0].contains("65535"), "\(runs)")
            try await user.succeed("save", "--format", "oci", "-o", "\(user.home)/made.tar", "made")
            try await root.succeed("load", "-i", "\(user.home)/made.tar")
            let check = try await user.succeed("system", "check")
            #expect(check.output.contains("nothing is wrong"), "\(check)")
            try await user.succeed("system", "prune", "-a", "-f")
        }
    }

    @Test func sharesDirectoriesWithPrograms() async throws {
        try await OrdinaryUser.with { user in
            let root = Distill(directory: user.directory)
            let context = try root.context(["Dockerfile": Distill.busyboxStage])
            try await root.addBusybox(to: context)
            try await user.command(["build", "-t", "shell", context]).run().mustSucceed()
            // The user's own files are root's inside, and what root makes inside is the user's.
            let run = try await user.succeed(
                "run", "-i", "-v", "\(user.home):/home", "shell", "sh", "-c", "stat -c %u /home; cat > /home/file",
                input: "text")
            #expect(run.output == "0\n")
            let status = try await Command("stat", ["-c", "%u", "\(user.home)/file"]).run()
            #expect(status.line == "\(OrdinaryUser.identifier)")
            // Another user's are nobody's.
            let secret = "\(user.directory)/secret"
            try Files.write("x", to: secret, mode: 0o600)
            let denied = try await user("run", "-v", "\(secret):/secret", "shell", "cat", "/secret")
            #expect(!denied.succeeded && denied.output == "", "\(denied)")
        }
    }

    /// The machine's `/sys` with everything that is mounted below it, whatever network the process has.
    @Test(arguments: ["host", "none"]) func systemFilesCannotBeWritten(network: String) async throws {
        try await OrdinaryUser.with { user in
            let root = Distill(directory: user.directory)
            let context = try root.context(["Dockerfile": Distill.busyboxStage])
            try await root.addBusybox(to: context)
            try await user.command(["build", "-t", "shell", context]).run().mustSucceed()
            let run = try await user.succeed(
                "run", "--network", network, "shell", "sh", "-c",
                "grep -E '^[^ ]+ /sys[ /]' /proc/self/mounts; ls /sys/fs/cgroup; grep Seccomp: /proc/self/status")
            let mounts = run.output.split(separator: "\n").filter { $0.contains(" /sys") }
            #expect(!mounts.isEmpty && run.output.contains("Seccomp:\t2"), "\(run)")
            for mount in mounts {
                let options = Set(mount.split(separator: " ")[3].split(separator: ",").map(String.init))
                let isMask = mount.contains(" /sys/") && mount.contains("tmpfs")
                #expect(
                    options.contains("ro") && (isMask || options.isSuperset(of: ["nosuid", "nodev", "noexec"])),
                    "\(mount)")
            }
        }
    }

    @Test func keepsStoresApart() async throws {
        try await OrdinaryUser.with { user in
            let root = Distill(directory: user.directory, store: user.store)
            try await user.succeed("images")
            let other = try await root("system", "df")
            #expect(
                other.sentences == [
                    "distill: the store '\(user.store)' belongs to the user \(OrdinaryUser.identifier)"
                ], "\(other)")
            let roots = Distill(directory: user.directory)
            try await roots.succeed("images")
            let own = try await user.command(["system", "df"], environment: ["DISTILL_ROOT": roots.store]).run()
            #expect(own.exitCode == 1 && own.sentences.count == 1, "\(own)")
        }
    }

    @Test func saysWhatIsMissing() async throws {
        try await OrdinaryUser.with { user in
            let root = Distill(directory: user.directory)
            let context = try root.context(["Dockerfile": Distill.busyboxStage + "RUN touch /x && id -u"])
            try await root.addBusybox(to: context)
            var poor = user
            poor.subordinates = "somebody-else:200000:65536\n"
            // Files of one owner need no other ID.
            let plain = try await poor("build", "--progress", "plain", context)
            #expect(plain.succeeded && plain.errorOutput.contains(" 0\n"), "\(plain)")
            let foreign = try root.context("foreign", ["Dockerfile": "FROM scratch\nCOPY --chown=33 Dockerfile /\n"])
            let build = try await poor("build", foreign)
            #expect(build.exitCode == 1 && build.errorOutput.contains("usermod --add-subuids"), "\(build)")
            // IDs that newuidmap does not grant: the file is read by both, so it is one that it refuses.
            var greedy = user
            greedy.subordinates = "distill-test:4294967290:100\n"
            let refused = try await greedy("images")
            #expect(
                refused.exitCode == 1 && refused.sentences.last?.hasSuffix("its IDs could not be mapped") == true,
                "\(refused)")
        }
    }

    /// In a namespace whose root has forbidden further ones.
    @Test func worksWithoutNamespacesWhereNoneAreNeeded() async throws {
        try await OrdinaryUser.with { user in
            var refused = user
            let script =
                "echo 0 > /proc/sys/user/max_user_namespaces; exec setpriv --reuid 33 --regid 33 --clear-groups \"$@\""
            refused.wrapper = ["unshare", "--user", "--map-auto", "--map-root-user", "sh", "-ec", script, "sh"]
            let store = "\(user.directory)/open"
            try await Command("mkdir", ["-m", "777", store]).run().mustSucceed()
            let context = try Distill(directory: user.directory).context([
                "Dockerfile": "FROM scratch\nCOPY Dockerfile /\n"
            ])
            let environment: [String: String?] = ["DISTILL_ROOT": "\(store)/store"]
            let images = try await refused.command(["images"], environment: environment).run()
            #expect(images.succeeded && images.output.hasPrefix("REPOSITORY"), "\(images)")
            for arguments in [["build", context], ["compose", "-f", "\(context)/compose.yaml", "up"]] {
                try Files.write("services: {a: {image: x}}\n", to: "\(context)/compose.yaml")
                let outcome = try await refused.command(arguments, environment: environment).run()
                #expect(
                    outcome.exitCode == 1
                        && outcome.errorOutput.contains("hint: without root this needs user namespaces"), "\(outcome)")
            }
        }
    }

    /// Settings that this machine's kernel need not have: a directory in the place of theirs says that they restrict, and a
    /// filter of system calls does what they would.
    @Test(
        .requires(.program("gcc")),
        arguments: [
            (
                "kernel", "apparmor_restrict_unprivileged_userns", "1",
                "=1 refuses to ordinary users: give it an AppArmor profile, as docs/rootless.md shows, or use sudo"
            ),
            (
                "kernel", "unprivileged_userns_clone", "0",
                "=0 refuses to ordinary users: sudo sysctl -w kernel.unprivileged_userns_clone=1, or use sudo"
            ),
            (
                "user", "max_user_namespaces", "0",
                "=0 refuses to ordinary users: sudo sysctl -w user.max_user_namespaces=15000, or use sudo"
            ),
            (
                "kernel", "unprivileged_userns_clone", "1",
                "this machine refuses to ordinary users: see docs/rootless.md, or use sudo"
            ),
        ])
    func namesTheSettingThatRefuses(directory: String, file: String, value: String, sentence: String) async throws {
        try await OrdinaryUser.with { user in
            var user = user
            let source = FilePath(#filePath).removingLastComponent().appending("Fixtures/refuse.c").string
            let refuse = "\(user.directory)/refuse"
            try await Command("gcc", ["-o", refuse, source]).run().mustSucceed()
            let settings =
                "mkdir $0/sys && echo $1 > $0/sys/$2 && mount --bind $0/sys /proc/sys/$3 && shift 3 && exec \"$@\""
            user.outerWrapper = [
                "unshare", "--mount", "sh", "-ec", settings, user.directory, value, file, directory, refuse, "EPERM",
                "namespaces",
            ]
            let context = try Distill(directory: user.directory).context([
                "Dockerfile": "FROM scratch\nCOPY Dockerfile /\n"
            ])
            let build = try await user.command(["build", context]).run()
            let name = sentence.hasPrefix("=") ? "\(directory).\(file)" : ""
            #expect(build.exitCode == 1, "\(build)")
            #expect(
                build.errorOutput.contains("hint: without root this needs user namespaces, which \(name)\(sentence)\n"),
                "\(build)")
        }
    }

    @Test func runsAnApplication() async throws {
        let yaml = """
            services:
              web:
                image: shell
                command: ["sh", "-c", "echo page > /index.html; exec httpd -f -p 80 -h /"]
                ports: ["127.0.0.1::80"]
                volumes: [data:/data]
                healthcheck: {test: ["CMD", "wget", "-q", "-O-", "http://127.0.0.1/index.html"], interval: 50ms, retries: 40}
                stop_signal: SIGKILL
              client:
                image: shell
                command: sh -c "wget -q -O- http://web/index.html; id -u"
                user: "5"
                depends_on: {web: {condition: service_healthy}}
            volumes: {data: }
            """
        try await OrdinaryUser.with { user in
            let root = Distill(directory: user.directory)
            let context = try root.context([
                "Dockerfile": Distill.busyboxStage + "RUN mkdir -p /etc && echo 'root:x:0:0::/:/bin/sh' > /etc/passwd"
            ])
            try await root.addBusybox(to: context)
            try await user.command(["build", "-t", "shell", context]).run().mustSucceed()
            try Files.write(yaml, to: "\(user.directory)/compose.yaml")
            let up = try await user("compose", "-p", "app", "up", "-d")
            try #require(up.succeeded, "\(up)")
            #expect(!up.errorOutput.contains("outside"), "\(up)")
            let services =
                try JSON.parse(try await user.succeed("compose", "-p", "app", "ps", "--format", "json").output).array
                ?? []
            let port = try #require(services.first?["Ports"]?.strings?.first?.firstMatch(of: /:(\d+)->/)).output.1
            let page = try await Command("busybox", ["wget", "-q", "-O-", "http://127.0.0.1:\(port)/index.html"]).run()
            #expect(page.output == "page\n", "\(page)")
            #expect(
                try await user.succeed("compose", "-p", "app", "logs", "--no-log-prefix", "client").output
                    == "page\n5\n")
            try await user.succeed("compose", "-p", "app", "down", "-v")
            let left = try await Command("sh", ["-c", "grep -alF \"$1\" /proc/[0-9]*/cmdline", "sh", user.store]).run()
            // The two that look have the path in their own command lines.
            #expect(left.output.split(separator: "\n").count <= 2, "\(left)")
        }
    }

    @Test(.requires(.debianBase)) func composesTheSameBase() async throws {
        try await OrdinaryUser.with { user in
            try await user.succeed("base", "build", "--progress", "plain", SharedBase.name)
            let own = try JSON.parse(try await user.succeed("image", "inspect", SharedBase.name).output).array?.first
            let shared = try await SharedBase.distill.inspect(SharedBase.name)
            #expect(own?["RootFS"] == shared["RootFS"])
            let run = try await user.succeed(
                "run", SharedBase.name, "sh", "-c", "dpkg --audit; stat -c '%U:%G %a' /var/mail /usr/bin/passwd")
            #expect(run.output == "root:mail 2775\nroot:root 4755\n", "\(run)")
        }
    }
}
