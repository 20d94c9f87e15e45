import OCI
import TestSupport
import Testing

/// A store that the Distill of an earlier layout wrote, and one of a layout that nobody knows yet.
@Suite(.requires(.root)) struct StoreVersionTests {
    private static let fixture = LanguageCase.fixtures + "/store-1.tar.gz"

    private static func withFixture(_ body: (Distill) async throws -> Void) async throws {
        try await Distill.withStore { distill in
            try await Command(
                "tar", ["--numeric-owner", "--xattrs", "--xattrs-include=*", "-xpzf", fixture, "-C", distill.directory]
            ).run().mustSucceed()
            try await body(distill)
        }
    }

    @Test func opensTheFirstLayout() async throws {
        try await Self.withFixture { distill in
            #expect(
                try await distill.succeed("images", "--format", "{{.Repository}}:{{.Tag}} {{.Size}}").output
                    == "kept:1 168B\n")
            #expect(try await distill.inspect("kept:1")["Config"]?["Labels"]?["made-by"]?.string == "first-layout")
            #expect(try await distill.succeed("cache", "ls", "-q").output == "kept\n")
            let check = try await distill.succeed("system", "check")
            #expect(check.output.contains("nothing is wrong"), "\(check)")
            #expect(try await distill.succeed("system", "df").output.contains("Build Cache"))
            try await distill.succeed("save", "--format", "oci", "-o", "kept.tar", "kept:1")
            let context = try distill.context(["Dockerfile": "FROM kept:1\nCOPY file /other\n", "file": "x"])
            try await distill.succeed("build", "-q", "-t", "derived", context)
            #expect(try await distill.succeed("build", "--progress", "plain", context).text.contains("CACHED"))
            try await distill.succeed("rmi", "derived")
            try await distill.succeed("system", "prune", "-a", "-f")
        }
    }

    /// Its program makes a directory in the volume that the image declares.
    @Test(.requires(.program("crun"))) func runsAnImageOfTheFirstLayout() async throws {
        guard Platform.host.architecture == "amd64" else { return }
        try await Self.withFixture { distill in try await distill.succeed("run", "--rm", "kept:1") }
    }

    @Test(arguments: ["99", "1>99"]) func refusesALaterLayout(version: String) async throws {
        try await Self.withFixture { distill in
            try Files.write(version + "\n", to: "\(distill.store)/version")
            for command in [["images"], ["build", "."], ["system", "prune", "-f"], ["run", "kept:1"]] {
                let outcome = try await distill.command(command).run()
                #expect(outcome.exitCode == (command[0] == "run" ? 125 : 1), "\(outcome)")
                #expect(
                    outcome.errorOutput.contains("layout \(version)") && outcome.errorOutput.contains("DISTILL_ROOT"),
                    "\(outcome)")
            }
            #expect(try Files.text("\(distill.store)/version") == version + "\n")
        }
    }
}
