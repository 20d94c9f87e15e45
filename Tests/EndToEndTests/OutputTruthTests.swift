import OCI
import TestSupport
import Testing

/// What outputs leave behind, and what is told of them.
@Suite(.requires(.root)) struct OutputTruthTests {
    private static func shell(_ distill: Distill, _ script: String) async throws -> String {
        let outcome = try await Command("sh", ["-euc", script], workingDirectory: distill.directory).run()
        try outcome.mustSucceed()
        return outcome.line
    }

    /// Files of every age have the one time, and the archive is the same whatever the context's times are.
    @Test func theEpochIsTheTimeOfFiles() async throws {
        try await Distill.withStore { distill in
            let context = try distill.context(["Dockerfile": "FROM scratch\nCOPY a b /x/\n", "a": "a", "b": "b"])
            let epoch = ["SOURCE_DATE_EPOCH": "1000000000"]
            func build(_ output: String, _ options: String...) async throws {
                _ = try await Self.shell(distill, "touch context/a; touch -d 1999-01-01 context/b")
                try await distill.command(
                    ["build", "-q", "--no-cache"] + options + ["-o", output, context], environment: epoch
                ).run().mustSucceed()
            }
            try await build("type=tar,dest=1.tar")
            try await build("type=tar,dest=2.tar")
            #expect(
                try await Self.shell(distill, "cmp 1.tar 2.tar; TZ=UTC tar tvf 1.tar | awk '{print $4}' | sort -u")
                    == "2001-09-09")
            try await build("out")
            try await build(
                "type=local,dest=split,platform-split=true", "--platform", "linux/amd64,linux/arm64",
                "--provenance=true")
            #expect(
                try await Self.shell(distill, "find out split -mindepth 1 -printf '%T@\\n' | sort -u")
                    == "1000000000.0000000000")
            // Without the variable files have their own.
            try await distill.command(["build", "-q", "-o", "own", context]).run().mustSucceed()
            #expect(try await Self.shell(distill, "TZ=UTC find own/x/b -printf '%TY'") == "1999")
        }
    }

    /// What stands where the image has something else, by a script, and what is then there.
    @Test(arguments: [
        ("ln -s ../elsewhere out/sub", "sub/f f"), ("ln -s \"$PWD/elsewhere\" out/sub", "sub/f f"),
        ("ln -s nowhere out/sub", "sub/f f"),
        ("echo x >out/sub", "sub/f f"), ("mkdir -p out/sub/f/g", "sub/f f"),
        ("mkdir out/sub; ln -s ../../elsewhere/f out/sub/f", "sub/f f"),
        ("mkfifo out/sub", "sub/f f"), ("mkdir out/sub; echo x >out/sub/mine", "sub/f f sub/mine f"),
    ])
    func theImageTakesItsPlace(script: String, expected: String) async throws {
        try await Distill.withStore { distill in
            let context = try distill.context(["Dockerfile": "FROM scratch\nCOPY sub /sub\n"])
            _ = try await Self.shell(
                distill, "mkdir context/sub out elsewhere; echo new >context/sub/f; echo mine >elsewhere/f; \(script)")
            try await distill.succeed("build", "-q", "-o", "out", context)
            #expect(try await Self.shell(distill, "cat out/sub/f elsewhere/f; ls elsewhere") == "new\nmine\nf")
            #expect(
                try await Self.shell(distill, "cd out; find . ! -type d -printf '%P %y\\n' | sort | paste -sd ' '")
                    == expected)
        }
    }

    @Test func platformsShareADirectoryWithoutHarm() async throws {
        try await Distill.withStore { distill in
            let context = try distill.context([
                "Dockerfile":
                    "FROM scratch\nARG TARGETARCH\nARG name=same\nCOPY Dockerfile /d/$name\nCOPY Dockerfile /d/$TARGETARCH\n"
            ])
            let options = [
                "build", "--platform", "linux/amd64,linux/arm64", "-o", "type=local,dest=out,platform-split=false",
            ]
            let refused = try await distill.command(options + [context]).run()
            #expect(refused.exitCode == 1 && refused.errorOutput.contains("d/same"), "\(refused)")
            try Files.write(
                "FROM scratch\nARG TARGETARCH\nCOPY Dockerfile /d/$TARGETARCH\n", to: "\(context)/Dockerfile")
            try await distill.command(options + [context]).run().mustSucceed()
            #expect(try await Self.shell(distill, "ls out/d | paste -sd ' '") == "amd64 arm64")
            let nothing = try await distill("build", "-o", "type=cacheonly", context)
            #expect(nothing.succeeded && nothing.output == "")
            #expect(try await distill.succeed("images", "-q").output == "")
        }
    }

    /// Nobody takes an earlier build's ID for this one's; what is no regular file stays.
    @Test func failingBuildsTellNothing() async throws {
        try await Distill.withStore { distill in
            let context = try distill.context([
                "Dockerfile": "FROM scratch\nCOPY Dockerfile /f\n", "Bad": "FROM scratch\nCOPY missing /f\n",
            ])
            let files = ["--iidfile", "iid", "--metadata-file", "metadata"]
            for wrong in [
                ["-f", "\(context)/Bad", context], ["-f", "/dev/null", context], ["nowhere"],
                ["-o", "type=iso", context], ["--push", context],
            ] {
                try await distill.command(["build", "-q"] + files + [context]).run().mustSucceed()
                _ = try await Self.shell(distill, "test -s iid; test -s metadata; mv iid target; ln -s target iid")
                let outcome = try await distill.command(["build", "-q"] + files + wrong).run()
                #expect(!outcome.succeeded, "\(outcome)")
                _ = try await Self.shell(distill, "! test -s iid; ! test -s metadata; test -L iid; rm iid")
            }
            let told = try await distill("build", "-q", "--iidfile", "/dev/stdout", context)
            #expect(told.succeeded && told.output.contains("sha256:"), "\(told)")
        }
    }

    /// Outputs in each order, and whether the digest that is told is the registry's.
    @Test(arguments: [
        ["--push"], ["--load", "--push"], ["--push", "--load"], ["-o", "type=registry", "-o", "type=docker"],
        ["-o", "type=registry", "-o", "type=oci,dest=a.tar"], ["--load", "--push", "--sbom=true", "--provenance=true"],
        ["--load", "--push", "--platform", "linux/amd64,linux/arm64"],
        ["-o", "type=image,push=true,compression=zstd", "-o", "type=tar,dest=b.tar"],
    ])
    func theDigestIsTheRegistrys(options: [String]) async throws {
        try await FakeRegistry.with { registry in
            try await Distill.withStore { distill in
                let context = try distill.context(["Dockerfile": "FROM scratch\nCOPY Dockerfile /f\n"])
                let name = "127.0.0.1:\(registry.port)/a/b:1"
                try await distill.command(["build", "-q", "-t", name, "--metadata-file", "m"] + options + [context])
                    .run().mustSucceed()
                let told = try JSON.parse(Array(try Files.text("\(distill.directory)/m").utf8))[
                    "containerimage.digest"]?.string
                let pushed = registry.manifest("1", in: "a/b").map { Digest(sha256: $0).description }
                #expect(told != nil && told == pushed)
            }
        }
    }

    /// Under its digest alone: no tag in the registry, and no name in the store.
    @Test func pushesByDigest() async throws {
        try await FakeRegistry.with { registry in
            try await Distill.withStore { distill in
                let context = try distill.context(["Dockerfile": "FROM scratch\nCOPY Dockerfile /f\n"])
                let name = "127.0.0.1:\(registry.port)/a/b"
                try await distill.succeed(
                    "build", "-q", "--metadata-file", "m", "-o",
                    "type=image,name=\(name),push-by-digest=true,name-canonical=true,push=true", context)
                let document = try JSON.parse(Array(try Files.text("\(distill.directory)/m").utf8))
                let digest = try #require(document["containerimage.digest"]?.string)
                #expect(document["image.name"]?.string == name)
                #expect(registry.manifest(digest, in: "a/b") != nil && registry.manifest("latest", in: "a/b") == nil)
                #expect(try await !distill.succeed("images").output.contains(name))
            }
        }
    }

    @Test func theInlineCacheServesEveryPlatform() async throws {
        try await FakeRegistry.with { registry in
            try await Distill.withStore { distill in
                let context = try distill.context([
                    "Dockerfile": "FROM scratch\nARG TARGETARCH\nCOPY Dockerfile /$TARGETARCH\n"
                ])
                let name = "127.0.0.1:\(registry.port)/a/b:1"
                let all = "linux/amd64,linux/arm64,linux/s390x"
                try await distill.succeed(
                    "build", "-q", "--platform", all, "--cache-to", "type=inline", "-t", name, "--push", context)
                for (index, platforms) in ["linux/amd64", "linux/arm64", "linux/s390x", all].enumerated() {
                    let other = Distill(directory: distill.directory, store: "\(distill.directory)/other\(index)")
                    let outcome = try await other(
                        "build", "--progress", "plain", "--platform", platforms, "--cache-from",
                        "type=registry,ref=\(name)", "-o", "type=cacheonly", context)
                    #expect(
                        outcome.text.split(separator: "\n").count { $0.contains("CACHED") }
                            == platforms.split(separator: ",").count, "\(outcome)")
                }
            }
        }
    }

    @Test(arguments: [
        ("ignore-error=true", 0), ("ignore-error=false", 1), ("mode=max", 1), ("ignore-error=perhaps", 64),
    ])
    func aCacheThatCannotBeWritten(option: String, code: Int) async throws {
        let refused = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"
        try await ScriptedHTTPServer.with(script: { _, _ in [.send(Array(refused.utf8))] }) { server in
            try await Distill.withStore { distill in
                let context = try distill.context(["Dockerfile": "FROM scratch\nCOPY Dockerfile /f\n"])
                let host = server.url("").replacing("http://", with: "").replacing("/", with: "")
                let outcome = try await distill(
                    "build", "-q", "-t", "x", "--cache-to", "type=registry,ref=\(host)/c/d:1,\(option)", context)
                #expect(outcome.exitCode == code, "\(outcome)")
                if code == 0 { #expect(outcome.errorOutput.contains("not written"), "\(outcome)") }
            }
        }
    }

    @Test func namesOfURLsAreDecoded() async throws {
        try await ScriptedHTTPServer.with(script: { _, _ in [.ok(Array("x".utf8))] }) { server in
            try await Distill.withStore { distill in
                let names = [
                    "/a%2B%2B_1%3aamd64.deb": "a++_1:amd64.deb", "/My%20CA.crt": "My CA.crt", "/b+c": "b+c",
                    "/up/..%2f..%2fetc%2fpasswd": "passwd",
                    "/100%": "100%", "/%zz": "%zz", "/x/%2e%2e": "__unnamed__", "/%00": "__unnamed__", "/d%2F": "d",
                    "/%C3%A9?q=%2Fno": "é",
                ]
                for (path, name) in names {
                    let context = try distill.context(["Dockerfile": "FROM scratch\nADD \(server.url(path)) /p/\n"])
                    let outcome = try await distill(
                        "build", "--no-cache", "-o", "type=local,dest=o,mode=delete", context)
                    #expect(outcome.succeeded, "\(path) \(outcome)")
                    #expect(try await Self.shell(distill, "ls o/p") == name, "\(path)")
                }
            }
        }
    }
}
