import Synchronization

/// The keys that leave a container's terminal, as `--detach-keys` names them: `ctrl-p,ctrl-q`.
struct DetachKeys: Sendable {
    let bytes: [UInt8]

    static let usual = DetachKeys(bytes: [0x10, 0x11])

    private init(bytes: [UInt8]) { self.bytes = bytes }

    /// Reads letters and `ctrl-` with one of `a` to `z`, `@`, `[`, `\`, `]`, `^` or `_`, with commas between; nil for what is
    /// none. An empty text is no keys at all.
    init?(_ text: String) {
        var bytes: [UInt8] = []
        for key in text.isEmpty ? [] : text.split(separator: ",", omittingEmptySubsequences: false) {
            let word = key.lowercased()
            if word.hasPrefix("ctrl-"), let letter = word.utf8.dropFirst(5).first, word.utf8.count == 6 {
                guard (0x61...0x7A).contains(letter) || letter == 0x40 || (0x5B...0x5F).contains(letter) else {
                    return nil
                }
                bytes.append(letter & 0x1F)
            } else if let letter = key.utf8.first, key.utf8.count == 1 {
                bytes.append(letter)
            } else {
                return nil
            }
        }
        self.bytes = bytes
    }

    var matcher: Matcher { Matcher(keys: bytes) }

    /// Looks for the keys in what is typed; what may be their beginning is kept back until it is clear.
    struct Matcher: Sendable {
        let keys: [UInt8]
        private var seen = 0

        init(keys: [UInt8]) { self.keys = keys }

        /// - Returns: what is passed on, and whether the keys were all typed.
        mutating func pass(_ bytes: [UInt8]) -> (rest: [UInt8], isComplete: Bool) {
            guard !keys.isEmpty else { return (bytes, false) }
            var rest: [UInt8] = []
            for byte in bytes {
                if byte == keys[seen] {
                    seen += 1
                    if seen == keys.count { return (rest, true) }
                    continue
                }
                rest += keys[..<seen]
                seen = byte == keys[0] ? 1 : 0
                if seen == 1, keys.count == 1 { return (rest, true) }
                if seen == 0 { rest.append(byte) }
            }
            return (rest, false)
        }
    }
}

/// A matcher that the thread of a relay has.
final class MatcherBox: Sendable {
    private let matcher: Mutex<DetachKeys.Matcher>

    init(_ matcher: DetachKeys.Matcher) { self.matcher = Mutex(matcher) }

    func pass(_ bytes: [UInt8]) -> (rest: [UInt8], isComplete: Bool) { matcher.withLock { $0.pass(bytes) } }
}
