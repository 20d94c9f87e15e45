/// Texts that are made when a test runs, the same each time: no secret, and nothing like one, stands in the repository.
struct Chance {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 0x1234_5678_9ABC_DEF1 }

    /// A number of splitmix64.
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }

    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) } }

    mutating func text(_ count: Int, _ alphabet: String = Chance.alphanumeric) -> String {
        let letters = Array(alphabet)
        return String((0..<count).map { _ in letters[Int(next() % UInt64(letters.count))] })
    }

    /// A text in which a lower-case letter, a capital and a digit stand for sure.
    mutating func mixed(_ count: Int, _ alphabet: String = Chance.alphanumeric) -> String {
        text(count - 3, alphabet) + "aZ7"
    }

    static let alphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    static let base64 = alphanumeric + "+/"
    static let hex = "0123456789abcdef"
}
