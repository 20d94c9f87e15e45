import Testing

@testable import Rendering

@Suite struct LiveScreenTests {
    /// What a terminal shows after the text: the sequences that ``LiveScreen`` writes, carried out.
    private struct Terminal {
        var lines: [String] = [""]
        var row = 0

        mutating func write(_ text: ShownText) {
            var rest = text.text.unicodeScalars[...]
            while let scalar = rest.popFirst() {
                switch scalar {
                case "\n":
                    row += 1
                    if row == lines.count { lines.append("") }
                case "\r": break
                case "\u{1B}":
                    _ = rest.popFirst()
                    var number = ""
                    while let next = rest.popFirst() {
                        if ("0"..."9").contains(next) {
                            number.unicodeScalars.append(next)
                            continue
                        }
                        switch next {
                        case "A": row -= Int(number) ?? 1
                        case "K": lines[row] = ""
                        case "J":
                            lines.removeSubrange((row + 1)...)
                            lines[row] = ""
                        default: break
                        }
                        break
                    }
                default: lines[row].unicodeScalars.append(scalar)
                }
            }
        }
    }

    private let size = LiveScreen.Size(columns: 10, rows: 5)

    @Test func writesOnlyKnownSequences() {
        var screen = LiveScreen()
        #expect(screen.repaint(blocks: [["a", "b"]], size: size) == "\u{1B}[2Ka\n\u{1B}[2Kb\n")
        #expect(screen.repaint(blocks: [["c"]], size: size) == "\r\u{1B}[2A\u{1B}[2Kc\n\u{1B}[J")
        #expect(screen.clear() == "\r\u{1B}[1A\u{1B}[J")
        #expect(screen.clear() == "")
    }

    @Test func finishedLinesScrollAwayAboveTheLiveOnes() {
        var screen = LiveScreen()
        var terminal = Terminal()
        terminal.write(screen.repaint(blocks: [["step 1", "out"], ["step 2"]], size: size))
        #expect(terminal.lines == ["step 1", "out", "step 2", ""])
        terminal.write(screen.repaint(finished: ["step 1 is done"], blocks: [["step 2"], ["step 3"]], size: size))
        #expect(terminal.lines == ["step 1 is done", "step 2", "step 3", ""])
        terminal.write(screen.repaint(finished: ["step 2 ok"], blocks: [], size: size))
        #expect(terminal.lines == ["step 1 is done", "step 2 ok", ""])
        terminal.write(screen.repaint(blocks: [["x"]], size: size))
        terminal.write(screen.clear())
        #expect(terminal.lines == ["step 1 is done", "step 2 ok", ""])
    }

    @Test func cutsLinesToTheWidth() {
        var screen = LiveScreen()
        var terminal = Terminal()
        terminal.write(screen.repaint(blocks: [["0123456789", "0123456789a"]], size: size))
        #expect(terminal.lines == ["0123456789", "012345678…", ""])
    }

    @Test(arguments: [
        ([["a", "1", "2", "3", "4"]], ["a", "2", "3", "4"]),
        ([["a", "1", "2"], ["b", "1", "2"]], ["a", "2", "b", "2"]),
        ([["a"], ["b"], ["c"], ["d"], ["e"], ["f"]], ["a", "b", "c", "… and 3 more"]),
        ([["a", "1"], ["b"], ["c"], ["d"]], ["a", "b", "c", "d"]),
        ([[], ["a"]], ["a"]),
    ])
    func fitsTheHeight(blocks: [[ShownText]], expected: [String]) {
        var screen = LiveScreen()
        var terminal = Terminal()
        terminal.write(screen.repaint(blocks: blocks, size: LiveScreen.Size(columns: 20, rows: 5)))
        #expect(terminal.lines == expected + [""])
    }

    @Test(arguments: [(0, 0), (1, 1), (-3, -3)])
    func survivesTinyScreens(columns: Int, rows: Int) {
        var screen = LiveScreen()
        var terminal = Terminal()
        for _ in 0..<3 {
            terminal.write(
                screen.repaint(blocks: [["a", "b"], ["c"]], size: LiveScreen.Size(columns: columns, rows: rows)))
        }
        #expect(terminal.lines.count == 2)
    }
}
