/// One build of a definition: what the options of a `build` would say (bake's "Target").
package struct BakeTarget: Hashable, Sendable {
    package let name: String
    package var details: String?
    package var inherits: [String] = []
    package var annotations: [String]?
    package var attestations: [BakeEntry]?
    package var context: String?
    package var contexts: [String: String] = [:]
    package var dockerfile: String?
    package var inlineDockerfile: String?
    package var arguments: [String: String] = [:]
    package var labels: [String: String] = [:]
    package var tags: [String]?
    package var cacheSources: [BakeEntry]?
    package var cacheTargets: [BakeEntry]?
    package var stage: String?
    package var secrets: [BakeEntry]?
    package var agents: [BakeEntry]?
    package var platforms: [String]?
    package var outputs: [BakeEntry]?
    package var pulls: Bool?
    package var ignoresCache: Bool?
    package var network: String?
    package var ignoredStages: [String]?
    package var sharedMemorySize: String?
    package var resourceLimits: [String]?
    package var question: String?
    package var entitlements: [String]?
    package var hosts: [String: String] = [:]
    /// Whether it is built only because another target stands on it.
    package var isLinked = false

    init(_ name: String) { self.name = name }

    /// The targets whose results are contexts of this one.
    package var contextTargets: [String] {
        contexts.sorted { $0.key < $1.key }.compactMap { Self.target(of: $0.value) }
    }

    /// The target that a context names.
    package static func target(of context: String) -> String? {
        context.hasPrefix("target:") ? String(context.dropFirst("target:".count)) : nil
    }

    /// Takes what another one says: an ancestor's child, or a later file's target of the same name.
    mutating func merge(_ other: BakeTarget) {
        details = other.details ?? details
        context = other.context ?? context
        dockerfile = other.dockerfile ?? dockerfile
        inlineDockerfile = other.inlineDockerfile ?? inlineDockerfile
        stage = other.stage ?? stage
        question = other.question ?? question
        pulls = other.pulls ?? pulls
        ignoresCache = other.ignoresCache ?? ignoresCache
        network = other.network ?? network
        sharedMemorySize = other.sharedMemorySize ?? sharedMemorySize
        contexts.merge(other.contexts) { $1 }
        arguments.merge(other.arguments) { $1 }
        labels.merge(other.labels) { $1 }
        hosts.merge(other.hosts) { $1 }
        // These are replaced.
        tags = other.tags ?? tags
        platforms = other.platforms ?? platforms
        cacheTargets = other.cacheTargets ?? cacheTargets
        outputs = other.outputs ?? outputs
        // These are added to.
        annotations = Self.joined(annotations, other.annotations)
        ignoredStages = Self.joined(ignoredStages, other.ignoredStages)
        resourceLimits = Self.joined(resourceLimits, other.resourceLimits)
        entitlements = Self.joined(entitlements, other.entitlements)
        attestations = Self.joined(attestations, other.attestations)
        secrets = Self.joined(secrets, other.secrets)
        agents = Self.joined(agents, other.agents)
        cacheSources = Self.joined(cacheSources, other.cacheSources)
        inherits += other.inherits
    }

    private static func joined<Item>(_ first: [Item]?, _ second: [Item]?) -> [Item]? {
        first == nil && second == nil ? nil : (first ?? []) + (second ?? [])
    }

    /// Each value once, and none that is empty.
    mutating func settle() {
        func once(_ texts: [String]?) -> [String]? {
            var seen: Set<String> = []
            return texts?.filter { !$0.isEmpty && seen.insert($0).inserted }
        }
        annotations = once(annotations)
        tags = once(tags)
        platforms = once(platforms)
        ignoredStages = once(ignoredStages)
        resourceLimits = once(resourceLimits)
        if network == "host" { entitlements = (entitlements ?? []) + ["network.host"] }
        entitlements = once(entitlements)
        attestations = attestations?.settled
        secrets = secrets?.settled
        agents = agents?.settled
        cacheSources = cacheSources?.settled
        cacheTargets = cacheTargets?.settled
        outputs = outputs?.settled
        contexts = contexts.filter { !$0.value.isEmpty }
    }
}

/// Targets under one name (bake's "Group").
package struct BakeGroup: Hashable, Sendable {
    package let name: String
    package var details: String?
    /// Names of targets and of other groups.
    package var members: [String]
}
