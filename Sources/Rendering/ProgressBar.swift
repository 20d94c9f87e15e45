/// A transfer as one line: `[=========>          ] 12.3MB / 24.6MB  3.1MB/s`.
package enum ProgressBar {
    /// - Parameters:
    ///   - width: of the bar between its brackets, in columns.
    ///   - total: bytes; without it there is no bar.
    ///   - bytesPerSecond: nil while it is not known.
    package static func text(received: Int64, total: Int64?, bytesPerSecond: Int64?, width: Int = 20) -> String {
        var parts: [String] = []
        if let total, total > 0 {
            let fraction = min(1, max(0, Double(received) / Double(total)))
            let filled = Int(fraction * Double(width))
            let head = filled < width ? ">" : ""
            let rest = String(repeating: " ", count: max(0, width - filled - 1))
            parts.append("[" + String(repeating: "=", count: filled) + head + rest + "]")
            parts.append("\(HumanSize.text(received)) / \(HumanSize.text(total))")
        } else {
            parts.append(HumanSize.text(received))
        }
        let bar = parts.joined(separator: " ")
        return bytesPerSecond.map { "\(bar)  \(HumanSize.text($0))/s" } ?? bar
    }
}
