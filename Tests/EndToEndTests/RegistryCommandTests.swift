import OCI
import TestSupport
import Testing

/// The commands that work on registries, beside podman and skopeo.
@Suite(.requires(.root), .requires(.program("docker-registry")), .requires(.program("skopeo")))
struct RegistryCommandTests {
    /// A store, and two registries without anything in them.
    private func withRegistries(
        _ body: @escaping @Sendable (_ distill: Distill, _ first: String, _ second: String) async throws -> Void
    ) async throws {
        try await Distill.withStore { distill in
            try await DockerRegistry.with(in: try Files.makeTemporaryDirectory(in: distill.directory)) { first in
                try await DockerRegistry.with(in: try Files.makeTemporaryDirectory(in: distill.directory)) { second in
                    try await body(distill, "127.0.0.1:\(first)", "127.0.0.1:\(second)")
                }
            }
        }
    }

    private func build(_ distill: Distill, _ name: String, content: String, platform: String = "linux/amd64")
        async throws
    {
        try await distill.build(
            "FROM scratch\nCOPY file /file\n", files: ["file": content], options: ["-t", name, "--platform", platform]
        ).mustSucceed()
    }

    private func skopeo(_ name: String, _ format: String) async throws -> String {
        let seen = try await Command(
            "skopeo", ["inspect", "--tls-verify=false", "--format", format, "docker://\(name)"]
        ).run()
        try seen.mustSucceed()
        return seen.line
    }

    @Test func copiesPastTheStore() async throws {
        try await withRegistries { distill, first, second in
            let name = "\(first)/me/app:1"
            try await build(distill, name, content: "content")
            try await distill.succeed("push", "-q", name)
            let other = Distill(directory: distill.directory, store: "\(distill.directory)/other")
            for target in ["\(second)/you/app:2", "\(first)/you/app:3"] {
                let copied = try await other.succeed("image", "copy", name, target)
                #expect(try await skopeo(target, "{{.Digest}}") == copied.line)
                #expect(try await skopeo(name, "{{.Digest}}") == copied.line)
            }
            #expect(try await other.succeed("images", "-q", "-a").output == "")
            let blobs = try await Command("find", ["\(other.store)/content", "-type", "f"]).run()
            #expect(blobs.output == "")
            let missing = try await other("image", "copy", "\(first)/me/none:1", "\(second)/x:1")
            #expect(missing.exitCode == 1 && missing.sentences.count == 1, "\(missing)")
        }
    }

    @Test func inspectsWithoutFetchingLayers() async throws {
        try await withRegistries { distill, first, _ in
            let name = "\(first)/me/app:1"
            try await build(distill, name, content: "content")
            let pushed = try await distill.succeed("push", name)
            let other = Distill(directory: distill.directory, store: "\(distill.directory)/other")
            let remote = try #require(
                try JSON.parse(try await other.succeed("image", "inspect", "--remote", name).output).array?.first)
            let local = try await distill.inspect(name)
            for member in ["Id", "Config", "Architecture", "Os", "RootFS", "RepoTags", "RepoDigests", "Created"] {
                #expect(remote[member] == local[member], "\(member)")
            }
            #expect(
                pushed.output.contains(try #require(remote["RepoDigests"]?.strings?.first?.split(separator: "@").last)))
        }
    }

    @Test func joinsImagesForSeveralPlatforms() async throws {
        try await withRegistries { distill, first, second in
            try await build(distill, "\(first)/me/app:amd", content: "amd")
            try await build(distill, "arm", content: "arm", platform: "linux/arm64")
            try await distill.succeed("push", "-q", "\(first)/me/app:amd")
            try await distill.succeed("rmi", "\(first)/me/app:amd")
            let list = "\(second)/me/app:all"
            try await distill.succeed("manifest", "create", list, "\(first)/me/app:amd")
            let again = try await distill("manifest", "create", list, "arm")
            #expect(again.exitCode == 64 && again.errorOutput.contains("--amend"), "\(again)")
            try await distill.succeed("manifest", "create", "--amend", list, "arm")
            try await distill.succeed(
                "manifest", "annotate", "--variant", "v9", "--os-version", "1.2", "--os-features", "f,g", list, "arm")
            try await distill.succeed("manifest", "annotate", "--annotation", "org.example.a=b", list, "arm")
            let draft = try JSON.parse(try await distill.succeed("manifest", "inspect", list).output)
            #expect(draft["manifests"]?.array?.map { $0["platform"]?["architecture"]?.string } == ["amd64", "arm64"])
            #expect(draft["manifests"]?.array?.last?["platform"]?["variant"]?.string == "v9")
            #expect(draft["manifests"]?.array?.last?["platform"]?["os.version"]?.string == "1.2")
            #expect(draft["manifests"]?.array?.last?["platform"]?["os.features"]?.strings == ["f", "g"])
            #expect(draft["manifests"]?.array?.last?["annotations"]?["org.example.a"]?.string == "b")
            let pushed = try await distill.succeed("manifest", "push", "--purge", list)
            #expect(try await skopeo(list, "{{.Digest}}") == pushed.line)
            let raw = try await Command("skopeo", ["inspect", "--tls-verify=false", "--raw", "docker://\(list)"]).run()
            #expect(try JSON.parse(raw.output)["manifests"]?.array?.count == 2)
            #expect(try await distill("manifest", "push", list).exitCode == 1)

            let other = Distill(directory: distill.directory, store: "\(distill.directory)/other")
            for (platform, content) in [("linux/amd64", "amd"), ("linux/arm64", "arm")] {
                try await other.succeed("pull", "-q", "--platform", platform, list)
                #expect(try Files.text("\(try await other.unpack(list))/file") == content)
            }
            // An index goes as a whole, and one of its images alone.
            let copied = try await other.succeed("image", "copy", "-q", list, "\(first)/copies/app:all")
            #expect(copied.line == pushed.line)
            let one = try await other.succeed(
                "image", "copy", "-q", "--platform", "linux/arm64", list, "\(first)/copies/app:arm")
            #expect(try await skopeo("\(first)/copies/app:arm", "{{.Digest}}") == one.line)
        }
    }

    @Test(arguments: ["gzip", "zstd", "uncompressed"])
    func packsLayersAsAsked(compression: String) async throws {
        try await withRegistries { distill, first, _ in
            let name = "\(first)/me/app:1"
            try await build(distill, name, content: String(repeating: "content", count: 1000))
            try await distill.succeed("push", "-q", "--compression", compression, name)
            let raw = try await Command("skopeo", ["inspect", "--tls-verify=false", "--raw", "docker://\(name)"]).run()
            let type = try JSON.parse(raw.output)["layers"]?.array?.first?["mediaType"]?.string
            let ends = ["gzip": "tar+gzip", "zstd": "tar+zstd", "uncompressed": "layer.v1.tar"]
            #expect(type?.hasSuffix(ends[compression] ?? "") == true, "\(raw)")
            let copied = try await Command(
                "skopeo",
                [
                    "copy", "--insecure-policy", "--src-tls-verify=false", "docker://\(name)",
                    "dir:\(distill.directory)/copy",
                ]
            ).run()
            try copied.mustSucceed()
            let other = Distill(directory: distill.directory, store: "\(distill.directory)/other")
            try await other.succeed("pull", "-q", name)
            #expect(try await other.inspect(name)["Id"] == (try await distill.inspect(name)["Id"]))
        }
    }

    @Test func pushesWhatABuildMakes() async throws {
        try await withRegistries { distill, first, second in
            let context = try distill.context(["Dockerfile": "FROM scratch\nCOPY file /file\n", "file": "x"])
            try await distill.succeed(
                "build", "-q", "--push", "-t", "\(first)/me/app:1", "-t", "\(second)/me/app:2", context)
            #expect(
                try await skopeo("\(first)/me/app:1", "{{.Digest}}")
                    == (try await skopeo("\(second)/me/app:2", "{{.Digest}}")))
            try await distill.succeed(
                "build", "-q", "--platform", "linux/amd64,linux/arm64", "--output",
                "type=registry,name=\(first)/me/both:1", context)
            let raw = try await Command(
                "skopeo", ["inspect", "--tls-verify=false", "--raw", "docker://\(first)/me/both:1"]
            ).run()
            #expect(try JSON.parse(raw.output)["manifests"]?.array?.count == 2, "\(raw)")
        }
    }

    /// What podman pushes runs here, and the reverse.
    @Test(.requires(.program("podman")), .requires(.program("crun")), .requires(.program("busybox")))
    func exchangesImagesWithPodman() async throws {
        try await withRegistries { distill, first, _ in
            try await distill.buildOnBusybox("CMD [\"echo\", \"hello\"]\n", options: ["-t", "\(first)/me/app:1"])
                .mustSucceed()
            try await distill.succeed("push", "-q", "\(first)/me/app:1")
            let podman = Podman(directory: distill.directory)
            try await podman.succeed("pull", "-q", "--tls-verify=false", "\(first)/me/app:1")
            #expect(try await podman.run("\(first)/me/app:1", []).output == "hello\n")
            try await podman.succeed("push", "-q", "--tls-verify=false", "\(first)/me/app:1", "\(first)/podman/app:2")
            let other = Distill(directory: distill.directory, store: "\(distill.directory)/other")
            try await other.succeed("pull", "-q", "\(first)/podman/app:2")
            #expect(try await other.succeed("run", "--rm", "\(first)/podman/app:2").output == "hello\n")
        }
    }

    /// A machine that has nothing but the cache executes nothing.
    @Test(.requires(.program("crun")), .requires(.program("busybox")))
    func sharesTheBuildCache() async throws {
        try await withRegistries { distill, first, _ in
            let context = try distill.context(["Dockerfile": Distill.busyboxStage + "RUN date +%s%N > /time\n"])
            try await distill.addBusybox(to: context)
            let cache = "type=registry,ref=\(first)/me/cache:1"
            try await distill.succeed("build", "-q", "-t", "image", "--cache-to", cache + ",mode=max", context)
            let other = Distill(directory: distill.directory, store: "\(distill.directory)/other")
            let again = try await other.succeed(
                "build", "--progress", "plain", "-t", "image", "--cache-from", cache, context)
            #expect(again.errorOutput.matches(of: /CACHED/).count == 3, "\(again)")
            #expect(try await other.inspect("image")["RootFS"] == (try await distill.inspect("image")["RootFS"]))
            let none = try await other("build", "-q", "--cache-from", "type=registry,ref=\(first)/me/none:1", context)
            #expect(none.succeeded && none.errorOutput.contains("warning"), "\(none)")
        }
    }

    @Test(.requires(.program("crun")), .requires(.program("busybox")))
    func sharesCacheMounts() async throws {
        try await withRegistries { distill, first, _ in
            let step = "RUN --mount=type=cache,id=one,target=/c cat /c/x || echo 1 > /c/x\n"
            try await distill.buildOnBusybox(step, options: ["-q"]).mustSucceed()
            let name = "\(first)/me/mounts:1"
            #expect(try await distill.succeed("cache", "push", name).errorOutput.contains("pushed one\n"))
            let other = Distill(directory: "\(distill.directory)/d", store: "\(distill.directory)/other")
            try Files.makeDirectory(other.directory)
            #expect(try await other.succeed("cache", "pull", name, "one").errorOutput.contains("pulled one\n"))
            #expect(try await other.succeed("cache", "ls", "-q").output == "one\n")
            for (arguments, words) in [
                (["push", name, "two"], "two"), (["pull", name, "two"], "two"),
                (["pull", "\(first)/me/none:1"], "none"),
            ] {
                let outcome = try await other.command(["cache"] + arguments).run()
                #expect(outcome.exitCode == 1 && outcome.errorOutput.contains(words), "\(outcome)")
            }
        }
    }

    @Test(
        .requires(.program("crun")), .requires(.program("busybox")),
        arguments: [
            ["--cache-to", "type=inline"], ["--build-arg", "BUILDKIT_INLINE_CACHE=1"],
        ])
    func anImageCarriesItsOwnCache(options: [String]) async throws {
        try await withRegistries { distill, first, _ in
            let name = "\(first)/me/app:1"
            let context = try distill.context(["Dockerfile": Distill.busyboxStage + "RUN date +%s%N > /time\n"])
            try await distill.addBusybox(to: context)
            try await distill.command(["build", "-q", "-t", name] + options + [context]).run().mustSucceed()
            try await distill.succeed("push", "-q", name)
            let other = Distill(directory: distill.directory, store: "\(distill.directory)/other")
            let again = try await other.succeed(
                "build", "--progress", "plain", "-t", "image", "--cache-from", name, context)
            #expect(again.errorOutput.matches(of: /CACHED/).count == 3, "\(again)")
            #expect(try await other.inspect("image")["RootFS"] == (try await distill.inspect(name)["RootFS"]))
            #expect(try await other.succeed("run", "--rm", "image", "cat", "/time").output.count > 10)
        }
    }
}
