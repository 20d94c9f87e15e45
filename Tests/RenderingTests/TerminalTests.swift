import Testing

@testable import Rendering

@Suite struct TerminalTests {
    @Test func tableHasDockersColumns() {
        var table = Table(header: ["REPOSITORY", "TAG", "IMAGE ID", "SIZE"])
        table.append(["simplecalculator_dmss", "latest", "0123456789ab", "1.35MB"])
        table.append(["x", "a", "b", "0B"])
        #expect(
            table.text == """
                REPOSITORY              TAG       IMAGE ID       SIZE
                simplecalculator_dmss   latest    0123456789ab   1.35MB
                x                       a         b              0B

                """)
        #expect(Table(header: ["A", "B"]).text == "A         B\n")
    }

    @Test(arguments: [
        ([:], Style.colored), (["NO_COLOR": "1"], .plain), (["NO_COLOR": ""], .colored), (["TERM": "dumb"], .plain),
    ])
    func colours(environment: [String: String], expected: Style) {
        #expect(Style.forTerminal(environment: environment) == expected)
    }

    @Test func paints() {
        #expect(Style.plain.paint("x", .error) == "x")
        #expect(Style.colored.paint("x", .error) == "\u{1B}[1;31mx\u{1B}[0m")
        #expect(Style.colored.paint("", .error) == "")
    }

    @Test(arguments: [
        ("a\u{1B}[31mb\u{1B}[0m\tc", "ab c"), ("10%\r20%\r", "20%"), ("old\rnew", "new"), ("bell\u{07}", "bell"),
        ("\u{1B}]0;title\u{07}text", "text"), ("\u{1B}]0;title\u{1B}\\text", "text"), ("\u{1B}", ""), ("\u{1B}[", ""),
        ("\u{9B}31mx", "31mx"), ("grüße 漢字", "grüße 漢字"),
    ])
    func makesOneSafeLine(text: String, expected: String) {
        #expect(TerminalText.singleLine(text) == expected)
    }

    @Test(arguments: [("", 0), ("abc", 3), ("漢字", 4), ("e\u{301}", 1), ("\u{1B}[31mab\u{1B}[0m", 2), ("🚀", 2)])
    func measures(text: ShownText, columns: Int) {
        #expect(TerminalText.width(text) == columns)
        #expect(TerminalText.width(TerminalText.padded(text, columns: 8)) == 8)
    }

    @Test(arguments: [
        ("abc", 3, "abc"), ("abcd", 3, "ab…"), ("abcd", 1, "…"), ("abcd", 0, ""), ("漢字x", 4, "漢…"),
        ("\u{1B}[31mabcd\u{1B}[0m", 3, "\u{1B}[31mab…\u{1B}[0m"),
    ])
    func truncates(text: ShownText, columns: Int, expected: ShownText) {
        #expect(TerminalText.truncated(text, columns: columns) == expected)
    }

    @Test func progressBars() {
        #expect(
            ProgressBar.text(received: 12_300_000, total: 24_600_000, bytesPerSecond: 3_100_000)
                == "[==========>         ] 12.3MB / 24.6MB  3.1MB/s")
        #expect(ProgressBar.text(received: 5, total: 5, bytesPerSecond: nil) == "[====================] 5B / 5B")
        #expect(ProgressBar.text(received: 5, total: nil, bytesPerSecond: 1000) == "5B  1kB/s")
        #expect(ProgressBar.text(received: 9, total: 5, bytesPerSecond: nil) == "[====================] 9B / 5B")
    }
}
