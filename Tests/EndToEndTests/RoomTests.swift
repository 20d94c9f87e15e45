import OCI
import TestSupport
import Testing

/// What a store takes, and how it gets smaller.
@Suite(.requires(.root)) struct RoomTests {
    /// Each build makes a layer of a megabyte that the next one has no use for.
    @Test func staysBelowItsLimit() async throws {
        try await Distill.withStore { distill in
            let context = try distill.context([
                "Dockerfile": "FROM scratch\nCOPY kept /\nCOPY f /\n", "kept": "kept", "f": "",
            ])
            var told = 0
            for number in 0..<12 {
                try Files.write(String(repeating: "\(number % 10)", count: 1 << 20), to: "\(context)/f")
                let outcome = try await distill.command(
                    ["build", "-t", "app", context], environment: ["DISTILL_STORE_LIMIT": "5MB"]
                ).run()
                try outcome.mustSucceed()
                if outcome.errorOutput.contains("DISTILL_STORE_LIMIT") { told += 1 }
                #expect(number == 0 || outcome.errorOutput.contains("CACHED"), "\(outcome)")
            }
            #expect(told == 1)
            let again = try await distill.succeed("build", "-t", "app", context)
            #expect(again.errorOutput.components(of: "CACHED") == 2, "\(again)")
            let rows = try await distill.succeed("system", "df", "-v", "--format", "json").output
            let sizes =
                try JSON.parse(rows)["BuildCache"]?.array?.compactMap { $0["Size"]?.integer } ?? []
            // Beside what the last image is made of.
            #expect((1 << 20...7 << 20).contains(sizes.reduce(0, +)), "\(rows)")
            #expect(try await distill.succeed("system", "check").output.contains("nothing is wrong"))
        }
    }

    @Test(arguments: ["[store]\nlimit = \"x\"\n", "[store]\nlimit\n", "[stroe]\nlimit = \"1GB\"\n"])
    func settingsAreChecked(text: String) async throws {
        try await Distill.withStore { distill in
            let context = try distill.context(["Dockerfile": "FROM scratch\nCOPY f /\n", "f": ""])
            try Files.makeDirectory("\(distill.directory)/config/distill")
            try Files.write(text, to: "\(distill.directory)/config/distill/distill.toml")
            let outcome = try await distill.command(
                ["build", context], environment: ["XDG_CONFIG_HOME": "\(distill.directory)/config"]
            ).run()
            #expect(outcome.exitCode == 64 && outcome.sentences.count { $0.hasPrefix("distill: ") } == 1, "\(outcome)")
        }
    }

    @Test func commandsFreeWhatTheyName() async throws {
        try await Distill.withStore { distill in
            let context = try distill.context([
                "Dockerfile": "FROM scratch\nCOPY f /\n", "f": String(repeating: "a", count: 1 << 20),
            ])
            try await distill.succeed("build", "-q", "-t", "app", context)
            try Files.write(String(repeating: "b", count: 1 << 20), to: "\(context)/f")
            try await distill.succeed("build", "-q", "-t", "app", context)
            let rows = try await distill.succeed("system", "df", "--format", "{{.Type}} {{.TotalCount}} {{.Size}}")
                .output
            #expect(rows.contains("Images 2 2.1MB"), "\(rows)")
            #expect(
                try await distill.succeed("image", "prune", "-f", "--filter", "until=24h").output
                    == "Total reclaimed space: 0B\n")
            #expect(
                try await distill.succeed("image", "prune", "-f").output.hasSuffix("Total reclaimed space: 1.05MB\n"))
            #expect(try await distill.succeed("builder", "du").output.contains("Reclaimable:"))
            #expect(try await distill.succeed("builder", "prune", "-f").output.hasSuffix("space: 0B\n"))
            for words in [
                ["builder", "prune", "-f", "--filter", "x=y"], ["image", "prune", "-f", "--filter", "x"],
                ["cache", "rm"], ["cache", "rm", "nosuch"],
            ] {
                #expect(try await distill.command(words).run().exitCode != 0, "\(words)")
            }
            #expect(try await distill.succeed("images", "-q").output.split(separator: "\n").count == 1)
            try await distill.succeed("system", "reset", "--force")
            #expect(try await !Command("test", ["-e", distill.store]).run().succeeded)
            try await distill.succeed("system", "reset", "--force")
        }
    }
}
