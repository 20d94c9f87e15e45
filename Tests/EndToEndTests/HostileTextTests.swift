import OCI
import TestSupport
import Testing

/// Texts from outside that a terminal would obey: none of them reaches standard output or standard error as it is.
@Suite struct HostileTextTests {
    /// Sets a window's title, fills the clipboard, clears the screen, colours with a C1 control, begins the line anew, rings, turns
    /// text around, and hides some.
    private static let hostile =
        "\u{1B}]0;title\u{07}\u{1B}]52;c;eA==\u{1B}\\\u{1B}[2J\u{9B}31m\u{9D}\rover\u{8}\u{7F}\u{202E}\u{2066}\u{2028}\u{FEFF}\u{E0041}"

    /// What is not for terminals and readers; by hand, so that the test does not trust the code.
    private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x0A: false
        case 0..<0x20, 0x7F...0x9F, 0x61C, 0x200B, 0x200E, 0x200F, 0x2028...0x202E, 0x2060...0x2069, 0xFEFF,
            0xE0000...0xE0FFF:
            true
        default: false
        }
    }

    private static func expectNothingHidden(
        _ outcome: Command.Outcome, _ what: some Any, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        expectNothingHidden(outcome.text, what, sourceLocation: sourceLocation)
        #expect(
            !outcome.text.contains("Fatal error") && outcome.exitCode < 128, "\(what): \(outcome)",
            sourceLocation: sourceLocation)
    }

    private static func expectNothingHidden(
        _ text: String, _ what: some Any, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let found = text.unicodeScalars.filter(isHidden).map { String($0.value, radix: 16) }
        #expect(found == [], "\(what): \(text.debugDescription)", sourceLocation: sourceLocation)
    }

    /// Dockerfiles that are wrong in all places that a message speaks of; `@` stands for the hostile text.
    private static let dockerfiles = [
        "FROM scratch\nFR@OB x\n", "FR@OM scratch\n", "FROM @\n", "FROM --platform=@ scratch\n", "FROM --@=x scratch\n",
        "FROM scratch AS @\n",
        "FROM scratch AS a b @\n", "FROM localhost:1/x@y\n", "FROM a:@\n", "ARG A=@\nFROM $A\n",
        "ARG @\nFROM scratch\nCOPY there /\n",
        "# syntax=@\nFROM scratch\nCOPY there /\n", "# escape=@\nFROM scratch\nCOPY there /\n",
        "# check=skip=@\nFROM scratch\nCOPY there /\n",
        "FROM scratch\nCOPY @ /\n", "FROM scratch\nCOPY near@ /\n", "FROM scratch\nCOPY ignored@ /\n",
        "FROM scratch\nCOPY there\n@", "FROM scratch\nCOPY --@ there /\n",
        "FROM scratch\nCOPY --from=@ there /\n", "FROM scratch AS a\nFROM scratch\nCOPY --from=a /no@ /\n",
        "FROM scratch\nCOPY --chmod=@ there /\n",
        "FROM scratch\nCOPY --chown=@ there /\n", "FROM scratch\nCOPY [\"@\", \"/\"]\n", "FROM scratch\nCOPY [\"@\n",
        "FROM scratch\nCOPY <<EOF@ /\nx\n",
        "FROM scratch\nCOPY <<EOF /\n@\n", "FROM scratch\nADD http://127.0.0.1:9/@ /\n",
        "FROM scratch\nADD git://127.0.0.1:9/@.git#@ /\n",
        "FROM scratch\nADD --checksum=@ http://127.0.0.1:9/f /\n", "FROM scratch\nADD bad@.tar /\n",
        "FROM scratch\nENV @\n", "FROM scratch\nENV A=\"@\n",
        "FROM scratch\nENV A=${B:?@}\n", "FROM scratch\nENV A=${B@}\n", "FROM scratch\nENV A=$@${\n",
        "FROM scratch\nEXPOSE @\n", "FROM scratch\nLABEL @\n", "FROM scratch\nUSER\n@",
        "FROM scratch\nWORKDIR a @\nENTRYPOINT @\nCMD [\"@\n", "FROM scratch\nSTOPSIGNAL @\n",
        "FROM scratch\nHEALTHCHECK --@=3s CMD x\n",
        "FROM scratch\nHEALTHCHECK --interval=@ CMD x\n", "FROM scratch\nSHELL @\n", "FROM scratch\nVOLUME [\"@\"\n",
        "FROM scratch\nONBUILD @\n",
        "FROM scratch\nMAINTAINER @\nCOPY there /\n", "FROM scratch\nRUN --mount=type=@ x\n",
        "FROM scratch\nRUN --mount=type=bind,@=x x\n",
        "FROM scratch\nRUN --mount=type=bind,from=@,target=/x x\n", "FROM scratch\nRUN --network=@ x\n",
        "FROM scratch\nRUN --security=@ x\n", "FROM scratch\nRUN --device=@ x\n",
        "FROM scratch\nRUN [\"/bin/@\"]\n", "FROM scratch\nRUN @\n",
        "FROM scratch\nRUN --mount=type=secret,id=@,required [\"x\"]\n",
        "FROM scratch\nCOPY there \\\n@ \\\n  /\nFROB @\n",
        "FROM scratch\nCOPY there /@\nENV PASSWORD=@\nENV PASSWORD=@\nCMD @\nCMD @\n",
        "FROM scratch AS b@\nFROM scratch AS B@\n", "FROM scratch\nUSER @\nCOPY there /\n",
    ]

    @Test(.requires(.root), arguments: dockerfiles)
    func dockerfilesAreShownWithoutTheirControls(text: String) async throws {
        try await Distill.withStore { distill in
            let hostile = Self.hostile
            let context = try distill.context([
                "Dockerfile": text.replacing("@", with: hostile), "there": "", "nears\(hostile)": "",
                "ignored\(hostile)": "",
                "bad\(hostile).tar": String(repeating: "not an archive", count: 100), ".dockerignore": "ignored*\n",
            ])
            for command in [
                ["check", "\(context)/Dockerfile"], ["build", "--progress", "plain", "--check=lint", context],
                ["build", "--progress", "plain", context],
            ] {
                Self.expectNothingHidden(try await distill.command(command).run(), command)
            }
            let live = try await Self.onTerminal(distill, ["build", "--progress", "tty", context])
            #expect(!live.text.isEmpty)
            Self.expectNothingHidden(Self.withoutOurSequences(live), "tty")
        }
    }

    /// Findings, steps and reasons in the forms that programs read.
    @Test(.requires(.root)) func documentsAreShownWithoutControls() async throws {
        try await Distill.withStore { distill in
            let hostile = Self.hostile
            let context = try distill.context([
                "Dockerfile":
                    "FROM scratch AS B\(hostile)\nFROM scratch\nMAINTAINER \(hostile)\nCOPY f \(hostile)/\nENV PASSWORD=\(hostile)\n",
                "f": "1", "bad": "FROM scratch\nCOPY f /\n",
                "bad.dockerignore": "[\(hostile)\n",
            ])
            for format in ["json", "sarif"] {
                let outcome = try await distill.command(["check", "--format", format, "\(context)/Dockerfile"]).run()
                Self.expectNothingHidden(outcome, format)
                #expect(try JSON.parse(outcome.output).indentedText != "[]")
            }
            for options in [
                ["--progress", "rawjson"], ["--progress", "rawjson", "--explain-cache"], ["--check"],
                ["--progress", "plain", "-f", "\(context)/bad"],
            ] {
                let outcome = try await distill.command(["build"] + options + [context]).run()
                Self.expectNothingHidden(outcome, options)
                #expect(!outcome.text.isEmpty)
                try Files.write(options[0], to: "\(context)/f")
            }
        }
    }

    /// Runs a command with a terminal for its streams.
    private static func onTerminal(_ distill: Distill, _ arguments: [String], environment: [String: String?] = [:])
        async throws -> Command.Outcome
    {
        let command = distill.command(arguments, environment: environment)
        let words = ([command.program] + command.arguments).map { "'" + $0.replacing("'", with: "'\\''") + "'" }
        var settings = command.environment
        settings["NO_COLOR"] = ""
        settings["TERM"] = "xterm"
        return try await Command(
            "script", ["-qec", words.joined(separator: " "), "/dev/null"], environment: settings,
            workingDirectory: command.workingDirectory
        ).run()
    }

    /// What a live screen is painted with: colours, cursor up, erase; a terminal makes CR LF of a line feed.
    private static func withoutOurSequences(_ outcome: Command.Outcome) -> String {
        let ours = /\u{1B}\[(?:[0-9;]*m|[0-9]*A|2?K|J)|\r(?=\n|\u{1B}\[[0-9]*[AK])/.matchingSemantics(.unicodeScalar)
        return outcome.text.replacing(ours, with: "")
    }

    /// An image with hostile text wherever an image can have text, and every command that prints of images.
    @Test(.requires(.root)) func imagesAreShownWithoutTheirControls() async throws {
        try await Distill.withStore { distill in
            let hostile = Self.hostile
            let context = try distill.context([
                "Dockerfile": """
                FROM scratch
                MAINTAINER @
                LABEL "@"="@" maintainer="@"
                ENV A="@" TZ="@"
                COPY --chmod=755 . /@/
                WORKDIR /w@
                USER u@
                EXPOSE 80
                VOLUME ["/v@"]
                SHELL ["/bin/s@", "-c"]
                HEALTHCHECK CMD x @
                ENTRYPOINT ["/@/e@"]
                CMD @

                """.replacing("@", with: hostile), "e\(hostile)": "#!/bin/i\(hostile)\n", "f\(hostile)": "1",
                "app-1.dist-info/METADATA": "Name: x\(hostile)\nVersion: 1\(hostile)\n",
            ])
            let build = [
                "build", "--progress", "plain", "-t", "hostile", "--label", "l=\(hostile)", "--annotation",
                "a\(hostile)=\(hostile)", "--explain-cache", context,
            ]
            Self.expectNothingHidden(try await distill.command(build).run(), "build")
            try Files.write("2", to: "\(context)/f\(hostile)")
            try Files.write("2", to: "\(context)/g\(hostile)")
            Self.expectNothingHidden(try await distill.command(build).run(), "build again")
            let commands = [
                ["history", "hostile"], ["history", "--no-trunc", "hostile"],
                ["history", "--format", "json", "hostile"], ["images"], ["images", "-q", "--no-trunc"],
                ["images", "--digests"], ["images", "--format", "json"],
                ["images", "--format", "table {{.Repository}}\t\(hostile)"], ["inspect", "hostile"],
                ["inspect", "--format", "json", "hostile"], ["image", "check", "hostile"],
                ["image", "check", "--format", "json", "hostile"],
                ["image", "check", "hostile", "/\(hostile)/f\(hostile)"], ["image", "check", "hostile", hostile],
                ["image", "sbom", "hostile"],
                ["image", "sbom", "--format", "cyclonedx-json", "hostile"], ["base", "suggest", "hostile"],
                ["run", "hostile"], ["run", "--entrypoint", hostile, "hostile"],
                ["save", "-o", "\(distill.directory)/saved\(hostile)", "hostile"],
                ["load", "-i", "\(distill.directory)/saved\(hostile)"], ["load", "-i", "\(context)/f\(hostile)"],
                ["system", "df"], ["system", "check"], ["cache", "ls"],
                ["build", "--output", "type=\(hostile)", context], ["build", "--verify", context],
                ["build", "--progress", "rawjson", "--no-cache", context],
                ["image", "ls", "--filter", "label=\(hostile)"], ["image", "ls", "--filter", hostile],
                ["rmi", "hostile"], ["rmi", hostile], ["image", "prune", "-a", "-f"], ["system", "prune", "-a", "-f"],
            ]
            for command in commands { Self.expectNothingHidden(try await distill.command(command).run(), command) }
        }
    }

    /// For programs a template is filled in as it is, as in docker; a terminal is shown what is hidden.
    @Test(.requires(.root), .requires(.program("script"))) func templatesAreForPrograms() async throws {
        try await Distill.withStore { distill in
            try await distill.build(
                "FROM scratch\nLABEL a=\"\(Self.hostile)\"\nCOPY f /\n", files: ["f": ""], options: ["-t", "hostile"]
            ).mustSucceed()
            let template = "{{.Config.Labels.a}}"
            #expect(try await distill.succeed("inspect", "-f", template, "hostile").output == Self.hostile + "\n")
            let commands = [
                ["inspect", "-f", template, "hostile"],
                ["history", "--no-trunc", "--format", "{{.CreatedBy}}", "hostile"], ["inspect", "hostile"],
                ["images", "--format", "{{.ID}}\(Self.hostile)"],
            ]
            for command in commands {
                Self.expectNothingHidden(Self.withoutOurSequences(try await Self.onTerminal(distill, command)), command)
            }
        }
    }

    /// What a step writes is its own: a pipe gets it as it is, and a terminal nothing that it acts on.
    @Test(
        .requires(.root), .requires(.program("crun")), .requires(.program("busybox")), .requires(.program("script")),
        arguments: ["plain", "tty"])
    func stepsDoNotSpeakToTheTerminal(progress: String) async throws {
        try await Distill.withStore { distill in
            let context = try distill.context([
                "Dockerfile": Distill.busyboxStage
                    + "COPY t /t\nRUN --mount=type=cache,id=c\u{1B}]0;x\u{7}\u{202E}\u{9B},target=/c cat /t && sleep 0.3\nRUN cat /t && exit 3\n",
                "t": Self.hostile + "\nseen\n",
            ])
            try await distill.addBusybox(to: context)
            let seen = try await Self.onTerminal(distill, ["build", "--progress", progress, "--keep-failed", context])
            #expect(seen.output.contains("seen"), "\(seen)")
            Self.expectNothingHidden(Self.withoutOurSequences(seen), progress)
            Self.expectNothingHidden(try await distill.command(["cache", "ls"]).run(), "cache ls")
            Self.expectNothingHidden(try await distill.command(["build", "-q", context]).run(), "build -q")
            guard progress == "plain" else { return }
            #expect(
                try await distill.command(["build", "--progress", progress, "--no-cache", context]).run().errorOutput
                    .contains("over\u{8}\u{7F}\u{202E}"))
        }
    }

    /// Compose files; `@` stands for the hostile text.
    @Test(
        .requires(.root),
        arguments: [
            "\"@\": 1\n", "services: {\"@\": {image: x}}\n", "services: {a: {\"@\": x}}\n",
            "services: {a: {image: \"@\"}}\n", "services: {a: {image: x, user: \"@\", depends_on: [\"@\"]}}\n",
            "services: {a: {image: x, ports: [\"@\"]}}\n", "services: {a: {image: x, volumes: [\"@:/x\"]}}\n",
            "services: {a: {image: x, command: \"${N@}\"}}\n",
            "services: {a: {image: x, command: \"${N:?@}\"}}\n",
            "services: {a: {image: x, command: \"${N}\", env_file: \"@\"}}\n",
            "services: {a: {image: x, profiles: [\"@\"], restart: \"@\"}}\n",
            "services: {a: {build: \"./@\"}}\n", "services: {a: {build: {context: ., dockerfile: \"@\"}}}\n",
            "name: \"@\"\nservices: {a: {image: x}}\n", "services: [\"@\n",
            "services: {a: {image: x, networks: [\"@\"], secrets: [\"@\"]}}\n",
            "services: {a: {image: x}, b: {image: x, container_name: \"@\"}, c: {image: x, container_name: \"@\"}}\n",
            "services: {a: {image: x, labels: [\"@=@\"], environment: {\"@\": \"@\"}}}\nvolumes: {\"v@\": {}}\n",
        ])
    func composeFilesAreShownWithoutTheirControls(yaml: String) async throws {
        try await Distill.withStore { distill in
            // YAML takes these controls as escapes alone.
            let escaped = Self.hostile.unicodeScalars.map {
                "\\U" + String(repeating: "0", count: 8 - String($0.value, radix: 16).count)
                    + String($0.value, radix: 16)
            }.joined()
            try Files.write(yaml.replacing("@", with: escaped), to: "\(distill.directory)/compose.yaml")
            try Files.write("FROM scratch\nCOPY x /\n", to: "\(distill.directory)/Dockerfile")
            for command in [
                "config -q", "config --services", "config --volumes", "config --images", "build", "up", "ps", "logs",
                "down -v",
            ] {
                let outcome = try await distill.command(["compose"] + command.split(separator: " ").map(String.init))
                    .run()
                Self.expectNothingHidden(outcome, command)
            }
            let config = try await Self.onTerminal(distill, ["compose", "config"])
            Self.expectNothingHidden(Self.withoutOurSequences(config), "config")
        }
    }

    /// Words of the command line are names of files often enough.
    @Test(arguments: [
        ["@"], ["--@"], ["build", "--@", "."], ["build", "@"], ["build", "-f", "@", "."], ["build", "-t", "@", "."],
        ["build", "--platform", "@", "."], ["build", "--check=@", "."],
        ["build", "--pull=@", "."], ["check", "@"], ["tag", "@", "x"], ["inspect", "@"],
        ["inspect", "-f", "{{@}}", "x"], ["inspect", "-f", "{{.A@", "x"], ["history", "@"], ["run", "@"],
        ["run", "-v", "@", "x"], ["pull", "@"],
        ["pull", "127.0.0.1:9/x@y"], ["push", "@"], ["logout", "@"], ["login", "-u", "@", "-p", "@", "127.0.0.1:9@"],
        ["manifest", "create", "@", "@"], ["manifest", "inspect", "@"], ["load", "-i", "@"],
        ["save", "-o", "@/@", "x"], ["base", "build", "@"], ["base", "build", "@.yaml"], ["base", "suggest", "@"],
        ["base", "why", "@", "@"], ["base", "outdated", "@"],
        ["compose", "-f", "@", "up"], ["compose", "-p", "@", "ps"], ["cache", "export", "@"],
        ["cache", "import", "-i", "@"], ["system", "prune", "-f", "--filter", "@"], ["image", "copy", "@", "@"],
        ["image", "sbom", "--format", "@", "x"],
        ["build", "--secret", "id=@,src=@", "."], ["build", "--ssh", "@", "."], ["build", "--build-context", "@", "."],
        ["build", "--cache-from", "type=local,src=@", "."], ["build", "--annotation", "@", "."],
        ["build", "--seccomp", "@", "."],
        ["help", "@"], ["build", "--memory", "@", "--isolation", "@", "x@"],
    ])
    func argumentsAreShownWithoutTheirControls(words: [String]) async throws {
        try await Distill.withStore { distill in
            try Files.write("FROM scratch\nCOPY Dockerfile /\n", to: "\(distill.directory)/Dockerfile")
            let command = words.map { $0.replacing("@", with: Self.hostile) }
            Self.expectNothingHidden(
                try await distill.command(command, environment: ["HOME": distill.directory]).run(), words)
        }
    }

    /// A registry's message, and what it says of its images.
    @Test(.requires(.root)) func registriesAreShownWithoutTheirControls() async throws {
        let escaped = JSON.string(Self.hostile).text
        let message = "{\"errors\":[{\"code\":\"DENIED\",\"message\":\(escaped)}]}"
        let index =
            "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.index.v1+json\",\"manifests\":[],\"annotations\":{\(escaped):\(escaped)}}"
        let script: @Sendable (ScriptedHTTPServer.Request, Int) -> [ScriptedHTTPServer.Action] = { request, _ in
            func answer(_ status: String, _ type: String, _ body: String) -> [ScriptedHTTPServer.Action] {
                [
                    .send(
                        Array(
                            "HTTP/1.1 \(status)\r\nContent-Type: \(type)\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(request.line.hasPrefix("HEAD") ? "" : body)"
                                .utf8))
                ]
            }
            if request.target.contains("/good/manifests/") {
                return answer("200 OK", "application/vnd.oci.image.index.v1+json", index)
            }
            if request.target == "/v2/" { return answer("200 OK", "application/json", "{}") }
            return answer("403 Forbidden", "application/json", message)
        }
        try await ScriptedHTTPServer.with(script: script) { server in
            try await Distill.withStore { distill in
                try await distill.build(
                    "FROM scratch\nCOPY f /\n", files: ["f": ""], options: ["-t", "127.0.0.1:\(server.port)/bad"]
                ).mustSucceed()
                let registry = "127.0.0.1:\(server.port)"
                let commands = [
                    ["pull", "\(registry)/bad"], ["push", "\(registry)/bad"], ["pull", "\(registry)/good"],
                    ["manifest", "inspect", "\(registry)/good"], ["manifest", "inspect", "\(registry)/bad"],
                    ["inspect", "--remote", "\(registry)/bad"],
                    ["image", "copy", "\(registry)/bad", "\(registry)/other"], ["run", "\(registry)/no"],
                ]
                for command in commands { Self.expectNothingHidden(try await distill.command(command).run(), command) }
                #expect(try await distill("pull", "\(registry)/worse").errorOutput.contains("\\x1b]0;title\\x07"))
                let built = try await distill.build("FROM \(registry)/no\nCOPY f /\n", files: ["f": ""])
                Self.expectNothingHidden(built, "build")
            }
        }
    }
}
