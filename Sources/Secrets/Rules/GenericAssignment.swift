/// A name that says what its value is, and a value that looks like chance: nothing more is known, so nothing is stopped by it.
enum GenericAssignment {
    static let literals = [
        "password", "Password", "PASSWORD", "passwd", "Passwd", "PASSWD", "secret", "Secret", "SECRET", "token",
        "Token", "TOKEN", "api_key", "apikey",
        "apiKey", "ApiKey", "API_KEY", "APIKEY", "api-key", "access_key", "accessKey", "ACCESS_KEY",
    ]

    private static let ignoredEnds = [
        ".lock", ".map", ".min.js", ".min.css", ".sum", "-lock.json", "-lock.yaml", ".md5sums", "record",
        "shrinkwrap.json", ".svg",
    ].map { Array($0.utf8) }

    /// Files in which long random texts are no secrets: digests of what is locked, and positions of source maps.
    static func ignores(_ path: [UInt8]) -> Bool {
        ignoredEnds.contains { end in path.suffix(end.count).lazy.map(\.lowercased).elementsEqual(end) }
    }

    /// - Parameter place: of one of the literals.
    static func match(_ window: ScanWindow, _ place: Int) -> [SecretMatch] {
        let start = window.start(of: .dotted, before: place, atMost: 64)
        let end = window.end(of: .dotted, from: place, atMost: 64)
        // A name with two of the words is looked at once.
        guard !literals.contains(where: { holds(window, start..<place, Array($0.utf8)) }),
            let range = window.assignment(behind: end)
        else { return [] }
        let value = window.array(range)
        guard isChance(value) else { return [] }
        return [SecretMatch(.generic, start..<range.upperBound, value)]
    }

    private static func holds(_ window: ScanWindow, _ range: Range<Int>, _ word: [UInt8]) -> Bool {
        range.count >= word.count && window.array(range).contains(word)
    }

    static func isChance(_ value: [UInt8]) -> Bool {
        guard (12...256).contains(value.count), !value.contains(where: { $0 <= 32 || $0 >= 127 }),
            !Placeholder.isManualPassword(value)
        else { return false }
        let lower = value.map(\.lowercased)
        let words = [
            "password", "passwd", "secret", "token", "sha256-", "sha384-", "sha512-", "sha1-", "sha256:", "://", "http",
            "localhost", "process.", "self.", "this.", "getenv",
        ]
        guard !words.contains(where: { lower.contains(Array($0.utf8)) }) else { return false }
        let kinds = Entropy.kinds(value)
        guard kinds.hasDigit, kinds.count >= 2, kinds.hasLower || kinds.hasUpper else { return false }
        guard !isUUID(value), !lower.starts(with: [UInt8(ascii: "/")]), !lower.starts(with: Array("./".utf8)) else {
            return false
        }
        // A call, an index or a reference in a program.
        guard !value.contains(where: { Array("()[]{}".utf8).contains($0) }) else { return false }
        let isHex = value.allSatisfy(ByteSet.hex.contains)
        return Entropy.bits(value) >= (isHex ? 3 : 3.5)
    }

    private static func isUUID(_ value: [UInt8]) -> Bool {
        value.count == 36
            && value.enumerated().allSatisfy { index, byte in
                [8, 13, 18, 23].contains(index) ? byte == UInt8(ascii: "-") : ByteSet.hex.contains(byte)
            }
    }
}
