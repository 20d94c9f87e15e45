/// What a file's lines begin with, as an interpreter counts it (The Python Language Reference, 2.1.8), and its bytes.
struct PythonIndentation {
    private var levels: [(wide: Int, narrow: Int)] = [(0, 0)]
    private var isOther = false

    /// Takes the next logical line.
    ///
    /// - Parameters:
    ///   - wide: its indentation with tabs up to the next eighth column.
    ///   - narrow: the same with a tab as one blank; nil where it is counted in another way, as the rest is then.
    /// - Returns: what the interpreter does not read there.
    mutating func mistake(_ wide: Int, _ narrow: Int?) -> String? {
        guard !isOther, let narrow else {
            isOther = true
            return nil
        }
        var last = levels[levels.count - 1]
        if wide > last.wide {
            levels.append((wide, narrow))
            return narrow > last.narrow ? nil : "tab"
        }
        while wide < last.wide, levels.count > 1 {
            levels.removeLast()
            last = levels[levels.count - 1]
        }
        if wide != last.wide { return "dedent" }
        return narrow == last.narrow ? nil : "tab"
    }

    /// Whether a file is no UTF-8 and does not say what else it is (PEP 263).
    static func isForeign(_ bytes: [UInt8]) -> Bool {
        guard String(validating: bytes, as: UTF8.self) == nil else { return false }
        let head = bytes.split(separator: 0x0A, maxSplits: 2, omittingEmptySubsequences: false).prefix(2)
        return !head.contains { Array($0).contains(text: "coding") } && !bytes.contains(text: "\u{FFFD}")
    }

    /// Whether a name or a text has a byte that was none of UTF-8; in remarks nobody looks for one.
    static func isForeign(_ token: PythonToken) -> Bool {
        switch token {
        case .name(let text), .text(let text?): text.unicodeScalars.contains("\u{FFFD}")
        case .text(nil), .number, .sign: false
        }
    }
}
