import Dockerfile
import Testing

/// Errors: what is said, where, and what is proposed.
@Suite struct DiagnosticTests {
    static let table: [(String, String)] = [
        ("", "1:1-1:1 EmptyFile: the file is empty: it holds no instruction"),
        ("# only\n\n", "2:1-2:1 EmptyFile: the file is empty: it holds no instruction"),
        ("ARG a", "1:1-1:1 MissingFrom: the file has no FROM, so there is nothing to build"),
        ("RUN a\nUSER b", "1:1-1:6 MissingFrom: RUN stands before the first FROM (only ARG may stand before FROM)"),
        ("FORM a", "1:1-1:5 UnknownInstruction: unknown instruction FORM (did you mean FROM?)"),
        ("FROM a\n  Coppy a b", "2:3-2:8 UnknownInstruction: unknown instruction Coppy (did you mean COPY?)"),
        ("FROM a\nxyzzy a", "2:1-2:6 UnknownInstruction: unknown instruction xyzzy"),
        ("FROM a\n\\\n", "2:1-2:2 UnknownInstruction: a continued line holds no instruction"),
        // The list of the reference: errors_test.go.
        ("from alpine\nenv", "2:1-2:4 InvalidArguments: ENV requires at least one argument"),
        (
            "from scratch\nenv foo=bar\ncopy --foo=bar / /",
            "3:6-3:15 UnknownFlag: unknown flag --foo for COPY (did you mean --from?)"
        ),
        ("from a\nenv foo", "2:1-2:8 InvalidArguments: ENV must have two arguments (write ENV foo=value)"),
        (
            "from a\nenv a=b c",
            "2:9-2:10 InvalidArguments: 'c' has no '=' (write name=value, with quotes around values that hold spaces)"
        ),
        ("from a\nenv =b", "2:1-2:7 InvalidArguments: ENV names may not be blank"),
        ("from a\narg =b", "2:1-2:7 InvalidArguments: ARG names may not be blank"),
        (
            "FROM",
            "1:1-1:5 InvalidArguments: FROM requires either one or three arguments (write FROM image or FROM image AS name)"
        ),
        (
            "FROM a b",
            "1:1-1:9 InvalidArguments: FROM requires either one or three arguments (write FROM image or FROM image AS name)"
        ),
        (
            "FROM a AS 1b",
            "1:11-1:13 InvalidStageName: invalid name for a stage: '1b' must start with a letter and hold only letters, digits, '-', '_' and '.'"
        ),
        ("FROM --platfrom=x a", "1:6-1:18 UnknownFlag: unknown flag --platfrom for FROM (did you mean --platform?)"),
        (
            "FROM a\nCOPY a",
            "2:1-2:7 InvalidArguments: COPY requires at least two arguments, but only 'a' was given (add a destination)"
        ),
        ("FROM a\nADD", "2:1-2:4 InvalidArguments: ADD requires at least two arguments, a source and a destination"),
        ("FROM a\nCOPY --link=maybe a b", "2:6-2:18 InvalidFlag: flag --link takes true or false, not 'maybe'"),
        ("FROM a\nCOPY --link= a b", "2:6-2:13 InvalidFlag: flag --link has no value behind its '='"),
        ("FROM a\nCOPY --from a b", "2:6-2:12 InvalidFlag: flag --from has no value (write --from=…)"),
        ("FROM a\nCOPY --from=a --from=b a b", "2:15-2:23 InvalidFlag: flag --from is given twice"),
        (
            "FROM a\nCOPY a <<b",
            "2:1-2:11 InvalidHeredoc: the here-document 'b' is not closed (end it with a line that holds only b)"
        ),
        ("FROM a\nCOPY a <<b\nb", "2:8-2:11 InvalidHeredoc: COPY cannot have a here-document as its destination"),
        ("FROM a\nCOPY [\"a\", 1]", "2:6-2:14 InvalidJSON: a JSON array of arguments may hold strings only"),
        (
            "FROM a\nSHELL x",
            "2:1-2:8 InvalidJSON: SHELL requires its arguments in JSON form (write SHELL [\"/bin/sh\", \"-c\"])"
        ),
        ("FROM a\nSHELL []", "2:1-2:9 InvalidArguments: SHELL requires at least one argument"),
        ("FROM a\nVOLUME [\" \"]", "2:1-2:13 InvalidArguments: VOLUME may not name an empty path"),
        ("FROM a\nWORKDIR", "2:1-2:8 InvalidArguments: WORKDIR requires exactly one argument"),
        ("FROM a\nRUN --device=x y", "2:5-2:15 UnknownFlag: unknown flag --device for RUN"),
        ("FROM a\nRUN --network=hots y", "2:15-2:19 InvalidFlag: 'hots' is no value of --network (did you mean host?)"),
        (
            "FROM a\nRUN --security=x y",
            "2:16-2:17 InvalidFlag: 'x' is no value of --security (use one of sandbox, insecure)"
        ),
        (
            "FROM a\nRUN --mount=from=$A,target=/x y",
            "2:18-2:20 InvalidMount: 'from' of a mount does not expand variables (define a stage with FROM $A AS name, and use its name)"
        ),
        ("FROM a\nRUN --mount='\"a' y", "2:14-2:16 InvalidMount: a quote in a mount is not closed"),
        ("FROM a\nHEALTHCHECK x", "2:13-2:14 InvalidArguments: HEALTHCHECK does not know 'x' (use CMD or NONE)"),
        ("FROM a\nHEALTHCHECK NONE x", "2:1-2:19 InvalidArguments: HEALTHCHECK NONE takes no arguments"),
        ("FROM a\nHEALTHCHECK CMD", "2:1-2:16 InvalidArguments: a command is missing behind HEALTHCHECK CMD"),
        (
            "FROM a\nHEALTHCHECK --interval=1 CMD x",
            "2:24-2:25 InvalidFlag: '1' is no length of time (write a number with a unit, such as 30s or 1m30s)"
        ),
        ("FROM a\nHEALTHCHECK --timeout=1ns CMD x", "2:23-2:26 InvalidFlag: --timeout cannot be less than 1ms"),
        ("FROM a\nHEALTHCHECK --retries=-1 CMD x", "2:23-2:25 InvalidFlag: --retries cannot be negative"),
        ("FROM a\nONBUILD ONBUILD RUN x", "2:1-2:22 InvalidOnBuild: ONBUILD ONBUILD is not allowed"),
        ("FROM a\nONBUILD from x", "2:1-2:15 InvalidOnBuild: FROM is not allowed as an ONBUILD trigger"),
        ("# escape=x\nFROM a", "1:10-1:11 InvalidDirective: invalid escape character 'x' (use ` or \\)"),
        ("# syntax=x\n# syntax=y\nFROM a", "2:1-2:11 InvalidDirective: only one syntax parser directive can be used"),
        (
            "FROM a\nRUN x\nCMDD y\nUSER\nCOPY --form=a\\\n  b c",
            """
            3:1-3:5 UnknownInstruction: unknown instruction CMDD (did you mean CMD?)
            4:1-4:5 InvalidArguments: USER requires exactly one argument
            5:6-5:14 UnknownFlag: unknown flag --form for COPY (did you mean --from?)
            """
        ),
    ]

    @Test(arguments: table) func reports(_ text: String, _ expected: String) {
        let wanted = expected.split(separator: "\n").map { "error \($0)" }.joined(separator: "\n")
        #expect(dump(text) == wanted)
    }

    @Test func pointsIntoContinuedLines() {
        #expect(
            dump("FROM a\nCOPY --chown=1 \\\n # note\n   --chmood=2 a b")
                == "error 4:4-4:14 UnknownFlag: unknown flag --chmood for COPY (did you mean --chmod?)")
    }

    @Test func endsAfterTwentyErrors() {
        let text = "FROM a\n" + String(repeating: "wrong\n", count: 100)
        #expect(dump(text).split(separator: "\n").count == 20)
    }

    @Test func refusesBytesThatAreNoText() {
        let bytes = Array("FROM a\nRUN ".utf8) + [0xFF, 0xFE]
        #expect(throws: DockerfileError.self) { try DockerfileSyntax.parse(SourceFile(name: "f", bytes: bytes)) }
        let comment = Array("FROM a\n# ".utf8) + [0xFF]
        #expect(throws: Never.self) { try DockerfileSyntax.parse(SourceFile(name: "f", bytes: comment)) }
    }

    @Test func refusesLinesThatAreTooLong() {
        let line = "RUN " + String(repeating: "x", count: 65_532)
        #expect(dump("FROM a\n\(line)").hasPrefix("error 2:1-2:1 LineTooLong"))
        #expect(dump("FROM a\n\(line.dropLast())").hasPrefix("1:1-1:7 FROM"))
    }

    @Test func showsLines() {
        let file = SourceFile(name: "f", bytes: [0xEF, 0xBB, 0xBF] + Array("one\r\n\nthree".utf8))
        #expect((0...4).map(file.line) == [nil, "one", "", "three", nil])
    }
}
