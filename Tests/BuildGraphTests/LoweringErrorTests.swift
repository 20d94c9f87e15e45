import BuildGraph
import OCI
import Testing

@Suite struct LoweringErrorTests {
    static let table: [(String, String)] = [
        (
            "FROM $NONE",
            "1:6-1:11 InvalidBaseName: the base name '$NONE' is empty when expanded (give the ARG a default, or pass --build-arg)"
        ),
        ("FROM ${A", "1:6-1:9 InvalidExpansion: cannot expand '${A': a '}' is missing in a substitution"),
        (
            "FROM ${A:?need A}",
            "1:1-1:18 InvalidArguments: FROM requires either one or three arguments (write FROM image or FROM image AS name)"
        ),
        ("FROM ${A:?A}", "1:6-1:13 InvalidExpansion: cannot expand '${A:?A}': A: A"),
        (
            "FROM Base",
            "1:6-1:10 InvalidBaseName: 'Base' is no stage and no image name: repository names are lower case"
        ),
        (
            "FROM base:",
            "1:6-1:11 InvalidBaseName: 'base:' is no stage and no image name: there is no tag behind the colon (where a variable stands there, it is empty: give it a value with --build-arg NAME=VALUE, or ARG NAME=VALUE before the first FROM)"
        ),
        (
            "FROM --platform=$TARGETPLATFROM base",
            "1:17-1:32 InvalidPlatform: the platform '$TARGETPLATFROM' is empty when expanded (did you mean TARGETPLATFORM?)"
        ),
        (
            "FROM --platform=what/is/this/then base",
            "1:17-1:34 InvalidPlatform: 'what/is/this/then' is no platform (write os/architecture, such as linux/amd64)"
        ),
        (
            "FROM base\nCOPY --from=2 a b",
            "2:13-2:14 UnknownStage: there is no stage 2 (the stages of this file are numbered 0 to 0)"
        ),
        (
            "FROM base\nCOPY --from=$A a b",
            "2:13-2:15 InvalidExpansion: 'from' does not expand variables (define a stage with FROM $A AS name, and use its name)"
        ),
        (
            "FROM base AS build\nFROM base\nCOPY --from=Biuld a b",
            "3:13-3:18 InvalidBaseName: 'Biuld' is no stage and no image name: repository names are lower case (did you mean build?)"
        ),
        ("FROM base AS a\nCOPY --from=a a b", "2:13-2:14 CircularStages: stage 'a' needs itself"),
        (
            "FROM base AS a\nRUN --mount=from=b,target=/x y\nFROM a AS b",
            "2:18-2:19 CircularStages: stage 'b' is needed here, but is defined only later (move it in front of stage 'a')"
        ),
        (
            "FROM base\nRUN --mount=typ=cache,target=/x y",
            "2:13-2:16 InvalidMount: unknown mount option 'typ' (did you mean type?)"
        ),
        (
            "FROM base\nRUN --mount=type=chache,target=/x y",
            "2:18-2:24 InvalidMount: unknown mount type 'chache' (did you mean cache?)"
        ),
        (
            "FROM base\nRUN --mount=type=cache,sharing=lock,target=/x y",
            "2:32-2:36 InvalidMount: unknown sharing mode 'lock' (did you mean locked?)"
        ),
        ("FROM base\nRUN --mount=type=cache y", "2:13-2:23 InvalidMount: a mount needs a target (write target=/path)"),
        (
            "FROM base\nRUN --mount=target=/ y",
            "2:13-2:21 InvalidMount: '/' is no place for a mount (write target=/path)"
        ),
        (
            "FROM base\nRUN --mount=target y",
            "2:13-2:19 InvalidMount: mount option 'target' has no value (write target=…)"
        ),
        (
            "FROM base\nRUN --mount=target=/a,mode=0700 y",
            "2:13-2:32 InvalidMount: 'mode' is not allowed for bind mounts"
        ),
        ("FROM base\nRUN --mount=target=/a,size=1g y", "2:23-2:27 InvalidMount: 'size' is no option of bind mounts"),
        (
            "FROM base\nRUN --mount=target=/a,required y",
            "2:23-2:31 InvalidMount: 'required' is no option of bind mounts"
        ),
        (
            "FROM base\nRUN --mount=type=secret,id=a,sharing=locked y",
            "2:30-2:37 InvalidMount: 'sharing' is no option of secret mounts"
        ),
        ("FROM base\nRUN --mount=type=secret,from=base,id=a y", "2:13-2:39 InvalidMount: a secret mount has no 'from'"),
        (
            "FROM base\nRUN --mount=type=secret y",
            "2:13-2:24 InvalidMount: a secret mount needs an 'id' or a 'target' (write type=secret,id=name)"
        ),
        (
            "FROM base\nRUN --mount=type=secret,id=a,source=b y",
            "2:13-2:38 InvalidMount: a secret mount has 'source' or 'id', not both"
        ),
        (
            "FROM base\nRUN --mount=target=/a,ro=maybe y",
            "2:26-2:31 InvalidMount: 'maybe' is no value for mount option 'ro'"
        ),
        (
            "FROM base\nRUN --mount=type=cache,target=/a,uid=-1 y",
            "2:38-2:40 InvalidMount: '-1' is no value for mount option 'uid'"
        ),
        (
            "FROM base\nRUN --mount=type=cache,target=/a,mode=999 y",
            "2:39-2:42 InvalidMount: '999' is no value for mount option 'mode'"
        ),
        (
            "FROM base\nRUN --mount=type=tmpfs,target=/a,size=big y",
            "2:39-2:42 InvalidMount: 'big' is no value for mount option 'size'"
        ),
        ("FROM base\nRUN []", "2:1-2:7 InvalidArguments: RUN [] holds no command"),
        ("FROM base\nCOPY https://x.example/a b", "2:6-2:25 InvalidSource: COPY cannot copy from a URL (use ADD)"),
        ("FROM base\nCOPY git@x.example:a b", "2:6-2:21 InvalidSource: COPY cannot copy from a URL (use ADD)"),
        (
            "FROM base\nCOPY --chmod=99 a b",
            "2:14-2:16 InvalidFlag: '99' is no file mode (write an octal number up to 07777, or letters as in u=rwX,go=rX)"
        ),
        (
            "FROM base\nADD --checksum=sha256:00 https://x.example/a b",
            "2:16-2:25 InvalidFlag: 'sha256:00' is no digest such as sha256:…"
        ),
        ("FROM base\nADD --checksum=sha256:00 a b", "2:16-2:25 InvalidFlag: --checksum is for sources with a URL"),
        (
            "FROM base\nADD --checksum=sha256:00 https://x.example/a https://x.example/b c/",
            "2:16-2:25 InvalidFlag: --checksum needs exactly one source"
        ),
        (
            "FROM base\nADD --checksum=main https://x.example/a.git b",
            "2:16-2:20 InvalidFlag: 'main' is no commit, nor the beginning of one"
        ),
        (
            "FROM base\nCOPY <<E /x\n${broken\nE",
            "2:6-2:9 InvalidExpansion: cannot expand the here-document 'E': unsupported modifier (\n) in a substitution (quote its delimiter, <<'E', to keep the text as it is)"
        ),
        (
            "FROM base\nENV a=1 b=${c",
            "2:11-2:14 InvalidExpansion: cannot expand '${c': a '}' is missing in a substitution"
        ),
        (
            "FROM base\nEXPOSE 80/icmp",
            "2:8-2:15 InvalidPort: EXPOSE 80/icmp: 'icmp' is no protocol: use tcp, udp or sctp"
        ),
        ("FROM base\nEXPOSE 90-80", "2:8-2:13 InvalidPort: EXPOSE 90-80: '90-80' is no port or range of ports"),
        ("FROM base\nEXPOSE 65536", "2:8-2:13 InvalidPort: EXPOSE 65536: '65536' is no port or range of ports"),
        ("FROM base\nEXPOSE /tcp", "2:8-2:12 InvalidPort: EXPOSE /tcp: a port number is missing"),
        ("FROM base\nVOLUME $X", "2:8-2:10 InvalidArguments: VOLUME may not name an empty path"),
        ("FROM base\nSTOPSIGNAL SIGTREM", "2:12-2:19 InvalidArguments: 'SIGTREM' is no signal (did you mean SIGTERM?)"),
        ("FROM base\nSTOPSIGNAL 0", "2:12-2:13 InvalidArguments: '0' is no signal"),
        (
            "FROM broken AS x\nRUN y",
            "1:1-1:17 UnknownFlag: unknown flag --nope for RUN, in the trigger ONBUILD RUN --nope x of the base"
        ),
        (
            "FROM late\nRUN y",
            "1:1-1:10 InvalidExpansion: cannot expand '${a': a '}' is missing in a substitution, in the trigger ONBUILD USER ${a of the base"
        ),
        (
            "FROM nested\nRUN y",
            "1:1-1:12 InvalidOnBuild: FROM is not allowed as a trigger, in the trigger ONBUILD FROM x of the base"
        ),
    ]

    @Test(arguments: table) func reports(_ text: String, _ expected: String) {
        #expect(lowered(text, bases: Self.bases) == "error " + expected)
    }

    static let bases: [String: ContainerConfig] = {
        func config(_ trigger: String) -> ContainerConfig {
            var config = ContainerConfig()
            config.onBuild = [trigger]
            return config
        }
        return [
            "broken:latest": config("RUN --nope x"), "late:latest": config("USER ${a"),
            "nested:latest": config("FROM x"),
        ]
    }()

    /// What is wrong in a stage that is not needed keeps nobody from building.
    @Test func forgivesWhatIsNotNeeded() {
        let text = "FROM base AS broken\nRUN --mount=nope=1 x\nSTOPSIGNAL nope\nCOPY --from=9 a b\nFROM scratch"
        #expect(lowered(text) == "stage 1 = empty linux/amd64")
    }

    @Test func namesTargets() {
        let text = "FROM a AS build\nFROM b AS other\nFROM c"
        #expect(lowered(text) { $0.target = "BUILD" }.contains("stage build = v0"))
        #expect(lowered(text) { $0.target = "1" }.contains("stage other = v0"))
        #expect(
            lowered(text) { $0.target = "biuld" }
                == "error 3:1-3:7 UnknownStage: there is no stage 'biuld' to build (did you mean build?)")
        #expect(lowered(text) { $0.target = "9" }.hasPrefix("error 3:1-3:7 UnknownStage"))
    }
}
