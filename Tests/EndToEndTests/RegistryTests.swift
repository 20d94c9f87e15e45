import OCI
import TestSupport
import Testing

/// Debian's registry on the loopback interface, and skopeo as the other side.
@Suite(.requires(.root), .requires(.program("docker-registry")), .requires(.program("skopeo"))) struct RegistryTests {
    @Test func pushesPullsAndBuildsOn() async throws {
        try await Distill.withStore { distill in
            try await DockerRegistry.with(in: try Files.makeTemporaryDirectory(in: distill.directory)) { port in
                let name = "127.0.0.1:\(port)/me/app:1"
                try await distill.build(
                    "FROM scratch\nCOPY file /file\n", files: ["file": "content"], options: ["-t", name]
                ).mustSucceed()
                let pushed = try await distill.succeed("push", name)
                let digest = try #require(pushed.output.split(separator: " ").first { $0.hasPrefix("sha256:") })
                let seen = try await Command(
                    "skopeo", ["inspect", "--tls-verify=false", "--format", "{{.Digest}}", "docker://\(name)"]
                ).run()
                #expect(seen.line == digest, "\(seen)")

                let other = Distill(directory: distill.directory, store: "\(distill.directory)/other")
                try await other.succeed("pull", name)
                #expect(try await other.tree(name).first?.hasPrefix("file f 644 0:0 7") == true)
                #expect(try await other.succeed("images", "--digests").output.contains(digest))

                let third = Distill(directory: distill.directory, store: "\(distill.directory)/third")
                let child = "FROM \(name)\nCOPY --from=\(name) /file /copy\nLABEL a=b\n"
                try await third.build(child, options: ["-t", "child"]).mustSucceed()
                #expect(try await third.tree("child").map { $0.split(separator: " ")[0] } == ["copy", "file"])
            }
        }
    }

    /// An implementation of the distribution specification that is written in another language by other people.
    @Test(.requires(.module("django_oci"))) func worksWithAnotherRegistry() async throws {
        try await Distill.withStore { distill in
            let script = LanguageCase.fixtures + "/registry.py"
            let directory = try Files.makeTemporaryDirectory(in: distill.directory)
            try await PythonRegistry.with(script: script, in: directory) { port in
                let host = "127.0.0.1:\(port)"
                let (name, copy, other) = ("\(host)/me/app:1", "\(host)/me/copy:1", "\(host)/you/app:1")
                let file = String(repeating: "content ", count: 100_000)
                try await distill.build(
                    "FROM scratch\nCOPY file /file\n", files: ["file": file], options: ["-t", name]
                ).mustSucceed()
                let pushed = try await distill.succeed("push", name)
                let digest = try #require(pushed.output.split(separator: " ").first { $0.hasPrefix("sha256:") })
                func seen(_ name: String) async throws -> String {
                    try await Command(
                        "skopeo", ["inspect", "--tls-verify=false", "--format", "{{.Digest}}", "docker://\(name)"]
                    ).run().line
                }
                #expect(try await seen(name) == digest)

                try await distill.succeed("tag", name, copy)
                let mounted = try await distill.succeed("push", copy)
                #expect(mounted.errorOutput.contains("mounted from \(host)/me/app"), "\(mounted)")
                #expect(try await seen(copy) == digest)

                // What skopeo sends, Distill reads, and gives it a name of its own without the store.
                try await distill.succeed("save", "--format", "oci", "-o", "\(distill.directory)/a.tar", name)
                let sent = try await Command(
                    "skopeo",
                    [
                        "copy", "-q", "--dest-tls-verify=false", "oci-archive:\(distill.directory)/a.tar",
                        "docker://\(other)",
                    ]
                ).run()
                #expect(sent.succeeded, "\(sent)")
                let fresh = Distill(directory: distill.directory, store: "\(distill.directory)/fresh")
                try await fresh.succeed("pull", "-q", other)
                #expect(try await fresh.succeed("images", "--digests").output.contains(digest))
                #expect(try await fresh.tree(other).map { $0.split(separator: " ")[0] } == ["file"])
                try await fresh.succeed("image", "copy", "-q", other, "\(host)/you/again:1")
                #expect(try await seen("\(host)/you/again:1") == digest)
                #expect(try await fresh("pull", "-q", "\(host)/nobody/none:1").exitCode == 1)
            }
        }
    }

    private func lines(_ registry: FakeRegistry) -> [String] { registry.requests.map { "\($0.method) \($0.path)" } }

    /// Layers that are packed for a push go out while they are packed, in pieces.
    @Test func sendsWhileItPacks() async throws {
        try await Distill.withStore { distill in
            try await FakeRegistry.with { registry in
                let name = "\(registry.host)/me/app:1"
                let build = try await distill.build(
                    "FROM scratch\nCOPY file /file\n", files: ["file": String(repeating: "content ", count: 100_000)],
                    options: ["-t", name])
                try build.mustSucceed()
                let pushed = try await distill.succeed("push", name)
                #expect(!pushed.errorOutput.contains("already exists"), "\(pushed)")
                let seen = lines(registry)
                let patch = try #require(seen.firstIndex { $0.hasPrefix("PATCH") })
                // Nobody asked for the layer before, for nobody could name it.
                #expect(!seen[..<patch].contains { $0.hasPrefix("HEAD") }, "\(seen)")
                #expect(seen.last == "PUT /v2/me/app/manifests/1")
                // It is packed now, so there is nothing to be early with.
                try await distill.succeed("tag", name, "\(registry.host)/me/other:1")
                try await distill.succeed("push", "\(registry.host)/me/other:1")
                #expect(
                    lines(registry).filter { $0.hasPrefix("PATCH") }.count
                        == seen.filter { $0.hasPrefix("PATCH") }.count)
            }
            // A registry that takes no pieces gets whole blobs.
            try await FakeRegistry.with(faults: [FakeRegistry.Fault("PATCH", "", .status(405), times: 99)]) {
                registry in
                let name = "\(registry.host)/me/app:1"
                try await distill.build(
                    "FROM scratch\nCOPY file /other\n", files: ["file": "b"], options: ["-t", name, "--push"]
                ).mustSucceed()
                #expect(lines(registry).contains { $0.hasPrefix("PATCH") })
                #expect(lines(registry).last == "PUT /v2/me/app/manifests/1")
            }
        }
    }

    /// A config that names another layer than its manifest does: it is pulled, and refused wherever it would be used.
    @Test func refusesALyingImageWhereItIsUsed() async throws {
        try await Distill.withStore { distill in
            try await FakeRegistry.with { registry in
                let layer = [UInt8](repeating: 0, count: 1024)
                var config = ImageConfig(platform: .host)
                config.layers = [DiffID(Digest(sha256: "another".utf8))]
                func descriptor(_ type: MediaType, _ bytes: [UInt8]) -> Descriptor {
                    Descriptor(mediaType: type, digest: Digest(sha256: bytes), size: Int64(bytes.count))
                }
                let manifest = Manifest(config: descriptor(.config, config.bytes), layers: [descriptor(.layer, layer)])
                for blob in [layer, config.bytes] { registry.addBlob(blob, to: "me/app") }
                registry.addManifest(manifest.bytes, type: .manifest, tag: "1", to: "me/app")
                let name = "\(registry.host)/me/app:1"
                try await distill.succeed("pull", name)
                #expect(try await distill.succeed("images").output.contains("1.02kB packed"))
                for instruction in ["COPY file /file", "LABEL a=b"] {
                    let build = try await distill.build(
                        "FROM \(name)\n\(instruction)\n", files: ["file": ""], options: ["-t", "child"])
                    #expect(
                        build.exitCode == 1 && build.errorOutput.contains("its bytes are not what its image says"),
                        "\(build)")
                }
                let check = try await distill("system", "check")
                #expect(
                    check.exitCode == 1 && check.output.contains("holds something else than its config says"),
                    "\(check)")
            }
        }
    }

    /// What was pushed or pulled is taken over from there when it goes to another repository of the registry.
    @Test func mountsWhatTheRegistryHas() async throws {
        try await Distill.withStore { distill in
            try await DockerRegistry.with(in: try Files.makeTemporaryDirectory(in: distill.directory)) { port in
                let host = "127.0.0.1:\(port)"
                try await distill.build(
                    "FROM scratch\nCOPY file /file\n", files: ["file": "content"], options: ["-t", "\(host)/a/one"]
                ).mustSucceed()
                try await distill.succeed("push", "\(host)/a/one")
                try await distill.succeed("tag", "\(host)/a/one", "\(host)/b/two")
                let second = try await distill.succeed("push", "\(host)/b/two")
                #expect(second.text.contains("a/one"), "\(second)")
                // A store that pulled knows as much.
                let other = Distill(directory: distill.directory, store: "\(distill.directory)/other")
                try await other.succeed("pull", "\(host)/b/two")
                try await other.succeed("tag", "\(host)/b/two", "\(host)/c/three")
                let third = try await other.succeed("push", "\(host)/c/three")
                #expect(third.text.contains("b/two"), "\(third)")
                let seen = try await Command(
                    "skopeo", ["inspect", "--tls-verify=false", "--format", "{{.Digest}}", "docker://\(host)/c/three"]
                ).run()
                #expect(third.output.contains(seen.line), "\(seen)")
            }
        }
    }

    @Test func logsInAndOut() async throws {
        try await Distill.withStore { distill in
            var settings = DockerRegistry.Settings()
            settings.passwords = DockerRegistry.Settings.annsPassword
            let chosen = settings
            try await DockerRegistry.with(chosen, in: try Files.makeTemporaryDirectory(in: distill.directory)) { port in
                let registry = "127.0.0.1:\(port)"
                let home = ["DOCKER_CONFIG": "\(distill.directory)/docker"] as [String: String?]
                let wrong = try await distill(
                    "login", "-u", "ann", "--password-stdin", registry, environment: home, input: "wrong\n")
                #expect(wrong.exitCode == 1 && !wrong.text.contains("wrong"), "\(wrong)")
                let right = try await distill(
                    "login", "-u", "ann", "--password-stdin", registry, environment: home, input: "secret\n")
                #expect(right.output == "Login Succeeded\n", "\(right)")
                let mode = try await Command("stat", ["-c", "%a", "\(distill.directory)/docker/config.json"]).run()
                #expect(mode.line == "600")
                let out = try await distill("logout", registry, environment: home)
                #expect(out.succeeded, "\(out)")
                #expect(try !Files.text("\(distill.directory)/docker/config.json").contains("YW5uOnNlY3JldA=="))
            }
        }
    }

    @Test(arguments: ["pull", "push"])
    func saysWhatIsNotThere(verb: String) async throws {
        try await Distill.withStore { distill in
            let outcome = try await distill(verb, "127.0.0.1:9/nothing:1")
            #expect(outcome.exitCode == 1)
            #expect(outcome.sentences.count == 1 && outcome.errorOutput.contains("127.0.0.1"), "\(outcome)")
        }
    }
}
