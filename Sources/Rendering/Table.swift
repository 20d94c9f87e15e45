/// Rows in columns as docker lays them out: three spaces between columns, at least ten characters a column, the last
/// column as wide as its text. A cell is one line, and as wide as a terminal shows it.
package struct Table {
    private static let padding = 3
    private static let minimumWidth = 10

    private var rows: [[ShownText]]

    package init(header: [String]) { rows = [header.map(ShownText.init(line:))] }

    package mutating func append(_ row: [String]) { append(row.map(ShownText.init(line:))) }

    package mutating func append(_ row: [ShownText]) { rows.append(row) }

    /// The lines, each with its line feed.
    package var text: ShownText {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            let widest = rows.map { column < $0.count ? TerminalText.width($0[column]) : 0 }.max() ?? 0
            return max(widest + Self.padding, Self.minimumWidth)
        }
        return rows.map { row in
            let cells = row.enumerated().map { column, cell in
                guard column + 1 < row.count else { return cell }
                return TerminalText.padded(cell, columns: widths[column])
            }
            return "\(cells.joined())\n"
        }.joined()
    }
}
