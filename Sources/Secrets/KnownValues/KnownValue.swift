/// A value that a build was given and that may not be in what it makes.
package struct KnownValue {
    package enum Origin: Hashable, Sendable {
        /// `--secret`, by its ID.
        case secret(String)
        /// A private key of `--ssh`, by the agent's ID.
        case key(String)
        /// The password or token for a registry.
        case login(String)
        /// A build argument whose name says that it is a secret.
        case argument(String)

        var rule: SecretRule {
            if case .argument = self { .buildArgument } else { .buildSecret }
        }

        /// How it is called.
        var name: String {
            switch self {
            case .secret(let name): "secret \(name)"
            case .key(let name): "ssh \(name)"
            case .login(let name): "login \(name)"
            case .argument(let name): "argument \(name)"
            }
        }
    }

    package let origin: Origin
    package private(set) var bytes: [UInt8]

    package init(_ origin: Origin, _ bytes: [UInt8]) { (self.origin, self.bytes) = (origin, bytes) }

    /// Shorter ones stand anywhere by chance.
    static let shortest = 8

    package mutating func wipe() { Wiping.wipe(&bytes) }

    /// Whether the name of a variable or an argument says that its value is a secret.
    package static func isSecret(name: String) -> Bool {
        let parts = name.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
        let whole = parts.joined()
        let words: Set = ["key", "auth", "pass", "pwd", "pat", "credential", "credentials"]
        let harmless = ["pubkey", "publickey", "keyid", "keyserver", "keyring", "keyword"]
        guard !harmless.contains(where: whole.contains), parts.first != "public" else { return false }
        return ["token", "password", "passwd", "secret", "passphrase", "apikey", "privatekey", "accesskey"].contains(
            where: whole.contains) || parts.contains(where: words.contains)
    }

    /// The value itself, it without the line end that files have, and of a file with several parts those that look like chance:
    /// the token in a configuration, the lines of a key.
    var parts: [[UInt8]] {
        var trimmed = bytes
        while let last = trimmed.last, last == 10 || last == 13 { trimmed.removeLast() }
        let secret = PublicText.removed(from: trimmed)
        guard secret.count >= Self.shortest else { return [] }
        var result = [trimmed]
        let separators = Array(" \t\r\n\"'=,;:@<>{}[]()".utf8)
        for piece in secret.split(whereSeparator: separators.contains)
        where piece.count >= 12 && piece.count < trimmed.count && result.count < 256 {
            let piece = Array(piece)
            let kinds = Entropy.kinds(piece)
            guard kinds.hasDigit, kinds.count >= 2, Entropy.bits(piece) >= 3, !Placeholder.covers(piece),
                !piece.contains(Array("//".utf8))
            else { continue }
            result.append(piece)
        }
        return result.filter { $0.count >= Self.shortest }
    }
}
