import OCI
import TestSupport
import Testing

/// Values of secrets, of build arguments and of other options: on no disk, and in nothing that people read.
@Suite struct SecretValueTests {
    private static let secret = "v4lue-of-the-test"

    /// A runtime that notes on which file system it finds its files, and then does what the real one does.
    private static let witness = """
        #!/bin/sh
        bundle= state= last=
        for word; do
            case $last in --bundle) bundle=$word ;; --root) state=${word%/*} ;; esac
            last=$word
        done
        case " $* " in *" create "*) stat -f -c %T "$bundle" "$state" >> "$WITNESS"; grep -c "$SECRET_OF_TEST" "$bundle/config.json" >> "$WITNESS" ;; esac
        exec REAL "$@"

        """

    @Test(.requires(.root), .requires(.program("busybox")), arguments: ["crun", "runc"]) func keepsVariablesInMemory(
        runtime: String
    ) async throws {
        let real = try await Command("sh", ["-c", "command -v \"$1\"", "sh", runtime]).run()
        guard real.succeeded else { return }
        try await Distill.withStore { distill in
            let (programs, notes) = ("\(distill.directory)/programs", "\(distill.directory)/notes")
            try Files.makeDirectory(programs)
            try Files.write(Self.witness.replacing("REAL", with: real.line), to: "\(programs)/\(runtime)")
            try await Command("chmod", ["755", "\(programs)/\(runtime)"]).run().mustSucceed()
            let tools = try await Command(
                "sh", ["-c", "for t in sh stat grep; do ln -s \"$(command -v $t)\" \"$1\"; done", "sh", programs]
            ).run()
            try tools.mustSucceed()
            let environment = ["PATH": programs, "WITNESS": notes, "SECRET_OF_TEST": Self.secret]
            let context = try distill.context([
                "Dockerfile": Distill.busyboxStage
                    + "RUN --mount=type=secret,id=SECRET_OF_TEST,env=TOKEN test -n \"$TOKEN\"\nCMD [\"true\"]\n"
            ])
            try await distill.addBusybox(to: context)
            let build = try await distill.command(
                ["build", "-t", "image", "--secret", "id=SECRET_OF_TEST", context], environment: environment
            ).run()
            // Not every machine's cgroups are to the taste of every runtime.
            #expect(try Files.text(notes).hasPrefix("tmpfs\ntmpfs\n0\n"))
            guard runtime == "crun" else { return }
            try build.mustSucceed()
            try await distill.command(["run", "-e", "TOKEN=\(Self.secret)", "image"], environment: environment).run()
                .mustSucceed()
            // Two steps, the first without the secret, and `run`.
            #expect(try Files.text(notes) == "tmpfs\ntmpfs\n0\ntmpfs\ntmpfs\n1\ntmpfs\ntmpfs\n1\n")
        }
    }

    /// The command line of a failing build is not repeated, nor are values of variables that are secrets by their name.
    @Test(.requires(.root), .requires(.program("busybox"))) func tellsNoValueOfAnArgument() async throws {
        try await Distill.withStore { distill in
            let dockerfile = """
                FROM shell
                ARG API_TOKEN
                ARG VERSION
                COPY a /$API_TOKEN
                RUN --network=none echo $VERSION > /version; test -n "${API_TOKEN}"
                """
            let context = try distill.context(["Dockerfile": Distill.busyboxStage + dockerfile + "\n", "a": "a"])
            try await distill.addBusybox(to: context)
            func build(_ round: Int, _ options: String...) async throws -> Command.Outcome {
                let common = [
                    "--build-arg", "API_TOKEN=\(Self.secret)\(round)", "--build-arg", "VERSION=7", "-t", "image",
                ]
                return try await distill.command(["build", "--explain-cache"] + common + options + [context]).run()
            }
            for (round, mode) in [(1, "plain"), (1, "rawjson"), (2, "plain")] {
                let outcome = try await build(
                    round, "--progress", mode, "--provenance=mode=max", "-o", "type=image", "-o",
                    "type=oci,dest=\(distill.directory)/oci.tar")
                try outcome.mustSucceed()
                #expect(!outcome.text.contains(Self.secret) && outcome.text.contains("echo 7"), "\(outcome)")
                #expect(round == 1 || outcome.text.contains("a variable that is a secret changed"), "\(outcome)")
            }
            let history = try await distill("history", "--no-trunc", "image")
            #expect(history.text.contains("|2 API_TOKEN=*** VERSION=7 "), "\(history)")
            let manifests = try await Command(
                "sh",
                [
                    "-c", "tar -xOf \"$1\"/oci.tar | tr -d '\\n' | grep -a -c 'build-arg:API_TOKEN\":\"\\*\\*\\*\"'",
                    "sh", distill.directory,
                ]
            ).run()
            #expect(manifests.line != "0", "the provenance names it: \(manifests)")
            #expect(!history.text.contains(Self.secret), "\(history)")
            let steps = try await Command("grep", ["-r", Self.secret, "\(distill.store)/steps"]).run()
            #expect(steps.exitCode == 1 && steps.output == "", "\(steps)")

            try Files.write(Distill.busyboxStage + dockerfile + " && false\n", to: "\(context)/Dockerfile")
            let plain = try await build(2, "--label", "x=\(Self.secret)")
            #expect(
                plain.exitCode == 1 && !plain.text.contains(Self.secret) && plain.text.contains("--keep-failed"),
                "\(plain)")
        }
    }

    /// What is wrong with an option is told without what may be a secret in it.
    @Test(arguments: [
        ["build", "--build-arg", "=\(secret)", "."], ["build", "--build-arg", "BUILDKIT_INLINE_CACHE=\(secret)", "."],
        ["build", "--secret", secret, "."], ["build", "--secret", "id=x,value=\(secret)", "."],
        ["build", "--secret", "TOKEN=\(secret)", "."],
        ["build", "--secret", "\(secret),id=x", "."], ["build", "--ssh", "=\(secret)", "."],
        ["build", "--label", "=\(secret)", "."],
        ["build", "--cache-to", "type=s3,secret_access_key=\(secret)", "."],
        ["build", "--build-argument", "TOKEN=\(secret)", "."],
        ["build", "--build-argument=TOKEN=\(secret)", "."], ["login", "--pasword=\(secret)", "-u", "me", "localhost"],
        ["build", "--output", "type=registry,token=\(secret)", "."],
    ])
    func tellsNoValueOfAnOption(arguments: [String]) async throws {
        try await Distill.withStore { distill in
            try Files.write("FROM scratch\nLABEL a=b\n", to: "\(distill.directory)/Dockerfile")
            let outcome = try await distill.command(arguments).run()
            #expect(outcome.exitCode != 0 && !outcome.text.contains(Self.secret), "\(outcome)")
        }
    }
}
