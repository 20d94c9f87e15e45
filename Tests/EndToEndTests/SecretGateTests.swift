import OCI
import TestSupport
import Testing

/// Secrets in images: found in every layer, in documents and in archives, and kept from leaving.
@Suite(.requires(.root), .requires(.program("busybox"))) struct SecretGateTests {
    /// Of the form of a token, made when the test runs.
    private static let token =
        "ghp_" + String((0..<36).map { Array("aB3dE5gH7jK9mN1pQ2rS4tU6vW8xY0zC")[($0 * 7 + $0 / 5) % 32] })

    private func findings(_ distill: Distill, _ image: String, _ options: [String] = []) async throws -> [JSON] {
        let outcome = try await distill.command(
            ["secrets", "--format", "json", "--fail-on", "never"] + options + [image]
        ).run()
        try outcome.mustSucceed()
        return try #require(try JSON.parse(outcome.output).array?.first?["findings"]?.array)
    }

    /// A package's test key is nobody's secret: where the package put it, copied from there, in an image layer above its list, and compiled.
    @Test func packagesFilesAreKnownWhereverTheyLie() async throws {
        try await Distill.withStore { distill in
            let key = "key = '\(Self.token)'\n"
            let sum = try await Command("sh", ["-c", "printf %s \"$0\" | md5sum | cut -c1-32", key]).run().output
            let list = "\(sum.prefix(32))  usr/lib/x/keys.py\n"
            let dockerfile = """
                FROM shell AS packaged
                COPY list /var/lib/dpkg/info/x.md5sums
                COPY keys.py /usr/lib/x/keys.py
                FROM packaged
                COPY --from=packaged /usr/lib/x/keys.py /srv/copied.py
                COPY both /usr/lib/y
                """
            let files = [
                "list": list, "keys.py": key, "both/keys.py": key,
                "both/__pycache__/keys.pyc": "\u{1}\(Self.token)\u{2}",
            ]
            try await distill.buildOnBusybox(dockerfile, files: files, options: ["-t", "image"]).mustSucceed()
            #expect(try await findings(distill, "image").isEmpty)
            // A list above says nothing of what was there before it.
            let later = "FROM shell\nCOPY keys.py /srv/keys.py\nCOPY list /var/lib/dpkg/info/x.md5sums\n"
            try await distill.buildOnBusybox(later, files: files, options: ["-t", "later"]).mustSucceed()
            #expect(try await findings(distill, "later").map { $0["path"]?.string } == ["srv/keys.py"])
            // Without the package's file beside it, what was compiled is somebody's own.
            let own = dockerfile.replacing("COPY both /usr/lib/y", with: "COPY both/__pycache__ /usr/lib/y")
            try await distill.buildOnBusybox(own, files: files, options: ["-t", "image"]).mustSucceed()
            #expect(try await findings(distill, "image").map { $0["path"]?.string } == ["usr/lib/y/keys.pyc"])
        }
    }

    @Test func aDeletedFileIsStillThere() async throws {
        try await Distill.withStore { distill in
            let dockerfile = "FROM shell\nCOPY app /app\nRUN rm /app/key\nCOPY over /app/token\n"
            let files = ["app/key": "a \(Self.token)\n", "app/token": "b \(Self.token)\n", "over": "nothing\n"]
            let built = try await distill.buildOnBusybox(dockerfile, files: files, options: ["-t", "image"])
            try built.mustSucceed()
            #expect(built.errorOutput.contains("warning: github-token: a token of GitHub (gh…"), "\(built)")
            #expect(!built.errorOutput.contains(Self.token))
            let found = try await findings(distill, "image")
            #expect(found.map { $0["path"]?.string } == ["app/key", "app/token"])
            #expect(found.map { $0["visible"]?.bool } == [false, false])
            #expect(found.map { $0["layer"]?.integer } == [3, 3])
            #expect(found.map { $0["hiddenBy"]?.integer } == [4, 5])
            #expect(found.first?["instruction"]?["line"]?.integer == 6)
            #expect(found.first?["instruction"]?["text"]?.string == "COPY app /app")
            let plain = try await distill("secrets", "image")
            #expect(plain.exitCode == 1)
            #expect(plain.output.contains("deleted or replaced by layer 4, still in layer 3"))
            let sarif = try await distill("secrets", "--format", "sarif", "image")
            #expect(try JSON.parse(sarif.output)["runs"]?.array?.first?["results"]?.array?.count == 2)
        }
    }

    @Test(.requires(.program("docker-registry")), .requires(.program("skopeo"))) func nothingIsPushed() async throws {
        try await Distill.withStore { distill in
            try await DockerRegistry.with(in: try Files.makeTemporaryDirectory(in: distill.directory)) { port in
                let name = "127.0.0.1:\(port)/me/app:1"
                let context = try distill.context(["Dockerfile": "FROM scratch\nCOPY key /key\n", "key": Self.token])
                func isThere() async throws -> Bool {
                    try await Command("skopeo", ["inspect", "--tls-verify=false", "docker://\(name)"]).run().succeeded
                }
                let direct = try await distill("build", "--push", "-t", name, context)
                #expect(direct.exitCode == 1)
                #expect(direct.errorOutput.contains("error: github-token"), "\(direct)")
                try await distill.succeed("build", "-t", name, context)
                let pushed = try await distill("push", name)
                #expect(pushed.exitCode == 1)
                #expect(pushed.errorOutput.contains("Dockerfile:2: COPY key /key"), "\(pushed)")
                #expect(try await !isThere())
                // Whoever did not build it knows no base.
                try await distill.succeed("save", "-o", "\(distill.directory)/a.tar", name)
                #expect(
                    try await distill("save", "--secrets", "error", "-o", "\(distill.directory)/b.tar", name).exitCode
                        == 1)
                #expect(!Files.exists("\(distill.directory)/b.tar"))
                let other = Distill(directory: distill.directory, store: "\(distill.directory)/other")
                try await other.succeed("load", "-i", "\(distill.directory)/a.tar")
                #expect(try await other("push", name).exitCode == 1)
                try Files.write(
                    "- {rule: github-token, path: key, reason: a test's own}\n",
                    to: "\(distill.directory)/distill.secrets.yaml")
                try await distill.succeed("push", name)
                #expect(try await isThere())
            }
        }
    }

    @Test(.requires(.program("python3"))) func aBuildsOwnSecrets() async throws {
        try await Distill.withStore { distill in
            let secret = "own-v4lue of/this&build"
            try Files.write(secret + "\n", to: "\(distill.directory)/value")
            let context = try distill.context([
                "Dockerfile": Distill.busyboxStage
                    + "FROM shell\nARG API_TOKEN\nRUN --mount=type=secret,id=t (printf x; cat /run/secrets/t) | base64 > /coded\nCOPY a.zip /a.zip\nRUN echo $API_TOKEN > /argument\n"
            ])
            try await distill.addBusybox(to: context)
            let script =
                "import sys,zipfile,base64;zipfile.ZipFile(sys.argv[1],'w',zipfile.ZIP_DEFLATED).writestr('in/x',base64.b64encode(b'yy'+sys.argv[2].encode()+b'z'*99))"
            try await Command("python3", ["-c", script, "\(context)/a.zip", secret]).run().mustSucceed()
            let options = [
                "--secret", "id=t,src=\(distill.directory)/value", "--build-arg", "API_TOKEN=argument-v4lue",
            ]
            let built = try await distill.command(
                ["build", "--progress", "plain", "-t", "image"] + options + [context]
            ).run()
            try built.mustSucceed()
            for words in [
                "(secret t, base64) in /coded", "(secret t, base64) in in/x of /a.zip",
                "(argument API_TOKEN, literal) in /argument",
            ] {
                #expect(built.errorOutput.contains(words), "\(words): \(built)")
            }
            #expect(!built.errorOutput.contains(secret))
            // What was found stays known, without the value.
            let found = try await findings(distill, "image", ["--own"])
            #expect(found.contains { $0["rule"]?.string == "build-secret" })
            let kept = try await Command("grep", ["-rlF", secret, distill.store + "/secrets"]).run()
            #expect(kept.output.isEmpty, "\(kept)")
            let refused = try await distill.command(
                ["build", "--progress", "plain", "--secrets", "error"] + options + [context]
            ).run()
            #expect(refused.exitCode == 1)
        }
    }

    @Test func documentsAndLists() async throws {
        try await Distill.withStore { distill in
            let context = try distill.context([
                "Dockerfile": "FROM scratch\nENV A=\(Self.token)\nLABEL b=\(Self.token)\nCOPY f /f\n", "f": "x",
            ])
            try await distill.succeed("build", "-q", "-t", "image", context)
            let places = try await findings(distill, "image").compactMap { $0["path"]?.string }
            #expect(places.contains("image.config.Env[1]"))
            #expect(places.contains("image.config.Labels.b"))
            #expect(places.contains("image.history[0].created_by"))
            let list = "\(distill.directory)/list.yaml"
            try await distill.succeed("secrets", "--baseline", list, "image")
            try await distill.succeed("secrets", "--allow", list, "image")
            try await distill.succeed("build", "-q", "--secrets", "error", "--secrets-allow", list, context)
            try Files.write(
                "- {rule: jwt, path: x, reason: r, until: 2001-01-01}\n- {rule: jwt, path: x, reason: r}\n", to: list)
            let told = try await distill("build", "--secrets-allow", list, context)
            #expect(told.errorOutput.contains(":1: this entry ended on 2001-01-01"), "\(told)")
            #expect(told.errorOutput.contains(":2: this entry allows nothing"))
            try Files.write("- {rule: jwt, path: x}\n", to: list)
            let wrong = try await distill("build", "--secrets-allow", list, context)
            #expect(wrong.exitCode == 1)
            #expect(wrong.errorOutput.contains("line 1: an entry says in `reason` why"))
            #expect(try await distill("build", "--secrets", "loud", context).exitCode == 64)
        }
    }
}
