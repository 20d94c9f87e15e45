import OCI
import TestSupport
import Testing

/// Images that leave and come back, judged by programs that others wrote.
@Suite(.requires(.root)) struct ExchangeTests {
    private func withImage(_ body: (Distill) async throws -> Void) async throws {
        try await Distill.withStore { distill in
            try await distill.build(
                "FROM scratch\nCOPY a /dir/a\nENV X=1\nLABEL k=v\nCMD [\"/dir/a\"]", files: ["a": "content"],
                options: ["-t", "exchanged:v1"]
            ).mustSucceed()
            try await body(distill)
        }
    }

    @Test(arguments: ["oci", "docker"])
    func comesBackAsItWas(format: String) async throws {
        try await withImage { distill in
            let archive = "\(distill.directory)/image.tar"
            try await distill.succeed("save", "--format", format, "-o", archive, "exchanged:v1")
            let other = Distill(directory: distill.directory, store: "\(distill.directory)/other")
            let loaded = try await other.succeed("load", "-i", archive)
            #expect(loaded.text.contains("exchanged:v1"), "\(loaded)")
            #expect(try await other.inspect("exchanged:v1")["Id"] == (try await distill.inspect("exchanged:v1")["Id"]))
        }
    }

    @Test func readsAnArchiveFromStandardInput() async throws {
        try await withImage { distill in
            let archive = "\(distill.directory)/image.tar"
            try await distill.succeed("save", "-o", archive, "exchanged:v1")
            try await distill.succeed("rmi", "exchanged:v1")
            let loaded = try await Command(
                "sh", ["-c", "exec \"$1\" load < \"$2\"", "sh", Distill.binary, archive],
                environment: ["DISTILL_ROOT": distill.store]
            ).run()
            try loaded.mustSucceed()
            #expect(try await distill.inspect("exchanged:v1")["Config"]?["Cmd"]?.strings == ["/dir/a"])
        }
    }

    @Test func savesSeveralImagesInOneArchive() async throws {
        try await withImage { distill in
            try await distill.build("FROM exchanged:v1\nCOPY a /b", files: ["a": "x"], options: ["-t", "second"])
                .mustSucceed()
            for format in ["oci", "docker"] {
                let archive = "\(distill.directory)/\(format).tar"
                try await distill.succeed("save", "--format", format, "-o", archive, "exchanged:v1", "second")
                let other = Distill(directory: distill.directory, store: "\(distill.directory)/other-\(format)")
                try await other.succeed("load", "-i", archive)
                for name in ["exchanged:v1", "second"] {
                    #expect(try await other.inspect(name)["Id"] == (try await distill.inspect(name)["Id"]))
                }
            }
        }
    }

    /// The same image gives the same archive.
    @Test func savesTheSameBytesAgain() async throws {
        try await withImage { distill in
            for format in ["oci", "docker"] {
                for name in ["one", "two"] {
                    try await distill.succeed(
                        "save", "--format", format, "-o", "\(distill.directory)/\(name)", "exchanged:v1")
                }
                let same = try await Command("cmp", ["\(distill.directory)/one", "\(distill.directory)/two"]).run()
                #expect(same.succeeded, "\(same)")
            }
        }
    }

    @Test(.requires(.program("skopeo")), arguments: [("oci", "oci-archive"), ("docker", "docker-archive")])
    func skopeoReadsIt(format: String, transport: String) async throws {
        try await withImage { distill in
            let archive = "\(distill.directory)/image.tar"
            try await distill.succeed("save", "--format", format, "-o", archive, "exchanged:v1")
            let inspected = try await Command("skopeo", ["inspect", "--config", "\(transport):\(archive)"]).run()
            try inspected.mustSucceed()
            let config = try JSON.parse(inspected.output)
            #expect(config["config"]?["Env"]?.strings?.contains("X=1") == true)
            #expect(config["rootfs"]?["diff_ids"]?.strings?.count == 1)
            let copied = try await Command(
                "skopeo", ["copy", "--insecure-policy", "\(transport):\(archive)", "dir:\(distill.directory)/copy"]
            ).run()
            try copied.mustSucceed()
        }
    }

    /// What skopeo writes is read: other people's bytes keep their digest.
    @Test(.requires(.program("skopeo")), arguments: [("oci-archive", "oci"), ("docker-archive", "docker")])
    func readsWhatSkopeoWrites(transport: String, format: String) async throws {
        try await withImage { distill in
            let archive = "\(distill.directory)/image.tar"
            try await distill.succeed("save", "--format", "oci", "-o", archive, "exchanged:v1")
            let rewritten = "\(distill.directory)/rewritten.tar"
            let copied = try await Command(
                "skopeo",
                ["copy", "--insecure-policy", "oci-archive:\(archive)", "\(transport):\(rewritten):localhost/again:v2"]
            ).run()
            try copied.mustSucceed()
            let other = Distill(directory: distill.directory, store: "\(distill.directory)/other")
            try await other.succeed("load", "-i", rewritten)
            let images = try await other.succeed("images", "-q", "--no-trunc")
            #expect(images.line == (try await distill.inspect("exchanged:v1")["Id"]?.string))
        }
    }

    @Test(.requires(.program("podman")), .requires(.program("crun")), arguments: ["oci", "docker"])
    func podmanLoadsAndRunsIt(format: String) async throws {
        try await Distill.withStore { distill in
            let path = try distill.context([
                "Dockerfile": "FROM scratch\nCOPY busybox /bin/sh\nENTRYPOINT [\"/bin/sh\", \"-c\"]"
            ])
            try await distill.addBusybox(to: path)
            try await distill.succeed("build", "-t", "shell:v1", path)
            let archive = "\(distill.directory)/image.tar"
            try await distill.succeed("save", "--format", format, "-o", archive, "shell:v1")
            let podman = Podman(directory: "\(distill.directory)/podman")
            let name = try await podman.load(archive)
            let run = try await podman.run(name, ["read -r line; echo \"got $line\"; exit 3"], input: "a line\n")
            #expect(run.output == "got a line\n", "\(run)")
            #expect(run.exitCode == 3)
        }
    }

    @Test(arguments: ["", "not a tar", String(repeating: "\0", count: 10_240)])
    func refusesWhatIsNoArchive(content: String) async throws {
        try await Distill.withStore { distill in
            let path = "\(distill.directory)/broken.tar"
            try Files.write(content, to: path)
            let outcome = try await distill("load", "-i", path)
            #expect(outcome.exitCode != 0)
            #expect(outcome.sentences.count == 1, "\(outcome)")
            #expect(try await distill.succeed("images", "-q").output == "")
        }
    }

    /// A truncated archive, and one in which a byte is another, leave the store as it was.
    @Test(arguments: ["oci", "docker"])
    func refusesDamagedArchives(format: String) async throws {
        try await withImage { distill in
            let archive = "\(distill.directory)/image.tar"
            try await distill.succeed("save", "--format", format, "-o", archive, "exchanged:v1")
            let bytes = try Files.bytes(archive)
            let content = try #require(bytes.firstRange(of: Array("diff_ids".utf8)))
            var changed = bytes
            changed[content.upperBound + 20] ^= 1
            for damaged in [Array(bytes.prefix(bytes.count / 2)), changed] {
                let other = Distill(directory: distill.directory, store: "\(distill.directory)/other")
                try Files.write(damaged, to: "\(distill.directory)/damaged.tar")
                let outcome = try await other("load", "-i", "\(distill.directory)/damaged.tar")
                #expect(outcome.exitCode != 0, "\(outcome)")
                #expect(try await other.succeed("images", "-q", "-a").output == "")
            }
        }
    }
}
