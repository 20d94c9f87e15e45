import OCI
import TestSupport
import Testing

/// Where contexts come from, and what COPY and ADD make of them.
@Suite(.requires(.root), .requires(.program("umoci")), .requires(.program("skopeo"))) struct ContextTests {
    @Test(arguments: ["cf -", "czf -", "cJf -"])
    func readsAnArchiveFromStandardInput(options: String) async throws {
        try await Distill.withStore { distill in
            let context = try distill.context(
                "context",
                [
                    "Dockerfile": "FROM scratch\nCOPY . /\n", ".dockerignore": "hidden\nDockerfile\n", "seen": "1",
                    "hidden": "2",
                ])
            let built = try await Command(
                "sh", ["-c", "tar \(options) -C \"$1\" . | \"$2\" build -q -t image -", "sh", context, Distill.binary],
                environment: ["DISTILL_ROOT": distill.store]
            ).run()
            #expect(built.succeeded, "\(built)")
            #expect(try await distill.tree("image").map { $0.split(separator: " ")[0] } == [".dockerignore", "seen"])
        }
    }

    @Test func readsADockerfileFromStandardInput() async throws {
        try await Distill.withStore { distill in
            let outcome = try await distill("build", "-t", "image", "-", input: "FROM scratch\nLABEL a=b\n")
            #expect(outcome.succeeded, "\(outcome)")
            #expect(try await distill.inspect("image")["Config"]?["Labels"]?["a"]?.string == "b")
            let wrong = try await distill("build", "-", input: "\u{0}\u{1}\u{2}")
            #expect(
                wrong.exitCode == 1 && wrong.errorOutput.contains("neither an archive nor a Dockerfile"), "\(wrong)")
        }
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let instruction: String
        let expected: [String]

        var testDescription: String { instruction }
    }

    /// The context holds `a/b/one.txt`, `a/two.txt`, `a/c/three.md`, `top.txt`.
    @Test(arguments: [
        Case(
            instruction: "COPY --parents a/b/one.txt /out/", expected: ["out", "out/a", "out/a/b", "out/a/b/one.txt"]),
        Case(instruction: "COPY --parents a/./b/one.txt /out/", expected: ["out", "out/b", "out/b/one.txt"]),
        Case(
            instruction: "COPY --parents a/c top.txt /out/",
            expected: ["out", "out/a", "out/a/c", "out/a/c/three.md", "out/top.txt"]),
        Case(instruction: "COPY a/*.txt top.* /out/", expected: ["out", "out/top.txt", "out/two.txt"]),
        Case(instruction: "COPY --link a/two.txt /x/", expected: ["x", "x/two.txt"]),
        Case(instruction: "COPY nothing*.txt top.txt /out/", expected: ["out", "out/top.txt"]),
    ])
    func copies(_ example: Case) async throws {
        try await Distill.withStore { distill in
            let outcome = try await distill.build(
                "FROM scratch\n\(example.instruction)\n",
                files: ["a/b/one.txt": "1", "a/two.txt": "2", "a/c/three.md": "3", "top.txt": "0"],
                options: ["-t", "image"])
            #expect(outcome.succeeded, "\(outcome)")
            #expect(try await distill.tree("image").map { String($0.split(separator: " ")[0]) } == example.expected)
        }
    }

    @Test(arguments: ["cf", "czf", "cJf", "cjf"])
    func unpacksArchivesByTheirContent(option: String) async throws {
        try await Distill.withStore { distill in
            let context = try distill.context(
                "context", ["in/deep/file": "x", "Dockerfile": "FROM scratch\nADD packed /to\nCOPY packed /as-it-is\n"])
            let packed = try await Command("tar", [option, "\(context)/packed", "-C", "\(context)/in", "."]).run()
            try #require(packed.succeeded, "\(packed)")
            try await distill.succeed("build", "-q", "-t", "image", context)
            let names = try await distill.tree("image").map { $0.split(separator: " ")[0] }
            #expect(names == ["as-it-is", "to", "to/deep", "to/deep/file"])
        }
    }

    @Test func checksWithoutBuilding() async throws {
        try await Distill.withStore { distill in
            let context = try distill.context(
                "context",
                ["Dockerfile": "from scratch\nCOPY . /\nFRM x\n", "Good": "FROM scratch\nCOPY . /\nUSER 1\n"])
            let bad = try await distill("check", "\(context)/Dockerfile")
            #expect(bad.exitCode == 1 && bad.output.contains("Dockerfile:3:1") && bad.output.contains("^^^"), "\(bad)")
            let good = try await distill("build", "--check", "-f", "\(context)/Good", context)
            #expect(good.succeeded && good.output == "", "\(good)")
            let sarif = try await distill("check", "--format", "sarif", "\(context)/Dockerfile")
            #expect(sarif.output.contains("\"ruleId\": \"UnknownInstruction\""), "\(sarif)")
        }
    }

    /// docker's `--call`: what a Dockerfile offers, told without building anything.
    @Test func tellsOfADockerfile() async throws {
        try await Distill.withStore { distill in
            let text = """
                # VERSION is what is fetched
                ARG VERSION=1
                # tools compiles
                FROM scratch AS tools
                FROM scratch AS final
                ARG MODE
                COPY --from=tools /a /a
                """
            let context = try distill.context("context", ["Dockerfile": text])
            let targets = try await distill.succeed("build", "--call", "targets", context)
            #expect(
                targets.output.split(separator: "\n").map { $0.split(separator: " ") } == [
                    ["TARGET", "DESCRIPTION"], ["tools", "compiles"], ["final", "(default)"],
                ])
            let outline = try await distill.succeed("build", "--call=outline,format=json", context)
            let json = try #require(try JSON.parse(Array(outline.output.utf8)).object)
            #expect(json["name"]?.string == "final")
            #expect(json["args"]?.array?.map { $0["name"]?.string } == ["VERSION", "MODE"])
            // As with --check, nothing of the context is looked at.
            #expect(try await distill.succeed("build", "--call", "check", context).output == "")
            let wrong = try await distill("build", "--call", "sing", context)
            #expect(wrong.exitCode == 64 && wrong.errorOutput.contains("outline"), "\(wrong)")
            #expect(try await distill.succeed("images", "-q").output == "")
        }
    }
}
