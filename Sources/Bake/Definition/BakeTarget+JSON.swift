package import OCI

extension BakeTarget {
    /// As `bake --print` has it: a file that says the same without variables.
    package var json: JSON {
        var object: JSONObject = [:]
        func set(_ name: String, _ text: String?) { object[name] = text.map(JSON.string) }
        func set(_ name: String, texts: [String]?) {
            if let texts, !texts.isEmpty { object[name] = JSON.strings(texts) }
        }
        func set(_ name: String, _ mapping: [String: String]) {
            guard !mapping.isEmpty else { return }
            object[name] = .object(
                mapping.sorted { $0.key < $1.key }.reduce(into: JSONObject()) { $0[$1.key] = .string($1.value) })
        }
        func set(_ name: String, _ entries: [BakeEntry]?) {
            if let entries, !entries.isEmpty { object[name] = .array(entries.map(\.json)) }
        }
        set("description", details)
        set("annotations", texts: annotations?.map(Self.escaped))
        set("attest", attestations)
        set("context", context)
        set("contexts", contexts)
        set("dockerfile", dockerfile)
        set("dockerfile-inline", inlineDockerfile.map(Self.escaped))
        set("args", arguments.mapValues(Self.escaped))
        set("labels", labels.mapValues(Self.escaped))
        set("tags", texts: tags)
        set("cache-from", cacheSources)
        set("cache-to", cacheTargets)
        set("target", stage)
        set("secret", secrets)
        set("ssh", agents)
        set("platforms", texts: platforms)
        set("output", outputs)
        if let pulls { object["pull"] = .bool(pulls) }
        if let ignoresCache { object["no-cache"] = .bool(ignoresCache) }
        set("network", network)
        set("no-cache-filter", texts: ignoredStages)
        set("shm-size", sharedMemorySize)
        set("ulimits", texts: resourceLimits)
        set("call", question)
        set("entitlements", texts: entitlements)
        set("extra-hosts", hosts.mapValues(Self.escaped))
        return .object(object)
    }

    /// A text as a template that comes to it.
    private static func escaped(_ text: String) -> String {
        Functions.pieces(Functions.pieces(text, "${").joined(separator: "$${"), "%{").joined(separator: "%%{")
    }
}
