import OCI
import TestSupport
import Testing

@Suite(.serialized, .requires(.root), .requires(.program("crun")), .requires(.debianBase), .timeLimit(.minutes(50)))
struct LockAndListTests {
    private let distill = SharedBase.distill

    @Test func aLockGivesTheSameImageInAnotherStore() async throws {
        let lock = "\(distill.directory)/base.lock"
        try await distill.succeed("base", "lock", "-o", lock, "distroless/base-nossl-debian12")
        let first = try await distill.succeed("base", "build", "-q", "--lock", lock).output
        try await Distill.withStore { other in
            let again = try await other.succeed("base", "build", "-q", "--lock", lock).output
            #expect(again == first)
        }
        #expect(
            try await distill.succeed("base", "outdated", lock).output == "\(lock): the archive has nothing newer\n")
    }

    @Test func whatChangedIsToldAndUpdated() async throws {
        let lock = "\(distill.directory)/old.lock"
        try await distill.succeed("base", "lock", "-o", lock, "distroless/static-debian12")
        let whole = try Files.text(lock)
        let old = whole.replacing(
            #/"name": "netbase",\s+"version": "[^"]*"/#, with: "\"name\": \"netbase\", \"version\": \"0.1\""
        )
        .replacing(#/netbase_[^"]*_all.deb",/#, with: "netbase_0.1_all.deb\",").replacing(
            #/"sha256": "."/#, with: "\"sha256\": \"0")
        let digest = try #require(whole.firstMatch(of: #/"name": "netbase",[^}]*"sha256": "([0-9a-f]{64})"/#)).output.1
        try Files.write(old.replacing(digest, with: String(repeating: "0", count: 64)), to: lock)
        let gone = try await distill("base", "build", "-q", "--lock", lock)
        #expect(gone.sentences == ["distill: no mirror has 'netbase=0.1' any more, which the lock names"])
        let outdated = try await distill.succeed("base", "outdated", lock).output
        #expect(
            outdated.contains("netbase") && outdated.contains("0.1") && outdated.contains("bookworm"), "\(outdated)")
        try await distill.succeed("base", "update", lock)
        #expect(try Files.text(lock) == whole)
    }

    @Test func whyAndSuggestExplain() async throws {
        let why = try await distill.succeed(
            "base", "why", "--progress", "quiet", "distroless/cc-debian12", "gcc-12-base"
        ).output
        #expect(
            why.hasPrefix("distroless/cc-debian12:latest asks for libgcc-s1\nlibgcc-s1=")
                && why.contains("needs gcc-12-base (= "), "\(why)")
        #expect(
            try await distill("base", "why", "--progress", "quiet", "distroless/static-debian12", "bash").output
                == "bash is not in distroless/static-debian12:latest\n")
        let path = try distill.context("suggest", ["app.py": "#!/usr/bin/python3\nimport ssl\n"])
        let suggested = try await distill.succeed("base", "suggest", "\(path)/app.py").output
        #expect(
            suggested.hasPrefix("FROM distroless/python3") && suggested.contains("Python, CA certificates"),
            "\(suggested)")
    }

    @Test func oneCommandMakesAListOfPlatforms() async throws {
        try await distill.succeed(
            "base", "build", "--platform", "linux/amd64,linux/arm64", "-t", "both", "distroless/static-debian12:nonroot"
        )
        try await distill.succeed("save", "--format", "oci", "-o", "\(distill.directory)/both.tar", "both")
        let raw = try await Command("skopeo", ["inspect", "--raw", "oci-archive:\(distill.directory)/both.tar"]).run()
        let platforms = try JSON.parse(raw.output)["manifests"]?.array?.compactMap {
            $0["platform"]?["architecture"]?.string
        }
        #expect(platforms == ["amd64", "arm64"], "\(raw)")
    }

    @Test func slicesKeepWhatRuns() async throws {
        let path = try distill.context(
            "slice",
            [
                "python.yaml":
                    "from: distroless/python3-debian12\nname: sliced-python\nslice: runtime\nkeep: [/usr/bin/pydoc3*]\n",
                "app.py": "import ssl, sqlite3, ctypes, lzma, json; print('sliced')\n",
                "Dockerfile": "FROM sliced-python\nCOPY app.py /app.py\nCMD [\"/app.py\"]\n",
            ])
        let built = try await distill("base", "build", "--progress", "plain", "\(path)/python.yaml")
        #expect(built.succeeded && built.errorOutput.contains("left out /usr/bin/py3clean\n"), "\(built)")
        try await distill.succeed("build", "-q", "--check=error", "-t", "sliced", path)
        #expect(try await distill.succeed("run", "--rm", "sliced").output == "sliced\n")
        let root = try await distill.unpack("sliced-python")
        #expect(Files.exists("\(root)/var/lib/dpkg/status.d/libc6"))
        #expect(!Files.exists("\(root)/usr/bin/py3clean"))
    }
}
