internal import OCI

/// Compares the configs of two images, member by member.
struct ConfigComparison {
    let left: ImageConfig
    let right: ImageConfig
    /// Whether times and history are left out.
    let isSemantic: Bool

    func changes() -> [ImageDifference.ConfigChange] {
        let (before, after) = (values(left), values(right))
        return Set(before.keys).union(after.keys).sorted().compactMap { name in
            before[name] == after[name]
                ? nil : ImageDifference.ConfigChange(name: name, left: before[name], right: after[name])
        }
    }

    private func values(_ config: ImageConfig) -> [String: String] {
        var result: [String: String] = ["Platform": config.platform.description]
        if let author = config.author { result["Author"] = author }
        for member in config.container.json.object?.members ?? [] {
            switch member.key {
            case "Env":
                for variable in member.value.strings ?? [] {
                    let parts = variable.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                    result["Env.\(parts[0])"] = parts.count > 1 ? String(parts[1]) : ""
                }
            case "Labels":
                for label in member.value.object?.members ?? [] {
                    result["Labels.\(label.key)"] = label.value.string ?? label.value.text
                }
            default: result[member.key] = member.value.string ?? member.value.text
            }
        }
        for member in config.unknown.members { result[member.key] = member.value.string ?? member.value.text }
        guard !isSemantic else { return result }
        if let created = config.created { result["Created"] = created }
        for (index, entry) in config.history.enumerated() { result["History.\(index + 1)"] = entry.json.text }
        return result
    }
}
