/// Rows in columns as docker lays them out: three spaces between columns, at least ten characters a column, the last
/// column as wide as its text.
struct Table {
    private static let padding = 3
    private static let minimumWidth = 10

    private var rows: [[String]]

    init(header: [String]) { rows = [header] }

    mutating func append(_ row: [String]) { rows.append(row) }

    /// The lines, each with its line feed.
    var text: String {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            let widest = rows.map { column < $0.count ? $0[column].unicodeScalars.count : 0 }.max() ?? 0
            return max(widest + Self.padding, Self.minimumWidth)
        }
        return rows.map { row in
            let cells = row.enumerated().map { column, cell in
                guard column + 1 < row.count else { return cell }
                return cell + String(repeating: " ", count: widths[column] - cell.unicodeScalars.count)
            }
            return cells.joined() + "\n"
        }.joined()
    }
}
