/// Numbers and texts in bytes from outside: what lies behind the end is nil.
extension Span where Element == UInt8 {
    /// A number of the file's byte order.
    func number<Number: FixedWidthInteger>(_ offset: Int, isBigEndian: Bool, as: Number.Type = Number.self) -> Number? {
        let width = Number.bitWidth / 8
        guard offset >= 0, offset <= count - width else { return nil }
        var value = Number.zero
        for index in 0..<width {
            let byte = self[isBigEndian ? offset + index : offset + width - 1 - index]
            value = value << 8 | Number(truncatingIfNeeded: byte)
        }
        return value
    }

    /// The text up to the next NUL, or to the end.
    func text(at offset: Int) -> String? {
        guard offset >= 0, offset < count else { return nil }
        var bytes: [UInt8] = []
        var place = offset
        while place < count, self[place] != 0, bytes.count < 4096 {
            bytes.append(self[place])
            place += 1
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// How many bytes of text a table may give: its entries may all point to the same long one.
struct TextBudget {
    private var left: Int

    /// - Parameter limit: bytes.
    init(limit: Int) { left = limit }

    /// The text up to the next NUL, or to the end; nil when the texts so far were more than any real table has.
    mutating func text(in bytes: [UInt8], at offset: Int) -> String? {
        guard let text = bytes.span.text(at: offset), text.utf8.count < left else { return nil }
        // An empty one costs something too.
        left -= text.utf8.count + 1
        return text
    }
}

extension [UInt8] {
    /// Whether the bytes of a text stand somewhere in these.
    func contains(text: String) -> Bool {
        let wanted = Array(text.utf8)
        guard let last = wanted.last, count >= wanted.count else { return false }
        // Horspool: how far the window may move is told by the byte under its end.
        var shifts = [Int](repeating: wanted.count, count: 256)
        for (index, byte) in wanted.dropLast().enumerated() { shifts[Int(byte)] = wanted.count - 1 - index }
        return withUnsafeBufferPointer { bytes in
            var end = wanted.count - 1
            while end < bytes.count {
                let byte = bytes[end]
                if byte == last {
                    let start = end - wanted.count + 1
                    if wanted.indices.allSatisfy({ bytes[start + $0] == wanted[$0] }) { return true }
                }
                end += shifts[Int(byte)]
            }
            return false
        }
    }

    /// Whether the bytes of a name stand somewhere in these, and no letter, number or `_` beside them.
    func contains(word: String) -> Bool {
        let wanted = Array(word.utf8)
        guard let first = wanted.first, count >= wanted.count else { return false }
        func isPart(_ byte: UInt8) -> Bool {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F, 0x80...0xFF: true
            default: false
            }
        }
        return withUnsafeBufferPointer { bytes in
            for start in 0...(bytes.count - wanted.count) where bytes[start] == first {
                if start > 0, isPart(bytes[start - 1]) { continue }
                let end = start + wanted.count
                if end < bytes.count, isPart(bytes[end]) { continue }
                if wanted.indices.allSatisfy({ bytes[start + $0] == wanted[$0] }) { return true }
            }
            return false
        }
    }
}
