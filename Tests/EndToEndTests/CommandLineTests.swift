import TestSupport
import Testing

@Suite struct CommandLineTests {
    private let distill = Distill(directory: "/tmp", store: "/nonexistent/store")

    @Test func tellsItsVersion() async throws {
        let outcome = try await distill.succeed("--version")
        #expect(outcome.output.firstMatch(of: /^distill \d+\.\d+\.\d+\n$/) != nil, "\(outcome)")
    }

    @Test(arguments: [
        "build", "base", "image", "run", "save", "load", "images", "rmi", "tag", "inspect", "history",
        "explain", "why", "diff",
    ])
    func explainsEachCommand(name: String) async throws {
        let help = try await distill.succeed("--help")
        #expect(help.output.contains("  \(name)"), "\(help)")
        let own = try await distill.succeed(name, "--help")
        #expect(own.output.contains("distill \(name)") || own.output.contains("USAGE"), "\(own)")
    }

    @Test(arguments: [
        [
            "build", "--tag", "--file", "--target", "--build-arg", "--label", "--no-cache", "--pull", "--platform",
            "--network", "--progress", "--quiet", "--iidfile", "--build-context",
        ],
        [
            "run", "--rm", "--interactive", "--tty", "--env", "--volume", "--workdir", "--user", "--entrypoint",
            "--network", "--read-only",
        ],
        ["save", "--output", "--format"], ["load", "--input"],
    ])
    func knowsTheOptions(words: [String]) async throws {
        let help = try await distill(words[0], "--help")
        for option in words.dropFirst() { #expect(help.output.contains(option), "\(words[0]) \(option)") }
    }

    @Test(arguments: [
        (["frobnicate"], "frobnicate"), (["build"], "CONTEXT"), (["build", "--frobnicate", "."], "--frobnicate"),
        (["build", "--tag"], "--tag"), (["build", "--progress", "loud", "."], "loud"),
        (["build", "--network", "moon", "."], "moon"), (["build", "--platform", "!", "."], "!"),
        (["build", "-t", "UPPER", "."], "UPPER"), (["image", "frobnicate"], "frobnicate"), (["run"], "IMAGE"),
    ])
    func refusesWhatItDoesNotKnow(arguments: [String], word: String) async throws {
        try await Distill.withStore { distill in
            try Files.write("FROM scratch\n", to: "\(distill.directory)/Dockerfile")
            let outcome = try await distill.command(arguments).run()
            #expect(outcome.exitCode != 0, "\(outcome)")
            #expect(outcome.errorOutput.lowercased().contains(word.lowercased()), "\(outcome)")
            #expect(outcome.output.isEmpty, "\(outcome)")
        }
    }
}
