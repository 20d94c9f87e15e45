import TestSupport
import Testing

/// Builds that end badly, or many at once: the store stays right.
@Suite(.requires(.root), .requires(.program("crun")), .requires(.program("busybox")))
struct FaultTests {
    private static let dockerfile =
        Distill.busyboxStage
            + """
            FROM shell AS made
            WORKDIR /stage
            COPY files /stage/files
            RUN cat files/* > all && rm -r files
            FROM scratch
            COPY --from=made /stage/all /all
            COPY files /files

            """

    /// A context of two hundred files whose content has the version in it.
    private static func context(_ distill: Distill, version: Int) async throws -> String {
        let path = try distill.context(["Dockerfile": dockerfile])
        try Files.makeDirectory("\(path)/files")
        for number in 100..<300 {
            try Files.write("file \(number) of version \(version)\n", to: "\(path)/files/\(number)")
        }
        try await distill.addBusybox(to: path)
        return path
    }

    /// The store has nothing wrong, and a build gives what the context holds.
    private static func expectRight(_ distill: Distill, _ context: String, version: Int) async throws {
        var check = try await distill("system", "check")
        // What a killed build started may hold the store's lock until it has ended as well.
        for _ in 0..<100 where check.errorOutput.contains("Another distill uses the store") {
            try await Task.sleep(for: .milliseconds(100))
            check = try await distill("system", "check")
        }
        #expect(check.exitCode == 0 && check.output.contains("nothing is wrong"), "\(check)")
        try await distill.succeed("build", "-q", "-t", "right", context)
        let tree = try await distill.tree("right")
        #expect(tree.filter { $0.hasPrefix("files/") }.count == 200)
        let archive = "\(distill.directory)/right.tar"
        try await distill.succeed("save", "--format", "docker", "-o", archive, "right")
        let read = try await Command(
            "sh",
            [
                "-euc",
                "for layer in $(tar -tf \"$0\" | grep blobs/sha256/.); do tar -xOf \"$0\" $layer | tar -xO all 2>/dev/null && break; done; rm \"$0\"",
                archive,
            ]
        ).run()
        let lines = read.output.split(separator: "\n")
        #expect(lines.count == 200 && lines.allSatisfy { $0.hasSuffix("of version \(version)") }, "\(read)")
    }

    /// With `--all` at two hundred moments, otherwise at sixteen.
    @Test func survivesKillsAtAnyMoment() async throws {
        let count = environmentVariable("DISTILL_TEST_ALL") == nil ? 16 : 200
        try await Distill.withStore { distill in
            var generator = SeededGenerator(seed: 4)
            var version = 0
            for round in 0..<count {
                if round.isMultiple(of: 3) { version += 1 }
                let context = try await Self.context(distill, version: version)
                let options = round.isMultiple(of: 2) ? ["--no-cache"] : []
                let delay = "0.\(String(Int.random(in: 1000...1700, using: &generator)).dropFirst())"
                let script = "\"$@\" & child=$!; sleep \(delay); kill -9 $child; wait $child"
                let words = ["-c", script, "sh", Distill.binary, "build", "-q", "-t", "killed"] + options + [context]
                _ = try await Command("sh", words, environment: ["DISTILL_ROOT": distill.store]).run()
                if round % 8 == 7 { try await Self.expectRight(distill, context, version: version) }
            }
        }
    }

    @Test func buildsEightAtOnce() async throws {
        try await Distill.withStore { distill in
            let context = try await Self.context(distill, version: 1)
            try await withThrowingTaskGroup(of: Command.Outcome.self) { group in
                for number in 0..<8 {
                    let options = number.isMultiple(of: 2) ? ["--no-cache"] : []
                    group.addTask {
                        try await distill.command(["build", "-q", "-t", "at-once-\(number)"] + options + [context])
                            .run()
                    }
                }
                for try await outcome in group { try outcome.mustSucceed() }
            }
            try await Self.expectRight(distill, context, version: 1)
        }
    }

    /// A build that is killed takes with it what it runs.
    @Test func killedBuildsLeaveNoProcessBehind() async throws {
        try await Distill.withStore { distill in
            let path = try distill.context([
                "Dockerfile": Distill.busyboxStage + "FROM shell\nRUN echo started-$((1 + 1)); exec sleep 4322.5\n"
            ])
            try await distill.addBusybox(to: path)
            let script = """
                "$0" build --progress plain "$1" > log 2>&1 & build=$!
                until grep -q started-2 log; do sleep 0.05; done
                kill -9 $build; wait $build
                for i in $(seq 100); do pgrep -f '^sleep 4322.5$' > /dev/null || exit 0; sleep 0.05; done
                kill $(pgrep -f '^sleep 4322.5$'); exit 1
                """
            let outcome = try await Command(
                "sh", ["-c", script, Distill.binary, path], environment: ["DISTILL_ROOT": distill.store],
                workingDirectory: distill.directory
            ).run()
            #expect(outcome.exitCode == 0, "\(outcome)")
        }
    }

    /// A store whose file system becomes full, while files are copied, while a command writes, while an archive is made.
    @Test(arguments: [
        "FROM scratch\nCOPY large /\n",
        Distill.busyboxStage + "FROM shell\nRUN head -c 30000000 /dev/urandom > /large\n",
        "FROM scratch\nCOPY half /\n",
    ])
    func survivesAFullDisk(dockerfile: String) async throws {
        try await Distill.withStore { distill in
            let store = distill.store
            let context = try distill.context(["Dockerfile": dockerfile])
            try await distill.addBusybox(to: context)
            let prepare =
                "head -c 30000000 /dev/urandom > context/large; head -c 11000000 context/large > context/half; mkdir store; mount -t tmpfs -o size=16m none store"
            try await Command("sh", ["-euc", prepare], workingDirectory: distill.directory).run().mustSucceed()
            var unmounts: Bool { get async throws { try await Command("umount", [store]).run().succeeded } }
            do {
                let full = try await distill("build", "-q", "-t", "made", "-o", "type=image,compression=gzip", context)
                #expect(full.exitCode == 1, "\(full)")
                #expect(full.errorOutput.contains("No space left") || full.errorOutput.contains("exit code"), "\(full)")
                let check = try await distill("system", "check")
                #expect(check.exitCode == 0 && check.output.contains("nothing is wrong"), "\(check)")
                try await Command("mount", ["-o", "remount,size=200m", store]).run().mustSucceed()
                try await distill.succeed("build", "-q", "-t", "made", "-o", "type=image,compression=gzip", context)
                #expect(try await distill.succeed("system", "check").output.contains("nothing is wrong"))
                let size = try await Command("sh", ["-c", "ls store/tmp | wc -l"], workingDirectory: distill.directory)
                    .run().line
                #expect(size == "0", "no unfinished work stays")
            } catch {
                _ = try await unmounts
                throw error
            }
            #expect(try await unmounts)
        }
    }

    /// What a RUN leaves running ends with it.
    @Test func leavesNoProcessBehind() async throws {
        try await Distill.withStore { distill in
            let build = try await distill.buildOnBusybox(
                "FROM shell\nRUN sleep 4321.5 & setsid sleep 4321.5 & echo started\n")
            try build.mustSucceed()
            #expect(build.text.contains("started"))
            let left = try await Command("pgrep", ["-f", "^sleep 4321.5$"]).run()
            #expect(left.output == "", "\(left)")
        }
    }

    /// A file that grows meanwhile is copied as it was at one moment, or refused; never half one thing and half another.
    @Test func noticesFilesThatChangeMeanwhile() async throws {
        try await Distill.withStore { distill in
            let context = try distill.context(["Dockerfile": "FROM scratch\nCOPY growing /\n"])
            let script = "for i in $(seq 300); do head -c 100000 /dev/urandom >> \"$0\"; done"
            async let growth = Command("sh", ["-c", script, "\(context)/growing"]).run()
            for _ in 0..<20 {
                let build = try await distill("build", "-q", "-t", "grown", context)
                guard !build.succeeded else { continue }
                // It may not be there yet either.
                let sentences = ["changed while it was copied", "does not exist"]
                #expect(sentences.contains { build.errorOutput.contains($0) }, "\(build)")
            }
            try await growth.mustSucceed()
            try await distill.succeed("build", "-q", "-t", "grown", context)
            let check = try await distill("system", "check")
            #expect(check.output.contains("nothing is wrong"), "\(check)")
        }
    }

    /// A file that cannot be read: the process's own memory, whose first page nobody has.
    @Test(.requires(.program("unshare"))) func saysWhatCannotBeRead() async throws {
        try await Distill.withStore { distill in
            let context = try distill.context(["Dockerfile": "FROM scratch\nCOPY hidden /\n", "hidden": ""])
            let script = "mount --bind /proc/self/mem \"$1/hidden\" && exec \"$0\" build -q \"$1\""
            let build = try await Command(
                "unshare", ["--mount", "sh", "-c", script, Distill.binary, context],
                environment: ["DISTILL_ROOT": distill.store]
            ).run()
            #expect(build.exitCode == 1)
            #expect(build.errorOutput.contains("Dockerfile:2:1"), "\(build)")
            let check = try await distill("system", "check")
            #expect(check.output.contains("nothing is wrong"), "\(check)")
        }
    }
}
