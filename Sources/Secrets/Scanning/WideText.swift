/// UTF-16 as bytes, one for each unit: what is no ASCII becomes a question mark, for no secret has it.
struct WideText {
    private let isBigEndian: Bool
    private var left: UInt8?

    /// - Parameter head: the file's first bytes.
    /// - Returns: nil for anything but UTF-16, with a byte order mark or mostly ASCII.
    init?(_ head: UnsafeRawBufferPointer) {
        guard head.count >= 4 else { return nil }
        if head[0] == 0xFF, head[1] == 0xFE {
            isBigEndian = false
        } else if head[0] == 0xFE, head[1] == 0xFF {
            isBigEndian = true
        } else {
            let units = min(head.count, 64) / 2
            guard units >= 8 else { return nil }
            func isText(_ offset: Int) -> Bool {
                (0..<units).allSatisfy { head[2 * $0 + 1 - offset] == 0 && (9...126).contains(head[2 * $0 + offset]) }
            }
            if isText(0) {
                isBigEndian = false
            } else if isText(1) {
                isBigEndian = true
            } else {
                return nil
            }
        }
    }

    mutating func narrowed(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count / 2 + 1)
        for byte in bytes {
            guard let first = left else {
                left = byte
                continue
            }
            left = nil
            let (high, low) = isBigEndian ? (first, byte) : (byte, first)
            result.append(high == 0 ? low : UInt8(ascii: "?"))
        }
        return result
    }
}
