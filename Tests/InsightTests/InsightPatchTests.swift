import Inspection
import OCI
import TestSupport
import Testing

@testable import Insight

@Suite struct InsightPatchTests {
    private let text = "FROM a\nRUN b\nCOPY c d\n"

    @Test func editsAreMadeFromTheEnd() {
        let edits: [Fix.Patch.Edit] = [
            .init(1...1, ["FROM a AS build"]), .init(2...2, ["RUN b \\", "    && c"]),
            .init(nil, ["", "FROM scratch"]),
        ]
        #expect(
            InsightPatch.apply(edits, to: text) == "FROM a AS build\nRUN b \\\n    && c\nCOPY c d\n\nFROM scratch\n")
        #expect(InsightPatch.apply([.init(9...9, ["x"])], to: text) == text)
        #expect(InsightPatch.apply([.init(nil, ["x"])], to: "") == "x\n")
        #expect(
            InsightPatch.disjoint([.init(1...2, []), .init(2...3, []), .init(3...3, []), .init(nil, ["x"])]) == [
                .init(1...2, []), .init(3...3, []), .init(nil, ["x"]),
            ])
    }

    @Test(.enabled("patch is missing") { try await Program.isExpected("patch") }) func patchesFitTheFile() async throws
    {
        let edits: [Fix.Patch.Edit] = [.init(2...2, ["RUN b \\", "    && c"]), .init(nil, ["FROM scratch"])]
        for (before, edits) in [
            (text, edits), ("", [.init(nil, ["a", "b"])]),
            (text + String(repeating: "x\n", count: 20), [.init(2...3, []), .init(15...15, ["y"])]),
        ] {
            try await Files.withTemporaryDirectory { directory in
                try Files.write(before, to: "\(directory)/file")
                try Files.write(InsightPatch.unified(edits, of: before, name: "file"), to: "\(directory)/patch")
                let patched = try await Command("patch", ["-s", "-d", directory, "-i", "patch", "file"]).run()
                #expect(patched.succeeded, "\(patched)")
                #expect(try Files.text("\(directory)/file") == InsightPatch.apply(edits, to: before))
            }
        }
    }
}
