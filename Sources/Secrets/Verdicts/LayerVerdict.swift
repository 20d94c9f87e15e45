package import OCI

/// What a layer was found to hold, as it is kept by its diffID: it changes with the rules alone.
package struct LayerVerdict: Hashable, Sendable {
    package let version: Int
    /// Whether it was looked through as one that the Dockerfile's own instructions made.
    package let isOwn: Bool
    package var findings: [SecretFinding]
    package let unopened: Int

    package init(isOwn: Bool, findings: [SecretFinding], unopened: Int) {
        version = SecretRule.version
        (self.isOwn, self.findings, self.unopened) = (isOwn, findings, unopened)
    }

    package var json: JSON {
        .object([
            "version": .integer(Int64(version)), "own": .bool(isOwn), "unopened": .integer(Int64(unopened)),
            "findings": .array(findings.map(\.json)),
        ])
    }

    /// - Returns: nil for one of other rules.
    package init?(_ json: JSON) {
        guard json["version"]?.integer == Int64(SecretRule.version), let isOwn = json["own"]?.bool,
            let unopened = json["unopened"]?.integer,
            let items = json["findings"]?.array
        else { return nil }
        version = SecretRule.version
        self.isOwn = isOwn
        self.unopened = Int(clamping: unopened)
        findings = []
        for item in items {
            guard let finding = SecretFinding(item) else { return nil }
            findings.append(finding)
        }
    }
}
