import OCI
import TestSupport
import Testing

/// An application in a directory, and the command that runs it.
struct ComposeProject: Sendable {
    let distill: Distill
    static let name = "app"

    /// Runs a test with an image `shell` in the store, and takes down what it left.
    static func with(
        _ yaml: String, files: [String: String] = [:], sourceLocation: SourceLocation = #_sourceLocation,
        _ body: (ComposeProject) async throws -> Void
    ) async throws {
        try await Distill.withStore { distill in
            try await distill.buildOnBusybox(
                """
                FROM shell
                RUN mkdir -p /etc /tmp /data /www && echo 'root:x:0:0::/:/bin/sh' > /etc/passwd && \\
                    echo seed > /data/seed && chown -R 7:8 /data && chmod 750 /data && chmod 1777 /tmp
                """, options: ["-t", "shell"]
            ).mustSucceed()
            let project = ComposeProject(distill: distill)
            try project.write(yaml)
            for (name, text) in files { try Files.write(text, to: "\(distill.directory)/\(name)") }
            let result: Result<Void, any Error>
            do { result = .success(try await body(project)) } catch { result = .failure(error) }
            // Whatever the files say by now.
            try project.write("services: {a: {image: shell}}\n")
            let down = try await project("down")
            #expect(down.succeeded, "\(down)", sourceLocation: sourceLocation)
            try await project.expectNothingLeft(sourceLocation: sourceLocation)
            try result.get()
        }
    }

    func write(_ yaml: String) throws { try Files.write(yaml, to: "\(distill.directory)/compose.yaml") }

    func command(_ arguments: [String], environment: [String: String?] = [:]) -> Command {
        distill.command(["compose", "-p", Self.name] + arguments, environment: environment)
    }

    @discardableResult
    func callAsFunction(_ arguments: String..., environment: [String: String?] = [:]) async throws -> Command.Outcome {
        try await command(arguments, environment: environment).run()
    }

    @discardableResult
    func succeed(_ arguments: String..., sourceLocation: SourceLocation = #_sourceLocation) async throws
        -> Command.Outcome
    {
        let outcome = try await command(arguments).run()
        try #require(outcome.succeeded, "compose \(arguments) \(outcome)", sourceLocation: sourceLocation)
        return outcome
    }

    /// `service state health`, a line each.
    func states() async throws -> [String] {
        try JSON.parse(try await succeed("ps", "--format", "json").output).array?.map { service in
            ["Service", "State", "Health"].compactMap { service[$0]?.string }.filter { !$0.isEmpty }.joined(
                separator: " ")
        } ?? []
    }

    /// The port of this machine that leads to a service.
    func port(of service: String) async throws -> String {
        let services = try JSON.parse(try await succeed("ps", "--format", "json").output).array ?? []
        let text = try #require(services.first { $0["Service"]?.string == service }?["Ports"]?.strings?.first)
        return String(try #require(text.firstMatch(of: /:(\d+)->/)).output.1)
    }

    /// No process and no mount stays, and no link was ever made in this machine's own network.
    func expectNothingLeft(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let links = try await Command("ip", ["-o", "link", "show"]).run()
        #expect(
            !links.output.contains("service-") && !links.output.contains("outside"), "\(links)",
            sourceLocation: sourceLocation)
        let mounts = try Files.text("/proc/mounts")
        #expect(!mounts.contains(distill.store), "\(mounts)", sourceLocation: sourceLocation)
        let processes = try await Command("sh", ["-c", "grep -alF \"$1\" /proc/[0-9]*/cmdline", "sh", distill.store])
            .run()
        // The two that look have the path in their own command lines.
        #expect(processes.output.split(separator: "\n").count <= 2, "\(processes)", sourceLocation: sourceLocation)
    }
}
