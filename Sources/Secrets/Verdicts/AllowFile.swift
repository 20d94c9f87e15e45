internal import OCI
internal import YAML

/// Why a list of what is allowed cannot be used.
package struct AllowFileError: Error, Hashable, Sendable {
    /// Counted from 1.
    package let line: Int
    package let reason: Reason

    package enum Reason: Hashable, Sendable {
        /// It is no YAML; the reader's own words.
        case syntax(String)
        /// Neither a list nor a mapping with the list `allow`.
        case noList
        case noMapping
        case unknownKey(String)
        case unknownRule(String)
        case noText(key: String)
        case noReason
        /// Neither a path nor a fingerprint: it would allow everything of its rule.
        case tooWide
        case noDate(String)
        case noFingerprint(String)
    }

    init(_ place: YAMLPlace, _ reason: Reason) { (line, self.reason) = (place.line, reason) }
}

/// What is in an image with somebody's consent: the entries of `distill.secrets.yaml`.
package struct AllowFile: Hashable, Sendable {
    package struct Entry: Hashable, Sendable {
        /// nil: every rule.
        package let rule: SecretRule?
        /// A pattern of a path: `*` within a name, `**` over several.
        package let path: String?
        package let fingerprint: String?
        package let reason: String
        /// The last day, as `2026-12-31`.
        package let until: String?
        /// Counted from 1.
        package let line: Int

        /// - Parameter now: seconds since 1970.
        package func isExpired(at now: Int64) -> Bool {
            guard let until, let day = Timestamp(rfc3339: "\(until)T00:00:00Z") else { return false }
            return day.seconds + 86_400 <= now
        }

        package func allows(_ finding: SecretFinding) -> Bool {
            if let rule, rule != finding.rule { return false }
            if let fingerprint, fingerprint != finding.fingerprint { return false }
            guard let path else { return true }
            return PathPattern.matches(Array(path.drop { $0 == "/" }.utf8), Array(finding.path.utf8))
        }
    }

    package private(set) var entries: [Entry] = []
    package static let usualName = "distill.secrets.yaml"

    package init() {}

    package init(parsing bytes: [UInt8]) throws(AllowFileError) {
        let root: YAMLNode?
        do { root = try YAMLNode(parsing: bytes) } catch { throw AllowFileError(error.place, .syntax(error.sentence)) }
        guard let root, !root.isNull else { return }
        var list = root
        if case .mapping(let members) = root.content {
            guard let allowed = members.first(where: { $0.key.text == "allow" }), members.count == 1 else {
                let other = members.first { $0.key.text != "allow" }
                throw other.map { AllowFileError($0.place, .unknownKey($0.key.text)) }
                    ?? AllowFileError(root.place, .noList)
            }
            if allowed.value.isNull { return }
            list = allowed.value
        }
        guard case .list(let items) = list.content else { throw AllowFileError(list.place, .noList) }
        for item in items { entries.append(try Self.entry(item)) }
    }

    private static func entry(_ node: YAMLNode) throws(AllowFileError) -> Entry {
        guard case .mapping(let members) = node.content else { throw AllowFileError(node.place, .noMapping) }
        var values: [String: (text: String, place: YAMLPlace)] = [:]
        for member in members {
            let key = member.key.text
            guard ["rule", "path", "fingerprint", "reason", "until"].contains(key) else {
                throw AllowFileError(member.place, .unknownKey(key))
            }
            guard let scalar = member.value.scalar, !member.value.isNull else {
                throw AllowFileError(member.place, .noText(key: key))
            }
            values[key] = (scalar.text, member.value.place)
        }
        guard let reason = values["reason"]?.text, reason.contains(where: { !$0.isWhitespace }) else {
            throw AllowFileError(node.place, .noReason)
        }
        var rule: SecretRule?
        if let (text, place) = values["rule"], text != "*" {
            guard let known = SecretRule(rawValue: text) else { throw AllowFileError(place, .unknownRule(text)) }
            rule = known
        }
        if let (text, place) = values["until"], text.utf8.count != 10 || Timestamp(rfc3339: "\(text)T00:00:00Z") == nil
        {
            throw AllowFileError(place, .noDate(text))
        }
        if let (text, place) = values["fingerprint"],
            text.utf8.count != 64 || !text.utf8.allSatisfy(ByteSet.hex.contains)
        {
            throw AllowFileError(place, .noFingerprint(text))
        }
        guard values["path"] != nil || values["fingerprint"] != nil else { throw AllowFileError(node.place, .tooWide) }
        return Entry(
            rule: rule, path: values["path"]?.text, fingerprint: values["fingerprint"]?.text.lowercased(),
            reason: reason, until: values["until"]?.text,
            line: node.place.line)
    }

    /// The file that allows what was found, each value once.
    package static func baseline(_ findings: [SecretFinding], reason: String) -> String {
        var seen: Set<String> = []
        var text = "# What was found when this was written. Give each a reason of its own, or a day in `until`.\n"
        let entries = findings.filter { seen.insert("\($0.rule.rawValue) \($0.fingerprint) \($0.path)").inserted }
        if entries.isEmpty { return text + "[]\n" }
        for finding in entries {
            text +=
                "- rule: \(finding.rule.rawValue)\n  path: \(JSON.string(escaped(finding.path)).text)\n  fingerprint: \(finding.fingerprint)\n"
            text += "  reason: \(JSON.string(reason).text)\n"
        }
        return text
    }

    private static func escaped(_ path: String) -> String {
        String(
            decoding: path.utf8.flatMap { Array("*?\\".utf8).contains($0) ? [UInt8(ascii: "\\"), $0] : [$0] },
            as: UTF8.self)
    }
}
