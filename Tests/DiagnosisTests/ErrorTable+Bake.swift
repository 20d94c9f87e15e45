import Dockerfile

@testable import Bake
@testable import Diagnosis
@testable import Projects

/// Mistakes in the definitions of builds.
extension ErrorTable {
    static var bakes: [Row] {
        let reasons: [BakeError.Reason] = [
            .syntax(expected: "a value"), .unterminated(.text), .invalidEscape, .invalidNumber("1x"), .notJSON,
            .excess(.depth), .unknownVariable("x", known: ["y"]), .unknownFunction("x", known: []),
            .unknownAttribute("x", owner: "target", known: ["tags"]), .unknownBlock("x"),
            .missingAttribute("targets", owner: "group"), .wrongLabels("target"), .duplicateAttribute("x"),
            .invalidName("a b"), .cycle("x"), .wrongKind(expected: .text, found: .list), .noMember("x"),
            .divisionByZero,
            .wrongCount(function: "upper"), .function("slice", .outOfRange), .nameNeedsMatrix, .matrixOfGroup,
            .validation(""), .invalidVariable("x", value: "y"), .invalidField("output", value: "y"),
            .unknownTarget("x", known: ["app"]), .noMatch("x*", known: ["app"]), .noDefault(known: ["app"]),
            .loop(["a", "b", "a"]), .invalidOverride("x"), .unknownOverride("x.y"),
            .missingPlatforms("linux/arm64", of: "base"), .standardInput("-"),
        ]
        let file = SourceFile(name: "docker-bake.hcl", text: "target \"a\" {\n")
        return [
            Row("BakeError.BakeError", reasons.map { BakeError($0, source: file) }),
            Row(
                "BakeFiles.BakeFilesError",
                [
                    BakeFilesError.noFile(directory: "/d"), BakeFilesError.unreadableFile(path: "/f"),
                    BakeFilesError.missingRight("network.host", target: "a"), BakeFilesError.noName(target: "a"),
                ]),
        ]
    }
}
