import Distribution
import Engine
import LinuxSystem
import Synchronization
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct CredentialProgramsTests {
    private func run(_ script: String, verb: CredentialHelperVerb = .get, times: Int = 1) async throws -> (
        CredentialHelperResult, asked: String
    ) {
        try await Files.withTemporaryDirectory { directory in
            try Files.write(
                script.replacing("DIR", with: directory), to: "\(directory)/docker-credential-x", mode: 0o755)
            try Files.write("#!/bin/sh\n", to: "\(directory)/docker-credential-plain")
            let path = "\(directory):/usr/bin:/bin"
            let programs = CredentialPrograms(
                HostEnvironment(variables: ["PATH": path, "WORD": "told"]), patience: .seconds(20))
            #expect(try await programs.run(helper: "none", verb: verb, input: []) == .missing)
            #expect(try await programs.run(helper: "plain", verb: verb, input: []) == .missing)
            var result = CredentialHelperResult.missing
            for _ in 0..<times {
                result = try await programs.run(helper: "x", verb: verb, input: Array("reg.example".utf8))
            }
            let asked = Files.exists("\(directory)/asked") ? try Files.text("\(directory)/asked") : ""
            return (result, asked)
        }
    }

    @Test(arguments: [
        (
            "#!/bin/sh\nread -r x; echo \"$1 $x $WORD\" >> DIR/asked; printf answer\n",
            CredentialHelperResult.ended(succeeded: true, output: Array("answer".utf8))
        ),
        (
            "#!/bin/sh\nread -r x; echo \"$1 $x $WORD\" >> DIR/asked; printf answer; exit 3\n",
            .ended(succeeded: false, output: Array("answer".utf8))
        ),
    ])
    func asksOnce(script: String, expected: CredentialHelperResult) async throws {
        let (result, asked) = try await run(script, times: 3)
        #expect(result == expected && asked == "get reg.example told\n")
        let (_, erased) = try await run(script, verb: .erase, times: 2)
        #expect(erased == "erase reg.example told\nerase reg.example told\n")
    }

    /// No program: one that this machine cannot execute. And one that reads nothing.
    @Test func cannotAsk() async throws {
        #expect(try await run("MZ\u{1}\u{2}").0 == .missing)
        #expect(try await run("#!/none/such\n").0 == .missing)
        #expect(try await run("#!/bin/sh\nexec <&-; exit 0\n").0 == .ended(succeeded: true, output: []))
    }

    /// One that does not end is ended, and what it left behind with its output is not waited for.
    @Test func endsWhoIsSilent() async throws {
        try await Files.withTemporaryDirectory { directory in
            try Files.write(
                "#!/bin/sh\nsleep 3 & exec sleep 1000\n", to: "\(directory)/docker-credential-x", mode: 0o755)
            let programs = CredentialPrograms(
                HostEnvironment(variables: ["PATH": "\(directory):/usr/bin:/bin"]), patience: .milliseconds(100))
            #expect(try await programs.run(helper: "x", verb: .get, input: []) == .silent(.milliseconds(100)))
        }
    }
}
