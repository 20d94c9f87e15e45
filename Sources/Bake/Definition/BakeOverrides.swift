import OCI

/// `--set TARGET.KEY[.NAME][+]=VALUE`: what counts before the files.
struct BakeOverrides {
    private struct Override {
        let text: String
        let key: String
        let name: String?
        var values: [String]
        let adds: Bool
    }

    private var byTarget: [String: [Override]] = [:]

    private static let lists: Set = [
        "output", "cache-to", "cache-from", "tags", "platform", "secrets", "ssh", "attest", "entitlements",
        "annotations", "no-cache-filter", "ulimits",
    ]
    static let keys =
        lists.union([
            "context", "dockerfile", "args", "contexts", "labels", "target", "call", "no-cache", "shm-size", "network",
            "pull", "push", "load", "extra-hosts",
        ])

    init(_ texts: [String], _ definition: BakeDefinition) throws(BakeError) {
        for text in texts {
            let sides = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let adds = sides[0].hasSuffix("+")
            let path = (adds ? String(sides[0].dropLast()) : sides[0])
                .split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
            guard path.count >= 2, sides.count == 2 || path[1] == "args" else {
                throw BakeError(.invalidOverride(text))
            }
            guard Self.keys.contains(path[1]) else { throw BakeError(.unknownOverride(path[1])) }
            let needsName = ["args", "contexts", "labels", "extra-hosts"].contains(path[1])
            guard needsName == (path.count == 3) else { throw BakeError(.invalidOverride(text)) }
            let names = definition.targets.map(\.name).filter { $0 == path[0] || Glob.matches(path[0], $0) }
            guard !names.isEmpty else {
                throw BakeError(.noMatch(path[0], known: definition.targets.map(\.name).sorted()))
            }
            let override = Override(
                text: text, key: path[1], name: path.count == 3 ? path[2] : nil, values: Array(sides.dropFirst()),
                adds: adds)
            for name in names { add(override, to: name) }
        }
    }

    private mutating func add(_ override: Override, to target: String) {
        var overrides = byTarget[target] ?? []
        if let index = overrides.firstIndex(where: { $0.key == override.key && $0.name == override.name }) {
            let earlier = overrides.remove(at: index)
            var joined = override
            if Self.lists.contains(override.key) { joined.values = earlier.values + override.values }
            overrides.append(joined)
        } else {
            overrides.append(override)
        }
        byTarget[target] = overrides
    }

    func apply(to target: inout BakeTarget) throws(BakeError) {
        let overrides = byTarget[target.name] ?? []
        // What is done with outputs comes when they are known.
        let late = ["push", "load"]
        for override in overrides where !late.contains(override.key) { try Self.apply(override, &target) }
        for override in overrides where late.contains(override.key) { try Self.apply(override, &target) }
    }

    private static func apply(_ override: Override, _ target: inout BakeTarget) throws(BakeError) {
        let value = override.values.last ?? ""
        func texts(_ earlier: [String]?, adds: Bool) -> [String] { (adds ? earlier ?? [] : []) + override.values }
        func entries(_ kind: BakeEntry.Kind, _ earlier: [BakeEntry]?, adds: Bool) -> [BakeEntry] {
            (adds ? earlier ?? [] : []) + override.values.filter { !$0.isEmpty }.map { BakeEntry(kind, $0) }
        }
        func truth() throws(BakeError) -> Bool {
            guard let truth = SwitchWord.value(value) else { throw BakeError(.invalidOverride(override.text)) }
            return truth
        }
        let name = override.name ?? ""
        switch override.key {
        case "context": target.context = value
        case "dockerfile": target.dockerfile = value
        case "target": target.stage = value
        case "call": target.question = value
        case "shm-size": target.sharedMemorySize = value
        case "network": target.network = value
        case "args": target.arguments[name] = value
        case "contexts": target.contexts[name] = value
        case "labels": target.labels[name] = value
        case "extra-hosts": target.hosts[name] = value
        case "tags": target.tags = texts(target.tags, adds: override.adds)
        case "platform": target.platforms = texts(target.platforms, adds: override.adds)
        case "no-cache-filter": target.ignoredStages = texts(target.ignoredStages, adds: override.adds)
        case "ulimits": target.resourceLimits = texts(target.resourceLimits, adds: override.adds)
        case "annotations": target.annotations = texts(target.annotations, adds: true)
        case "entitlements": target.entitlements = texts(target.entitlements, adds: true)
        case "cache-from": target.cacheSources = entries(.cache, target.cacheSources, adds: override.adds)
        case "cache-to": target.cacheTargets = entries(.cache, target.cacheTargets, adds: override.adds)
        case "secrets": target.secrets = entries(.secret, target.secrets, adds: override.adds)
        case "ssh": target.agents = entries(.agent, target.agents, adds: override.adds)
        case "output": target.outputs = entries(.output, target.outputs, adds: override.adds)
        case "attest": target.attestations = entries(.attestation, target.attestations, adds: true)
        case "no-cache": target.ignoresCache = try truth()
        case "pull": target.pulls = try truth()
        case "push": target.outputs = pushed(target.outputs ?? [], try truth())
        case "load": target.outputs = loaded(target.outputs ?? [], try truth())
        default: throw BakeError(.unknownOverride(override.key))
        }
    }

    /// Outputs of images are pushed; where there is no output one is made.
    private static func pushed(_ outputs: [BakeEntry], _ isPushed: Bool) -> [BakeEntry] {
        guard isPushed else {
            return outputs.filter { $0["type"] != "registry" }.map { output in
                var output = output
                if output["type"] == "image" { output["push"] = "false" }
                return output
            }
        }
        var result = outputs.map { output in
            var output = output
            if output["type"] == "image" { output["push"] = "true" }
            return output
        }
        if outputs.allSatisfy({ $0["type"] == "docker" }) { result.append(BakeEntry(.output, "type=image,push=true")) }
        return result
    }

    /// An image of the store is made beside other images.
    private static func loaded(_ outputs: [BakeEntry], _ isLoaded: Bool) -> [BakeEntry] {
        guard isLoaded, !outputs.contains(where: { $0["type"] == "docker" && $0["dest"] == nil }),
            outputs.allSatisfy({ ["docker", "image", "registry", "oci"].contains($0["type"] ?? "") })
        else { return outputs }
        return outputs + [BakeEntry(.output, "type=docker")]
    }
}

extension BakeError {
    /// What `--set` can set.
    package static var overrideKeys: [String] { BakeOverrides.keys.sorted() }
}
