import Debian
import TestSupport
import Testing

@Suite struct ControlFileTests {
    @Test func `Paragraphs, continuation lines and comments are read`() throws {
        let text = """
            # a comment
            Package: a
            Description: short
             long
             .
            # in the middle
             end
            Empty:

            \t
            package:b \u{20}

            """
        let paragraphs = try ControlFile.parse(text)
        #expect(paragraphs.count == 2)
        #expect(paragraphs[0]["description"] == "short\n long\n .\n end")
        #expect(paragraphs[0]["Empty"] == "")
        #expect(paragraphs[1]["Package"] == "b")
        #expect(paragraphs[0].text == "Package: a\nDescription: short\n long\n .\n end\nEmpty:\n")
    }

    @Test(arguments: [
        ("no colon", 1), (" starts with a space", 1), ("A: 1\na: 2", 2), (":x", 1), ("A B: 1", 1), ("A: 1\n\n b", 3),
    ])
    func `Other lines are refused with their number`(_ text: String, _ line: Int) throws {
        let error = #expect(throws: ControlFileError.self) { try ControlFile.parse(text) }
        #expect(error?.line == line)
    }

    @Test func `No text traps`() {
        let whole = Array("Package: a\nVersion: 1:2-3\nDescription: x\n y\n\n#c\nPackage: b\n".utf8)
        for seed in 0..<2000 {
            var generator = SeededGenerator(seed: seed)
            let text = String(decoding: generator.damage(whole), as: UTF8.self)
            // An error or paragraphs: both are right, only a trap is wrong.
            _ = try? ControlFile.parse(text)
            _ = try? Dependency.parse(text, architecture: "amd64")
        }
    }
}
