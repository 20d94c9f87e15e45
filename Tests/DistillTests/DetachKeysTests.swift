import Testing

@testable import distill

/// `--detach-keys`, and what of the typed keys a program still gets.
@Suite struct DetachKeysTests {
    @Test(
        arguments: [
            ("ctrl-p,ctrl-q", [0x10, 0x11]), ("ctrl-a", [0x01]), ("CTRL-A,b", [0x01, 0x62]), ("ctrl-@", [0x00]),
            ("ctrl-_", [0x1F]), ("x", [0x78]), ("", []),
        ] as [(String, [UInt8])]) func reads(text: String, expected: [UInt8])
    {
        #expect(DetachKeys(text)?.bytes == expected)
    }

    @Test(arguments: ["ctrl-", "ctrl-1", "ctrl-ab", ",", "a,,b", "ab", "ctrl-é", "é"]) func refuses(text: String) {
        #expect(DetachKeys(text) == nil)
    }

    /// A line: what is typed, in pieces; what is passed on, and `!` where the keys were complete.
    @Test(arguments: [
        (["abc"], "abc"), (["a", "\u{10}", "\u{11}"], "a!"), (["\u{10}\u{11}"], "!"), (["\u{10}x"], "\u{10}x"),
        (["\u{10}", "x"], "\u{10}x"),
        (["\u{10}\u{10}\u{11}"], "\u{10}!"), (["\u{11}\u{10}"], "\u{11}"), (["a\u{10}\u{11}b"], "a!"),
    ]) func finds(pieces: [String], expected: String) {
        var matcher = DetachKeys.usual.matcher
        var passed: [UInt8] = []
        for piece in pieces {
            let (rest, isComplete) = matcher.pass(Array(piece.utf8))
            passed += rest
            if isComplete {
                passed.append(UInt8(ascii: "!"))
                break
            }
        }
        #expect(String(decoding: passed, as: UTF8.self) == expected)
    }
}
