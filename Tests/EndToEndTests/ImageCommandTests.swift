import OCI
import TestSupport
import Testing

@Suite(.requires(.root)) struct ImageCommandTests {
    /// A store with two images of one and two layers.
    private func withImages(_ body: (Distill) async throws -> Void) async throws {
        try await Distill.withStore { distill in
            try await distill.build(
                "FROM scratch\nCOPY a /a\nLABEL kind=small", files: ["a": String(repeating: "x", count: 2000)],
                options: ["-t", "small", "-t", "small:v1"]
            ).mustSucceed()
            try await distill.build(
                "FROM small\nCOPY a /b\nCMD [\"/b\"]", files: ["a": String(repeating: "y", count: 3000)],
                options: ["-t", "registry.example/team/large:v2"]
            ).mustSucceed()
            try await body(distill)
        }
    }

    @Test func listsImagesAsDockerDoes() async throws {
        try await withImages { distill in
            for words in [["image", "ls"], ["images"]] {
                let outcome = try await distill.command(words).run()
                let lines = outcome.output.split(separator: "\n").map(String.init)
                #expect(lines.count == 4, "\(outcome)")
                #expect(
                    lines.first?.cells
                        == ["REPOSITORY", "TAG", "IMAGE ID", "CREATED", "SIZE"])
                let cells = lines.dropFirst().map(\.cells)
                #expect(cells.allSatisfy { $0.count == 5 })
                #expect(
                    Set(cells.map { "\($0[0]):\($0[1])" }) == [
                        "small:latest", "small:v1", "registry.example/team/large:v2",
                    ])
                #expect(cells.allSatisfy { $0[2].count == 12 && $0[4].hasSuffix("kB") })
            }
        }
    }

    @Test func filtersAndFormatsLists() async throws {
        try await withImages { distill in
            let id = try #require(try await distill.inspect("small")["Id"]?.string)
            let short = String(id.dropFirst("sha256:".count).prefix(12))
            func lines(_ arguments: String...) async throws -> [String] {
                let outcome = try await distill.command(["image", "ls"] + arguments).run()
                try outcome.mustSucceed()
                return outcome.output.split(separator: "\n").map(String.init)
            }
            #expect(try await lines("-q", "small:v1") == [short])
            #expect(try await lines("-q", "--no-trunc", "small:v1") == [id])
            #expect(
                try await lines("small", "--format", "{{.Repository}}:{{.Tag}} {{.ID}}").sorted() == [
                    "small:latest \(short)", "small:v1 \(short)",
                ])
            #expect(
                try await lines("--filter", "label=kind=small", "--format", "{{.Tag}}").sorted() == [
                    "latest", "v1", "v2",
                ])
            #expect(try await lines("--filter", "reference=*/team/*", "--format", "{{.Tag}}") == ["v2"])
            #expect(try await lines("--filter", "dangling=true", "-q") == [])
            #expect(
                try await lines("--format", #"table {{.Tag}}\t{{.Size}}"#, "small:v1").first?.split(separator: " ") == [
                    "TAG", "SIZE",
                ])
            let rows = try await lines("--format", "json").map { try JSON.parse($0) }
            #expect(rows.count == 3)
            #expect(rows.allSatisfy { $0["Repository"]?.string != nil && $0["Size"]?.string?.hasSuffix("kB") == true })
            let digests = try await lines("--digests")
            #expect(digests.first?.contains("DIGEST") == true)
        }
    }

    @Test func inspects() async throws {
        try await withImages { distill in
            let image = try await distill.inspect("registry.example/team/large:v2")
            #expect(image["RepoTags"]?.strings == ["registry.example/team/large:v2"])
            #expect(image["RootFS"]?["Type"]?.string == "layers")
            #expect(image["RootFS"]?["Layers"]?.strings?.count == 2)
            #expect(try #require(image["Size"]?.integer) >= 5000)
            #expect(image["Created"]?.string?.hasSuffix("Z") == true)
            let format = #"{{.Os}} {{len .RootFS.Layers}} {{index .Config.Labels "kind"}} {{json .Config.Cmd}}"#
            let formatted = try await distill.succeed("inspect", "--format", format, "registry.example/team/large:v2")
            #expect(formatted.line == #"linux 2 small ["/b"]"#)
            let both = try await distill.succeed("image", "inspect", "small", "small:v1")
            #expect(try JSON.parse(both.output).array?.count == 2)
        }
    }

    @Test func showsTheHistory() async throws {
        try await withImages { distill in
            let outcome = try await distill.succeed("history", "registry.example/team/large:v2")
            let lines = outcome.output.split(separator: "\n").map(String.init)
            #expect(lines.first?.cells == ["IMAGE", "CREATED", "CREATED BY", "SIZE", "COMMENT"])
            #expect(lines.count == 5, "\(outcome)")
            let steps = try await distill.succeed(
                "image", "history", "--no-trunc", "--format", "{{.CreatedBy}}|{{.Size}}",
                "registry.example/team/large:v2")
            let rows = steps.output.split(separator: "\n").map { $0.split(separator: "|").map(String.init) }
            #expect(rows.map { $0.last } == ["0B", "3kB", "0B", "2kB"], "\(steps)")
            #expect(rows.first?.first?.contains("CMD [\"/b\"]") == true, "\(steps)")
        }
    }

    @Test func tagsRemovesAndPrunes() async throws {
        try await withImages { distill in
            try await distill.succeed("tag", "small", "other:name")
            #expect(try await distill.inspect("other:name")["Id"] == (try await distill.inspect("small")["Id"]))
            let untagged = try await distill.succeed("rmi", "other:name")
            #expect(untagged.text.contains("Untagged: other:name"))
            #expect(!untagged.text.contains("Deleted: "))
            try await distill.succeed("image", "rm", "small", "small:v1")
            let gone = try await distill("inspect", "small")
            #expect(gone.exitCode == 1)
            #expect(gone.errorOutput.contains("small"), "\(gone)")
            // What another image stands on stays.
            #expect(
                try await distill.inspect("registry.example/team/large:v2")["RootFS"]?["Layers"]?.strings?.count == 2)
            let deleted = try await distill.succeed("rmi", "registry.example/team/large:v2")
            #expect(deleted.text.contains("Deleted: sha256:"))
            try await distill.succeed("image", "prune", "-f")
            #expect(try await distill.succeed("images", "-q").output == "")
        }
    }

    /// Two shells give one image a name each and take it again: neither sees the other.
    @Test func namesOfOneImageAreIndependent() async throws {
        try await Distill.withStore { distill in
            let path = try distill.context(["Dockerfile": "FROM scratch\nCOPY a /a\n", "a": "1"])
            let script =
                "for i in $(seq 25); do \"$0\" build -q -t $1:$i \"$2\" || exit 1; \"$0\" image rm --force $1:$i || exit 2; done"
            let shells = try await withThrowingTaskGroup(of: Command.Outcome.self) { group in
                for name in ["a", "b"] {
                    group.addTask {
                        try await Command(
                            "sh", ["-c", script, Distill.binary, name, path],
                            environment: ["DISTILL_ROOT": distill.store]
                        ).run()
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            for shell in shells { #expect(shell.succeeded, "\(shell)") }
            #expect(try await distill.succeed("images", "-q").output.isEmpty)
            #expect(try await distill("system", "check").succeeded)
        }
    }

    @Test func forgetsWhatHasNoNameWhenAsked() async throws {
        try await Distill.withStore { distill in
            for content in ["1", "2"] {
                try await distill.build("FROM scratch\nCOPY a /a", files: ["a": content], options: ["-t", "same"])
                    .mustSucceed()
            }
            let dangling = try await distill.succeed("images", "-q", "--filter", "dangling=true")
            #expect(dangling.output.split(separator: "\n").count == 1, "\(dangling)")
            try await distill.succeed("image", "prune", "-f")
            #expect(try await distill.succeed("images", "-q", "-a").output.split(separator: "\n").count == 1)
        }
    }

    @Test(arguments: [
        ["image", "rm", "nothing"], ["rmi", "nothing:here"], ["inspect", "nothing"], ["history", "nothing"],
        ["tag", "nothing", "else"], ["save", "-o", "/dev/null", "nothing"],
        ["inspect", "sha256:0000000000000000000000000000000000000000000000000000000000000000"],
    ])
    func saysThatThereIsNoSuchImage(arguments: [String]) async throws {
        try await Distill.withStore { distill in
            let outcome = try await distill.command(arguments).run()
            #expect(outcome.exitCode == 1, "\(outcome)")
            #expect(outcome.sentences.count == 1, "\(outcome)")
        }
    }

    @Test(arguments: [("{{.Nmae}}", "Nmae"), ("{{.ID", "}}"), ("{{json .ID .Tag}}", "json")])
    func explainsABadFormat(format: String, word: String) async throws {
        try await withImages { distill in
            let outcome = try await distill("images", "--format", format)
            #expect(outcome.exitCode != 0)
            #expect(outcome.errorOutput.contains(word), "\(outcome)")
        }
    }
}

extension String {
    /// The cells of a table's line: what stands between three spaces or more.
    fileprivate var cells: [String] { split(separator: "   ").map { String($0).trimmingSpace } }
}
