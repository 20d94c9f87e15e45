import OCI
import TestSupport
import Testing

/// What cannot be built: a sentence that says where and why, an exit code, and a store that still works.
@Suite(.requires(.root)) struct BadInputTests {
    /// A Dockerfile with a mistake, and the words that the message must have.
    struct Mistake: CustomTestStringConvertible, Sendable {
        let dockerfile: String
        let words: [String]
        var files: [String: String] = ["there": ""]
        var options: [String] = []

        var testDescription: String { dockerfile.replacing("\n", with: "⏎") }
    }

    @Test(arguments: [
        Mistake(dockerfile: "FROM scratch\nFRBO a", words: ["Dockerfile:2:1", "FRBO"]),
        Mistake(dockerfile: "FROM scratch\nCOPPY there /", words: ["Dockerfile:2:1", "COPPY", "COPY"]),
        Mistake(dockerfile: "FROM scratch\nCOPY --form=x there /", words: ["Dockerfile:2:", "form", "from"]),
        Mistake(dockerfile: "FROM scratch\nCOPY there", words: ["Dockerfile:2:", "COPY"]),
        Mistake(dockerfile: "FROM scratch\nENV", words: ["Dockerfile:2:", "ENV"]),
        Mistake(dockerfile: "FROM", words: ["Dockerfile:1:", "FROM"]),
        Mistake(dockerfile: "", words: ["Dockerfile", "empty"]),
        Mistake(dockerfile: "# nothing\n", words: ["Dockerfile"]),
        Mistake(dockerfile: "COPY there /", words: ["Dockerfile:1:1", "FROM"]),
        Mistake(dockerfile: "FROM scratch AS a\nFROM scratch\nCOPY --from=aa there /", words: ["Dockerfile:3:", "aa"]),
        Mistake(dockerfile: "FROM scratch\nCOPY missing /", words: ["Dockerfile:2:", "missing"]),
        Mistake(
            dockerfile: "FROM scratch\nCOPY hidden /", words: ["Dockerfile:2:", "hidden", ".dockerignore"],
            files: ["hidden": "", ".dockerignore": "hid*\n"]),
        Mistake(dockerfile: "FROM scratch\nCOPY ../../etc/passwd /", words: ["Dockerfile:2:", "passwd"]),
        Mistake(dockerfile: "FROM scratch\nENV A=\"${B:?is needed}\"", words: ["Dockerfile:2:", "is needed"]),
        Mistake(dockerfile: "FROM scratch\nCOPY --chmod=999 there /", words: ["Dockerfile:2:", "999"]),
        Mistake(dockerfile: "FROM scratch\nCOPY --chown=nobody-here there /", words: ["Dockerfile:2:", "nobody-here"]),
        Mistake(dockerfile: "FROM scratch\nCOPY there /", words: ["nowhere"], options: ["--target", "nowhere"]),
        Mistake(dockerfile: "FROM UPPER/case\nCOPY there /", words: ["Dockerfile:1:", "UPPER"]),
        Mistake(dockerfile: "FROM scratch\nRUN true", words: ["Dockerfile:2:"]),
        Mistake(dockerfile: "FROM scratch\nADD http://127.0.0.1:9/file /", words: ["127.0.0.1:9"]),
        Mistake(dockerfile: "FROM 127.0.0.1:9/nothing:v1", words: ["Dockerfile:1:", "127.0.0.1:9/nothing"]),
    ])
    func saysWhatIsWrong(mistake: Mistake) async throws {
        try await Distill.withStore { distill in
            let outcome = try await distill.build(
                mistake.dockerfile, files: mistake.files, options: mistake.options + ["-t", "wrong"])
            #expect(outcome.exitCode != 0 && outcome.exitCode < 128, "\(outcome)")
            for word in mistake.words { #expect(outcome.errorOutput.contains(word), "\(word): \(outcome)") }
            #expect(!outcome.text.contains("Fatal error"), "\(outcome)")
            #expect(try await distill.succeed("images", "-q", "-a").output == "")
            try await distill.build("FROM scratch\nCOPY there /", files: ["there": ""], options: ["-t", "right"])
                .mustSucceed()
        }
    }

    @Test(arguments: [
        (["build", "/nonexistent/context"], "/nonexistent/context"),
        (["build", "-f", "/nonexistent/Dockerfile", "."], "/nonexistent/Dockerfile"),
        (["build", "-t", "a:b:c", "."], "a:b:c"),
        (["build", "--build-context", "name", "."], "name"),
        (["base", "build", "debian:frobnicate"], "frobnicate"),
        (["base", "build", "atari"], "atari"),
        (["load", "-i", "/nonexistent/file"], "/nonexistent/file"),
        (["run", "nothing-here"], "nothing-here"),
    ])
    func saysWhatIsNotThere(arguments: [String], word: String) async throws {
        try await Distill.withStore { distill in
            let outcome = try await distill.command(arguments).run()
            #expect(outcome.exitCode != 0 && outcome.exitCode < 128, "\(outcome)")
            #expect(outcome.errorOutput.contains(word), "\(outcome)")
            #expect(outcome.sentences.count == 1, "\(outcome)")
        }
    }

    @Test func saysThatTheMirrorDoesNotAnswer() async throws {
        try await Distill.withStore { distill in
            let outcome = try await distill(
                "base", "build", "debian:bookworm", environment: ["DISTILL_DEBIAN_MIRROR": "http://127.0.0.1:9/debian"])
            #expect(outcome.exitCode != 0)
            #expect(outcome.errorOutput.contains("127.0.0.1:9"), "\(outcome)")
            #expect(try await distill.succeed("images", "-q", "-a").output == "")
        }
    }

    @Test func refusesAnIndexThatNobodySigned() async throws {
        let release = Array(
            """
            Origin: Debian
            Suite: oldstable
            Codename: bookworm
            Components: main
            SHA256:
             e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 0 main/binary-amd64/Packages

            """.utf8)
        try await ScriptedHTTPServer.with(script: { _, _ in [.ok(release)] }) { mirror in
            try await Distill.withStore { distill in
                let outcome = try await distill(
                    "base", "build", "debian:bookworm", environment: ["DISTILL_DEBIAN_MIRROR": mirror.url("/debian")])
                #expect(outcome.exitCode != 0)
                #expect(outcome.errorOutput.lowercased().contains("sign"), "\(outcome)")
                #expect(try await distill.succeed("images", "-q", "-a").output == "")
            }
        }
    }

    @Test(.requires(.program("busybox"))) func saysThatThereIsNoRuntime() async throws {
        try await Distill.withStore { distill in
            let path = try distill.context(["Dockerfile": Distill.busyboxStage])
            try await distill.addBusybox(to: path)
            let outcome = try await distill("build", path, environment: ["PATH": "/nonexistent"])
            #expect(outcome.exitCode != 0)
            #expect(outcome.errorOutput.contains("crun"), "\(outcome)")
        }
    }

    /// A full disk: the build says so, what was there stays, and a smaller build works.
    @Test func survivesAFullDisk() async throws {
        try await Distill.withStore { distill in
            let small = try distill.context("small", ["Dockerfile": "FROM scratch\nCOPY a /a", "a": "x"])
            let large = try distill.context(
                "large",
                ["Dockerfile": "FROM scratch\nCOPY a /a", "a": String(repeating: "0123456789abcdef", count: 1 << 20)])
            try Files.makeDirectory(distill.store)
            let script = """
                mount -t tmpfs -o size=8m none "$DISTILL_ROOT" || exit 100
                "$0" build -q -t before "$1" || exit 101
                "$0" build -q -t large "$2" && exit 102
                "$0" inspect --format '{{.Id}}' before || exit 103
                "$0" build -q -t after --label x=y "$1" || exit 104
                [ "$("$0" images --format '{{.Repository}}' | sort | tr '\\n' ' ')" = "after before " ] || exit 105
                """
            let outcome = try await Command(
                "unshare", ["--mount", "sh", "-c", script, Distill.binary, small, large],
                environment: ["DISTILL_ROOT": distill.store]
            ).run()
            #expect(outcome.exitCode == 0, "\(outcome)")
            #expect(outcome.errorOutput.contains("space"), "\(outcome)")
        }
    }

    /// Where the output's disk is full, the store's space does not help.
    @Test func namesTheDiskThatIsFull() async throws {
        try await Distill.withStore { distill in
            let content = String(repeating: "0123456789abcdef", count: 1 << 16)
            try await distill.build("FROM scratch\nCOPY a /a", files: ["a": content], options: ["-t", "large"])
                .mustSucceed()
            try Files.makeDirectory("\(distill.directory)/out")
            let script = "mount -t tmpfs -o size=64k none out || exit 100; exec \"$0\" save -o out/image.tar large"
            let outcome = try await Command(
                "unshare", ["--mount", "sh", "-c", script, Distill.binary],
                environment: ["DISTILL_ROOT": distill.store, "NO_COLOR": "1"], workingDirectory: distill.directory
            ).run()
            #expect(outcome.exitCode == 1, "\(outcome)")
            #expect(outcome.errorOutput.contains("free space on the file system of 'out/image.tar'"), "\(outcome)")
        }
    }
}
