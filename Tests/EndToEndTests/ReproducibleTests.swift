import OCI
import TestSupport
import Testing

/// SOURCE_DATE_EPOCH, `--reproducible`, `rewrite-timestamp` and `--verify`.
@Suite(.requires(.root), .requires(.program("crun")), .requires(.program("busybox")))
struct ReproducibleTests {
    private static let dockerfile =
        Distill.busyboxStage
            + """
            FROM shell
            COPY dir /dir
            RUN mkdir /made && cat /dir/file > /made/file && ln -s file /made/link && rm /dir/other

            """

    /// Two stores, and two contexts of the same content made at different times.
    private static func withTwo(
        _ dockerfile: String = dockerfile, _ body: (_ builders: [(Distill, context: String)]) async throws -> Void
    ) async throws {
        try await Files.withTemporaryDirectory { directory in
            var builders: [(Distill, context: String)] = []
            for number in 0..<2 {
                let distill = Distill(directory: "\(directory)/\(number)")
                try Files.makeDirectory(distill.directory)
                let context = try distill.context(["Dockerfile": dockerfile, "dir/file": "content", "dir/other": "x"])
                try await distill.addBusybox(to: context)
                try await Command("touch", ["-d", "@\(1_500_000_000 + number * 1000)", "\(context)/dir/file"]).run()
                    .mustSucceed()
                builders.append((distill, context))
            }
            try await body(builders)
        }
    }

    private static func digest(_ distill: Distill, _ image: String) async throws -> String {
        try await distill.succeed("save", "--format", "oci", "--compression", "gzip", "-o", "image.tar", image)
        return try await Command("sha256sum", ["image.tar"], workingDirectory: distill.directory).run().line
    }

    @Test func twoStoresGiveOneDigest() async throws {
        try await Self.withTwo { builders in
            var digests: [String] = []
            for (distill, context) in builders {
                try await distill.succeed("build", "-q", "-t", "made", "--reproducible", context)
                digests.append(try await Self.digest(distill, "made"))
                let config = try await distill.inspect("made")
                #expect(config["Created"]?.string == "1970-01-01T00:00:00Z", "there is no commit")
            }
            #expect(digests[0] == digests[1])
        }
    }

    @Test(.requires(.program("git"))) func takesTheCommitsTime() async throws {
        try await Self.withTwo(Self.dockerfile + "ARG SOURCE_DATE_EPOCH\nRUN echo $SOURCE_DATE_EPOCH > /made/epoch\n") {
            builders in
            let (distill, context) = builders[0]
            let script = "git init -q && git add . && git -c user.name=a -c user.email=a@example.org commit -q -m a"
            try await Command(
                "sh", ["-euc", script], environment: ["GIT_COMMITTER_DATE": "2020-02-03T04:05:06Z"],
                workingDirectory: context
            ).run().mustSucceed()
            try await distill.succeed("build", "-q", "-t", "made", "--reproducible", context)
            #expect(try await distill.inspect("made")["Created"]?.string == "2020-02-03T04:05:06Z")
            let root = try await distill.unpack("made")
            let times = try await Command(
                "stat", ["-c", "%Y", "\(root)/dir/file", "\(root)/made/file", "\(root)/made"]
            ).run().line
            #expect(times == "1500000000\n1580702706\n1580702706", "what is older stays")
            #expect(
                try Files.text("\(root)/made/epoch") == "1580702706\n", "a stage that declares the variable sees it")
            let given = try await distill(
                "build", "-q", "-t", "made", "--reproducible", context, environment: ["SOURCE_DATE_EPOCH": "1000000000"]
            )
            try given.mustSucceed()
            #expect(try await distill.inspect("made")["Created"]?.string == "2001-09-09T01:46:40Z")
        }
    }

    /// The variable alone changes what the config tells, and no file.
    @Test func epochComesFromArgumentsEnvironmentAndDockerfile() async throws {
        try await Self.withTwo("ARG SOURCE_DATE_EPOCH=1234567890\n" + Self.dockerfile) { builders in
            let (distill, context) = builders[0]
            func created(_ options: [String], _ environment: [String: String?] = [:]) async throws -> [String?] {
                try await distill.command(
                    ["build", "-q", "-t", "made"] + options + [context], environment: environment
                ).run().mustSucceed()
                let history = try await distill.succeed("history", "--format", "{{.CreatedAt}}", "made").output.split(
                    separator: "\n"
                ).map(String.init)
                return [try await distill.inspect("made")["Created"]?.string] + Set(history).sorted()
            }
            #expect(try await created([]) == ["2009-02-13T23:31:30Z", "2009-02-13T23:31:30Z"])
            #expect(try await created(["--build-arg", "SOURCE_DATE_EPOCH=0"]).first == "1970-01-01T00:00:00Z")
            #expect(try await created([], ["SOURCE_DATE_EPOCH": "1"]).first == "1970-01-01T00:00:01Z")
            let plain = try await distill.inspect("made")["RootFS"]
            #expect(
                try await created(["-o", "type=image,rewrite-timestamp=true"], ["SOURCE_DATE_EPOCH": "1"]).first
                    == "1970-01-01T00:00:01Z")
            #expect(try await distill.inspect("made")["RootFS"] != plain)
            let wrong = try await distill("build", "--build-arg", "SOURCE_DATE_EPOCH=soon", context)
            #expect(wrong.exitCode == 64 && wrong.errorOutput.contains("seconds since 1970"), "\(wrong)")
        }
    }

    @Test func verifiesWhatIsTheSame() async throws {
        try await Self.withTwo { builders in
            let (distill, context) = builders[0]
            let outcome = try await distill.succeed("build", "--progress", "plain", "-t", "made", "--verify", context)
            #expect(outcome.errorOutput.contains("built twice, and nothing differs"), "\(outcome)")
            try await distill.succeed("image", "inspect", "made")
        }
    }

    @Test(arguments: [
        ("RUN head -c 8 /dev/urandom > /b && echo a > /a", "'/b' in layer 3 of 3 differs: byte "),
        ("RUN echo abc > /f && cat /proc/sys/kernel/random/uuid >> /f", "'/f' in layer 3 of 3 differs: byte "),
        ("RUN touch /$(cat /proc/sys/kernel/random/uuid)", "in layer 3 of 3 differs: only the"),
        ("RUN ln -s $(cat /proc/sys/kernel/random/uuid) /l", "'/l' in layer 3 of 3 differs: a link to '"),
        (
            "RUN touch -d @$(od -An -N3 -tu4 /dev/urandom | tr -d ' ') /old",
            "'/old' in layer 3 of 3 differs: modified at 19"
        ),
    ])
    func namesTheFirstFileThatDiffers(step: String, expected: String) async throws {
        try await Self.withTwo(Distill.busyboxStage + "FROM shell\n\(step)\n") { builders in
            let (distill, context) = builders[0]
            let outcome = try await distill("build", "--verify", "--build-arg", "SOURCE_DATE_EPOCH=1000000000", context)
            #expect(outcome.exitCode == 1 && outcome.errorOutput.contains(expected), "\(outcome)")
            #expect(
                outcome.errorOutput.contains("Dockerfile:6:1") && outcome.errorOutput.contains("the step is RUN"),
                "\(outcome)")
        }
    }

    @Test func namesTheStageThatADifferenceComesFrom() async throws {
        let dockerfile =
            Distill.busyboxStage
            + "FROM shell AS made\nRUN head -c 8 /dev/urandom > /b\nFROM scratch\nCOPY --from=made /b /c\n"
        try await Self.withTwo(dockerfile) { builders in
            let (distill, context) = builders[0]
            let outcome = try await distill("build", "--verify", context)
            #expect(outcome.errorOutput.contains("'/c' in layer 1 of 1 differs: byte "), "\(outcome)")
            #expect(
                outcome.errorOutput.contains(
                    "it may come from RUN head -c 8 /dev/urandom > /b [made 1/1], where '/b' differs"), "\(outcome)")
        }
    }
}
