/// Some of the 256 bytes.
struct ByteSet: Sendable {
    private let low: (UInt64, UInt64)
    private let high: (UInt64, UInt64)

    init(_ bytes: some Sequence<UInt8>) {
        var words: [UInt64] = [0, 0, 0, 0]
        for byte in bytes { words[Int(byte >> 6)] |= 1 << UInt64(byte & 63) }
        low = (words[0], words[1])
        high = (words[2], words[3])
    }

    /// - Parameter others: beside letters and digits.
    init(alphanumericAnd others: String) {
        self.init(Array(48...57) + Array(65...90) + Array(97...122) + Array(others.utf8))
    }

    func contains(_ byte: UInt8) -> Bool {
        let word =
            switch byte >> 6 {
            case 0: low.0
            case 1: low.1
            case 2: high.0
            default: high.1
            }
        return word >> UInt64(byte & 63) & 1 == 1
    }

    static let alphanumeric = ByteSet(alphanumericAnd: "")
    static let word = ByteSet(alphanumericAnd: "_")
    static let token = ByteSet(alphanumericAnd: "_-")
    static let dotted = ByteSet(alphanumericAnd: "_-.")
    static let base64 = ByteSet(alphanumericAnd: "+/")
    static let base64Padded = ByteSet(alphanumericAnd: "+/=")
    static let anyBase64 = ByteSet(alphanumericAnd: "+/=_-")
    static let digits = ByteSet(Array(48...57))
    static let upper = ByteSet(Array(65...90))
    static let hex = ByteSet(Array("0123456789abcdefABCDEF".utf8))
    static let upperAlphanumeric = ByteSet(Array(48...57) + Array(65...90))
    static let space = ByteSet(Array(" \t\r\n".utf8))
    static let blank = ByteSet(Array(" \t".utf8))
}
