import OCI
import Rendering
import Secrets
import Testing

@testable import Diagnosis

@Suite struct SecretReportTests {
    private func item(_ members: JSONObject, layer: Int? = 3, isBase: Bool = false, _ instruction: String? = nil) throws
        -> SecretReport.Item
    {
        var object: JSONObject = [
            "rule": .string("private-key"), "level": .string("high"), "part": .string("content"),
            "path": .string("app/key"), "offset": .integer(7),
            "excerpt": .string("MI…xQ"), "fingerprint": .string(String(repeating: "0", count: 64)),
        ]
        for member in members.members { object[member.key] = member.value }
        let finding = try #require(SecretFinding(.object(object)))
        var item = SecretReport.Item(finding, level: finding.level, layer: layer, diffID: nil, isBase: isBase)
        item.instruction = instruction.map { SecretReport.Instruction(file: "Dockerfile", line: 4, text: $0) }
        return item
    }

    @Test func saysWhereAndWhatToDo() throws {
        var hidden = try item([:], "COPY . /app")
        #expect(hidden.sentence == "a private key (MI…xQ) in /app/key at byte 7, layer 3, Dockerfile:4: COPY . /app")
        #expect(hidden.cure.contains(".dockerignore"))
        hidden.visibility = .hidden(by: 5)
        #expect(hidden.sentence.contains("deleted or replaced by layer 5, still in layer 3"))
        let own = try item(
            [
                "rule": .string("build-secret"), "excerpt": .string(""), "subject": .string("secret t, base64"),
                "member": .string("in/x"),
            ], "RUN make")
        #expect(
            own.sentence
                == "a secret of this build (secret t, base64) in in/x of /app/key at byte 7, layer 3, Dockerfile:4: RUN make"
        )
        let document = try item(
            ["part": .string("document"), "path": .string("image.config.Env[0]")], layer: nil, "ENV A=b")
        #expect(document.sentence == "a private key (MI…xQ) in the image's image.config.Env[0], Dockerfile:4: ENV")
        #expect(try item([:], isBase: true).sentence.contains("of the base"))
    }

    @Test func whatStopsIsHighAndNobodyAllowed() throws {
        var report = SecretReport(image: "x", platform: .host)
        report.items = [try item(["level": .string("medium")]), try item([:], isBase: true), try item([:])]
        #expect(report.stopping().count == 1)
        #expect(report.stopping(includesBase: true).count == 2)
        #expect(report.stopping(from: .medium).count == 2)
        #expect(report.summary(.plain, isFatal: true).text.hasPrefix("error: private-key:"))
        #expect(report.summary(.plain, isFatal: false).text.hasPrefix("warning: private-key:"))
        let run = SecretReport.sarif([report])["runs"]?.array?.first
        #expect(run?["results"]?.array?.map { $0["level"]?.string } == ["warning", "note", "error"])
        #expect(run?["tool"]?["driver"]?["rules"]?.array?.count == 1)
    }
}
