import LinuxSystem
import SystemPackage
import TestSupport
import Testing

@Suite struct HostEnvironmentTests {
    @Test(arguments: [
        ("a", "/srv/app/a"), ("../a", "/srv/a"), ("./a/", "/srv/app/a"), ("/etc/a", "/etc/a"), (".", "/srv/app"),
    ])
    func namesPathsFromWhereItWasCalled(path: String, expected: String) {
        #expect(HostEnvironment(workingDirectory: "/srv/app").absolute(FilePath(path)).string == expected)
    }

    @Test func takesAnEmptyVariableForNone() {
        let environment = HostEnvironment(variables: ["A": "", "B": "b"])
        #expect(
            environment["A"] == "" && environment.text("A") == nil && environment.text("B") == "b"
                && environment.text("C") == nil)
    }

    /// The path's own directories come first; those that only root's path has are looked into too; what cannot be executed is none.
    @Test func findsPrograms() async throws {
        try await Files.withTemporaryDirectory { directory in
            for name in ["first", "second"] { try Files.makeDirectory("\(directory)/\(name)") }
            try Files.write("#!/bin/sh\n", to: "\(directory)/first/tool", mode: 0o644)
            try Files.write("#!/bin/sh\n", to: "\(directory)/second/tool", mode: 0o755)
            try Files.write("#!/bin/sh\n", to: "\(directory)/first/sh", mode: 0o755)
            let environment = HostEnvironment(variables: ["PATH": "\(directory)/first:\(directory)/second"])
            #expect(environment.program("tool")?.string == "\(directory)/second/tool")
            #expect(environment.program("sh")?.string == "\(directory)/first/sh")
            #expect(environment.program("tool-of-nobody") == nil)
            #expect(HostEnvironment().program("sh") != nil)
        }
    }

    @Test func isThatOfTheProcess() {
        let environment = HostEnvironment.ofProcess()
        #expect(environment.searchPath == environmentVariable("PATH"))
        #expect(environment.workingDirectory.isAbsolute && environment.isRoot == ProcessFacts.isRoot)
    }
}
