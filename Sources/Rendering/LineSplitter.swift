/// Cuts a process's output into lines; a carriage return begins a line anew, as on a terminal.
package struct LineSplitter {
    private var pending: [UInt8] = []

    package init() {}

    /// Bytes of one line.
    private static let limit = 8 << 10

    /// The lines that are complete now.
    package mutating func take(_ bytes: [UInt8]) -> [String] {
        var lines: [String] = []
        for byte in bytes {
            if byte == 0x0A || pending.count >= Self.limit {
                lines.append(flush())
                if byte == 0x0A { continue }
            }
            // A bar is drawn again and again on one line: only its last state counts.
            if pending.last == 0x0D, byte != 0x0D { pending.removeAll(keepingCapacity: true) }
            pending.append(byte)
        }
        return lines
    }

    /// What stands on the line that did not end yet; empty where nothing does.
    package var unfinished: String {
        var line = pending[...]
        while line.last == 0x0D { line = line.dropLast() }
        return String(decoding: line, as: UTF8.self)
    }

    package mutating func finish() -> String? { pending.isEmpty ? nil : flush() }

    private mutating func flush() -> String {
        defer { pending.removeAll(keepingCapacity: true) }
        var line = pending[...]
        while line.last == 0x0D { line = line.dropLast() }
        return String(decoding: line, as: UTF8.self)
    }
}
