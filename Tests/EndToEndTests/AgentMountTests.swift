import TestSupport
import Testing

/// RUN --mount=type=ssh: steps sign, and see no key.
@Suite(
    .requires(.root), .requires(.program("busybox")), .requires(.program("ssh-agent")),
    .requires(.program("ssh-keygen")))
struct AgentMountTests {
    /// Keys, and a root file system with ssh-add, ssh-keygen and their libraries.
    private static let preparation = """
        cd "$1"
        for kind in plain other locked; do
            pass=; [ $kind != locked ] || pass=secret
            ssh-keygen -q -t ed25519 -N "$pass" -C "$kind" -f $kind
        done
        # Who may read it is the business of whoever owns it.
        chmod 644 plain other
        mkdir -p context/root/bin
        for program in ssh-add ssh-keygen; do
            path=$(command -v $program)
            cp "$path" context/root/bin/
            for library in $(ldd "$path" | grep -o '/[^ ]*'); do
                mkdir -p "context/root/${library%/*}"
                cp -L "$library" "context/root/$library"
            done
        done
        """

    private func prepare(_ directory: String, _ steps: String) async throws -> String {
        let context = "\(directory)/context"
        try Files.makeDirectory(context)
        try await Command("sh", ["-euc", Self.preparation, "sh", directory]).run().mustSucceed()
        try await Distill(directory: directory).addBusybox(to: context)
        let dockerfile =
            Distill.busyboxStage
            + "FROM shell\nCOPY root /\nRUN mkdir -p /etc && echo 'root:x:0:0::/:/bin/sh' > /etc/passwd\n"
        let user = "RUN echo 'app:x:1000:1000::/:/bin/sh' >> /etc/passwd\n"
        try Files.write(dockerfile + user + steps, to: "\(context)/Dockerfile")
        return context
    }

    private static let steps = """
        RUN --mount=type=ssh --mount=type=ssh,id=two \\
            ! head -n 1 "$SSH_AUTH_SOCK" && [ "$SSH_AUTH_SOCK" = /run/buildkit/ssh_agent.0 ] && stat -c 'socket %F %u:%g %a' "$SSH_AUTH_SOCK" \\
            && ssh-add -L > /key.pub && echo text > /text && ssh-keygen -q -Y sign -n file -f /key.pub /text && test -s /text.sig \\
            && ssh-keygen -Y check-novalidate -n file -s /text.sig < /text && SSH_AUTH_SOCK=/run/buildkit/ssh_agent.1 ssh-add -L
        RUN --mount=type=ssh ! ssh-add -D && ! ssh-add /nothing; ! echo pass | ssh-add -x; [ "$(ssh-add -L | wc -l)" = 1 ]
        USER 1000
        RUN --mount=type=ssh,target=/tmp/own,uid=1000,gid=7,mode=0640 stat -c 'socket %F %u:%g %a' /tmp/own && ssh-add -l
        RUN --mount=type=ssh ! ssh-add -l
        RUN --mount=type=ssh,id=none [ "$SSH_AUTH_SOCK" = /run/buildkit/ssh_agent.0 ] && ! test -e "$SSH_AUTH_SOCK"
        USER 0
        RUN ! test -e /run/buildkit/ssh_agent.0

        """

    /// The lines that programs in steps wrote.
    private static func check(_ outcome: Command.Outcome) {
        #expect(outcome.succeeded && !outcome.text.contains("PRIVATE KEY"), "\(outcome)")
        #expect(
            outcome.text.contains("socket socket 0:0 600") && outcome.text.contains("socket socket 1000:7 640"),
            "\(outcome)")
        #expect(outcome.text.contains(" plain") && outcome.text.contains(" other"), "each ID has its own: \(outcome)")
    }

    private static func options(_ directory: String, _ context: String) -> [String] {
        [
            "build", "--progress", "plain", "--ssh", "default=\(directory)/plain", "--ssh",
            "two=\(directory)/other,\(directory)/plain", "-t", "image", context,
        ]
    }

    @Test func signsWithKeysThatAreNeverSeen() async throws {
        try await Distill.withStore { distill in
            let context = try await prepare(distill.directory, Self.steps)
            Self.check(try await distill.command(Self.options(distill.directory, context)).run())
            #expect(try await distill.tree("image").filter { $0.hasPrefix("run") || $0.contains("ssh_agent") } == [])
            // No key outside of the files that were named, and no agent.
            let line = try #require(
                try Files.text("\(distill.directory)/plain").split(separator: "\n").dropFirst(3).first.map(String.init))
            let found = try await Command("grep", ["-rlF", line, distill.directory]).run()
            #expect(found.output == "\(distill.directory)/plain\n", "\(found)")
            #expect(try await Self.agents(of: distill.store) == "")
        }
    }

    @Test(.requires(.program("newuidmap")), .requires(.program("setpriv"))) func servesOrdinaryUsers() async throws {
        try await OrdinaryUser.with { user in
            let context = try await prepare(user.directory, Self.steps)
            Self.check(try await user.command(Self.options(user.directory, context)).run())
        }
    }

    /// The agent of whoever calls, by the environment or by its socket, under a path that is longer than addresses may be.
    @Test func leadsToAnAgentThatRuns() async throws {
        try await Distill.withStore { distill in
            let context = try await prepare(
                distill.directory, "RUN --mount=type=ssh,required ! ssh-add -D && ssh-add -L\n")
            let long = "\(distill.directory)/" + String(repeating: "long", count: 30)
            let script = """
                mkdir "$LONG"; cd "$LONG"; chmod 600 "$1"
                exec ssh-agent -a socket sh -euc 'SSH_AUTH_SOCK=socket ssh-add -q "$1"; shift
                    SSH_AUTH_SOCK=$LONG/socket "$@" --ssh default "$CONTEXT"; "$@" --ssh "default=$LONG/socket" "$CONTEXT"
                    SSH_AUTH_SOCK=socket ssh-add -L' sh "$@"
                """
            let arguments = [
                "-euc", script, "sh", "\(distill.directory)/plain", Distill.binary, "build", "--no-cache", "--progress",
                "plain",
            ]
            let outcome = try await Command(
                "sh", arguments,
                environment: [
                    "DISTILL_ROOT": distill.store, "NO_COLOR": "1", "LONG": long, "CONTEXT": context,
                ]
            ).run()
            #expect(outcome.succeeded && outcome.output.hasSuffix(" plain\n"), "the step removed nothing: \(outcome)")
            #expect(
                outcome.text.split(separator: "\n").filter { $0.hasPrefix("#") && $0.hasSuffix(" plain") }.count == 2,
                "\(outcome)")
        }
    }

    @Test func endsItsAgentHoweverItEnds() async throws {
        try await Distill.withStore { distill in
            let context = try await prepare(distill.directory, "RUN --mount=type=ssh ssh-add -L && sleep 3600\n")
            let command = distill.command(Self.options(distill.directory, context))
            // Killed while the step runs, whose first line is its tenth at most; or while a step before it does.
            let seen = try await command.kill(afterErrorLines: 3)
            #expect(seen.count == 3)
            #expect(try await Self.agents(of: distill.store, patience: 150) == "")
            let outcome = try await Command(
                "timeout",
                ["--preserve-status", "-s", "TERM", "4", Distill.binary] + Self.options(distill.directory, context),
                environment: ["DISTILL_ROOT": distill.store]
            ).run()
            #expect(outcome.exitCode == 143, "\(outcome)")
            #expect(try await Self.agents(of: distill.store, patience: 100) == "")
        }
    }

    /// The agents that builds on a store have left, after some tenths of a second at most.
    private static func agents(of store: String, patience: Int = 10) async throws -> String {
        let script = """
            count=0
            while :; do
                found=
                for process in /proc/[0-9]*; do
                    [ "$(cat "$process/comm" 2>/dev/null)" = ssh-agent ] && tr '\\0' '\\n' < "$process/environ" 2>/dev/null | grep -qxF "DISTILL_ROOT=$1" \\
                        && found="$found ${process#/proc/}"
                done
                [ -z "$found" ] || [ $count -ge "$2" ] && break
                sleep 0.1
                count=$((count + 1))
            done
            printf %s "$found"
            """
        return try await Command("sh", ["-c", script, "sh", store, "\(patience)"]).run().output
    }

    @Test(arguments: [
        ("default=missing", "there is no 'missing'"), ("default=.", "a directory"),
        ("default=plain.pub", "a public key"),
        ("default=locked", "passphrase"), ("default=context/Dockerfile", "neither a socket nor a private key"),
        ("x=/dev/null", "neither a socket"),
        ("default=plain,locked", "passphrase"), ("=plain", "the form is"), ("default=", "the form is"),
        ("default", "SSH_AUTH_SOCK is not set"),
    ])
    func saysWhatIsNoKey(option: String, words: String) async throws {
        try await Distill.withStore { distill in
            _ = try await prepare(distill.directory, "")
            let outcome = try await distill.command(
                ["build", "--ssh", option, "context"], environment: ["SSH_AUTH_SOCK": nil]
            ).run()
            #expect(
                outcome.exitCode == 64 && outcome.errorOutput.contains(words) && outcome.sentences.count == 1,
                "\(outcome)")
        }
    }

    @Test func saysWhichPackageIsMissing() async throws {
        try await Distill.withStore { distill in
            let context = try await prepare(distill.directory, "")
            try Files.makeDirectory("\(distill.directory)/none")
            // The usual places are looked at too: in this mount namespace they have no agent.
            let script = "for d in /usr/bin /bin; do mount --bind /dev/null $d/ssh-agent; done; exec \"$@\""
            let outcome = try await Command(
                "unshare",
                [
                    "--mount", "sh", "-c", script, "sh", Distill.binary, "build", "--ssh",
                    "default=\(distill.directory)/plain", context,
                ],
                environment: ["DISTILL_ROOT": distill.store]
            ).run()
            #expect(outcome.exitCode == 1 && outcome.errorOutput.contains("openssh-client"), "\(outcome)")
        }
    }
}
