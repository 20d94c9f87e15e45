import OCI
import Testing

@testable import Compose

@Suite struct MergeTests {
    private static let base = """
        services:
          a:
            image: i:1
            command: [one, two]
            entrypoint: /x
            environment: [A=1, B=2]
            ports: ["8080:80"]
            volumes: ["./d:/data", "./e:/etc/x"]
            depends_on: [b]
            healthcheck: {test: [CMD, x], interval: 1s}
            tmpfs: /t
            build: ./ctx
            labels: {l: 1}
          b: {image: j}
        """

    private func merged(_ lines: String) throws -> Service {
        let indented = lines.split(separator: "\n").map { "    \($0)" }.joined(separator: "\n")
        return try project(Self.base, "services:\n  a:\n\(indented)\n  c: {image: k}\n").services[0]
    }

    @Test func laysLaterFilesOver() throws {
        let service = try merged(
            """
            image: i:2
            command: three
            environment: {B: 3, C: 4}
            ports: ["9090:80", "8080:80"]
            volumes: ["./other:/data"]
            depends_on: {c: {condition: service_healthy}}
            healthcheck: {test: [CMD, y]}
            tmpfs: [/u]
            build: {target: t}
            labels: [m=2]
            """)
        #expect(service.image?.value == "i:2")
        #expect(service.command == ["three"] && service.entrypoint == ["/x"])
        #expect(service.environment.map { "\($0.name)=\($0.value ?? "")" } == ["A=1", "B=3", "C=4"])
        #expect(service.ports.map(\.published) == [8080, 9090])
        #expect(
            service.volumes.map(\.source) == [
                .bind("./e", createsMissing: true), .bind("./other", createsMissing: true),
            ])
        #expect(
            service.dependencies.map { "\($0.service) \($0.condition.rawValue)" } == [
                "b service_started", "c service_healthy",
            ])
        #expect(service.healthcheck?.test == .command(["y"]) && service.healthcheck?.interval == .seconds(1))
        #expect(service.temporaryFileSystems.map(\.target.description) == ["/t", "/u"])
        #expect(service.build?.context == "./ctx" && service.build?.target == "t")
        #expect(service.labels.map(\.name) == ["l", "m"])
    }

    @Test func resetsAndOverrides() throws {
        let service = try merged(
            """
            ports: !override ["1:1"]
            volumes: !reset []
            environment: {A: !reset null}
            command: !reset null
            """)
        #expect(service.ports.map(\.published) == [1])
        #expect(service.volumes == [] && service.command == nil)
        #expect(service.environment.map(\.name) == ["B"])
    }

    /// As docker's reader merges what has a key and no value.
    @Test func noneTakesOneValueAway() throws {
        let service = try merged(
            """
            image:
            command:
            environment: {A: , C: }
            ports:
            volumes:
            healthcheck: {interval: }
            labels: {l: }
            """)
        #expect(service.image == nil && service.command == nil && service.entrypoint == ["/x"])
        #expect(
            service.environment.map { "\($0.name)=\($0.value ?? "(the caller's)")" } == [
                "A=(the caller's)", "B=2", "C=(the caller's)",
            ])
        #expect(service.ports.map(\.published) == [8080] && service.volumes.count == 2)
        #expect(service.healthcheck?.test == .command(["x"]) && service.healthcheck?.interval == nil)
        #expect(service.labels.map(\.value) == [nil])
    }

    @Test func pointsIntoTheFileThatIsWrong() {
        let error = #expect(throws: ComposeError.self) { try merged("restart: never") }
        #expect(error?.place == Place(file: "over1.yaml", line: 3, column: 14))
    }

    @Test func writesWhatItRead() throws {
        let node = try ComposeNode(parsing: Self.base, file: "f")
        let again = try ComposeNode(parsing: node.yaml, file: "f")
        #expect(again.yaml == node.yaml)
        #expect(try Project(again, name: "p", usualName: "").services.map(\.name) == ["a", "b"])
    }
}

/// Files that are meant to do harm: each is refused, and soon.
@Suite struct HostileTests {
    private static let laughs: String = {
        var text = "x-a: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...9 {
            text +=
                "x-\(level): &a\(level) [\(Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", "))]\n"
        }
        return text + "services: {a: {image: i, command: *a9}}\n"
    }()

    @Test(arguments: [
        laughs, String(repeating: "[", count: 100_000), String(repeating: "a: {", count: 3000), "services: &a {a: *a}",
        "a: *b",
        "services: {? [x] : y}", "services: {a: {image: \"\\0\"}}", "\u{FEFF}\u{0}", "%YAML 9.9\n---\n", "a: b: c",
        "- - -\n\t- x",
        "services: {a: {<<: 1}}", "services:\n  a: !!binary x", "--- a\n--- b", String(repeating: "a", count: 2 << 20),
        "services: {a: {image: i, ports: [{target: 99999999999999999999}]}}",
        "services: {a: {image: i, stop_grace_period: 999999999999999999999h}}",
        "services: {a: {image: i, shm_size: 1e999}}",
    ])
    func isRefused(text: String) { #expect(throws: ComposeError.self) { try project(text) } }
}
