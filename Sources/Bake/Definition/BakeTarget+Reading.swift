import OCI

extension BakeTarget {
    static let attributes = [
        "description", "inherits", "annotations", "args", "attest", "cache-from", "cache-to", "call", "context",
        "contexts", "dockerfile", "dockerfile-inline", "entitlements", "extra-hosts", "labels", "matrix", "name",
        "network", "no-cache", "no-cache-filter", "output", "platforms", "pull", "secret", "shm-size", "ssh", "tags",
        "target", "ulimits", "policy",
    ]

    /// Takes the value of an attribute.
    mutating func set(_ name: String, _ value: BakeValue) throws(FieldFault) {
        let field = Field(name: name, value: value)
        switch name {
        case "description": details = try field.text()
        case "inherits": inherits = try field.texts() ?? []
        case "annotations": annotations = try field.texts()
        case "args": arguments = try field.mapping()
        case "labels": labels = try field.mapping()
        case "contexts": contexts = try field.mapping()
        case "extra-hosts": hosts = try field.mapping()
        case "attest": attestations = try field.entries(.attestation)
        case "cache-from": cacheSources = try field.entries(.cache)
        case "cache-to": cacheTargets = try field.entries(.cache)
        case "secret": secrets = try field.entries(.secret)
        case "ssh": agents = try field.entries(.agent)
        case "output": outputs = try field.entries(.output)
        case "call": question = try field.text()
        case "context": context = try field.text()
        case "dockerfile": dockerfile = try field.text()
        case "dockerfile-inline": inlineDockerfile = try field.text()
        case "entitlements": entitlements = try field.texts()
        case "network": network = try field.text()
        case "no-cache": ignoresCache = try field.truth()
        case "pull": pulls = try field.truth()
        case "no-cache-filter": ignoredStages = try field.texts()
        case "platforms": platforms = try field.texts()
        case "shm-size": sharedMemorySize = try field.text()
        case "tags": tags = try field.texts()
        case "target": stage = try field.text()
        case "ulimits": resourceLimits = try field.texts()
        // What makes several of a block, and rules that Distill has none of, say nothing of the target itself.
        default: break
        }
    }

    /// A value that an attribute cannot have.
    struct FieldFault: Error {
        let reason: BakeError.Reason
    }

    private struct Field {
        let name: String
        let value: BakeValue

        private func wrong(_ expected: BakeError.Kind) -> FieldFault {
            FieldFault(reason: .wrongKind(expected: expected, found: value.kind))
        }

        func text() throws(FieldFault) -> String? {
            if value == .null { return nil }
            guard let text = value.string else { throw wrong(.text) }
            return text
        }

        func truth() throws(FieldFault) -> Bool? {
            if value == .null { return nil }
            // The documentation writes numbers and words, too.
            if let text = value.string, let truth = SwitchWord.value(text) { return truth }
            if value == .text("always") { return true }
            throw wrong(.boolean)
        }

        func texts() throws(FieldFault) -> [String]? {
            switch value {
            case .null: return nil
            case .list(let items):
                var texts: [String] = []
                for item in items where item != .null {
                    guard let text = item.string else { throw wrong(.list) }
                    texts.append(text)
                }
                return texts
            case .bool, .number, .text, .mapping: throw wrong(.list)
            }
        }

        func mapping() throws(FieldFault) -> [String: String] {
            switch value {
            case .null: return [:]
            case .mapping(let members):
                var result: [String: String] = [:]
                for (name, member) in members where member != .null {
                    guard let text = member.string else { throw wrong(.mapping) }
                    result[name] = text
                }
                return result
            case .bool, .number, .text, .list: throw wrong(.mapping)
            }
        }

        func entries(_ kind: BakeEntry.Kind) throws(FieldFault) -> [BakeEntry]? {
            switch value {
            case .null: return nil
            case .list(let items):
                var entries: [BakeEntry] = []
                for item in items where item != .null && item != .text("") {
                    guard let entry = BakeEntry(kind, item) else { throw wrong(.list) }
                    entries.append(entry)
                }
                return entries
            case .bool, .number, .text, .mapping: throw wrong(.list)
            }
        }
    }
}
