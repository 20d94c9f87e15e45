internal import OCI

/// Values that stand where a secret goes, and are none.
enum Placeholder {
    private static let words = [
        "example", "placeholder", "changeme", "change_me", "change-me", "redacted", "dummy", "your_", "your-", "yourtoken", "yourpass", "xxxxx", "insert", "foobar",
        "sample", "replace", "<", ">", "${", "$(", "{{", "}}", "%(", "****", "....", "notreal",
    ].map { Array($0.utf8) }

    /// Words that are the whole of a password in a document.
    private static let passwords: Set<String> = [
        "password", "passwd", "pass", "secret", "token", "pwd", "user", "username", "test", "testing", "foo", "bar", "baz", "admin", "guest", "root", "mypassword", "my_password",
        "mysecret", "password1", "password123", "hunter2", "letmein", "qwerty", "postgres", "mysql", "redis", "none", "null", "undefined", "false", "true", "credentials",
        "passphrase", "access_token", "api_key", "apikey", "secretpassword", "supersecret", "x-oauth-basic", "changeit",
    ]

    /// SHA-256 of values that documentation publishes: the key of Azure's storage emulator, the token that every page about
    /// JSON web tokens shows.
    private static let published: Set<String> = [
        "0011cc25eb4320717494d2703e8cba85743e71b500283c21c8b88147992f9059",
        "7f75367e7881255134e1375e723d1dea8ad5f6a4fdb79d938df1f1754a830606",
    ]

    /// Whether a value is a variable, a template, an example, or too regular for a secret.
    static func covers(_ value: [UInt8]) -> Bool {
        if value.isEmpty || value.first == UInt8(ascii: "$") || value.first == UInt8(ascii: "%") && value.last == UInt8(ascii: "%") { return true }
        let lower = value.map(\.lowercased)
        if words.contains(where: { lower.contains($0) }) { return true }
        return isRegular(value) || published.contains(Digest(sha256: value).hex)
    }

    /// Whether a password is one of those that stand in manuals.
    static func isManualPassword(_ value: [UInt8]) -> Bool {
        passwords.contains(String(decoding: value.map(\.lowercased), as: UTF8.self)) || covers(value)
    }

    /// Whether most bytes follow from the one before: all the same, counted up or down, or of two or three kinds only.
    private static func isRegular(_ value: [UInt8]) -> Bool {
        guard value.count >= 8 else { return false }
        var regular = 0
        for (left, right) in zip(value, value.dropFirst()) {
            let step = Int(right) - Int(left)
            if (-1...1).contains(step) { regular += 1 }
        }
        return regular * 2 > value.count - 1 || Set(value).count <= 3
    }
}

extension [UInt8] {
    func contains(_ part: [UInt8]) -> Bool {
        guard !part.isEmpty, part.count <= count else { return part.isEmpty }
        return (0...(count - part.count)).contains { start in
            self[start] == part[0] && self[start..<start + part.count].elementsEqual(part)
        }
    }
}
