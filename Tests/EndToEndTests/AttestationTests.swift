import OCI
import TestSupport
import Testing

/// What `--sbom` and `--provenance` attach, as other programs see it.
@Suite(.requires(.root), .requires(.program("docker-registry")), .requires(.program("skopeo")))
struct AttestationTests {
    private func build(_ distill: Distill, _ options: [String]) async throws -> String {
        let context = try distill.context(["Dockerfile": "FROM scratch\nARG TOKEN\nCOPY file /file\n", "file": "x"])
        let outcome = try await distill.command(["build", "-q", "--build-arg", "TOKEN=s3cret"] + options + [context])
            .run()
        try outcome.mustSucceed()
        return outcome.line
    }

    @Test func theSameBuildSaysTheSame() async throws {
        try await Distill.withStore { distill in
            let options = ["--reproducible", "--sbom", "--provenance", "-t", "app"]
            let first = try await build(distill, options)
            #expect(try await build(distill, options) == first)
            let other = Distill(directory: distill.directory, store: "\(distill.directory)/other")
            #expect(try await build(other, options) == first)
            #expect(try await distill.inspect("app")["Architecture"]?.string == "amd64")
            #expect(try await distill.succeed("system", "check").output.contains("nothing is wrong"))
            try await distill.succeed("rmi", "app")
            #expect(try await Command("find", ["\(distill.store)/content", "-type", "f"]).run().output == "")
        }
    }

    @Test func aRegistryGetsItAndPullsStillFindTheImage() async throws {
        try await Distill.withStore { distill in
            try await DockerRegistry.with(in: try Files.makeTemporaryDirectory(in: distill.directory)) { port in
                let name = "127.0.0.1:\(port)/app:1"
                _ = try await build(distill, ["--sbom", "--provenance=mode=min", "-t", name])
                try await distill.succeed("push", "-q", name)
                let layout = "\(distill.directory)/layout"
                for (options, place) in [(["--all"], layout), ([], "\(distill.directory)/one")] {
                    try await Command(
                        "skopeo",
                        ["copy", "--insecure-policy", "--src-tls-verify=false"] + options + [
                            "docker://\(name)", "oci:\(place):1",
                        ]
                    ).run().mustSucceed()
                }
                let words = try await Command(
                    "grep",
                    [
                        "-rhoE", "https://(spdx.dev/Document|slsa.dev/provenance/v1)\"|attestation-manifest|s3cret",
                        "\(layout)/blobs",
                    ]
                ).run().output
                for word in ["https://spdx.dev/Document", "https://slsa.dev/provenance/v1", "attestation-manifest"] {
                    #expect(words.contains(word), "\(word)")
                }
                #expect(
                    try await Command("grep", ["-rlE", "Statement/v0.1.*s3cret", "\(layout)/blobs"]).run().output == "")
                #expect(
                    try await Command("grep", ["-rl", "Statement/v0.1", "\(distill.directory)/one/blobs"]).run().output
                        == "")
                let other = Distill(directory: distill.directory, store: "\(distill.directory)/other")
                try await other.succeed("pull", "-q", name)
                #expect(try await other.inspect(name)["RootFS"] == distill.inspect(name)["RootFS"])
            }
        }
    }

    @Test func filesStandBesideTheImages() async throws {
        try await Distill.withStore { distill in
            let output = "\(distill.directory)/out"
            _ = try await build(distill, ["--sbom", "--provenance", "-o", output])
            let statement = try JSON.parse(try Files.text("\(output)/sbom.spdx.json"))
            #expect(statement["predicate"]?["spdxVersion"]?.string == "SPDX-2.3")
            #expect(
                try JSON.parse(try Files.text("\(output)/provenance.json"))["predicateType"]?.string
                    == Statement.provenance)
        }
    }

    /// What the build knew goes with the image where that is asked for, without the paths of the machine that built it.
    @Test func anExplanationTravels() async throws {
        try await Distill.withStore { distill in
            try await DockerRegistry.with(in: try Files.makeTemporaryDirectory(in: distill.directory)) { port in
                let name = "127.0.0.1:\(port)/app:1"
                let (layout, archive) = ("\(distill.directory)/layout", "\(distill.directory)/app.tar")
                let words = ["--attest", "type=explanation", "-t", name]
                _ = try await build(distill, words + ["-o", "type=oci,dest=\(archive)"])
                _ = try await build(distill, words + ["-o", "type=oci,tar=false,dest=\(layout)"])
                _ = try await build(distill, words + ["--push"])
                let other = Distill(directory: distill.directory, store: "\(distill.directory)/other")
                for place in ["docker://\(name)", "oci:\(layout)", "oci-archive:\(archive)"] {
                    let told = try await other.succeed("explain", "--by", "instruction", place).output
                    #expect(told.contains("Dockerfile:3"), "\(place): \(told)")
                }
                let told = try await Command("grep", ["-rhE", "build-record", "\(layout)/blobs"]).run().output
                #expect(told.contains("build-record") && !told.contains(distill.directory))
                // Nothing goes with it where nobody asked.
                let plain = "127.0.0.1:\(port)/plain:1"
                _ = try await build(distill, ["-t", plain, "--push"])
                #expect(
                    try await !other.succeed("explain", "--by", "instruction", "docker://\(plain)").output.contains(
                        "Dockerfile:3"))
            }
        }
    }
}
