import TestSupport
import Testing

/// `check` and `build --check`: what they print, what they know, and how they end.
@Suite struct CheckCommandTests {
    @Test func tellsAllErrorsOfAFile() async throws {
        try await Distill.withStore { distill in
            let context = try distill.context([
                "Dockerfile": "FROM scratch AS a\nEXPOSE abc\nSTOPSIGNAL FOO\nCOPY --from=9 x /\nADD --chmod=abc a b\n"
            ])
            for command in [
                ["check", "\(context)/Dockerfile"], ["check", context], ["build", "--check", context],
                ["build", context],
            ] {
                let outcome = try await distill.command(command).run()
                #expect(outcome.exitCode == 1, "\(outcome)")
                for place in ["Dockerfile:2:8", "Dockerfile:3:12", "Dockerfile:4:13", "Dockerfile:5:13"] {
                    #expect(outcome.text.contains(place), "\(place) \(outcome)")
                }
            }
        }
    }

    /// Arguments and targets are those of the build that is meant.
    @Test func takesWhatABuildTakes() async throws {
        try await Distill.withStore { distill in
            let context = try distill.context([
                "Dockerfile": "FROM scratch AS one\nARG A\nUSER ${A:?must}\nFROM scratch\nUSER 1\n"
            ])
            let file = "\(context)/Dockerfile"
            #expect(try await distill("check", file).succeeded, "the target does not need it")
            let one = try await distill("check", "--target", "one", file)
            #expect(one.exitCode == 1 && one.output.contains("Dockerfile:3:6"), "\(one)")
            #expect(try await distill("check", "--target", "one", "--build-arg", "A=b", file).output == "")
        }
    }

    @Test func annotatesWorkflows() async throws {
        try await Distill.withStore { distill in
            let context = try distill.context(["Dockerfile": "FROM alpine\nENV TOKEN=1\nCMD a\nEXPOSE 5%,x:\n"])
            let outcome = try await distill.command(["check", "--format", "github", "context/Dockerfile"]).run()
            let lines = outcome.output.split(separator: "\n").map(String.init)
            #expect(
                lines.map { String($0.prefix { $0 != " " }) } == [
                    "::error", "::warning", "::warning", "::notice", "::notice",
                ], "\(outcome)")
            #expect(
                lines[1].hasPrefix(
                    "::warning file=context/Dockerfile,line=2,endLine=2,col=5,endColumn=10,title=SecretsUsedInArgOrEnv::ENV 'TOKEN' looks like a secret ("
                ))
            #expect(lines[0].contains("5%25,x:") && !lines[0].contains("5%,"), "\(outcome)")
            let sarif = try await distill("check", "--format", "sarif", "\(context)/Dockerfile")
            for level in ["error", "warning", "note"] {
                #expect(sarif.output.contains("\"level\": \"\(level)\""), "\(sarif)")
            }
        }
    }

    /// A base of the store has its variables; warnings alone are no failure; a build shows one whole.
    @Test(.requires(.root)) func knowsTheStoresBases() async throws {
        try await Distill.withStore { distill in
            let base = try distill.context("base", ["Dockerfile": "FROM scratch\nENV HOME_DIR=/h\n"])
            try await distill.succeed("build", "-q", "-t", "base:1", base)
            let context = try distill.context(["Dockerfile": "FROM base:1\nCOPY Dockerfile $HOME_DIR/$NOPE\nUSER 1\n"])
            for command in [["check", "\(context)/Dockerfile"], ["build", "--check", context]] {
                let outcome = try await distill.command(command).run()
                #expect(outcome.exitCode == 0 && outcome.output.contains("Dockerfile:2:17: warning"), "\(outcome)")
                #expect(
                    outcome.output.contains("UndefinedVar") && outcome.output.contains("$NOPE")
                        && !outcome.output.contains("'$HOME_DIR'"), "\(outcome)")
            }
            let built = try await distill("build", "--progress", "plain", "-t", "x", context)
            #expect(
                built.succeeded && built.errorOutput.contains("warning: UndefinedVar")
                    && built.errorOutput.contains("Dockerfile:2:17"), "\(built)")
            let unknown = try await distill(
                "check",
                "\(try distill.context("unknown", ["Dockerfile": "FROM nosuch:1\nCOPY a $NOPE\nUSER 1\n"]))/Dockerfile")
            #expect(unknown.succeeded && unknown.output == "", "\(unknown)")
            let failing = try distill.context(
                "failing", ["Dockerfile": "# check=error=true\nFROM base:1\nCOPY Dockerfile /$NOPE\nUSER 1\n"])
            #expect(try await distill("build", failing).exitCode == 1)
        }
    }
}
