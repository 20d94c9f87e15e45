import TestSupport
import Testing

/// What is wrong is told in one sentence with its place, and leaves nothing behind.
@Suite(.requires(.root), .requires(.program("crun")), .requires(.program("busybox")), .requires(.program("ip")))
struct ComposeErrorTests {
    /// The lines of a service stand at the fourth line, behind its image.
    private static func service(_ lines: String) -> String { "services:\n  a:\n    image: shell\n    \(lines)\n" }

    @Test(arguments: [
        (service("imag: x"), "compose.yaml:4:5: a service has no key 'imag'", "did you mean 'image'?"),
        (
            service("deploy: {replicas: 2}"), "compose.yaml:4:24: '2' of 'replicas' is not supported",
            "a service runs once"
        ),
        (service("volumes: [none:/x]"), "compose.yaml:4:15: there is no volume 'none'", "declare it below 'volumes'"),
        (service("networks: [none]"), "compose.yaml:4:16: there is no network 'none'", "declare it below 'networks'"),
        (
            service("env_file: none.env"), "compose.yaml:4:15: the file 'none.env' of 'env_file' does not exist",
            "required: false"
        ),
        (
            service("command: [/none]"),
            "compose.yaml:2:3: the service 'a' cannot be started: the image has no program '/none'", ""
        ),
        (
            service("user: nobody-here"),
            "compose.yaml:2:3: the service 'a' cannot be started: the image has no user 'nobody-here'", ""
        ),
        (service("command: ${NONE:?give it}"), "compose.yaml:4:14: the variable 'NONE' is required: give it", ""),
        (service("ports: ['80:80/sctp']"), "compose.yaml:4:13: '80:80/sctp' of 'ports' is not supported", "TCP"),
        (
            service("volumes: [{type: bind, source: ./none, target: /x, bind: {create_host_path: false}}]"),
            "compose.yaml:4:15: '/", ""
        ),
        (
            "services: {a: {image: localhost:1/none}}",
            "compose.yaml:1:23: the image 'localhost:1/none' of the service 'a' is not there", ""
        ),
        (
            "services:\n  a: {image: shell, depends_on: [b]}\n  b: {image: shell, depends_on: [a]}\n",
            "compose.yaml:3:34: the services wait for each other: a → b → a", ""
        ),
        (
            "services:\n  a: {image: shell, command: [echo], depends_on: {b: {condition: service_healthy}}}\n  b: {image: shell, command: [echo]}\n",
            "compose.yaml:2:51: the service 'b' can never be healthy", "healthcheck"
        ),
        (
            "services:\n  a: {image: shell, command: [echo], depends_on: {b: {condition: service_healthy}}}\n  b: {image: shell, command: [sleep, '1000'], stop_signal: KILL, healthcheck: {test: [CMD, sh, -c, 'echo why; exit 1'], interval: 20ms, retries: 2}}\n",
            "compose.yaml:2:51: the service 'b' is not healthy, and 'a' waits for it", "> why"
        ),
        (
            "services:\n  a: {image: shell, command: [echo], depends_on: {b: {condition: service_completed_successfully}}}\n  b: {image: shell, command: [sh, -c, 'echo last; exit 4']}\n",
            "compose.yaml:2:51: the service 'b' ended with exit code 4, and 'a' waits for it", "> last"
        ),
        ("services: {a: [b, *c]}", "compose.yaml:1:19: this is no YAML: no '&c' stands before the alias '*c'", ""),
        ("services:\n  a: b: c\n", "compose.yaml:2:7: this is no YAML: a ':' cannot stand here", ""),
        ("services: {}", "compose.yaml:1:11: the file has no services", ""),
    ])
    func tellsItOnce(yaml: String, sentence: String, hint: String) async throws {
        try await ComposeProject.with(yaml) { project in
            for detached in [[], ["-d"]] {
                let up = try await project.command(["up"] + detached).run()
                #expect(up.exitCode == 1, "\(up)")
                let told = up.sentences.filter { $0.hasPrefix("distill:") }
                #expect(told.count == 1 && told.first?.hasPrefix("distill: \(sentence)") == true, "\(up)")
                #expect(hint.isEmpty || up.errorOutput.contains(hint), "\(up)")
                try await project.expectNothingLeft()
            }
        }
    }

    @Test func tellsOfAPortInUse() async throws {
        let yaml =
            "services: {a: {image: shell, command: [sleep, '1000'], stop_signal: KILL, ports: ['127.0.0.1::80']}}\n"
        try await ComposeProject.with(yaml) { project in
            try await project.succeed("up", "-d")
            let port = try await project.port(of: "a")
            try Files.write(yaml.replacing("::", with: ":\(port):"), to: "\(project.distill.directory)/other.yaml")
            let other = try await project.distill("compose", "-p", "other", "-f", "other.yaml", "up")
            #expect(other.exitCode == 1)
            #expect(
                other.sentences.first == "distill: other.yaml:1:83: the port 127.0.0.1:\(port) is in use", "\(other)")
        }
    }

    @Test func mergesFilesAndShowsThem() async throws {
        let yaml = "services: {a: {image: shell, environment: [X=1]}}\n"
        try await ComposeProject.with(
            yaml,
            files: ["over.yaml": "services:\n  a:\n    environment: {Y: $$2}\n  b: {image: shell, profiles: [p]}\n"]
        ) { project in
            let config = try await project.succeed("-f", "compose.yaml", "-f", "over.yaml", "config")
            #expect(config.output.contains("X: \"1\"") && config.output.contains("Y: \"$2\""), "\(config)")
            #expect(
                try await project.succeed("-f", "compose.yaml", "-f", "over.yaml", "config", "--services").output
                    == "a\n")
            #expect(
                try await project.succeed(
                    "-f", "compose.yaml", "-f", "over.yaml", "--profile", "p", "config", "--services"
                ).output == "a\nb\n")
            let unknown = try await project("up", "c")
            #expect(unknown.sentences == ["distill: there is no service 'c'"], "\(unknown)")
            let none = try await project.distill("compose", "--project-directory", "/proc/self", "ps")
            #expect(none.sentences.first?.hasPrefix("distill: there is no compose.yaml in") == true, "\(none)")
        }
    }
}
