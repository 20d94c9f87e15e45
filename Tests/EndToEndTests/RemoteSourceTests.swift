import OCI
import TestSupport
import Testing

/// ADD of URLs and repositories, and contexts that are repositories or image layouts.
@Suite(.requires(.root), .requires(.program("git")), .requires(.program("umoci")), .requires(.program("skopeo")))
struct RemoteSourceTests {
    /// A repository of two commits, the second tagged, under a URL that no host answers: git is told to look in a
    /// directory instead.
    private struct Repository {
        let distill: Distill
        let url = "https://git.example/project.git"
        let commits: [String]
        private let environment: [String: String?]

        init(_ distill: Distill) async throws {
            self.distill = distill
            let path = "\(distill.directory)/repository"
            try Files.makeDirectory(path)
            let script = """
                git init -q -b main .
                git config user.name tester; git config user.email tester@example.org
                mkdir sub; echo 1 > file; echo s > sub/inner; printf 'FROM scratch\\nCOPY . /\\n' > Dockerfile
                git add .; GIT_COMMITTER_DATE='2001-02-03T04:05:06Z' git commit -q -m one
                git checkout -q -b other; echo 2 > file
                GIT_COMMITTER_DATE='2002-02-03T04:05:06Z' git commit -q -a -m two; git tag v2
                git checkout -q main; git config uploadpack.allowAnySHA1InWant true
                git rev-parse main other
                """
            let made = try await Command("sh", ["-euc", script], workingDirectory: path).run()
            try #require(made.succeeded, "\(made)")
            commits = made.output.split(separator: "\n").map(String.init)
            environment = [
                "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "url.file://\(path).insteadOf", "GIT_CONFIG_VALUE_0": url,
            ]
        }

        func build(_ arguments: String...) async throws -> Command.Outcome {
            try await distill.command(["build", "-t", "image"] + arguments, environment: environment).run()
        }

        func content(_ path: String) async throws -> String {
            try Files.text("\(try await distill.unpack("image"))/\(path)")
        }
    }

    private func withRepository(_ body: (Repository) async throws -> Void) async throws {
        try await Distill.withStore { try await body(Repository($0)) }
    }

    @Test func buildsFromARepository() async throws {
        try await withRepository { repository in
            for (suffix, content) in [
                ("", "1\n"), ("#other", "2\n"), ("#v2", "2\n"), ("?branch=other", "2\n"), ("?tag=v2", "2\n"),
                ("?commit=\(repository.commits[1])", "2\n"), ("#\(repository.commits[1])", "2\n"),
            ] {
                try await repository.build(repository.url + suffix).mustSucceed()
                #expect(try await repository.content("file") == content, "\(suffix)")
            }
            #expect(!Files.exists("\(try await repository.distill.unpack("image"))/.git"))
            try await repository.build("--build-arg", "BUILDKIT_CONTEXT_KEEP_GIT_DIR=1", repository.url).mustSucceed()
            #expect(Files.exists("\(try await repository.distill.unpack("image"))/.git/HEAD"))
        }
    }

    @Test func addsARepository() async throws {
        try await withRepository { repository in
            let context = try repository.distill.context([
                "Dockerfile": """
                FROM scratch
                ADD \(repository.url)#v2 /whole/
                ADD \(repository.url)?subdir=sub&mtime=commit /sub/
                ADD --keep-git-dir \(repository.url) /kept
                ADD --checksum=\(repository.commits[0]) \(repository.url) /checked
                """
            ])
            try await repository.build(context).mustSucceed()
            let root = try await repository.distill.unpack("image")
            #expect(try Files.text("\(root)/whole/file") == "2\n")
            #expect(!Files.exists("\(root)/whole/.git"))
            #expect(Files.exists("\(root)/kept/.git/HEAD"))
            let dated = try await Command("stat", ["-c", "%Y", "\(root)/sub/inner"]).run()
            #expect(dated.line == "981173106")
        }
    }

    @Test func refusesWhatIsWrongWithARepository() async throws {
        try await withRepository { repository in
            let other = String(repeating: "0", count: 40)
            for (suffix, words) in [
                ("?colour=red", "colour"), ("#nosuch", "nosuch"), ("?branch=other&commit=\(other)", other),
            ] {
                let outcome = try await repository.build(repository.url + suffix)
                #expect(outcome.exitCode == 1 && outcome.errorOutput.contains(words), "\(outcome)")
            }
            let context = try repository.distill.context([
                "Dockerfile": "FROM scratch\nADD \(repository.url)?ref=a#b /x\n"
            ])
            let outcome = try await repository.build(context)
            #expect(
                outcome.errorOutput.contains("Dockerfile:2:5") && outcome.errorOutput.contains("contradicts"),
                "\(outcome)")
        }
    }

    @Test func addsFilesFromURLs() async throws {
        try await Distill.withStore { distill in
            let body = Array("content\n".utf8)
            let script: @Sendable (ScriptedHTTPServer.Request, Int) -> [ScriptedHTTPServer.Action] = { _, _ in
                [.ok(body, ["Last-Modified": "Sun, 06 Nov 1994 08:49:37 GMT"])]
            }
            try await ScriptedHTTPServer.with(script: script) { server in
                let sums = try await Command("sh", ["-c", "sha256sum; "], input: "content\n").run()
                let sha512 = try await Command("sha512sum", input: "content\n").run()
                let sum = try #require(sums.output.split(separator: " ").first)
                let long = try #require(sha512.output.split(separator: " ").first)
                try await distill.build(
                    """
                    FROM scratch
                    ADD \(server.url("/dir/name.txt?x=1")) /in/
                    ADD --chmod=755 --chown=5:6 --checksum=sha256:\(sum) \(server.url("/name")) /as
                    ADD --checksum=sha512:\(long) \(server.url("/")) /root
                    """, options: ["-t", "image"]
                ).mustSucceed()
                try await distill.expectTree(
                    of: "image",
                    [
                        "as f 755 5:6 8", "in d 755 0:0 -", "in/name.txt f 600 0:0 8", "root f 600 0:0 8",
                    ])
                let root = try await distill.unpack("image")
                #expect(try await Command("stat", ["-c", "%Y", "\(root)/in/name.txt"]).run().line == "784111777")
                let wrong = try await distill.build(
                    "FROM scratch\nADD --checksum=sha512:\(long.dropLast())0 \(server.url("/f")) /f\n",
                    options: ["-t", "wrong"])
                #expect(wrong.exitCode == 1 && wrong.errorOutput.contains("Dockerfile:2:1"), "\(wrong)")
            }
        }
    }

    @Test func takesImagesOutOfLayouts() async throws {
        try await Distill.withStore { distill in
            for (name, content) in [("one", "1"), ("two", "2")] {
                try await distill.build("FROM scratch\nCOPY f /f\n", files: ["f": content], options: ["-t", name])
                    .mustSucceed()
                try await distill.succeed("save", "--format", "oci", "-o", "\(distill.directory)/\(name).tar", name)
                let copied = try await Command(
                    "skopeo",
                    [
                        "copy", "--insecure-policy", "oci-archive:\(distill.directory)/\(name).tar",
                        "oci:\(distill.directory)/layout:\(name)",
                    ]
                ).run()
                try #require(copied.succeeded, "\(copied)")
            }
            let other = Distill(directory: distill.directory, store: "\(distill.directory)/other")
            let context = try other.context("c", ["Dockerfile": "FROM base\nCOPY --from=second /f /g\n"])
            let layout = "oci-layout://\(distill.directory)/layout"
            try await other.succeed(
                "build", "-t", "image", "--build-context", "base=\(layout):one", "--build-context",
                "second=\(layout):two", context)
            try await other.expectTree(of: "image", ["f f 644 0:0 1", "g f 644 0:0 1"])
            #expect(try Files.text("\(try await other.unpack("image"))/g") == "2")
            for (value, words) in [
                ("\(layout):three", "holds no image"), ("oci-layout:///nonexistent", "no OCI image layout"),
            ] {
                let outcome = try await other(
                    "build", "--build-context", "base=\(value)", "--build-context", "second=\(layout):two", context)
                #expect(outcome.exitCode == 1 && outcome.errorOutput.contains(words), "\(outcome)")
            }
        }
    }
}
