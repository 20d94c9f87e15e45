import TestSupport
import Testing

/// The times of what the builder itself makes: here-documents and WORKDIR have that of the step, directories on the way and the
/// top directory of a COPY that of their source.
@Suite(.requires(.root), .requires(.program("crun")), .requires(.program("busybox"))) struct StepTimeTests {
    private static let dockerfile = """
        FROM shell
        WORKDIR /work/dir
        COPY <<EOF /here/doc
        text
        EOF
        COPY dir /top
        COPY dir/file /parents/of/file
        ADD a.tar /unpacked/here/
        COPY --parents dir/sub/file /kept/
        RUN stat -c '%n %Y' /work /work/dir /here /here/doc /top /parents /parents/of /unpacked /unpacked/here /kept /top/file /kept/dir > /times

        """

    private static func context(_ distill: Distill) async throws -> String {
        let files = ["Dockerfile": Distill.busyboxStage + dockerfile, "dir/file": "x", "dir/sub/file": "y", "a/b": "z"]
        let context = try distill.context(files)
        try await distill.addBusybox(to: context)
        let script =
            "tar -cf a.tar -C a b && touch -d @1500000000 dir/file dir dir/sub dir/sub/file a.tar && touch -d @1400000000 dir"
        try await Command("sh", ["-ec", script], workingDirectory: context).run().mustSucceed()
        return context
    }

    /// Times by paths.
    private static func times(_ text: String) -> [String: Int64] {
        Dictionary(
            text.split(separator: "\n").compactMap { line in
                let words = line.split(separator: " ")
                return words.count == 2 ? Int64(words[1]).map { (String(words[0]), $0) } : nil
            }
        ) { $1 }
    }

    private static let made = [
        "/work", "/work/dir", "/here", "/here/doc", "/top", "/parents", "/parents/of", "/unpacked", "/unpacked/here",
        "/kept",
    ]

    private static func now() async throws -> Int64 {
        try #require(Int64(try await Command("date", ["+%s"]).run().line))
    }

    @Test func isThatOfTheStep() async throws {
        try await Distill.withStore { distill in
            let context = try await Self.context(distill)
            let before = try await Self.now()
            let first = try await distill.succeed("build", "-q", "-t", "made", context).line
            let after = try await Self.now()
            let times = Self.times(try await distill.succeed("run", "made", "cat", "/times").output)
            for path in ["/work", "/work/dir", "/here", "/here/doc"] {
                #expect((before...after).contains(times[path] ?? 0), "\(path): \(times)")
            }
            for path in ["/parents", "/parents/of", "/unpacked", "/unpacked/here", "/kept"] {
                #expect(times[path] == 1_500_000_000, "\(path): \(times)")
            }
            #expect(times["/top"] == 1_400_000_000)
            #expect(
                times["/top/file"] == 1_500_000_000 && times["/kept/dir"] == 1_400_000_000,
                "what has a time of its own keeps it")
            let root = try await distill.unpack("made")
            let saved = try await Command("stat", ["-c", "%Y", "\(root)/here/doc"]).run().line
            #expect(Int64(saved) == times["/here/doc"])
            // The same cache gives the same image, and what is made anew at another time is the same to the steps that follow.
            #expect(try await distill.succeed("build", "-q", "-t", "again", context).line == first)
            try await Command("sleep", ["1.1"]).run().mustSucceed()
            try Self.staged(context)
            try await distill.succeed("build", "-q", "--target", "last", context)
            let forced = try await distill.succeed(
                "build", "--progress", "plain", "--no-cache-filter", "files", "--target", "last", context
            ).text
            #expect(
                forced.components(of: "CACHED") == 3, "the shell's two steps, and that of the last stage: \(forced)")
        }
    }

    /// The same file with its files in a stage of their own, and a step on top in another.
    private static func staged(_ context: String) throws {
        let text =
            Distill.busyboxStage
            + dockerfile.replacing("FROM shell", with: "FROM shell AS files").replacing(
                "RUN stat", with: "FROM files AS last\nRUN stat")
        try Files.write(text, to: "\(context)/Dockerfile")
    }

    @Test func isTheEpochWhereOneIsGiven() async throws {
        try await Distill.withStore { distill in
            let context = try await Self.context(distill)
            try await distill.succeed(
                "build", "-q", "-t", "made", "--build-arg", "SOURCE_DATE_EPOCH=1000000000", context)
            let times = Self.times(try await distill.succeed("run", "made", "cat", "/times").output)
            for path in Self.made { #expect(times[path] == 1_000_000_000, "\(path)") }
        }
    }

    /// zip knows no time before 1980: a step sees 2 January 1980, the image has the epoch.
    @Test func suitsZipInAReproducibleBuild() async throws {
        try await Distill.withStore { distill in
            let context = try await Self.context(distill)
            try await distill.succeed("build", "-q", "-t", "made", "--reproducible", context)
            let times = Self.times(try await distill.succeed("run", "made", "cat", "/times").output)
            for path in Self.made { #expect(times[path] == 315_619_200, "\(path)") }
            let root = try await distill.unpack("made")
            #expect(try await Command("stat", ["-c", "%Y", "\(root)/here/doc", "\(root)/work"]).run().line == "0\n0")
        }
    }
}
