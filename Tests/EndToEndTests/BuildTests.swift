import OCI
import TestSupport
import Testing

/// Builds without RUN: they need no container runtime.
@Suite struct BuildTests {
    @Test(.requires(.root), .requires(.program("skopeo")), .requires(.program("umoci")))
    func copiesFilesAndDescribesTheContainer() async throws {
        try await Distill.withStore { distill in
            let outcome = try await distill.build(
                """
                FROM scratch
                ARG NAME=world
                ENV GREETING="hello ${NAME}" EMPTY=
                LABEL org.example.name=$NAME plain="two words"
                COPY hello.txt /
                COPY dir /data/
                COPY --chown=1000:1001 --chmod=640 hello.txt /owned/by/somebody
                COPY ["with space.txt", "/spaces/"]
                WORKDIR /srv
                WORKDIR below
                COPY hello.txt relative.txt
                EXPOSE 80 443/udp
                VOLUME /data
                USER 1000:1001
                STOPSIGNAL SIGQUIT
                HEALTHCHECK --interval=5s --retries=2 CMD ["/check"]
                ENTRYPOINT ["/hello"]
                CMD ["a", "$b"]
                """,
                files: [
                    "hello.txt": "hello\n", "dir/a": "a", "dir/sub/b": "bb", "with space.txt": "",
                ], options: ["-t", "files", "--build-arg", "NAME=distill", "--label", "added=yes"])
            #expect(outcome.succeeded, "\(outcome)")
            try await distill.expectTree(
                of: "files",
                [
                    "data d 755 0:0 -", "data/a f 644 0:0 1", "data/sub d 755 0:0 -", "data/sub/b f 644 0:0 2",
                    "hello.txt f 644 0:0 6", "owned d 640 1000:1001 -", "owned/by d 640 1000:1001 -",
                    "owned/by/somebody f 640 1000:1001 6", "spaces d 755 0:0 -", "spaces/with space.txt f 644 0:0 0",
                    "srv d 755 0:0 -", "srv/below d 755 0:0 -", "srv/below/relative.txt f 644 0:0 6",
                ])
            let image = try await distill.inspect("files")
            let config = try #require(image["Config"])
            #expect(config["Env"]?.strings?.suffix(2) == ["GREETING=hello distill", "EMPTY="])
            #expect(
                config["Labels"]
                    == .object([
                        "added": .string("yes"), "org.example.name": .string("distill"), "plain": .string("two words"),
                    ]))
            #expect(config["Entrypoint"]?.strings == ["/hello"])
            #expect(config["Cmd"]?.strings == ["a", "$b"])
            #expect(config["WorkingDir"]?.string == "/srv/below")
            #expect(config["User"]?.string == "1000:1001")
            #expect(config["StopSignal"]?.string == "SIGQUIT")
            #expect(config["ExposedPorts"]?.object?.members.map(\.key) == ["443/udp", "80/tcp"])
            #expect(config["Volumes"]?.object?.members.map(\.key) == ["/data"])
            #expect(config["Healthcheck"]?["Test"]?.strings == ["CMD", "/check"])
            #expect(config["Healthcheck"]?["Interval"]?.integer == 5_000_000_000)
            #expect(config["Healthcheck"]?["Retries"]?.integer == 2)
            #expect(image["Os"]?.string == "linux")
            #expect(image["Architecture"]?.string == Platform.host.architecture)
        }
    }

    @Test(.requires(.root), .requires(.program("skopeo")), .requires(.program("umoci")))
    func copiesBetweenStagesByNameAndNumber() async throws {
        try await Distill.withStore { distill in
            let files = ["one": "1", "two": "2", "three": "3"]
            try await distill.build("FROM scratch\nCOPY three /3", files: files, options: ["-t", "local:3"])
                .mustSucceed()
            try await distill.build(
                """
                FROM scratch AS first
                COPY one /1
                FROM scratch
                COPY two /2
                FROM scratch AS last
                COPY --from=first /1 /a/
                COPY --from=1 /2 /b
                COPY --from=local:3 /3 /c
                """, files: files, options: ["-t", "stages"]
            ).mustSucceed()
            try await distill.expectTree(
                of: "stages",
                [
                    "a d 755 0:0 -", "a/1 f 644 0:0 1", "b f 644 0:0 1", "c f 644 0:0 1",
                ])
            try await distill.build(
                "FROM scratch AS first\nCOPY one /1\nFROM nothing:here AS last\nCOPY two /2", files: files,
                options: ["-t", "target", "--target", "first"]
            ).mustSucceed()
            try await distill.expectTree(of: "target", ["1 f 644 0:0 1"])
        }
    }

    @Test(.requires(.root), .requires(.program("skopeo")), .requires(.program("umoci")))
    func leavesOutWhatIsIgnored() async throws {
        try await Distill.withStore { distill in
            try await distill.build(
                "FROM scratch\nCOPY . /",
                files: [
                    ".dockerignore": "# comment\n*.log\n!keep.log\nbuild\n**/secret\nDockerfile\n.dockerignore\n",
                    "a.log": "", "keep.log": "", "build/out": "", "src/secret": "", "src/main": "",
                ], options: ["-t", "ignored"]
            ).mustSucceed()
            try await distill.expectTree(
                of: "ignored",
                [
                    "keep.log f 644 0:0 0", "src d 755 0:0 -", "src/main f 644 0:0 0",
                ])
        }
    }

    @Test(.requires(.root), .requires(.program("skopeo")), .requires(.program("umoci")))
    func unpacksLocalArchives() async throws {
        try await Distill.withStore { distill in
            let path = try distill.context([
                "Dockerfile": "FROM scratch\nADD data.tar.gz /in/\nCOPY data.tar.gz /as-is", "inner/file": "x",
            ])
            let packed = try await Command(
                "tar", ["-C", "\(path)/inner", "--owner=7", "--group=8", "-czf", "\(path)/data.tar.gz", "file"]
            ).run()
            #expect(packed.succeeded, "\(packed)")
            try await distill.succeed("build", "-t", "added", path)
            let tree = try await distill.tree("added")
            #expect(tree.count == 3)
            #expect(tree.contains("in/file f 644 7:8 1"), "\(tree)")
        }
    }

    @Test(.requires(.root))
    func carriesTriggersToTheNextBuild() async throws {
        try await Distill.withStore { distill in
            try await distill.build(
                "FROM scratch\nONBUILD COPY late /late\nONBUILD ENV TRIGGERED=yes", files: ["late": "x"],
                options: ["-t", "parent"]
            ).mustSucceed()
            #expect(
                try await distill.inspect("parent")["Config"]?["OnBuild"]?.strings == [
                    "COPY late /late", "ENV TRIGGERED=yes",
                ])
            try await distill.build("FROM parent", files: ["late": "x"], options: ["-t", "child"]).mustSucceed()
            let child = try await distill.inspect("child")
            #expect(child["Config"]?["Env"]?.strings?.contains("TRIGGERED=yes") == true)
            #expect(child["RootFS"]?["Layers"]?.strings?.count == 1)
            #expect(child["Config"]?["OnBuild"]?.strings ?? [] == [])
        }
    }

    @Test(.requires(.root))
    func readsTheDockerfileFromStandardInputAndElsewhere() async throws {
        try await Distill.withStore { distill in
            let path = try distill.context(["other/Build.file": "FROM scratch\nCOPY a /a\n", "a": "x"])
            try await distill.succeed("build", "-t", "elsewhere", "-f", "\(path)/other/Build.file", path)
            try await distill.succeed("build", "-t", "input", "-f", "-", path, input: "FROM scratch\nCOPY a /a\n")
            let one = try await distill.inspect("elsewhere")
            let two = try await distill.inspect("input")
            #expect(one["RootFS"] == two["RootFS"])
        }
    }

    @Test(.requires(.root))
    func tellsTheImage() async throws {
        try await Distill.withStore { distill in
            let path = try distill.context(["Dockerfile": "FROM scratch\nCOPY a /a\n", "a": "x"])
            let file = "\(distill.directory)/id"
            let outcome = try await distill.succeed("build", "-q", "--iidfile", file, "-t", "one", "-t", "two:v2", path)
            #expect(outcome.output == (try Files.text(file)) + "\n")
            let digest = try Digest(outcome.line)
            #expect(outcome.errorOutput.isEmpty, "\(outcome)")
            #expect(try await distill.inspect("one")["Id"]?.string == digest.description)
            #expect(try await distill.inspect("two:v2")["Id"]?.string == digest.description)
            #expect(try await distill.inspect(digest.short)["Id"]?.string == digest.description)
        }
    }

    @Test(.requires(.root))
    func takesContextsByName() async throws {
        try await Distill.withStore { distill in
            let other = try distill.context("other", ["b": "bb"])
            try await distill.build("FROM scratch\nCOPY a /a", files: ["a": "x"], options: ["-t", "base:1"])
                .mustSucceed()
            try await distill.build(
                "FROM ubuntu\nCOPY --from=extra b /b", files: [:],
                options: [
                    "-t", "named", "--build-context", "ubuntu=docker-image://base:1", "--build-context",
                    "extra=\(other)",
                ]
            ).mustSucceed()
            #expect(try await distill.inspect("named")["RootFS"]?["Layers"]?.strings?.count == 2)
        }
    }

    /// The same input gives the same image, in another store and at another time.
    @Test(.requires(.root))
    func buildsTheSameBytesAgain() async throws {
        let dockerfile = "FROM scratch\nCOPY a /dir/\nENV X=1\nENTRYPOINT [\"/dir/a\"]"
        var layers: [[String]?] = []
        for _ in 0..<2 {
            try await Distill.withStore { distill in
                let path = try distill.context(["Dockerfile": dockerfile, "a": "content"])
                let dated = try await Command("touch", ["-d", "2001-02-03T04:05:06Z", "\(path)/a"]).run()
                #expect(dated.succeeded)
                try await distill.succeed("build", "-t", "same", path)
                layers.append(try await distill.inspect("same")["RootFS"]?["Layers"]?.strings)
            }
        }
        #expect(layers[0]?.count == 1)
        #expect(layers[0] == layers[1])
    }
}

extension Command.Outcome {
    func mustSucceed(sourceLocation: SourceLocation = #_sourceLocation) throws {
        try #require(succeeded, "\(self)", sourceLocation: sourceLocation)
    }
}
