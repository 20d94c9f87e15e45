import OCI
import TestSupport
import Testing

/// What executes again and what does not. A step shows that it executes by what it prints: `ran-` and a number that
/// only the shell can have computed.
@Suite(.requires(.root), .requires(.program("crun")), .requires(.program("busybox")))
struct CacheTests {
    private static let dockerfile = """
        FROM shell AS build
        RUN echo ran-$((100 + 1)) > /dev/stdout
        COPY early /early
        RUN echo ran-$((100 + 2)) && cat /early > /result
        COPY late /late
        RUN echo ran-$((100 + 3)) && cat /late >> /result
        FROM scratch
        COPY --from=build /result /result
        """

    private static let files = ["early": "e", "late": "l"]

    private func executed(_ outcome: Command.Outcome) -> [Int] {
        [101, 102, 103].filter { outcome.text.contains("ran-\($0)") }
    }

    private func build(
        _ distill: Distill, _ dockerfile: String = dockerfile, _ files: [String: String] = files,
        _ options: [String] = []
    ) async throws -> [Int] {
        let outcome = try await distill.buildOnBusybox(dockerfile, files: files, options: ["-t", "cached"] + options)
        try outcome.mustSucceed()
        return executed(outcome)
    }

    @Test func executesWhatChangedAndNothingElse() async throws {
        try await Distill.withStore { distill in
            #expect(try await build(distill) == [101, 102, 103])
            let first = try await distill.inspect("cached")["Id"]
            #expect(try await build(distill) == [], "nothing changed")
            #expect(try await distill.inspect("cached")["Id"] == first)
            #expect(try await build(distill, "# a comment\n\n" + Self.dockerfile) == [], "a comment is no change")
            #expect(try await build(distill, Self.dockerfile, ["early": "e", "late": "new"]) == [103])
            #expect(try await build(distill, Self.dockerfile, ["early": "new", "late": "new"]) == [102, 103])
            #expect(try await build(distill, Self.dockerfile, Self.files) == [], "what was built before is still known")
            #expect(try await build(distill, Self.dockerfile, Self.files, ["--no-cache"]) == [101, 102, 103])
        }
    }

    /// A copy of the context with other times is the same context.
    @Test func looksAtContentAndNotAtTimes() async throws {
        try await Distill.withStore { distill in
            #expect(try await build(distill) == [101, 102, 103])
            let touched = try await Command("touch", ["-d", "2001-02-03", "\(distill.directory)/context/early"]).run()
            #expect(touched.succeeded)
            let again = try await distill("build", "--progress", "plain", "\(distill.directory)/context")
            #expect(executed(again) == [], "\(again)")
        }
    }

    @Test func seesChangedModesArgumentsAndEnvironment() async throws {
        try await Distill.withStore { distill in
            #expect(try await build(distill) == [101, 102, 103])
            let changed = try await Command("chmod", ["755", "\(distill.directory)/context/late"]).run()
            #expect(changed.succeeded)
            let again = try await distill("build", "--progress", "plain", "\(distill.directory)/context")
            #expect(executed(again) == [103], "\(again)")

            let dockerfile = "FROM shell\nARG A=1\nRUN echo ran-$((100 + 1)) $A\nENV B=1\nRUN echo ran-$((100 + 2))"
            #expect(try await build(distill, dockerfile) == [101, 102])
            #expect(try await build(distill, dockerfile, Self.files, ["--build-arg", "A=1"]) == [])
            #expect(try await build(distill, dockerfile, Self.files, ["--build-arg", "A=2"]) == [101, 102])
            #expect(try await build(distill, dockerfile.replacing("B=1", with: "B=2")) == [102])
        }
    }

    /// What a step finds around it by options is part of what it is.
    @Test func seesOptionsThatProcessesSee() async throws {
        try await Distill.withStore { distill async throws in
            let dockerfile = "FROM shell\nRUN echo ran-$((100 + 1))"
            func build(_ options: [String]) async throws -> [Int] {
                try await self.build(distill, dockerfile, Self.files, options)
            }
            #expect(try await build([]) == [101])
            #expect(try await build(["--add-host", "a:192.0.2.1"]) == [101])
            #expect(try await build(["--add-host", "a:192.0.2.2"]) == [101])
            #expect(try await build(["--ulimit", "nofile=512"]) == [101])
            #expect(try await build(["--shm-size", "1m"]) == [101])
            #expect(try await build(["--add-host", "a:192.0.2.1"]) == [])
            #expect(try await build([]) == [])
        }
    }

    /// A step that executes again and yields the same files lets everything after it stay.
    @Test func stopsWhereTheContentIsTheSame() async throws {
        try await Distill.withStore { distill async throws in
            let dockerfile = """
                FROM shell AS build
                COPY early /early
                RUN echo ran-$((100 + 1)) && echo constant > /result
                FROM shell
                COPY --from=build /result /result
                RUN echo ran-$((100 + 2))
                """
            #expect(try await build(distill, dockerfile) == [101, 102])
            #expect(try await build(distill, dockerfile, ["early": "new", "late": "l"]) == [101])
        }
    }
}
