import OCI
import SystemPackage
import TestSupport
import Testing

/// What tells about this machine and about the commands themselves.
@Suite(.requires(.root)) struct MachineCommandTests {
    private let distill = Distill(directory: "/tmp", store: "/nonexistent/store")

    @Test func versionHasDockersForms() async throws {
        let text = try await distill.succeed("version").output
        #expect(text.hasPrefix("Client: Distill\n Version:"), "\(text)")
        let document = try JSON.parse(try await distill.succeed("version", "--format", "json").output)
        let version = try #require(document["Client"]?["Version"]?.string)
        for template in ["{{.Client.Version}}", "{{.Server.Version}}"] {
            #expect(try await distill.succeed("version", "-f", template).output == version + "\n")
        }
        #expect(try await distill.succeed("--version").output == "distill \(version)\n")
    }

    @Test func infoMakesNoStore() async throws {
        let document = try JSON.parse(try await distill.succeed("info", "--format", "json").output)
        #expect(document["Images"]?.integer == 0 && (document["NCPU"]?.integer ?? 0) > 0, "\(document)")
        #expect(try await distill.succeed("info").output.contains("Kernel Version: "))
    }

    @Test func doctorTellsWhatIsThere() async throws {
        try await Distill.withStore { distill in
            let outcome = try await distill.command(["doctor", "--format", "json"]).run()
            let document = try JSON.parse(outcome.output)
            let checks = document["checks"]?.array ?? []
            #expect(
                checks.map { $0["name"]?.string } == [
                    "kernel", "namespaces", "store", "space", "overlay", "runtime", "limits", "network", "git", "gpgv",
                    "mirror", "agent", "emulation",
                ])
            #expect((outcome.exitCode == 0) == (document["ok"]?.bool == true), "\(outcome)")
            for check in checks where check["status"]?.string == "missing" {
                #expect(check["remedy"]?.string?.isEmpty == false, "\(check)")
            }
        }
    }

    /// A machine that has no program at all.
    @Test func doctorTellsWhatIsMissing() async throws {
        try await Distill.withStore { distill in
            let outcome = try await distill.command(["doctor"], environment: ["PATH": "/nonexistent"]).run()
            #expect(outcome.exitCode == 1, "\(outcome)")
            #expect(
                outcome.output.contains("missing  runtime") && outcome.output.contains("install crun"), "\(outcome)")
        }
    }

    @Test(arguments: [
        (["biuld", "."], 64, "there is no command 'biuld'", "did you mean 'distill build'?"),
        (["ps"], 64, "no command 'ps' as docker has", "distill compose ps"),
        (["exec", "x", "ls"], 64, "no command 'exec' as docker has", "distill run -it"),
        (["help", "nosuch"], 64, "no command 'nosuch'", "--help' lists all"),
        (["compose", "stop"], 64, "no command 'compose stop' as docker has", "distill compose down"),
        (["prune"], 64, "no command 'prune'", "prune'?"),
        (["image", "lss"], 64, "no command 'image lss'", "did you mean 'distill image ls'?"),
        (["buildx", "build", "."], 64, "as docker has", "distill build"),
        (["container", "ls"], 64, "as docker has", "distill"),
        (["network", "create", "x"], 64, "as docker has", "network"),
        (["run", "-d", "x"], 125, "'distill run' has no option '-d' as docker has", "distill compose up -d"),
        (["run", "--name", "x", "x"], 125, "no option '--name' as docker has", "leave it out"),
        (["run", "--zzz", "x"], 125, "no option '--zzz'", "--help' lists all"),
        (["build", "--flie", "x", "."], 64, "'distill build' has no option '--flie'", "did you mean --file?"),
        (["build", "--nosuchoption", "."], 64, "no option '--nosuchoption'", "lists all"),
        (["login", "--usrname", "x"], 64, "no option '--usrname'", "did you mean --username?"),
    ])
    func mistakesAreNamed(words: [String], status: Int, sentence: String, hint: String) async throws {
        let outcome = try await distill.command(words).run()
        #expect(outcome.exitCode == status && outcome.output.isEmpty, "\(outcome)")
        #expect(
            outcome.errorOutput.hasPrefix("distill: ") && outcome.errorOutput.contains(sentence)
                && outcome.errorOutput.contains(hint), "\(outcome)")
        #expect(outcome.sentences.count == 1, "\(outcome)")
    }

    @Test func unusedArgumentsAreTold() async throws {
        try await Distill.withStore { distill in
            let context = try distill.context(["Dockerfile": "FROM scratch\nARG VERSION=1\nCOPY f /\n", "f": ""])
            let slip = try await distill.succeed("build", "--build-arg", "VERSON=2", context)
            #expect(
                slip.errorOutput.contains("no ARG takes the build argument 'VERSON': did you mean VERSION?"), "\(slip)")
            for words in [
                ["--build-arg", "VERSION=2"], ["--build-arg", "http_proxy=x"], ["-q", "--build-arg", "VERSON=2"],
            ] {
                let outcome = try await distill.command(["build"] + words + [context]).run()
                #expect(outcome.succeeded && !outcome.errorOutput.contains("no ARG takes"), "\(outcome)")
            }
        }
    }

    private static let reference = FilePath(#filePath).removingLastComponent().removingLastComponent()
        .removingLastComponent().appending("docs/reference").string

    /// Every command has examples, a page that man(1) reads without a warning, and a place in the reference.
    @Test func everyCommandIsDescribed() async throws {
        let dump = try JSON.parse(try await distill.succeed("--experimental-dump-help").output)
        var names: [[String]] = []
        func collect(_ command: JSON, _ path: [String]) {
            for child in command["subcommands"]?.array ?? []
            where child["shouldDisplay"]?.bool != false && child["commandName"]?.string != "help" {
                names.append(path + [child["commandName"]?.string ?? ""])
                collect(child, names[names.count - 1])
            }
        }
        collect(dump["command"] ?? .null, [])
        #expect(names.count > 40)
        try await Files.withTemporaryDirectory { directory in
            for kind in ["man", "markdown"] { try await distill.succeed("__manual", kind, directory) }
            for name in names {
                let page = (["distill"] + name).joined(separator: "-")
                let text = try Files.text("\(directory)/\(page).1")
                #expect(text.contains("\n.SH EXAMPLES\n"), "\(page) has no example")
                #expect(try Files.text("\(directory)/\(page).md").contains("## Examples"), "\(page)")
            }
            // The pages that are kept are those that the program writes (scripts/reference makes them anew).
            let same = try await Command(
                "sh",
                [
                    "-c",
                    "cd \"$1\" && for p in *.md; do diff \"$p\" \"$2/$p\" || exit 1; done; ls *.md | wc -l; ls \"$2\" | wc -l",
                    "sh", directory, Self.reference,
                ]
            ).run()
            #expect(same.succeeded, "run scripts/reference: \(same)")
            #expect(Set(same.output.split(separator: "\n")).count == 1, "run scripts/reference: \(same)")
            let help = try await distill.succeed("build", "--help").output
            #expect(help.contains("\nEXAMPLES:\n") && help.contains("  distill build -t app .\n"), "\(help)")
        }
    }

    @Test(.requires(.program("man"))) func manReadsItsPages() async throws {
        try await Files.withTemporaryDirectory { directory in
            try await distill.succeed("__manual", "man", directory)
            let outcome = try await Command(
                "sh",
                [
                    "-c",
                    "cd \(directory) && for p in *.1; do LC_ALL=C.UTF-8 MANWIDTH=80 man --warnings -l $p > /dev/null; done",
                ]
            ).run()
            #expect(outcome.succeeded && outcome.errorOutput.isEmpty, "\(outcome)")
        }
    }

    @Test func bashReadsItsScript() async throws { try await readsItsScript("bash") }

    @Test(.requires(.program("zsh"))) func zshReadsItsScript() async throws { try await readsItsScript("zsh") }

    @Test(.requires(.program("fish"))) func fishReadsItsScript() async throws { try await readsItsScript("fish") }

    private func readsItsScript(_ shell: String) async throws {
        let script = try await distill.succeed("completion", shell).output
        try await Files.withTemporaryDirectory { directory in
            try Files.write(script, to: "\(directory)/script")
            let outcome = try await Command(shell, ["-n", "\(directory)/script"]).run()
            #expect(outcome.succeeded && outcome.errorOutput.isEmpty, "\(outcome)")
        }
    }

    @Test func otherShellsAreRefused() async throws {
        #expect(try await distill("completion", "csh").exitCode == 64)
    }

    /// In a real shell: what stands behind '=' and ':' too.
    @Test func bashCompletes() async throws {
        try await Distill.withStore { distill in
            let context = try distill.context([
                "Dockerfile": "FROM scratch AS first\nARG LEVEL\nCOPY f /\nFROM scratch AS second\nCOPY f /\n", "f": "",
            ])
            try await distill.succeed("build", "-q", "-t", "one:x", context)
            let script = try await distill.succeed("completion", "bash").output
            for (line, answer) in [
                ("distill im", "image images"), ("distill build --progress=pl", "plain"),
                ("distill build --target s", "second"), ("distill build --target=f", "first"),
                ("distill rmi one:", "x"), ("distill build --build-arg LE", "LEVEL="), ("distill system d", "df"),
            ] {
                let test = """
                    \(script)
                    distill() { :; }
                    COMP_WORDBREAKS=$' \\t\\n"\\'><=;|&(:'
                    COMP_LINE='\(line)'; COMP_POINT=${#COMP_LINE}
                    read -ra COMP_WORDS <<< "$(sed 's/[=:]/ & /g; s/ $//' <<< "$COMP_LINE")"
                    [[ $COMP_LINE == *' ' ]] && COMP_WORDS+=('')
                    COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _distill; echo "${COMPREPLY[*]}"
                    """
                // The function calls the program by the line's first word.
                let shim = test.replacing("\"${words[0]}\" __complete", with: "\"$DISTILL\" __complete")
                let outcome = try await Command(
                    "bash", ["-c", shim], environment: ["DISTILL": Distill.binary, "DISTILL_ROOT": distill.store],
                    workingDirectory: context
                ).run()
                #expect(outcome.output == answer + "\n", "\(line): \(outcome)")
            }
        }
    }
}
