/// Names of variables whose values are most likely secrets (BuildKit's check SecretsUsedInArgOrEnv).
package enum SecretName {
    private static let words: Set = [
        "apikey", "auth", "credential", "credentials", "key", "password", "pword", "passwd", "secret", "token",
    ]
    private static let harmlessWords: Set = ["public", "file", "version"]

    /// What stands in the place of a value that nobody should read.
    package static let mask = "***"

    /// Whether one word of a name, between underscores, says that it is a secret, and none that it is not.
    package static func matches(_ name: some StringProtocol) -> Bool {
        let parts = Set(name.lowercased().split(separator: "_").map(String.init))
        return !parts.isDisjoint(with: words) && parts.isDisjoint(with: harmlessWords)
    }

    /// A variable's value as anybody may see it.
    package static func shown(_ value: String, of name: some StringProtocol) -> String { matches(name) ? mask : value }
}
