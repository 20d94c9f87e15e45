import BuildGraph
import Dockerfile
import OCI
import Testing

/// What keeps a file from being built, all at once and without its bases.
@Suite struct BuildFaultsTests {
    /// `known` has a variable A and the user u; `other` is unknown.
    private static func images(_ request: ImageRequest) -> Image? {
        guard request.reference.familiarName == "known" else { return nil }
        var config = ImageConfig(platform: request.platform)
        config.container.environment = ["A=1"]
        config.container.onBuild = request.reference.tag == "trigger" ? ["EXPOSE ${A}x", "COPY --from=stage a b"] : []
        return Image(config: config, layers: [])
    }

    /// A file, and its errors and warnings as `line:column Code`.
    static let table: [(String, String)] = [
        ("FROM other\nENV a='b", "2:7 InvalidExpansion"),
        ("FROM scratch\nRUN --mount=type=bind,target=${y?must} x", "2:30 InvalidExpansion"),
        ("FROM other\nENV a=${c", "2:7 InvalidExpansion"),
        ("FROM scratch\nENV A=${y?must}\nENV B=$A", "2:7 InvalidExpansion"),
        ("FROM other\nCOPY --from=$S a b", "2:13 InvalidExpansion"),
        ("FROM other\nEXPOSE abc", "2:8 InvalidPort"), ("FROM other\nSTOPSIGNAL FOO", "2:12 InvalidArguments"),
        ("FROM other\nCOPY --chmod=abc a b", "2:14 InvalidFlag"),
        ("FROM other\nRUN --mount=type=blind,target=/x y", "2:18 InvalidMount"),
        ("FROM other\nRUN --mount=typ=bind,target=/x y", "2:13 InvalidMount"),
        ("FROM other\nADD --checksum=abc http://x.example/a b", "2:16 InvalidFlag"),
        ("FROM other AS a\nCOPY --from=a x y", "2:13 CircularStages"), ("FROM Busy:Box", "1:6 InvalidBaseName"),
        ("FROM b:@x", "1:6 InvalidBaseName"),
        ("FROM --platform=$TYPO other", "1:17 InvalidPlatform"),
        ("FROM --platform=a/b/c/d other", "1:17 InvalidPlatform"), ("FROM $NONE", "1:6 InvalidBaseName"),
        ("FROM other\nCOPY --from=Bad a b", "2:13 InvalidBaseName"),
        ("FROM other\nADD http://x.example/a.git?colour=red b", "2:5 InvalidSource"),
        ("FROM other\nVOLUME [\"\"]", "2:1 InvalidArguments"), ("FROM other\nRUN []", "2:1 InvalidArguments"),
        ("FROM other\nCOPY http://x.example/a b", "2:6 InvalidSource"),
        // All of them at once, whatever phase would tell them.
        (
            "ARG V=${\nFROM $NONE AS x\nFROM --platform=nonsense/a/b/c other AS y\nEXPOSE abc\nSTOPSIGNAL FOO\nCOPY --from=x a b\nCOPY --from=9 a b",
            "1:7 InvalidExpansion, 2:6 InvalidBaseName, 3:17 InvalidPlatform, 4:8 InvalidPort, 5:12 InvalidArguments, 7:13 UnknownStage"
        ),
        (
            "FROM other\nEXPOSE abc\nRUNN x\nSTOPSIGNAL FOO\nWORKDIRR /x",
            "2:8 InvalidPort, 3:1 UnknownInstruction, 5:1 UnknownInstruction"
        ),
        // Nothing but what is certain: an unknown base may have the variable, and what a faulty ENV would have set is not known.
        ("FROM other\nUSER ${y?must}\nEXPOSE $PORT\nSTOPSIGNAL $SIG\nADD --checksum=$SUM http://x.example/a b", ""),
        ("FROM other\nEXPOSE $PORT/icmp", "2:8 InvalidPort"), ("FROM known\nUSER ${y?must}", "2:6 InvalidExpansion"),
        ("FROM known\nUSER ${A?must}", ""),
        ("FROM other\nRUN --mount=type=secret,id=${X:?no},mode=99 x", "2:42 InvalidMount"),
        ("FROM other\nARG y\nUSER ${y?must}", ""), ("FROM scratch\nENV y=${\nUSER ${y?must}", "2:7 InvalidExpansion"),
        ("FROM other AS a\nFROM a\nUSER ${y?must}", ""),
        ("FROM scratch AS a\nENV z=1\nFROM a\nUSER ${y?$z}", "4:6 InvalidExpansion"),
        ("FROM other\nEXPOSE abc\nEXPOSE $PORT", "2:8 InvalidPort"),
        ("FROM other\nRUN --mount=type=nope,target=/x for i in a; do echo $i; done", "2:18 InvalidMount"),
        // Stages that the target does not need.
        ("FROM other AS test\nEXPOSE abc\nFROM other", "warning 2:8 InvalidPort"),
        ("FROM other AS dep\nEXPOSE abc\nFROM other\nCOPY --from=dep a b", "2:8 InvalidPort"),
        ("FROM other AS test\nCOPY --from=nosuch a b\nFROM scratch", ""),
        // Triggers of a base that is known.
        ("FROM scratch AS stage\nFROM known:trigger", "2:1 InvalidPort"), ("FROM known:trigger", "1:1 InvalidPort"),
        ("FROM other\nCOPY a b\nRUN x", ""), ("", "1:1 EmptyFile"), ("RUN x", "1:1 MissingFrom"),
        ("FROM scratch\nRUN --security=insecure x", "2:1 InvalidArguments"),
    ]

    @Test(arguments: table) func finds(text: String, expected: String) {
        let faults = BuildFaults(
            SourceFile(name: "Dockerfile", text: text),
            BuildRequest(platform: Platform(os: "linux", architecture: "amd64")), images: Self.images)
        let found = (faults.errors + faults.warnings).map { fault in
            (fault.severity == .warning ? "warning " : "")
                + "\(fault.range.start.line):\(fault.range.start.column) \(fault.code)"
        }
        #expect(found.joined(separator: ", ") == expected)
    }

    /// A build throws nothing that is not found, and nothing is found that a build does not throw.
    @Test(arguments: LoweringErrorTests.table) func isWhatABuildThrows(text: String, expected: String) {
        let source = SourceFile(name: "Dockerfile", text: text)
        let faults = BuildFaults(source, BuildRequest(platform: Platform(os: "linux", architecture: "amd64"))) {
            request in
            var config = ImageConfig(platform: request.platform)
            config.container = LoweringErrorTests.bases[request.reference.familiar] ?? ContainerConfig()
            return Image(config: config, layers: [])
        }
        let texts = faults.errors.map { "\($0.range) \($0.code): \($0.message)" + ($0.hint.map { " (\($0))" } ?? "") }
        #expect(texts.contains(expected), "\(texts)")
    }
}
