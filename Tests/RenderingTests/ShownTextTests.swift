import Testing

@testable import Rendering

@Suite struct ShownTextTests {
    /// What is shown of a text from outside within a line, and where text is laid out in lines.
    @Test(arguments: [
        ("plain, grüße 漢字 🚀", "plain, grüße 漢字 🚀", nil),
        ("\u{1B}]0;title\u{07}x", #"\x1b]0;title\x07x"#, nil),
        ("\u{1B}]52;c;eA==\u{1B}\\", #"\x1b]52;c;eA==\x1b\"#, nil),
        ("\u{1B}[2J", #"\x1b[2J"#, nil), ("\u{9B}31m", #"\x9b31m"#, nil),
        ("\u{80}\u{85}\u{9D}\u{9F}", #"\x80\x85\x9d\x9f"#, nil),
        ("old\rnew", #"old\rnew"#, nil), ("\0\u{8}\u{B}\u{C}\u{E}\u{7F}", #"\x00\x08\x0b\x0c\x0e\x7f"#, nil),
        ("a\nb\tc", #"a\nb\tc"#, "a\nb\tc"), ("a\r\nb", #"a\r\nb"#, "a\\r\nb"),
        ("gpj.\u{202E}exe", #"gpj.\u{202E}exe"#, nil), ("\u{61C}\u{200E}\u{200F}", #"\u{061C}\u{200E}\u{200F}"#, nil),
        ("\u{202A}\u{202B}\u{202C}\u{202D}", #"\u{202A}\u{202B}\u{202C}\u{202D}"#, nil),
        ("\u{2066}\u{2067}\u{2068}\u{2069}", #"\u{2066}\u{2067}\u{2068}\u{2069}"#, nil),
        ("\u{2028}\u{2029}", #"\u{2028}\u{2029}"#, nil),
        ("\u{FEFF}\u{200B}\u{2060}\u{AD}", #"\u{FEFF}\u{200B}\u{2060}\xad"#, nil),
        ("\u{E0001}\u{E0041}\u{E0100}", #"\u{E0001}\u{E0041}\u{E0100}"#, nil),
        ("\u{3164}\u{115F}\u{FFA0}", #"\u{3164}\u{115F}\u{FFA0}"#, nil),
        ("\u{FFF9}\u{FFFB}", #"\u{FFF9}\u{FFFB}"#, nil),
        (
            "e\u{301} 👩\u{200D}💻 ❤\u{FE0F} می\u{200C}خواهم עברית",
            "e\u{301} 👩\u{200D}💻 ❤\u{FE0F} می\u{200C}خواهم עברית", nil
        ),
        (String(decoding: [0x61, 0x9B, 0x33, 0x31, 0x6D] as [UInt8], as: UTF8.self), "a\u{FFFD}31m", nil),
        (#"C:\n \x1b"#, #"C:\n \x1b"#, nil),
    ])
    func writesOutWhatIsHidden(text: String, inLine: String, inLines: String?) {
        let interpolated: ShownText = "<\(text)>"
        #expect(interpolated.text == "<\(inLine)>")
        #expect(ShownText(line: text).text == inLine)
        #expect(ShownText(lines: text).text == inLines ?? inLine)
        #expect(ShownText(line: inLine).text == inLine)
    }

    /// A carriage return and a line feed are one character of Swift's, and do not slip through as a pair.
    @Test func looksAtScalars() {
        #expect(ShownText(lines: "a\r\n").text == "a\\r\n")
        #expect(ShownText(sourceLine: "\ta\u{1B}\n").text == "\ta\\x1b\\n")
    }

    @Test func literalsAndColoursAreOurs() {
        let name = "a\u{1B}[31m"
        let text: ShownText = "\(Style.colored.paint("\(name):", .error))\n\tx"
        #expect(text.text == "\u{1B}[1;31ma\\x1b[31m:\u{1B}[0m\n\tx")
        #expect(TerminalText.width(text) == 11)
    }

    /// JSON stays the same document.
    @Test func writesJSONWithItsOwnEscapes() {
        let text = "{\n    \"a\u{7F}\": \"\\u001b \u{9B}\u{202E}\u{E0041} é\"\n}"
        #expect(ShownText(json: text).text == "{\n    \"a\\u007f\": \"\\u001b \\u009b\\u202e\\udb40\\udc41 é\"\n}")
    }

    @Test func tablesStayInOrder() {
        var table = Table(header: ["NAME", "SIZE"])
        table.append(["a\u{1B}[31m\nb", "1"])
        table.append(["漢字漢字漢字", "2"])
        table.append(["x", "3\u{202E}"])
        #expect(
            table.text.text == #"""
                NAME           SIZE
                a\x1b[31m\nb   1
                漢字漢字漢字   2
                x              3\u{202E}

                """#)
    }

    @Test(arguments: [
        ("RUN x", 1..<4, "^^^"), ("RUN x", 5..<6, "    ^"), ("\tRUN", 2..<5, "\t^^^"),
        ("R\u{1B}[UN x", 7..<8, "         ^"),
        ("漢\u{202E} x", 2..<3, "  ^^^^^^^^"), ("漢\u{202E} x", 4..<5, "           ^"), ("x", 2..<3, " ^"),
        ("", 1..<2, "^"), ("ab", 1..<9, "^^^^^^^^"),
    ])
    func caretsStandBelowWhatTheyMean(line: String, columns: Range<Int>, carets: String) {
        let lines = SourceExcerpt(line: line, number: 12, columns: columns).lines
        #expect(lines.count == 2)
        #expect(lines[0] == "  12 | \(ShownText(sourceLine: line))")
        #expect(lines[1].text == "     | " + carets)
    }

    @Test func cutsBetweenColumnsOfWhatIsShown() {
        #expect(TerminalText.truncated(ShownText(line: "ab\u{1B}[2Jcd"), columns: 6) == #"ab\x1…"#)
        var screen = LiveScreen()
        let text = screen.repaint(blocks: [["\("a\r\u{1B}[1A\u{9B}")"]], size: .init(columns: 8, rows: 5))
        #expect(text.text == "\u{1B}[2Ka\\r\\x1b…\n")
    }
}
