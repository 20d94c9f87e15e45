import Archive
import TestSupport
import Testing

@Suite struct ArReaderTests {
    private static func archive(_ members: [(String, String)]) -> [UInt8] {
        func padded(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: width - text.count) }
        var text = "!<arch>\n"
        for (name, content) in members {
            text += padded(name, 16) + padded("0", 12) + padded("0", 6) + padded("0", 6) + padded("100644", 8)
            text += padded(String(content.utf8.count), 10) + "`\n" + content + (content.utf8.count % 2 == 1 ? "\n" : "")
        }
        return Array(text.utf8)
    }

    private static func read(_ bytes: [UInt8], step: Int) throws -> [String] {
        var reader = ArReader()
        var lines: [String] = []
        try inPieces(bytes, step) { piece in
            try reader.consume(piece) { event in
                switch event {
                case .member(let member):
                    lines.append("\(String(decoding: member.name, as: UTF8.self)) \(member.size) ")
                case .content(let bytes): lines[lines.count - 1] += String(decoding: bytes, as: UTF8.self)
                case .endOfMember: lines[lines.count - 1] += "."
                }
            }
        }
        try reader.finish()
        return lines
    }

    @Test(arguments: [1, 7, 60, 1000]) func `Members are read in pieces`(step: Int) throws {
        let bytes = Self.archive([("debian-binary", "2.0\n"), ("control.tar.xz/", "odd"), ("empty", ""), ("a b", "x")])
        let expected = ["debian-binary 4 2.0\n.", "control.tar.xz 3 odd.", "empty 0 .", "a b 1 x."]
        #expect(try Self.read(bytes, step: step) == expected)
        #expect(try Self.read(bytes.dropLast(), step: step) == expected, "the last padding byte may be missing")
    }

    @Test(arguments: [
        ("", ArError.Reason.truncated, 0), ("!<arch>", .truncated, 7), ("!<thin>\n", .notAnArchive, 0),
        ("!<arch>\nshort", .truncated, 13), ("!<arch>\n" + String(repeating: " ", count: 60), .invalidHeader, 8),
        ("!<arch>\n" + String(repeating: " ", count: 48) + "-1        `\n", .invalidHeader, 8),
        ("!<arch>\n" + String(repeating: " ", count: 48) + "1 1       `\n", .invalidHeader, 8),
        ("!<arch>\n" + String(repeating: " ", count: 48) + "9999999999`\nabc", .truncated, 71),
    ]) func `Damage has a reason and a place`(text: String, reason: ArError.Reason, offset: Int64) {
        #expect(throws: ArError(offset: offset, reason: reason)) { try Self.read(Array(text.utf8), step: 10) }
    }

    @Test(.enabled("ar is missing") { try await Program.isExpected("ar") }) func `An archive of ar is read`()
        async throws
    {
        let bytes = try await Program.shell(
            """
            directory=$(mktemp -d); trap 'rm -rf "$directory"' EXIT; cd "$directory"
            printf one > first; printf four > second.tar.xz; ar rcD archive.a first second.tar.xz; cat archive.a
            """)
        #expect(try Self.read(bytes, step: 5) == ["first 3 one.", "second.tar.xz 4 four."])
    }

    @Test func `No damage traps`() {
        let whole = Self.archive([("debian-binary", "2.0\n"), ("data.tar", String(repeating: "d", count: 301))])
        for seed in 0..<2000 {
            var generator = SeededGenerator(seed: seed)
            // An error or members: both are right, only a trap is wrong.
            _ = try? Self.read(generator.damage(whole), step: Int.random(in: 1...100, using: &generator))
        }
    }
}
