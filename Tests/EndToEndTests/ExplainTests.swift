import OCI
import SystemPackage
import TestSupport
import Testing

/// `explain`, `why` and `diff`, on images that need no container runtime.
@Suite struct ExplainTests {
    private static let dockerfile = """
        FROM scratch AS brought
        COPY big /opt/big
        FROM scratch
        COPY --from=brought /opt/big /opt/big
        COPY small /opt/small
        COPY other /opt/small
        COPY one two /srv/
        ENTRYPOINT ["/opt/small"]
        """

    private static let files = [
        "big": String(repeating: "b", count: 100_000), "small": String(repeating: "s", count: 5000), "other": "other",
        "one": "same same", "two": "same same",
    ]

    private func built(_ distill: Distill) async throws {
        try await distill.build(Self.dockerfile, files: Self.files, options: ["-t", "explained"]).mustSucceed()
    }

    @Test func everyByteIsTold() async throws {
        try await Distill.withStore { distill in
            try await built(distill)
            let json = try JSON.parse(
                try await distill.succeed("explain", "--format", "json", "--files", "explained").output)
            #expect(json["schema"]?.string == "distill.explanation")
            #expect(json["version"]?.integer == 1)
            let sizes = try #require(json["image"]?["sizes"])
            let listed = try await distill.inspect("explained")["Size"]?.integer
            #expect(sizes["disk"]?.integer == listed)
            #expect(sizes["visible"]?.integer == 100_023)
            #expect(sizes["shadowed"]?.integer == 5000)
            #expect(sizes["deleted"]?.integer == 0)
            let layers = try #require(json["layers"]?.array)
            #expect(layers.map { $0["size"]?.integer } == [100_000, 5000, 5, 18])
            #expect(layers.map { $0["instruction"]?["line"]?.integer } == [4, 5, 6, 7])
            #expect(layers[0]["instruction"]?["text"]?.string == "COPY --from=brought /opt/big /opt/big")
            #expect(layers[0]["instruction"]?["file"]?.string == "Dockerfile")
            let paths = json["files"]?.array?.filter { $0["type"]?.string == "file" }.compactMap { $0["path"]?.string }
            #expect(paths == ["/opt/big", "/opt/small", "/srv/one", "/srv/two"])
            let finding = json["findings"]?.array?.first { $0["id"]?.string == "OverwrittenLater" }
            #expect(finding?["fix"]?["saving"]?["alone"]?.integer == 5000)
        }
    }

    @Test(.requires(.program("python3"))) func documentsFollowTheirSchema() async throws {
        try await Distill.withStore { distill in
            try await built(distill)
            let file = "\(distill.directory)/explained.json"
            let json = try await distill.succeed(
                "explain", "--format", "json", "--files", "--max-waste", "50%", "explained")
            try Files.write(json.output, to: file)
            let schema = "\(FilePath(#filePath).removingLastComponent().string)/../../docs/explanation.schema.json"
            let script = "import json,sys,jsonschema; jsonschema.validate(*[json.load(open(p)) for p in sys.argv[1:]])"
            let outcome = try await Command("/usr/bin/python3", ["-c", script, file, schema]).run()
            #expect(outcome.succeeded, "\(outcome)")
        }
    }

    @Test func fiveLinesComeFirst() async throws {
        try await Distill.withStore { distill in
            try await built(distill)
            let text = try await distill.succeed("explain", "explained").output
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            #expect(
                lines.prefix(6).map { String($0.prefix(9)).trimmingSpace } == [
                    "image", "size", "waste", "most of i", "best fix", "",
                ])
            for by in ["layer", "instruction", "package", "path", "reason"] {
                let outcome = try await distill.succeed("explain", "--by", by, "--top", "2", "explained")
                #expect(outcome.output.contains("100kB"), "\(outcome)")
            }
            #expect(text.contains("Dockerfile:4"))
            #expect(try await distill("explain", "--by", "colour", "explained").exitCode == 64)
            #expect(try await distill("explain", "--top", "-1", "explained").exitCode == 64)
            #expect(try await distill("explain", "nothing-like-it").exitCode == 1)
        }
    }

    @Test(.requires(.program("skopeo"))) func imagesAreFoundWhereverTheyAre() async throws {
        try await Distill.withStore { distill in
            try await built(distill)
            let work = distill.directory
            try await distill.succeed(
                "save", "--format", "oci", "--compression", "gzip", "-o", "\(work)/oci.tar", "explained")
            try await distill.succeed("save", "-o", "\(work)/docker.tar", "explained")
            let copied = try await Command(
                "skopeo", ["copy", "--insecure-policy", "oci-archive:\(work)/oci.tar", "oci:\(work)/layout:one"]
            ).run()
            try #require(copied.succeeded, "\(copied)")
            let other = Distill(directory: work, store: "\(work)/other")
            let places = [
                "oci-archive:\(work)/oci.tar", "docker-archive:\(work)/docker.tar", "\(work)/docker.tar",
                "oci:\(work)/layout:one", "\(work)/layout",
            ]
            for place in places {
                let json = try JSON.parse(try await other.succeed("explain", "--format", "json", place).output)
                #expect(json["image"]?["sizes"]?["disk"]?.integer == 105_023, "\(place)")
                #expect(json["image"]?["sizes"]?["shadowed"]?.integer == 5000, "\(place)")
            }
            // What skopeo says of the packed layers.
            let inspected = try JSON.parse(
                try await Command("skopeo", ["inspect", "--raw", "oci:\(work)/layout:one"]).run().output)
            let json = try JSON.parse(
                try await other.succeed("explain", "--format", "json", "oci:\(work)/layout:one").output)
            #expect(
                json["layers"]?.array?.map { $0["compressed"]?.integer }
                    == inspected["layers"]?.array?.map { $0["size"]?.integer })
            #expect(try await other("images", "-q").output.isEmpty)
            #expect(try await other("explain", "docker-daemon:x").exitCode == 1)
            #expect(try await other("explain", "oci-archive:\(work)/nothing.tar").exitCode == 1)
        }
    }

    @Test func whyTellsWhoBroughtIt() async throws {
        try await Distill.withStore { distill in
            try await built(distill)
            let text = try await distill.succeed("why", "explained", "/opt/small").output
            #expect(text.contains("COPY other /opt/small (Dockerfile:6), layer 3"), "\(text)")
            #expect(text.contains("layer 2: file of 5000 bytes, overwritten by Dockerfile:6"), "\(text)")
            let json = try JSON.parse(
                try await distill.succeed("why", "--format", "json", "explained", "/srv/one").output)
            #expect(json["answers"]?.array?.first?["copies"]?.strings == ["/srv/two"])
            #expect(
                try await distill.succeed("explain", "--why", "/opt", "explained").output.contains(
                    "below it: 100kB in 2 files"))
            let missing = try await distill("why", "explained", "/nothing")
            #expect(missing.exitCode == 1)
            #expect(missing.errorOutput.contains("has neither a path nor a package '/nothing'"))
        }
    }

    @Test func diffTellsWhatChanged() async throws {
        try await Distill.withStore { distill in
            try await distill.build(
                "FROM scratch\nENV A=1\nCOPY a b c /\n", files: ["a": "aaaa", "b": "b", "c": "c"],
                options: ["-t", "left"]
            ).mustSucceed()
            try await distill.build(
                "FROM scratch\nENV A=2\nCOPY a /d\nCOPY --chmod=600 b /b\nCOPY e /e\n", files: ["e": "new"],
                options: ["-t", "right"]
            ).mustSucceed()
            let same = try await distill.succeed("diff", "left", "left")
            #expect(same.output == "left and left are the same\n")
            let outcome = try await distill("diff", "--format", "json", "--semantic", "left", "right")
            #expect(outcome.exitCode == 1)
            let json = try JSON.parse(outcome.output)
            #expect(json["same"]?.bool == false)
            let changes = json["files"]?.array?.map {
                "\($0["path"]?.string ?? "") \($0["changes"]?.strings?.joined(separator: ",") ?? "")"
            }
            #expect(changes == ["/b mode", "/c removed", "/d renamed", "/e added"])
            #expect(json["config"]?.array?.map { $0["name"]?.string } == ["Env.A"])
            let text = try await distill("diff", "left", "right")
            #expect(text.exitCode == 1)
            #expect(text.output.contains("mode 0644 → 0600"), "\(text)")
            #expect(text.output.contains("→ /d, formerly /a"), "\(text)")
            #expect(try await distill("diff", "left", "nothing-like-it").exitCode == 1)
        }
    }

    @Test func budgetsAreKeptOrTold() async throws {
        try await Distill.withStore { distill in
            try await built(distill)
            try await distill.succeed(
                "explain", "--max-size", "1MB", "--max-layers", "4", "--forbid", "shell", "explained")
            for rule in [
                ["--max-size", "100kB"], ["--max-waste", "1%"], ["--max-layers", "3"], ["--forbid", "/srv/**"],
                ["--max-transfer", "10"],
            ] {
                let outcome = try await distill.command(["explain"] + rule + ["explained"]).run()
                #expect(outcome.exitCode == 1, "\(rule) \(outcome)")
                #expect(outcome.output.contains("over  \(rule[0].dropFirst(2))"), "\(outcome)")
            }
            for wrong in [["--max-size", "big"], ["--max-growth", "5%"], ["--max-layers", "x"]] {
                #expect(try await distill.command(["explain"] + wrong + ["explained"]).run().exitCode == 64)
            }
            try await distill.build("FROM scratch\nCOPY small /small\n", files: Self.files, options: ["-t", "former"])
                .mustSucceed()
            let grown = try await distill(
                "explain", "--format", "json", "--max-growth", "5%", "--against", "former", "explained")
            #expect(grown.exitCode == 1)
            let verdict = try JSON.parse(grown.output)["budget"]?.array?.first
            #expect(verdict?["rule"]?.string == "max-growth")
            #expect(verdict?["ok"]?.bool == false)
            #expect(verdict?["details"]?.strings?.first?.contains("/opt/big") == true)
            try Files.write("max-layers: 2\n", to: "\(distill.directory)/distill.budget.yaml")
            let junit = try await distill("explain", "--format", "junit", "explained")
            #expect(junit.exitCode == 1)
            #expect(junit.output.contains("<testcase classname=\"distill.budget\" name=\"max-layers\">"), "\(junit)")
            let build = try await distill.build(
                "FROM scratch\nCOPY one /a\nCOPY one /b\nCOPY one /c\n", files: Self.files, options: ["-t", "three"])
            #expect(build.exitCode == 1)
            #expect(build.errorOutput.contains("over  max-layers: 3, at most 2"), "\(build)")
            let sarif = try JSON.parse(
                try await distill("explain", "--format", "sarif", "--max-layers", "9", "explained").output)
            let results = sarif["runs"]?.array?.first?["results"]?.array
            let overwritten = results?.first { $0["ruleId"]?.string == "OverwrittenLater" }
            #expect(overwritten?["locations"]?.array?.first?["physicalLocation"]?["region"]?["startLine"]?.integer == 6)
        }
    }

    @Test func reportsAreOneFileAndTheSameTwice() async throws {
        try await Distill.withStore { distill in
            try await distill.build(
                "FROM scratch\nCOPY a /<script>alert(1)</script>\nCOPY a /b\n",
                files: ["a": String(repeating: "a", count: 9999)], options: ["-t", "page"]
            ).mustSucceed()
            let (one, two) = ("\(distill.directory)/one.html", "\(distill.directory)/two.html")
            try await distill.succeed("explain", "--html", one, "page")
            try await distill.succeed("explain", "--html", two, "page")
            let text = try Files.text(one)
            #expect(try Files.text(two) == text)
            #expect(text.contains("default-src 'none'"))
            #expect(!text.contains("<script>alert"))
            #expect(text.split(separator: "</script>").count == 3)
            let difference = "\(distill.directory)/diff.html"
            #expect(try await distill("diff", "--html", difference, "page", "page").exitCode == 0)
            #expect(try Files.text(difference).contains("what changed is marked"))
        }
    }

    @Test func fixesAreApplied() async throws {
        try await Distill.withStore { distill in
            let context = try distill.context([
                "Dockerfile": "FROM scratch\nCOPY . /app\n", ".git": String(repeating: "g", count: 20_000), "main": "x",
            ])
            try await distill.succeed("build", "-t", "leftovers", context)
            let json = try JSON.parse(try await distill.succeed("explain", "--format", "json", "leftovers").output)
            let finding = try #require(json["findings"]?.array?.first)
            #expect(finding["id"]?.string == "ContextLeftovers")
            #expect(finding["fix"]?["patch"]?.strings == ["+**/.git"])
            let applied = try await distill.succeed("explain", "--apply", "leftovers")
            #expect(applied.output.contains("+**/.git"), "\(applied)")
            #expect(try Files.text("\(context)/.dockerignore") == "**/.git\n")
            try await distill.succeed("build", "-t", "smaller", context)
            let (before, after) = (
                try await distill.inspect("leftovers")["Size"]?.integer ?? 0,
                try await distill.inspect("smaller")["Size"]?.integer ?? 0
            )
            // The ignore file itself is copied now.
            #expect(before - after == (finding["fix"]?["saving"]?["alone"]?.integer ?? 0) - 8)
            #expect(try await distill("explain", "--apply", "--fix", "9", "smaller").exitCode == 1)
            try Files.write("FROM scratch\nCOPY main /app\n", to: "\(context)/Dockerfile")
            #expect(try await distill("explain", "--apply", "leftovers").errorOutput.contains("has changed since"))
        }
    }

    @Test(.requires(.program("docker-registry"))) func registriesAreAskedForWhatIsNotKnown() async throws {
        try await Distill.withStore { distill in
            try await DockerRegistry.with(in: try Files.makeTemporaryDirectory(in: distill.directory)) { port in
                let name = "127.0.0.1:\(port)/me/explained:1"
                try await distill.build(Self.dockerfile, files: Self.files, options: ["-t", name]).mustSucceed()
                try await distill.succeed("push", "-q", name)
                let other = Distill(directory: distill.directory, store: "\(distill.directory)/other")
                for source in [name, "docker://\(name)"] {
                    let json = try JSON.parse(try await other.succeed("explain", "--format", "json", source).output)
                    #expect(json["image"]?["sizes"]?["disk"]?.integer == 105_023)
                    #expect(json["image"]?["sizes"]?["transfer"]?.integer ?? 0 > 0)
                }
                #expect(try await other.succeed("images", "-q", "-a").output == "")
                let blobs = try await Command("find", ["\(other.store)/content", "-type", "f"]).run()
                #expect(blobs.output == "")
            }
        }
    }
}

/// What packages own, beside dpkg's own word for it.
@Suite(.serialized, .requires(.root), .requires(.program("crun")), .requires(.debianBase), .timeLimit(.minutes(20)))
struct ExplainedPackageTests {
    private let distill = SharedBase.distill

    @Test func packagesOwnWhatDpkgSays() async throws {
        let json = try JSON.parse(
            try await distill.succeed("explain", "--format", "json", "--files", SharedBase.name).output)
        let layers = json["layers"]?.array ?? []
        let sizes = try #require(json["image"]?["sizes"])
        #expect(layers.reduce(0) { $0 + ($1["size"]?.integer ?? 0) } == sizes["disk"]?.integer)
        #expect(try await distill.inspect(SharedBase.name)["Size"]?.integer == sizes["disk"]?.integer)
        // Every path of every list, as the database has it.
        let script =
            "for f in /var/lib/dpkg/info/*.list; do p=${f##*/}; p=${p%.list}; "
            + "while read -r x; do [ -f \"$x\" ] && [ ! -L \"$x\" ] && echo \"${p%%:*} $(readlink -f \"$x\")\"; done < $f; done; true"
        let told = try await distill.succeed("run", "--rm", SharedBase.name, "sh", "-c", script)
        var owners: [String: Set<String>] = [:]
        for line in told.output.split(separator: "\n") {
            let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
            if parts.count == 2 { owners[parts[1], default: []].insert(parts[0]) }
        }
        #expect(owners.count > 1000)
        var known: [String: String] = [:]
        for file in json["files"]?.array ?? [] {
            guard let path = file["path"]?.string, let package = file["package"]?.string else { continue }
            known[path] = package.split(separator: "/").last?.split(separator: "@").first.map(String.init)
        }
        let wrong = owners.filter { path, names in !names.contains(known[path]?.replacing("%2B", with: "+") ?? "") }
        #expect(wrong.isEmpty, "\(wrong.prefix(5))")
    }

    /// Each fix that has a patch is built, and saves to the byte what was promised without building.
    @Test func promisesAreKept() async throws {
        func written(_ path: String, _ bytes: Int) -> String {
            "mkdir -p $(dirname \(path)) && head -c \(bytes) /dev/zero > \(path)"
        }
        let steps = [
            written("/var/lib/apt/lists/Packages", 400_000), written("/var/log/made.log", 51_000),
            written("/usr/share/doc/made/README", 52_000) + " && " + written("/usr/share/man/man1/made.1", 53_000),
            written("/usr/share/locale/de/LC_MESSAGES/made.mo", 54_000), written("/usr/include/made.h", 55_000),
            written("/srv/node_modules/made/test/one.js", 56_000), written("/srv/lib/made/made.js.map", 57_000),
        ].map { "RUN \($0)" }
        let context = try distill.context([
            "Dockerfile": """
            FROM \(SharedBase.name)
            \(steps.joined(separator: "\n"))
            COPY big /srv/big
            RUN chown -R 1000:1000 /srv/big
            COPY big /srv/other
            RUN rm /srv/other
            CMD ["cat", "/srv/big"]
            """, "big": String(repeating: "b", count: 100_000),
        ])
        try await distill.succeed("build", "--no-advice", "-t", "promised", context)
        func fixes(_ option: String) async throws -> [String: JSON] {
            let outcome = try await distill.succeed("explain", option, "--top=0", "--format", "json", "promised")
            let json = try JSON.parse(outcome.output)
            let made = (json["findings"]?.array ?? []).filter { (finding: JSON) in
                finding["fix"]?["patch"]?.array?.isEmpty == false
            }
            let named = made.map { (finding: JSON) in (finding["id"]?.string ?? "", finding["fix"] ?? JSON.null) }
            return Dictionary(named) { first, _ in first }
        }
        let promised = try await fixes("--by=path")
        let built = try await fixes("--measure")
        #expect(
            promised.keys.sorted() == [
                "Documentation", "Headers", "LeftoverFiles", "OtherLocales", "OwnershipChangeCopies",
                "PackageCacheKept", "SourceMaps", "Tests",
            ])
        for (id, fix) in promised {
            #expect(built[id]?["saving"]?["method"]?.string == "rebuild", "\(id)")
            #expect(built[id]?["saving"]?["alone"]?.integer == fix["saving"]?["alone"]?.integer, "\(id)")
        }
    }

    @Test func whyTellsTheChain() async throws {
        let text = try await distill.succeed("why", SharedBase.name, "libc6").output
        #expect(text.contains("libc6"))
        #expect(text.contains("pkg:deb/debian/libc6@"))
        let json = try JSON.parse(
            try await distill.succeed("why", "--format", "json", SharedBase.name, "/bin/sh").output)
        // Links on the way are followed: the file that is executed is what takes the room.
        #expect(json["answers"]?.array?.first?["path"]?.string == "/usr/bin/dash")
    }
}
