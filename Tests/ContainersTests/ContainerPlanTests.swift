import Sandbox
import Storage
import Testing

@testable import Containers
@testable import OCI

/// What an image's config and a specification come to, as a line: arguments @ directory as user, and the variables.
@Suite struct ContainerPlanTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let what: String
        var config: @Sendable (inout ContainerConfig) -> Void = { _ in }
        var specification: @Sendable (inout ContainerSpecification) -> Void = { _ in }
        let line: String
        var testDescription: String { what }
    }

    private static let cases = [
        Case(what: "the image's own", line: "/app serve @ / as  | "),
        Case(
            what: "arguments take CMD's place", specification: { $0.command = ["help"] }, line: "/app help @ / as  | "),
        Case(
            what: "a program takes ENTRYPOINT's place, and CMD goes", specification: { $0.entrypoint = ["/sh"] },
            line: "/sh @ / as  | "),
        Case(
            what: "an empty program takes ENTRYPOINT away",
            specification: { ($0.entrypoint, $0.command) = ([], ["/x"]) },
            line: "/x @ / as  | "),
        Case(
            what: "USER and WORKDIR of the image", config: { ($0.user, $0.workingDirectory) = ("app", "/srv") },
            line: "/app serve @ /srv as app | "),
        Case(
            what: "and those that are asked for", config: { ($0.user, $0.workingDirectory) = ("app", "/srv") },
            specification: { ($0.user, $0.workingDirectory) = ("0:0", ImagePath("/tmp")) },
            line: "/app serve @ /tmp as 0:0 | "),
        Case(
            what: "a relative WORKDIR is meant from the root", config: { $0.workingDirectory = "srv" },
            line: "/app serve @ /srv as  | "),
        Case(
            what: "variables come over the image's", config: { $0.environment = ["A=image", "PATH=/p"] },
            specification: { $0.variables = [("A", "asked"), ("B", ""), ("B", "last")] },
            line: "/app serve @ / as  | A=asked PATH=/p B=last"),
        Case(
            what: "variables that are not passed on", config: { $0.environment += ["A=image", "AB=image", "B=image"] },
            specification: { ($0.removedVariables, $0.variables) = (["A", "B", "C"], [("B", "asked")]) },
            line: "/app serve @ / as  | AB=image B=asked"),
        Case(
            what: "another program is the first process",
            specification: {
                $0.initProgram = Binding(
                    source: .host("/usr/bin/tini-static"), target: InitProgram.target, access: .readOnly)
            },
            line: "/run/distill-init -- /app serve @ / as  | "),
    ]

    @Test(arguments: cases) func comesTo(_ testCase: Case) throws {
        var config = ContainerConfig()
        (config.entrypoint, config.command) = (["/app"], ["serve"])
        config.environment = ["PATH=/p"]
        testCase.config(&config)
        var specification = ContainerSpecification(imageName: "app", hostname: "distill")
        testCase.specification(&specification)
        let plan = ContainerPlan(config, specification)
        let process = try plan.process(
            .init(user: 7, group: 8, additionalGroups: [9], home: "/h"), root: "/root", mounts: [])
        let own: Set = ["HOSTNAME=distill", "HOME=/h"]
        let shown = process.environment.filter { !own.contains($0) && $0 != "PATH=/p" || testCase.line.contains($0) }
        #expect(
            "\(process.arguments.joined(separator: " ")) @ \(process.workingDirectory) as \(plan.user) | \(shown.joined(separator: " "))"
                == testCase.line)
        #expect(own.isSubset(of: process.environment))
        #expect((process.user, process.group) == (7, 8))
        #expect(process.additionalGroups == [9])
    }

    @Test func needsAProgram() {
        #expect(throws: ContainerError.noCommand(image: "app")) {
            try ContainerPlan(ContainerConfig(), ContainerSpecification(imageName: "app", hostname: "h"))
                .process(.init(user: 0, group: 0, additionalGroups: [], home: "/"), root: "/", mounts: [])
        }
    }

    @Test func networks() throws {
        var config = ContainerConfig()
        config.command = ["/app"]
        for (network, expected) in [
            (ContainerNetwork.host, "true nil"), (.none, "false nil"), (.namespace("/n"), "true /n"),
        ] {
            var specification = ContainerSpecification(imageName: "app", hostname: "h")
            specification.network = network
            let process = try ContainerPlan(config, specification).process(
                .init(user: 0, group: 0, additionalGroups: [], home: "/"), root: "/", mounts: [])
            #expect("\(process.sharesNetwork) \(process.networkNamespace ?? "nil")" == expected)
        }
    }

    /// An image's volume is not made where something else is mounted.
    @Test func mountTargets() throws {
        var config = ContainerConfig()
        config.command = ["/app"]
        var specification = ContainerSpecification(imageName: "app", hostname: "h")
        let (a, b, c) = (try #require(ImagePath("/a")), try #require(ImagePath("/b")), try #require(ImagePath("/c")))
        specification.bindings = [Binding(source: .host("/x"), target: a, access: .readOnly)]
        specification.volumes = [(b, .readWrite)]
        specification.temporaryMounts = [.init(target: c, size: nil)]
        #expect(ContainerPlan(config, specification).mountTargets == [a, b, c])
    }
}
