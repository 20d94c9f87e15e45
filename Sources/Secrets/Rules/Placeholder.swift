internal import OCI

/// Values that stand where a secret goes, and are none.
enum Placeholder {
    private static let words = [
        "example", "placeholder", "changeme", "change_me", "change-me", "redacted", "dummy", "your_", "your-",
        "yourtoken", "yourpass", "xxxxx", "insert", "foobar",
        "sample", "replace", "<", ">", "${", "$(", "{{", "}}", "%(", "****", "....", "notreal", "s3nsitive",
        "scott:tiger", "tiger^",
    ].map { Array($0.utf8) }

    /// Words that are the whole of a password in a document.
    private static let passwords: Set<String> = [
        "password", "passwd", "pass", "secret", "token", "pwd", "user", "username", "test", "testing", "foo", "bar",
        "baz", "admin", "guest", "root", "mypassword", "my_password",
        "mysecret", "password1", "password123", "hunter2", "letmein", "qwerty", "postgres", "mysql", "redis", "none",
        "null", "undefined", "false", "true", "credentials",
        "passphrase", "access_token", "api_key", "apikey", "secretpassword", "supersecret", "x-oauth-basic", "changeit",
        // The word in other languages, as translated manuals have it.
        "passwort", "kennwort", "motdepasse", "mot_de_passe", "contraseña", "contrasena", "clave", "senha",
        "wachtwoord",
        "hasło", "haslo", "heslo", "lösenord", "losenord", "salasana", "jelszo", "jelszó", "пароль", "benutzer",
    ]

    /// SHA-256 of values that documentation publishes: the key of Azure's storage emulator, the token that every page about
    /// JSON web tokens shows, and the keys with which GnuTLS tests itself whenever it is loaded.
    private static let published: Set<String> = [
        "0011cc25eb4320717494d2703e8cba85743e71b500283c21c8b88147992f9059",
        "7f75367e7881255134e1375e723d1dea8ad5f6a4fdb79d938df1f1754a830606",
        "bf552d2ff30b20f0b0ee2bcc357a5ab68dbe899ae09a0071b097bee2d2434332",
        "06b37a7e3254992b3ac83f4f08d269fb5c584874360315541ea12bb0b04e92ac",
        "2808649028d2fa88c4432c2961e94af8a8471e29a37f9caa56fc7633e20fd06f",
        "30db3ea6d728b88c03c56388f64efb5bfe5e8d0ed3640482108ac79645304e6f",
        "df965cd79ecfbd95da9bc1c3bcd8bbb1ea35b8b506c3542f0eb31c84c4a9136b",
        "9a5449e68775db802f5b822dabc19c3a3bc86bbabe89e67012cdff361aafba11",
        "f5e42bee7204054c83ce3bb55c8876254ed2a52ddb0cd4ad7b1e8f3b24728053",
        "e033bc87562a8915b620ab70eb5b968084c587980c12284c3e7adfc27391dc07",
        "9ab6db67523ba6071fdb948b3ce38349ec08fb726f359abbbca33a3a84238ba2",
        "a51b526d181d7219ebcf95e9f1d5f43dc8368274772fee517049ec935e559dc8",
    ]

    /// Whether a value is a variable, a template, an example, or too regular for a secret.
    static func covers(_ value: [UInt8]) -> Bool {
        if value.isEmpty || value.first == UInt8(ascii: "$")
            || value.first == UInt8(ascii: "%") && value.last == UInt8(ascii: "%")
        {
            return true
        }
        let lower = value.map(\.lowercased)
        if words.contains(where: { lower.contains($0) }) { return true }
        return isRegular(value) || isPublished(value)
    }

    static func isPublished(_ value: [UInt8]) -> Bool { published.contains(Digest(sha256: value).hex) }

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
