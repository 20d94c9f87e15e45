import TestSupport
import Testing

/// The machines that users have: few descriptors, little memory, other file systems, nothing set in the environment.
@Suite(
    .requires(.root), .requires(.program("crun")), .requires(.program("busybox")), .requires(.program("prlimit")),
    .requires(.program("mkfs.xfs")),
    .requires(.program("mkfs.btrfs")))
struct SmallWorldTests {
    /// Runs a shell script in a mount namespace of its own; `$D` is the binary, `$1` what is given.
    private func script(_ text: String, _ argument: String, _ distill: Distill) async throws -> Command.Outcome {
        try await Command(
            "unshare", ["--mount", "sh", "-euc", text, "sh", argument],
            environment: ["D": Distill.binary, "DISTILL_ROOT": distill.store, "NO_COLOR": "1"],
            workingDirectory: distill.directory
        ).run()
    }

    /// 5,000 directories in a tree 60 deep, with fewer than 100 descriptors of any kind.
    @Test func copiesManyDirectoriesWithFewDescriptors() async throws {
        try await Distill.withStore { distill in
            let outcome = try await script(
                """
                mkdir c && cd c
                printf 'FROM scratch AS a\\nCOPY t /t\\nFROM scratch\\nCOPY --from=a /t /u\\nCOPY --from=a t/1 /u/2\\n' > Dockerfile
                deep=t; i=0; while [ $i -lt 60 ]; do deep=$deep/d; i=$((i + 1)); done
                mkdir -p $deep && echo bottom > $deep/f
                i=0; while [ $i -lt 50 ]; do mkdir -p t/$i; (cd t/$i && seq 1 99 | xargs mkdir); i=$((i + 1)); done
                prlimit --nofile=99:99 "$D" build -q -t wide .
                prlimit --nofile=99:99 "$D" save -o ../wide.tar wide
                prlimit --nofile=99:99 "$D" build -q --output type=tar,dest=../root.tar .
                tar -tf ../root.tar | grep -c '/$'
                tar -tf ../root.tar | grep -c '/f$'
                prlimit --nofile=99:99 "$D" image rm wide >/dev/null
                prlimit --nofile=99:99 "$D" system prune -af >/dev/null
                "$D" system check
                """, "", distill)
            #expect(outcome.succeeded, "\(outcome)")
            // 50 times 100, 60 below one another, and the top.
            #expect(outcome.output.contains("\n5061\n1\n"), "\(outcome)")
            #expect(outcome.output.contains("nothing is wrong"))
        }
    }

    /// Directories in one another, more than there are descriptors: they can be made, copied, saved and removed.
    @Test func removesWhatIsNestedDeeply() async throws {
        try await Distill.withStore { distill in
            let nest = #"RUN i=0; while [ $i -lt 1500 ]; do mkdir d && cd d; i=$((i + 1)); done; touch bottom"#
            let built = try await distill.buildOnBusybox(
                "FROM shell AS made\nWORKDIR /n\n\(nest)\nFROM shell\nCOPY --from=made /n /m\n")
            try #require(built.succeeded, "\(built)")
            for command in [["image", "ls", "-q"], ["system", "prune", "-a", "-f"], ["system", "check"]] {
                let limited = distill.command(command)
                let outcome = try await Command(
                    "prlimit", ["--nofile=200:200", limited.program] + limited.arguments,
                    environment: limited.environment
                ).run()
                #expect(outcome.succeeded, "\(command) \(outcome)")
            }
            #expect(try await distill.succeed("system", "check").output.contains("nothing is wrong"))
            let left = try await Command("find", ["\(distill.store)/tmp", "\(distill.store)/layers", "-name", "d"])
                .run()
            #expect(left.output == "")
        }
    }

    /// More nested than a path can say: no input ends the process, and what a step made can be removed.
    @Test func survivesDirectoriesDeeperThanAnyPath() async throws {
        try await Distill.withStore { distill in
            let nest = #"RUN i=0; while [ $i -lt 10000 ]; do mkdir d && cd d; i=$((i + 1)); done"#
            let built = try await distill.buildOnBusybox(
                "FROM shell AS made\nWORKDIR /n\n\(nest)\n", options: ["-t", "deep"])
            #expect(built.exitCode == 0 || built.exitCode == 1, "\(built)")
            let copied = try await distill.build("FROM scratch\nCOPY --from=deep /n /m\n")
            #expect(
                copied.exitCode == 0 || (copied.exitCode == 1 && copied.errorOutput.contains("File name too long")),
                "\(copied)")
            _ = try await distill("image", "rm", "deep")
            try await distill.succeed("system", "prune", "-a", "-f")
            #expect(try await distill.succeed("system", "check").output.contains("nothing is wrong"))
            let left = try await Command("sh", ["-c", "ls \"$1/tmp\" | wc -l", "sh", distill.store]).run()
            #expect(left.line == "0", "\(left)")
        }
    }

    /// The limit on descriptors is raised for Distill alone.
    @Test func givesTheCallersLimitToWhatItExecutes() async throws {
        try await Distill.withStore { distill in
            let context = try distill.context([
                "Dockerfile": Distill.busyboxStage
                    + "RUN echo \"limit $(ulimit -Sn) $(ulimit -Hn)\"\nCMD [\"sh\", \"-c\", \"ulimit -Sn\"]\n"
            ])
            try await distill.addBusybox(to: context)
            let outcome = try await script(
                """
                prlimit --nofile=300:800 "$D" build --progress plain -t limits "$1" 2>&1
                prlimit --nofile=300:800 "$D" run limits
                prlimit --nofile=300:800 "$D" run --ulimit nofile=77 limits
                """, context, distill)
            #expect(
                outcome.succeeded && outcome.output.contains("limit 300 800")
                    && outcome.output.hasSuffix("\n300\n77\n"), "\(outcome)")
        }
    }

    /// A machine as a cron job or a minimal container sees it.
    @Test func worksWithoutAnEnvironment() async throws {
        try await Distill.withStore { distill in
            let context = try distill.context([
                "Dockerfile": Distill.busyboxStage
                    + "COPY --chmod=640 [\"f\", \"/d/é x/f\"]\nRUN echo \"$(stat -c '%a %n' /d/*/f) $(umask)\"\n",
                "f": "text",
            ])
            try await distill.addBusybox(to: context)
            let outcome = try await script(
                """
                mv "$1" "a place é"
                umask 077
                env -i PATH="$PATH" LC_ALL=C DISTILL_ROOT="$DISTILL_ROOT" prlimit --nofile=1024:1024 "$D" build --progress plain -t plain "a place é" 2>&1
                env -i PATH="$PATH" LC_ALL=C DISTILL_ROOT="$DISTILL_ROOT" "$D" save -o plain.tar plain
                """, context, distill)
            #expect(outcome.succeeded && outcome.output.contains("640 /d/é x/f 0022"), "\(outcome)")
        }
    }

    @Test(arguments: ["ext4", "xfs", "btrfs", "tmpfs"])
    func keepsStoresOnFileSystems(kind: String) async throws {
        try await Distill.withStore { distill in
            let context = try distill.context([
                "Dockerfile": Distill.busyboxStage + """
                    FROM shell AS made
                    RUN mkdir -p /d/old && touch /d/old/a /d/gone && ln /d/gone /d/link
                    RUN rm -r /d/old /d/gone && mkdir /d/old && touch /d/old/b
                    RUN --mount=type=cache,target=/c touch /c/x
                    FROM shell
                    COPY --from=made /d /d
                    RUN touch /d/later
                    CMD ["sh", "-c", "find /d | sort | tr '\\n' ' '"]
                    """
            ])
            try await distill.addBusybox(to: context)
            let outcome = try await script(
                """
                mkdir fs
                case "$0$1" in
                *tmpfs) mount -t tmpfs none fs ;;
                *) truncate -s 512M image; mkfs."$1" -q image 2>/dev/null || mkfs."$1" image >/dev/null; mount -o loop image fs ;;
                esac
                export DISTILL_ROOT="$PWD/fs/store"
                "$D" build -q --check=off -t made context
                "$D" run made
                "$D" save -o made.tar made
                "$D" image rm made >/dev/null
                "$D" load -q -i made.tar >/dev/null
                "$D" run made
                "$D" system check
                "$D" system prune -af >/dev/null
                umount fs
                """, kind, distill)
            let files = "/d /d/later /d/link /d/old /d/old/b "
            #expect(outcome.succeeded && outcome.output.ranges(of: files).count == 2, "\(outcome)")
            #expect(outcome.output.contains("nothing is wrong"))
        }
    }

    /// overlayfs cannot write on overlayfs: what needs no RUN works, and RUN says what to do.
    @Test func saysWhatAStoreOnOverlayfsCannotDo() async throws {
        try await Distill.withStore { distill in
            let context = try distill.context([
                "Dockerfile": Distill.busyboxStage + "FROM shell AS made\nRUN touch /x\n"
            ])
            try await distill.addBusybox(to: context)
            let outcome = try await script(
                """
                mkdir layers && mount -t tmpfs none layers && mkdir layers/lower layers/upper layers/work fs
                mount -t overlay -o lowerdir=layers/lower,upperdir=layers/upper,workdir=layers/work none fs
                export DISTILL_ROOT="$PWD/fs/store"
                printf 'FROM scratch\\nCOPY busybox /b\\n' > copies
                "$D" build -q --check=off -f copies -t copied "$1" && "$D" save -o copied.tar copied && "$D" system check
                ! "$D" build -q --check=off "$1"
                """, context, distill)
            #expect(outcome.succeeded && outcome.output.contains("nothing is wrong"), "\(outcome)")
            #expect(
                outcome.errorOutput.contains("(overlayfs) cannot hold what overlayfs writes")
                    && outcome.errorOutput.contains("set DISTILL_ROOT"), "\(outcome)")
        }
    }

    @Test func survivesAStoreThatIsNearlyFull() async throws {
        try await Distill.withStore { distill in
            let context = try distill.context([
                "Dockerfile": Distill.busyboxStage + "RUN head -c 20000000 /dev/zero > /big\n",
                "copies": "FROM scratch\nCOPY busybox /1\nCOPY . /2\nCOPY . /3\nCOPY . /4\nCOPY . /5\nCOPY . /6\n",
            ])
            try await distill.addBusybox(to: context)
            let outcome = try await script(
                """
                mkdir fs && mount -t tmpfs -o size=8m none fs
                export DISTILL_ROOT="$PWD/fs/store"
                for file in Dockerfile copies; do ! "$D" build --progress plain --check=off -f "$1/$file" "$1" 2>>said || exit 1; done
                "$D" system check
                "$D" system prune -af >/dev/null
                printf 'FROM scratch\\nCOPY busybox /b\\n' > small
                "$D" build -q --check=off -f small -t small "$1"
                """, context, distill)
            #expect(outcome.succeeded && outcome.output.contains("nothing is wrong"), "\(outcome)")
            #expect(try Files.text("\(distill.directory)/said").contains("No space left on device"))
        }
    }
}
