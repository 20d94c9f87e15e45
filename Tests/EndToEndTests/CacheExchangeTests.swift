import OCI
import TestSupport
import Testing

/// `--cache-to`, `--cache-from`, and `distill cache`.
@Suite(.requires(.root), .requires(.program("crun")), .requires(.program("busybox")))
struct CacheExchangeTests {
    private static let dockerfile =
        Distill.busyboxStage
            + """
            FROM shell AS made
            COPY file /file
            RUN echo ran-$((100 + 1)) && cat /file > /made
            FROM shell
            COPY --from=made /made /made
            RUN echo ran-$((100 + 2)) && cat /made > /final

            """

    /// Two stores, and a context.
    private static func withTwo(_ body: (_ first: Distill, _ second: Distill, _ context: String) async throws -> Void)
        async throws
    {
        try await Distill.withStore { distill in
            let context = try distill.context(["Dockerfile": dockerfile, "file": "content"])
            try await distill.addBusybox(to: context)
            try await body(
                distill, Distill(directory: distill.directory, store: "\(distill.directory)/second"), context)
        }
    }

    private static func executed(_ distill: Distill, _ options: String..., context: String) async throws -> [Int] {
        let outcome = try await distill.command(["build", "--progress", "plain", "-t", "made"] + options + [context])
            .run()
        try outcome.mustSucceed()
        return [101, 102].filter { outcome.text.contains("ran-\($0)") }
    }

    @Test func aDirectoryCarriesAllSteps() async throws {
        try await Self.withTwo { first, second, context in
            let (to, from) = ("type=local,dest=cache,mode=max", "type=local,src=cache")
            #expect(try await Self.executed(first, "--cache-to", to, context: context) == [101, 102])
            #expect(try await Self.executed(second, "--cache-from", from, context: context) == [])
            #expect(try await first.inspect("made")["RootFS"] == (try await second.inspect("made")["RootFS"]))
            #expect(try await second.succeed("run", "--rm", "made", "/bin/cat", "/final").output == "content")
            #expect(try await second.succeed("system", "check").output.contains("nothing is wrong"))
            // Only what is missing is executed, on layers that come from the cache.
            try Files.write("changed", to: "\(context)/file")
            let third = Distill(directory: first.directory, store: "\(first.directory)/third")
            #expect(try await Self.executed(third, "--cache-from", from, context: context) == [101, 102])
            #expect(try await Self.executed(third, "--cache-from", from, "--cache-to", to, context: context) == [])
            let fourth = Distill(directory: first.directory, store: "\(first.directory)/fourth")
            #expect(try await Self.executed(fourth, "--cache-from", from, context: context) == [])
            #expect(try await fourth.succeed("run", "--rm", "made", "/bin/cat", "/final").output == "changed")
        }
    }

    /// The directory is an ordinary layout, and blobs that nothing names any more go.
    @Test(.requires(.program("skopeo"))) func theDirectoryIsALayout() async throws {
        try await Self.withTwo { first, _, context in
            func blobs() async throws -> Int {
                try await Command("sh", ["-c", "ls cache/blobs/sha256 | wc -l"], workingDirectory: first.directory)
                    .run().line.split(separator: " ").first.flatMap { Int($0) } ?? 0
            }
            _ = try await Self.executed(first, "--cache-to", "type=local,dest=cache,mode=max", context: context)
            let raw = try await Command(
                "skopeo", ["inspect", "--raw", "oci:cache:latest"], workingDirectory: first.directory
            ).run()
            try raw.mustSucceed()
            let manifest = try JSON.parse(raw.output)
            #expect(manifest["config"]?["mediaType"]?.string == "application/vnd.distill.buildcache.v1+json")
            #expect(try await blobs() == (manifest["layers"]?.array?.count ?? 0) + 2)
            _ = try await Self.executed(first, "--cache-to", "type=local,dest=cache,mode=min", context: context)
            #expect(try await blobs() < (manifest["layers"]?.array?.count ?? 0) + 2)
        }
    }

    @Test func whatIsMissingOrDamagedIsNoError() async throws {
        try await Self.withTwo { first, second, context in
            let missing = try await first.succeed("build", "-q", "--cache-from", "type=local,src=nowhere", context)
            #expect(missing.errorOutput.contains("there is no build cache"), "\(missing)")
            _ = try await Self.executed(first, "--cache-to", "type=local,dest=cache,mode=max", context: context)
            try await Command(
                "sh", ["-c", "for f in cache/blobs/sha256/*; do echo damaged > $f; done"],
                workingDirectory: first.directory
            ).run().mustSucceed()
            let damaged = try await second.succeed("build", "-q", "--cache-from", "type=local,src=cache", context)
            #expect(damaged.errorOutput.contains("is not used"), "\(damaged)")
            let wrong = try await first("build", "--cache-to", "type=local", context)
            #expect(wrong.exitCode == 64 && wrong.errorOutput.contains("dest=DIRECTORY"), "\(wrong)")
        }
    }

    @Test func cacheMountsTravel() async throws {
        try await Distill.withStore { first in
            let count =
                "FROM shell\nRUN --mount=type=cache,id=counter,target=/c,uid=5,mode=0750 echo x >> /c/n && chown 6:7 /c/n && wc -l < /c/n && stat -c '%a %u' /c\n"
            try await first.buildOnBusybox(count).mustSucceed()
            #expect(try await first.succeed("cache", "ls", "-q").output == "counter\n")
            let table = try await first.succeed("cache", "ls").output
            #expect(table.hasPrefix("CACHE ID   LAST USED") && table.contains("2B"), "\(table)")
            try await first.succeed("cache", "export", "-o", "caches", "counter")

            let second = Distill(directory: first.directory, store: "\(first.directory)/second")
            let imported = try await second.succeed("cache", "import", "-i", "caches")
            #expect(imported.errorOutput == "imported counter\n")
            let build = try await second.command(["build", "--progress", "plain", "\(first.directory)/context"]).run()
            #expect(build.text.contains(" 2\n") && build.text.contains("750 5"), "\(build)")
            // An import takes the place of what is here.
            try await second.succeed("cache", "import", "-i", "caches")
            let again = try await second.command([
                "build", "--no-cache", "--progress", "plain", "\(first.directory)/context",
            ]).run()
            #expect(again.text.contains(" 2\n"), "\(again)")

            let unknown = try await first("cache", "export", "-o", "caches", "other")
            #expect(
                unknown.exitCode == 1 && unknown.errorOutput.contains("there is no cache mount 'other'"), "\(unknown)")
            let wrong = try await first("cache", "import", input: "no archive")
            #expect(wrong.exitCode == 1 && wrong.errorOutput.contains("holds no cache mounts"), "\(wrong)")
        }
    }
}

extension CacheExchangeTests {
    /// A machine that a cache answers fetches what is the image's own, sends nothing that is there, and leaves the cache as full as it was:
    /// in the same place, in another of the registry, in another registry, in a directory, and where two write at once.
    @Test func aRegistryKeepsWhatNobodyFetched() async throws {
        try await Self.withTwo { first, _, context in
            try await FakeRegistry.with { registry in
                try await FakeRegistry.with { other in
                    let place = "type=registry,ref=\(registry.host)/x/cache"
                    let max = ",mode=max"
                    #expect(try await Self.executed(first, "--cache-to", place + max, context: context) == [101, 102])
                    let mark = registry.requests.count
                    // Nothing has changed: nothing is sent but what the manifest needs.
                    _ = try await Self.executed(first, "--cache-to", place + max, context: context)
                    func sent(_ requests: ArraySlice<FakeRegistry.Request>) -> Int {
                        requests.filter { ["PUT", "PATCH"].contains($0.method) && $0.path.contains("/blobs/") }.reduce(
                            0
                        ) {
                            $0 + $1.body.count
                        }
                    }
                    #expect(sent(registry.requests.dropFirst(mark)) < 4096)
                    let places = [
                        place, "type=registry,ref=\(registry.host)/y/cache", "type=registry,ref=\(other.host)/x/cache",
                        "type=local,dest=cache",
                    ]
                    for (number, target) in places.enumerated() {
                        let mark = registry.requests.count
                        let machine = Distill(directory: first.directory, store: "\(first.directory)/machine-\(number)")
                        let executed = try await Self.executed(
                            machine, "--cache-from", place, "--cache-to", target + max, context: context)
                        #expect(executed == [])
                        let requests = registry.requests.dropFirst(mark)
                        let fetched = requests.filter { $0.method == "GET" && $0.path.contains("/blobs/sha256") }.count
                        let own = try await machine.inspect("made")["RootFS"]?["Layers"]?.array?.count ?? 0
                        // The cache's config is a blob too.
                        if number < 2 { #expect(fetched == own + 1, "\(requests.map(\.line))") }
                        // What the registry has in one repository is taken over into another.
                        #expect(sent(requests) < 4096, "\(requests.map(\.line))")
                        let next = Distill(directory: first.directory, store: "\(first.directory)/next-\(number)")
                        let source = target.replacing("dest=", with: "src=")
                        #expect(
                            try await Self.executed(next, "--cache-from", source, context: context) == [], "\(target)")
                    }
                    let writers = [first, Distill(directory: first.directory, store: "\(first.directory)/machine-0")]
                    let both = "type=registry,ref=\(registry.host)/z/cache,mode=max"
                    try await withThrowingTaskGroup(of: [Int].self) { group in
                        for writer in writers {
                            group.addTask {
                                try await Self.executed(writer, "--no-cache", "--cache-to", both, context: context)
                            }
                        }
                        for try await executed in group { #expect(executed == [101, 102]) }
                    }
                    let reader = Distill(directory: first.directory, store: "\(first.directory)/reader")
                    let from = String(both.dropLast(max.count))
                    #expect(try await Self.executed(reader, "--cache-from", from, context: context) == [])
                }
            }
        }
    }

    /// Every kind of step on top of a large stage: a build that a cache answers has nothing of that stage.
    @Test func fetchesNothingThatIsNotExecutedOn() async throws {
        let dockerfile =
            Distill.busyboxStage + """
                FROM shell AS deps
                COPY big /big
                FROM deps AS made
                WORKDIR /src
                COPY file .
                ADD file /added
                RUN --mount=type=bind,from=deps,target=/m cat /m/big >/dev/null; cat file > /made
                FROM shell
                COPY --from=made /made /x/
                COPY --from=made --chown=1:1 /src /y
                COPY --link --from=made /added /z/
                RUN --mount=from=made,source=/made,target=/m cat /m > /final
                WORKDIR /w

                """
        try await Distill.withStore { distill in
            var generator = SeededGenerator(seed: 5)
            let context = try distill.context(["Dockerfile": dockerfile, "file": "content"])
            try await distill.addBusybox(to: context)
            try Files.write(generator.bytes(8_000_000), to: "\(context)/big")
            try await distill.succeed("build", "-q", "--cache-to", "type=local,dest=cache,mode=max", "-t", "x", context)
            let other = Distill(directory: distill.directory, store: "\(distill.directory)/other")
            let outcome = try await other(
                "build", "--progress", "plain", "--check=off", "--cache-from", "type=local,src=cache", "-t", "x",
                context)
            try outcome.mustSucceed()
            #expect(!outcome.text.contains("unpacking"), "\(outcome)")
            let large = try await Command("find", [other.store, "-size", "+7000k"]).run()
            #expect(large.output == "")
            // What is executed has what it stands on.
            try Files.write("changed", to: "\(context)/file")
            try await other.succeed("build", "-q", "--cache-from", "type=local,src=cache", "-t", "x", context)
            #expect(
                try await other.succeed("run", "--rm", "x", "/bin/cat", "/final", "/z/added").output == "changedchanged"
            )
        }
    }
}
