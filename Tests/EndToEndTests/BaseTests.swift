import OCI
import TestSupport
import Testing

@Suite(.serialized, .requires(.root), .requires(.program("crun")), .requires(.debianBase), .timeLimit(.minutes(50)))
struct BaseTests {
    private let distill = SharedBase.distill

    private func run(_ script: String, in image: String = SharedBase.name) async throws -> Command.Outcome {
        try await distill("run", "--rm", image, "sh", "-c", script)
    }

    @Test func isAWholeDebian() async throws {
        let outcome = try await run(
            ". /etc/os-release; echo $VERSION_CODENAME; dpkg --audit; dpkg-query -W -f '${Package}\\n' apt ca-certificates"
        )
        #expect(outcome.output == "bookworm\napt\nca-certificates\n", "\(outcome)")
    }

    @Test func installsPackages() async throws {
        let path = try distill.context(
            "install",
            [
                "Dockerfile":
                    "FROM \(SharedBase.name)\nRUN apt-get update && apt-get install -y --no-install-recommends hello\nCMD [\"hello\"]"
            ])
        try await distill.succeed("build", "-t", "installs", path)
        #expect(try await distill.succeed("run", "--rm", "installs").output == "Hello, world!\n")
    }

    @Test func composesTheSameBytesAgain() async throws {
        let before = try await distill.inspect(SharedBase.name)["RootFS"]
        try await distill.succeed("base", "build", SharedBase.name)
        #expect(try await distill.inspect(SharedBase.name)["RootFS"] == before)
    }

    @Test func listsWhatThereIs() async throws {
        let outcome = try await distill.succeed("base", "ls")
        for name in ["debian:bookworm", "debian:bookworm-slim", "debian:trixie", "debian:trixie-slim"] {
            #expect(outcome.output.contains(name), "\(outcome)")
        }
    }

    @Test func slimHasNoDocumentation() async throws {
        try await distill.succeed("base", "build", "debian:bookworm-slim")
        let outcome = try await run(
            "find /usr/share/man /usr/share/locale /usr/share/doc -type f ! -name copyright | wc -l",
            in: "debian:bookworm-slim")
        #expect(outcome.line == "0", "\(outcome)")
        let slim = try #require(try await distill.inspect("debian:bookworm-slim")["Size"]?.integer)
        let full = try #require(try await distill.inspect(SharedBase.name)["Size"]?.integer)
        #expect(slim < full)
    }

    @Test(.requires(.patience), arguments: ["debian:trixie", "debian:trixie-slim"])
    func composesTheNextRelease(name: String) async throws {
        try await distill.succeed("base", "build", name)
        let outcome = try await run(". /etc/os-release; echo $VERSION_CODENAME; dpkg --audit", in: name)
        #expect(outcome.output == "trixie\n", "\(outcome)")
    }
}
