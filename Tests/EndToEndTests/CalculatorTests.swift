import OCI
import SystemPackage
import TestSupport
import Testing

/// The lesson that Distill exists for, on real packages: the calculator in one stage and in two.
@Suite(
    .serialized, .requires(.root), .requires(.program("crun")), .requires(.debianBase), .timeLimit(.minutes(50)))
struct CalculatorTests {
    private let distill = SharedBase.distill

    private static let example: String = {
        FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()
            .appending("Examples").appending("calculator").string
    }()

    private func build(_ image: String, _ options: String..., context: String = example) async throws -> Command.Outcome
    {
        let base = ["--build-context", "ubuntu=docker-image://\(SharedBase.name)"]
        return try await distill.command(["build", "--progress", "plain", "-t", image] + base + options + [context])
            .run()
    }

    private func singleStage() async throws -> Command.Outcome {
        try await build("simplecalculator", "-f", "\(Self.example)/single-stage/Dockerfile")
    }

    @Test func buildsBothAndShowsWhatTheSecondStageSaves() async throws {
        try await singleStage().mustSucceed()
        let outcome = try await build("simplecalculator_dmss")
        try outcome.mustSucceed()
        for image in ["simplecalculator", "simplecalculator_dmss"] {
            let run = try await distill.succeed("run", "--rm", "-i", image, input: "1 + 2\n6 / 3\n1 / 0\nwhat\nexit\n")
            #expect(
                run.output == """
                    3
                    2
                    error: division by zero
                    error: expected a sum such as "1 + 2"

                    """)
        }
        let single = try #require(try await distill.inspect("simplecalculator")["Size"]?.integer)
        let multi = try #require(try await distill.inspect("simplecalculator_dmss")["Size"]?.integer)
        #expect(multi < 2_000_000)
        #expect(single >= 300 * multi, "\(single) and \(multi) bytes")
        // The closing line weighs each stage.
        #expect(outcome.errorOutput.contains("build"), "\(outcome)")
    }

    @Test func executesNothingTheSecondTime() async throws {
        try await build("again").mustSucceed()
        let outcome = try await build("again")
        try outcome.mustSucceed()
        // What apt-get and the compiler would print.
        #expect(!outcome.text.contains("Reading package lists"), "\(outcome)")
        #expect(outcome.text.contains("CACHED"), "\(outcome)")
    }

    @Test func compilesAgainWhenTheProgramChanges() async throws {
        try await build("before").mustSucceed()
        try await Files.withTemporaryDirectory { directory in
            for file in ["calculator.go", "Dockerfile", ".dockerignore"] {
                var text = try Files.text("\(Self.example)/\(file)")
                if file == "calculator.go" { text = text.replacing("division by zero", with: "no division by zero") }
                if file == "Dockerfile" { text = "# a comment\n" + text }
                try Files.write(text, to: "\(directory)/\(file)")
            }
            let outcome = try await build("after", context: directory)
            try outcome.mustSucceed()
            #expect(!outcome.text.contains("Reading package lists"), "\(outcome)")
            let run = try await distill.succeed("run", "--rm", "-i", "after", input: "1 / 0\n")
            #expect(run.output == "error: no division by zero\n")
        }
    }

    @Test(.requires(.program("podman")), arguments: ["oci", "docker"])
    func podmanRunsTheCalculator(format: String) async throws {
        try await build("simplecalculator_dmss").mustSucceed()
        try await Files.withTemporaryDirectory { directory in
            let archive = "\(directory)/calculator.tar"
            try await distill.succeed("save", "--format", format, "-o", archive, "simplecalculator_dmss")
            let podman = Podman(directory: "\(directory)/podman")
            let name = try await podman.load(archive)
            #expect(try await podman.run(name, [], input: "1 + 2\n6 / 3\nexit\n").output == "3\n2\n")
        }
    }

    /// The large image goes through other programs as well: hundreds of megabytes, and all kinds of files.
    @Test(.requires(.program("skopeo")), .requires(.program("umoci")))
    func otherProgramsUnpackTheLargeImage() async throws {
        try await singleStage().mustSucceed()
        try await Files.withTemporaryDirectory { directory in
            let root = try await Distill(directory: directory, store: distill.store).unpack("simplecalculator")
            let checked = try await Command(
                "sh",
                [
                    "-c", "test -x \"$1/app\" && test -d \"$1/usr/lib/go-1.19\" && test -u \"$1/usr/bin/passwd\"", "sh",
                    root,
                ]
            ).run()
            #expect(checked.succeeded)
            let audit = try await Command("dpkg", ["--root=\(root)", "--audit"]).run()
            #expect(audit.text == "", "\(audit)")
        }
    }
}
