import OCI
import TestSupport
import Testing

/// `--output`, `--metadata-file`, `--iidfile`, and how layers are packed, judged by programs that others wrote.
@Suite(.requires(.root)) struct OutputTests {
    private static let dockerfile = "FROM scratch\nCOPY --chown=7:8 small large /dir/\nCOPY late /dir/late\nENV A=1\n"

    /// A context with a file of several blocks: half noise, half text.
    private static func context(_ distill: Distill) throws -> String {
        var generator = SeededGenerator(seed: 11)
        let large = (0..<30).flatMap { _ in generator.bytes(100_000) + Array(repeating: UInt8(0x41), count: 100_000) }
        let context = try distill.context(["Dockerfile": dockerfile, "small": "small", "late": "late"])
        try Files.write(large, to: "\(context)/large", mode: 0o640)
        return context
    }

    @discardableResult
    private static func shell(_ distill: Distill, _ script: String) async throws -> String {
        let outcome = try await Command("sh", ["-euc", script], workingDirectory: distill.directory).run()
        try outcome.mustSucceed()
        return outcome.line
    }

    private static let forms = [
        "compression=gzip", "compression=gzip,compression-level=9", "compression=zstd", "compression=uncompressed",
    ]

    @Test(
        .requires(.program("skopeo")), .requires(.program("umoci")), .requires(.program("podman")),
        arguments: ["oci", "docker"], forms)
    func archivesAreReadByOthers(kind: String, form: String) async throws {
        try await Distill.withStore { distill in
            let context = try Self.context(distill)
            try await distill.succeed("build", "-q", "-t", "made:1", "-o", "type=\(kind),dest=out.tar,\(form)", context)
            #expect(try await distill.succeed("images", "-q").output == "", "only the archive was asked for")
            try await Self.shell(distill, "skopeo copy -q --insecure-policy \(kind)-archive:out.tar oci:layout:made")
            // This umoci knows no zstd.
            if form.contains("zstd") {
                try await Self.shell(
                    distill, "skopeo copy -q --insecure-policy --dest-decompress oci:layout:made dir:plain")
                try await Self.shell(
                    distill,
                    "mkdir -p root/dir; for layer in $(python3 -c 'import json; [print(l[\"digest\"][7:]) for l in json.load(open(\"plain/manifest.json\"))[\"layers\"]]'); do tar -xf plain/$layer -C root; done"
                )
            } else {
                try await Self.shell(distill, "umoci unpack --image layout:made bundle; mv bundle/rootfs root")
            }
            try await Self.shell(distill, "cmp root/dir/large context/large")
            #expect(try await Self.shell(distill, "stat -c '%a %u:%g %s' root/dir/large") == "640 7:8 6000000")
            let storage =
                "podman --root \(distill.directory)/podman --runroot \(distill.directory)/run --storage-driver vfs"
            try await Self.shell(distill, "\(storage) load -q -i out.tar")
            let loaded = try await Self.shell(
                distill, "\(storage) image inspect --format '{{index .RepoTags 0}} {{.Config.Env}}' made:1")
            #expect(loaded.contains("/made:1 ") && loaded.contains("A=1"))
        }
    }

    /// gzip and Python's reader take several members as one stream.
    @Test(.requires(.program("gzip")), .requires(.program("python3")))
    func membersAreOneStream() async throws {
        try await Distill.withStore { distill in
            let context = try Self.context(distill)
            try await distill.succeed("build", "-q", "-o", "type=oci,dest=layout,tar=false", context)
            let layer = try await Self.shell(distill, "ls -S layout/blobs/sha256/* | head -n 1")
            let plain = try await Self.shell(distill, "gzip -dc \(layer) | sha256sum")
            let python = try await Self.shell(
                distill,
                "python3 -c 'import gzip, hashlib; print(hashlib.sha256(gzip.open(\"\(layer)\").read()).hexdigest() + \"  -\")'"
            )
            #expect(plain == python)
            let config = try await Self.shell(
                distill,
                "cat layout/blobs/sha256/$(python3 -c 'import json; m = json.load(open(\"layout/index.json\"))[\"manifests\"][0][\"digest\"][7:]; print(json.load(open(\"layout/blobs/sha256/\" + m))[\"config\"][\"digest\"][7:])')"
            )
            #expect(config.contains(String(plain.prefix(64))), "the layer's diffID")
        }
    }

    @Test(.requires(.program("taskset")), arguments: ["gzip", "zstd"])
    func coresDoNotChangeBytes(compression: String) async throws {
        try await Distill.withStore { distill in
            let context = try Self.context(distill)
            try await distill.succeed("build", "-q", "-t", "made", context)
            let save = "\(Distill.binary) save --format oci --compression \(compression)"
            let first = try await Self.shell(distill, "export DISTILL_ROOT=\(distill.store); \(save) made | sha256sum")
            // What was packed is forgotten, and made anew on one core.
            try await Self.shell(distill, "rm store/layers/*/blobs")
            let second = try await Self.shell(
                distill, "export DISTILL_ROOT=\(distill.store); taskset -c 0 \(save) made | sha256sum")
            #expect(first == second)
        }
    }

    @Test func filesGoIntoDirectoriesAndTars() async throws {
        try await Distill.withStore { distill in
            let context = try Self.context(distill)
            try await distill.succeed("build", "-q", "-o", "out", context)
            #expect(
                try await Self.shell(distill, "cmp out/dir/large context/large && stat -c '%a %u' out/dir/large")
                    == "640 0")
            try Files.write("mine", to: "\(distill.directory)/out/mine")
            try await distill.succeed("build", "-q", "-o", "type=local,dest=out", context)
            #expect(try await Self.shell(distill, "cat out/mine") == "mine")
            try await distill.succeed("build", "-q", "-o", "type=local,dest=out,mode=delete", context)
            #expect(
                try await Self.shell(distill, "find out -type f | sort | xargs")
                    == "out/dir/large out/dir/late out/dir/small")
            let list = try await Self.shell(
                distill,
                "DISTILL_ROOT=\(distill.store) \(Distill.binary) build -q -o - context | tar -tvf - | awk '{print $1, $2, $3, $6}'"
            )
            #expect(
                list == """
                    drwxr-xr-x 7/8 0 dir/
                    -rw-r----- 7/8 6000000 dir/large
                    -rw-r--r-- 0/0 4 dir/late
                    -rw-r--r-- 7/8 5 dir/small
                    """)
        }
    }

    @Test func tellsWhatWasMade() async throws {
        try await Distill.withStore { distill in
            let context = try Self.context(distill)
            let directory = distill.directory
            let built = try await distill.succeed(
                "build", "-q", "-t", "made:1", "-o", "type=image", "-o", "type=oci,dest=made.tar", "--metadata-file",
                "metadata.json", "--iidfile", "id", context)
            let id = try Files.text("\(directory)/id")
            #expect(id == built.line)
            let metadata = try JSON.parse(Files.text("\(directory)/metadata.json"))
            #expect(
                metadata.object?.members.map(\.key) == [
                    "containerimage.config.digest", "containerimage.descriptor", "containerimage.digest", "image.name",
                ])
            #expect(metadata["containerimage.config.digest"]?.string == id)
            #expect(metadata["image.name"]?.string == "docker.io/library/made:1")
            let digest = try #require(metadata["containerimage.digest"]?.string)
            #expect(metadata["containerimage.descriptor"]?["digest"]?.string == digest)
            #expect(
                try await Self.shell(distill, "tar -xOf made.tar index.json").contains(digest), "of the last output")
            #expect(try await distill.inspect("made:1")["Id"]?.string == id)
        }
    }

    /// A layer of many megabytes, packed and not, takes little memory.
    @Test(.requires(.program("busybox")), arguments: ["gzip", "zstd", "uncompressed"])
    func largeLayersTakeLittleMemory(compression: String) async throws {
        try await Distill.withStore { distill in
            let context = try distill.context(["Dockerfile": "FROM scratch\nCOPY large /\n"])
            try await Self.shell(distill, "head -c 300000000 /dev/urandom > context/large")
            let script =
                "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True); print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
            let outcome = try await Command(
                "python3",
                [
                    "-c", script, Distill.binary, "build", "-q", "-o",
                    "type=oci,dest=/dev/null,compression=\(compression)", context,
                ],
                environment: ["DISTILL_ROOT": distill.store]
            ).run()
            try outcome.mustSucceed()
            let kibibytes = try #require(outcome.output.split(separator: "\n").last.flatMap { Int($0) })
            #expect(kibibytes < 100_000)
        }
    }
}
