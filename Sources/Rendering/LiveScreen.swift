/// The part of a terminal that is painted again and again while a build runs.
///
/// Finished lines are printed once and scroll away above; the blocks below them are repainted in place. The value holds
/// only how many lines stand on the screen: writing the text is the caller's.
package struct LiveScreen {
    package init() {}

    private var painted = 0

    /// The size of the terminal in characters.
    package struct Size: Hashable, Sendable {
        package var columns: Int
        package var rows: Int

        package init(columns: Int, rows: Int) {
            (self.columns, self.rows) = (columns, rows)
        }
    }

    /// The text that turns the screen from the last painting into this one.
    ///
    /// - Parameters:
    ///   - finished: lines that will not change any more, new since the last painting; they may be longer than the
    ///     terminal is wide.
    ///   - blocks: what is going on, one block a step: its line, then its details.
    package mutating func repaint(finished: [ShownText] = [], blocks: [[ShownText]], size: Size) -> ShownText {
        let live = Self.fit(blocks, rows: max(1, size.rows - 1))
        let lines = finished + live.map { TerminalText.truncated($0, columns: max(1, size.columns)) }
        var text = toFirstLine
        // A finished line may take several rows, which would show what stood below.
        if painted > 0, !finished.isEmpty { text += "\u{1B}[J" }
        // A line is cleared before it is written: clearing after a full line would take its last character.
        for line in lines { text += "\u{1B}[2K\(line)\n" }
        if painted > lines.count, finished.isEmpty { text += "\u{1B}[J" }
        painted = live.count
        return text
    }

    /// The text that takes the live part away, so that ordinary lines can follow.
    package mutating func clear() -> ShownText {
        defer { painted = 0 }
        return painted == 0 ? "" : "\(toFirstLine)\u{1B}[J"
    }

    private var toFirstLine: ShownText { painted == 0 ? "" : "\r\u{1B}[\(painted)A" }

    /// Leaves out details, the oldest first and from the largest block, then whole blocks from the end, until all fits.
    private static func fit(_ blocks: [[ShownText]], rows: Int) -> [ShownText] {
        var blocks = blocks.filter { !$0.isEmpty }
        var count = blocks.reduce(0) { $0 + $1.count }
        while count > rows, let largest = blocks.indices.max(by: { blocks[$0].count < blocks[$1].count }),
            blocks[largest].count > 1
        {
            blocks[largest].remove(at: 1)
            count -= 1
        }
        guard count > rows else { return blocks.flatMap { $0 } }
        let hidden = blocks.count - (rows - 1)
        return blocks.prefix(rows - 1).flatMap { $0 } + ["… and \(hidden) more"]
    }
}
