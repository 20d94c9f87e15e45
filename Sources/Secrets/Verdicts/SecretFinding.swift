package import OCI

/// A secret that is in a layer or in an image's documents. It holds no more of the secret than four characters.
package struct SecretFinding: Hashable, Sendable {
    /// What of a file, or of the image, it stands in.
    package enum Part: String, Hashable, Sendable {
        case content
        case name
        case linkTarget = "link-target"
        /// A text of the config, the manifest or what is said about the image.
        case document
    }

    package let rule: SecretRule
    package var level: SecretLevel
    package let part: Part
    /// Of the file, without a slash at its start; the text's place in its document, as `config.Env[2]`.
    package let path: String
    /// The file in the archive that the path names.
    package let member: String?
    /// Bytes from the start of the file, the member or the text.
    package let offset: Int64
    /// The first and the last two characters; empty where a file or a build's own value was found.
    package let excerpt: String
    /// Lower-case hexadecimal SHA-256 of the rule and the value: the same wherever the value moves.
    package let fingerprint: String
    /// Of a value of this build: whose it is, and how it is written.
    package let subject: String?
    /// When it ends by itself, in seconds since 1970.
    package let expiry: Int64?

    init(_ match: SecretMatch, _ part: Part, path: String, member: String? = nil, offset: Int64) {
        (rule, level, self.part, self.path, self.member, self.offset) = (
            match.rule, match.level, part, path, member, offset
        )
        (subject, expiry) = (match.subject, match.expiry)
        fingerprint = Digest(sha256: Array(match.rule.rawValue.utf8) + [0] + match.value).hex
        excerpt = match.rule.isKnownValue || match.range.isEmpty ? "" : Self.excerpt(match.value)
        if match.rule == .privateKey, path.contains("snakeoil") { level = min(level, .medium) }
    }

    static func excerpt(_ value: [UInt8]) -> String {
        guard value.count >= 8 else { return "…" }
        let text = (value.prefix(2) + value.suffix(2)).map { (33...126).contains($0) ? $0 : UInt8(ascii: "?") }
        return String(decoding: text.prefix(2), as: UTF8.self) + "…" + String(decoding: text.suffix(2), as: UTF8.self)
    }

    /// What it weighs at a moment: a token that has ended is of little use.
    ///
    /// - Parameter now: seconds since 1970.
    package func level(at now: Int64) -> SecretLevel {
        if rule == .jwt, let expiry, expiry < now { return .low }
        return level
    }

    package var json: JSON {
        var object: JSONObject = [
            "rule": .string(rule.rawValue), "level": .string(level.rawValue), "part": .string(part.rawValue),
            "path": .string(path),
        ]
        if let member { object["member"] = .string(member) }
        object["offset"] = .integer(offset)
        if !excerpt.isEmpty { object["excerpt"] = .string(excerpt) }
        object["fingerprint"] = .string(fingerprint)
        if let subject { object["subject"] = .string(subject) }
        if let expiry { object["expiry"] = .integer(expiry) }
        return .object(object)
    }

    /// - Returns: nil for anything that ``json`` does not write.
    package init?(_ json: JSON) {
        guard let rule = json["rule"]?.string.flatMap(SecretRule.init),
            let level = json["level"]?.string.flatMap(SecretLevel.init),
            let part = json["part"]?.string.flatMap(Part.init), let path = json["path"]?.string,
            let offset = json["offset"]?.integer,
            let fingerprint = json["fingerprint"]?.string
        else { return nil }
        (self.rule, self.level, self.part, self.path, self.offset, self.fingerprint) = (
            rule, level, part, path, offset, fingerprint
        )
        member = json["member"]?.string
        excerpt = json["excerpt"]?.string ?? ""
        subject = json["subject"]?.string
        expiry = json["expiry"]?.integer
    }
}
