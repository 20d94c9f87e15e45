import Dockerfile
import OCI
import Testing

/// What the checks of the reference find, and what they leave alone.
@Suite struct CheckTests {
    /// A file, and the findings as `line:column Rule: message (hint)`.
    static let table: [(String, [String])] = [
        (
            "FROM alpine:3 AS one\nFROM one AS TWO\nUSER u",
            ["2:13 StageNameCasing: stage name 'TWO' should be lower case"]
        ),
        ("from alpine:3 AS one\nuser u", ["1:15 FromAsCasing: 'AS' and 'from' have different letter case"]),
        ("FROM alpine:3 As one\nUSER u", ["1:15 FromAsCasing: 'As' and 'FROM' have different letter case"]),
        ("from alpine:3 as one\nuser u", []),
        (
            "From alpine:3 as one\nUSER u",
            ["1:1 ConsistentInstructionCasing: 'From' should be upper case as most instructions are"]
        ),
        // The most harmful first.
        (
            "FROM alpine\nMAINTAINER x\nCOPY id_rsa /\nCMD a",
            [
                "3:6 SecretInDockerfile: 'id_rsa' holds a secret, and stays in its layer (use RUN --mount=type=secret)",
                "4:1 JSONArgsRecommended: CMD in shell form keeps signals from the program (write CMD [\"program\", \"argument\"])",
                "2:1 MaintainerDeprecated: MAINTAINER is deprecated (write LABEL org.opencontainers.image.authors=…)",
                "1:6 BaseNotPinned: 'alpine' has no tag, which means latest (name a version)",
            ]
        ),
        // For one instruction, with its lines, and for no other.
        ("FROM alpine:3\n# check=skip=JSONArgsRecommended\nCMD a\nUSER u", []),
        (
            "FROM alpine:3\n# why\n#  Check = skip=all\nENV A 1\nENV B 2\nUSER u",
            ["5:1 LegacyKeyValueFormat: ENV name value is deprecated (write ENV B=…)"]
        ),
        (
            "FROM alpine:3\n# check=skip=UndefinedVar\n\nCMD a\nUSER u",
            [
                "4:1 JSONArgsRecommended: CMD in shell form keeps signals from the program (write CMD [\"program\", \"argument\"])"
            ]
        ),
        ("FROM alpine:3\n\n# check=skip=MaintainerDeprecated,LegacyKeyValueFormat\nENV A 1\nUSER u", []),
        // Commands of no words at all.
        (
            "FROM alpine:3\nRUN []\nRUN [\"\"]\nRUN ;;\nRUN [\"sh\", \"-c\", \"\"]\nENTRYPOINT []\nCMD [\"\"]\nUSER u",
            []
        ),
        ("ARG A=1\n# check=skip=BaseNotPinned\nFROM alpine\nUSER u", []),
        ("FROM alpine:3\n# check=skip=SecretsUsedInArgOrEnv\nENV KEY=1 \\\n  TOKEN=2\nUSER u", []),
        (
            "FROM alpine:3\n# check=nonsense\nENV A 1\nUSER u",
            ["3:1 LegacyKeyValueFormat: ENV name value is deprecated (write ENV A=…)"]
        ),
        (
            "from alpine:3\nRUN a\nuser u",
            ["2:1 ConsistentInstructionCasing: 'RUN' should be lower case as most instructions are"]
        ),
        (
            "FROM alpine:3\nRun a\nUSER u",
            ["2:1 ConsistentInstructionCasing: 'Run' should be upper case as most instructions are"]
        ),
        (
            "FROM alpine:3\nCMD a\nUSER u\nSHELL [\"x\"]\nENTRYPOINT b",
            [
                "2:1 JSONArgsRecommended: CMD in shell form keeps signals from the program (write CMD [\"program\", \"argument\"])"
            ]
        ),
        ("FROM alpine:3 AS a\nSHELL [\"x\"]\nFROM a\nCMD b\nUSER u", []),
        ("ARG A\nFROM alpine:3$A\nUSER u", []),
        (
            "ARG BASE=alpine:3\nFROM $BSAE\nUSER u",
            [
                "2:6 UndefinedArgInFrom: FROM uses 'BSAE', which no ARG declares (did you mean BASE?)",
                "2:6 InvalidDefaultArgInFrom: without --build-arg, '$BSAE' is no valid name of an image (give the ARG a default)",
            ]
        ),
        ("FROM --platform=$TARGETOS/$TARGETARCH alpine:3\nUSER u", []),
        ("FROM --platform=linux/arm64 alpine:3 AS x-arm64\nUSER u", []),
        ("FROM alpine:3 AS a\nWORKDIR /x\nFROM a\nWORKDIR y\nUSER u", []),
        (
            "FROM alpine:3\nWORKDIR x/$Y\nWORKDIR z\nUSER u",
            ["2:1 WorkdirRelativePath: WORKDIR 'x/' depends on the base image's working directory (begin it with /)"]
        ),
        (
            "FROM scratch\nENV PATH=$PAHT:/x A=1 B=$A\nARG C D=$C\nCOPY $C $E$E $B /\nUSER u",
            [
                "2:10 UndefinedVar: the variable '$PAHT' is not defined (did you mean $PATH?)",
                "2:25 UndefinedVar: the variable '$A' is not defined",
                "4:9 UndefinedVar: the variable '$E' is not defined",
            ]
        ),
        ("FROM unknown:1\nUSER $HOME", []),
        (
            "FROM scratch AS a\nENV A=1\nFROM a\nUSER $A$B",
            ["4:6 UndefinedVar: the variable '$B' is not defined"]
        ),
        (
            "FROM scratch\nARG HTTP_PROXY GITHUB_TOKEN TOKEN_FILE\nENV KEY=1 PUBLIC_KEY=2 MONKEY=3\nUSER u",
            [
                "2:16 SecretsUsedInArgOrEnv: ARG 'GITHUB_TOKEN' looks like a secret (use RUN --mount=type=secret,id=github_token)",
                "3:5 SecretsUsedInArgOrEnv: ENV 'KEY' looks like a secret (use RUN --mount=type=secret,id=key)",
            ]
        ),
        (
            "FROM scratch\nARG P=90/UDP\nEXPOSE 80 $P 1:2 ::1:3\nUSER u",
            [
                "3:14 ExposeInvalidFormat: EXPOSE '1:2' names an address or a port of the host (write 2)",
                "3:18 ExposeInvalidFormat: EXPOSE '::1:3' names an address or a port of the host (write 3)",
                "3:11 ExposeProtoCasing: the protocol of '90/UDP' should be lower case (write 90/udp)",
            ]
        ),
        (
            "FROM alpine:3\nHEALTHCHECK NONE\nHEALTHCHECK CMD x\nUSER u",
            [
                "2:1 MultipleInstructionsDisallowed: this HEALTHCHECK has no effect: a later one of the stage takes its place"
            ]
        ),
        ("# check=skip=all\nfrom Alpine As B\nCMD x", []),
        ("# check=skip=finalstagewithoutuser, BaseNotPinned\nFROM alpine", []),
    ]

    @Test(arguments: table) func finds(_ text: String, _ expected: [String]) throws {
        let findings = try Self.report(text).findings.map(Self.describe)
        #expect(findings == expected)
    }

    @Test func failsWhenAsked() throws {
        #expect(try Self.report("# check=error=true\nFROM alpine:3\nENV A 1\nUSER u").failsBuild)
        // Our own rules are no reason for a file to fail that builds elsewhere, unless they are asked for.
        let own = "# check=error=true\nFROM alpine\nUSER u"
        #expect(try !Self.report(own).findings.isEmpty && !Self.report(own).failsBuild)
        #expect(
            try Self.report("# check=error=true\nFROM alpine\nENV A 1\nUSER u").failure?.code
                == .rule(.legacyKeyValueFormat))
        #expect(try !Self.report("# check=error=true\nFROM alpine:3\nUSER u").failsBuild)
        #expect(try !Self.report("FROM alpine\nUSER u").failsBuild)
    }

    @Test(arguments: [
        ("skip", "'skip' is no option of check"), ("error=maybe", "'maybe' is neither true nor false"),
        ("skpi=all", "'skpi' is no option of check"), ("skip=a;;error=true", "'' is no option of check"),
    ])
    func refusesDirectives(_ value: String, _ message: String) throws {
        let error = #expect(throws: DockerfileError.self) { try Self.report("# check=\(value)\nFROM a:1") }
        #expect(error?.diagnostics.first?.message == message)
    }

    @Test func experimentalRulesAreOffUnlessAskedFor() throws {
        let text = "FROM scratch\nCOPY a b\nUSER u"
        let ignore = try IgnorePatterns(SourceFile(name: ".dockerignore", text: "\na\n"))
        #expect(try Self.report(text, ignore: ignore).findings.isEmpty)
        let report = try Self.report("# check=experimental=CopyIgnoredFile\n" + text, ignore: ignore)
        #expect(
            report.findings.map(Self.describe)
                == ["3:6 CopyIgnoredFile: 'a' is left out by line 2 of the ignore file, 'a'"])
    }

    @Test func looksAtBases() throws {
        var config = ImageConfig(platform: Platform(os: "linux", architecture: "s390x"))
        config.container.environment = ["HOME=/root"]
        config.container.user = "app"
        let text = "FROM known:1\nWORKDIR $HOME/$NOPE"
        let syntax = try DockerfileSyntax.parse(SourceFile(name: "Dockerfile", text: text))
        let input = CheckInput(syntax, platform: Self.platform, bases: [0: CheckInput.Base(config)])
        let findings = try CheckReport(input).findings.map(Self.describe)
        #expect(
            findings == [
                "1:6 InvalidBaseImagePlatform: the base 'known:1' is for linux/s390x, and linux/amd64 is built for",
                "2:9 UndefinedVar: the variable '$NOPE' is not defined (did you mean $HOME?)",
            ])
    }

    @Test func leavesGoodFilesAlone() throws {
        let text = """
            # syntax=docker/dockerfile:1
            ARG GO=1.24
            FROM --platform=$BUILDPLATFORM golang:${GO} AS build
            ARG TARGETOS TARGETARCH
            WORKDIR /src
            COPY go.mod go.sum ./
            RUN --mount=type=cache,target=/go/pkg/mod go mod download
            COPY . .
            RUN GOOS=$TARGETOS GOARCH=$TARGETARCH go build -o /app ./cmd/app
            FROM scratch
            COPY --from=build /app /app
            USER 65532
            EXPOSE 8080
            ENTRYPOINT ["/app"]
            """
        #expect(try Self.report(text).findings == [])
    }

    static let platform = Platform(os: "linux", architecture: "amd64")

    private static func report(_ text: String, ignore: IgnorePatterns? = nil) throws -> CheckReport {
        let syntax = try DockerfileSyntax.parse(SourceFile(name: "Dockerfile", text: text))
        return try CheckReport(CheckInput(syntax, platform: platform, buildPlatform: platform, ignore: ignore))
    }

    private static func describe(_ finding: Diagnostic) -> String {
        "\(finding.range.start) \(finding.code): \(finding.message)" + (finding.hint.map { " (\($0))" } ?? "")
    }

    /// `BUILDKIT_DOCKERFILE_CHECK` goes before the file's directive.
    @Test func aBuildArgumentGoesBeforeTheDirective() throws {
        let syntax = try DockerfileSyntax.parse(
            SourceFile(name: "Dockerfile", text: "# check=skip=all\nfrom a:1\nRUN x\nUSER 1\n"))
        func report(_ value: String?) throws -> CheckReport {
            try CheckReport(CheckInput(syntax, buildArguments: value.map { ["BUILDKIT_DOCKERFILE_CHECK": $0] } ?? [:]))
        }
        #expect(try report(nil).findings.isEmpty)
        #expect(try report("error=true").failsBuild)
        #expect(try report("skip=ConsistentInstructionCasing;error=true").findings.map(\.code) == [])
        #expect(throws: DockerfileError.self) { try report("frobnicate=1") }
    }
}
