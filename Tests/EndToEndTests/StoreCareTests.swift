import OCI
import TestSupport
import Testing

/// `system df`, `system prune` and `system check`.
@Suite(.requires(.root)) struct StoreCareTests {
    /// A store with an image of two layers, one of them built again with other content.
    private static func withImages(_ body: (Distill) async throws -> Void) async throws {
        try await Distill.withStore { distill in
            let dockerfile = "FROM scratch\nCOPY a /a\nCOPY b /b\n"
            let content = String(repeating: "x", count: 100_000)
            try await distill.build(dockerfile, files: ["a": content, "b": "old"], options: ["-t", "kept"])
                .mustSucceed()
            try await distill.build(dockerfile, files: ["a": content, "b": "new!"], options: ["-t", "kept"])
                .mustSucceed()
            try await body(distill)
        }
    }

    private static func files(_ distill: Distill, below folder: String) async throws -> [String] {
        let found = try await Command("find", ["\(distill.store)/\(folder)", "-type", "f", "-name", "[0-9a-z]*"]).run()
        return found.output.split(separator: "\n").map(String.init).sorted()
    }

    @Test func showsAndFreesWhatIsNotNeeded() async throws {
        try await Self.withImages { distill in
            let usage = try await distill.succeed("system", "df").output.split(separator: "\n").map {
                $0.split(separator: " ", omittingEmptySubsequences: true).map(String.init)
            }
            #expect(usage[1] == ["Images", "2", "1", "100kB", "3B", "(0%)"])
            let pruned = try await distill.succeed("system", "prune", "--force", "--filter", "until=1h")
            #expect(pruned.output == "Total reclaimed space: 0B\n")
            let all = try await distill.succeed("system", "prune", "--force").output
            #expect(all.hasPrefix("deleted: sha256:") && !all.hasSuffix(" 0B\n"), "\(all)")
            #expect(try await distill.succeed("images", "-q").output.split(separator: "\n").count == 1)
            #expect(try await distill.succeed("system", "check").output.contains("nothing is wrong"))
            let rest = try await distill.succeed("system", "prune", "--force", "--all").output
            #expect(rest.hasPrefix("untagged: kept:latest\ndeleted: sha256:"), "\(rest)")
            #expect(try await Self.files(distill, below: "layers") == [])
        }
    }

    @Test func keepsTheCacheThatWasUsedLast() async throws {
        try await Distill.withStore { distill in
            for name in ["one", "two"] {
                let content = String(repeating: name, count: 1000)
                try await distill.build("FROM scratch\nCOPY \(name) /\n", files: [name: content]).mustSucceed()
            }
            let records = try await Self.files(distill, below: "cache")
            #expect(records.count == 2)
            // The records of the first build look a day old.
            let oldest = try await Command("ls", ["-tr", "\(distill.store)/cache"]).run().output.split(separator: "\n")[
                0]
            try await Command("touch", ["-d", "yesterday", "\(distill.store)/cache/\(oldest)"]).run().mustSucceed()
            try await distill.succeed("system", "prune", "--force", "--filter", "until=2h")
            #expect(try await Self.files(distill, below: "cache").count == 1)
            try await distill.succeed("system", "prune", "--force", "--keep-storage", "1k")
            #expect(try await Self.files(distill, below: "cache") == [])
        }
    }

    /// Damages a store in some way, and tells what `system check` says of it.
    @Test(arguments: [
        (
            "layer", "for f in layers/*/fs/b; do echo changed > $f; done", "layer sha256:",
            "its bytes are not what they should be; removed"
        ),
        (
            "facts", "for f in layers/*/info; do echo {} > $f; done", "layer sha256:",
            "nothing right is known of it; repaired"
        ),
        (
            "config", "echo damaged > content/$(ls content | head -n 1)", "blob sha256:",
            "its bytes are not what they should be; removed"
        ),
        ("name", "rm images/*", "name docker.io/library/kept:latest", "is missing; removed"),
        ("record", "for f in cache/*; do echo damaged > $f; done", "cache record", "it cannot be read; removed"),
    ])
    func findsWhatIsDamaged(name: String, damage: String, subject: String, words: String) async throws {
        try await Self.withImages { distill in
            try await Command("sh", ["-euc", "cd \(distill.store); \(damage)"]).run().mustSucceed()
            let untouched = try await distill("system", "check", "--dry-run")
            #expect(untouched.exitCode == 1)
            #expect(untouched.output.contains("left as it is"), "\(untouched)")
            let found = try await distill("system", "check")
            #expect(
                found.output.split(separator: "\n").contains { $0.hasPrefix(subject) && $0.contains(words) }, "\(found)"
            )
            // Images that cannot be had again are told of until they are removed; everything else is mended once.
            try await distill.succeed("system", "prune", "--force")
            let context = "\(distill.directory)/context"
            try await distill.succeed("build", "-t", "kept", context)
            try await distill.succeed("system", "prune", "--force")
            let after = try await distill("system", "check")
            #expect(after.exitCode == 0 && after.output.contains("nothing is wrong"), "\(after)")
        }
    }
}
