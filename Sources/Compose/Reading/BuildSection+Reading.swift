internal import OCI

extension BuildSection {
    static let keys = [
        "context", "dockerfile", "dockerfile_inline", "additional_contexts", "args", "cache_from", "cache_to",
        "entitlements",
        "extra_hosts", "isolation", "labels", "network", "no_cache", "no_cache_filter", "platforms", "provenance",
        "pull", "sbom", "secrets", "shm_size",
        "privileged", "ssh", "tags", "target", "ulimits",
    ]

    /// Reads a context alone, or the whole section (Compose specification, "Build").
    init(_ node: ComposeNode) throws(ComposeError) {
        self.init(place: node.place)
        if case .scalar(let text) = node.content {
            context = text
            return
        }
        let fields = try node.fields("'build'", "build", known: Self.keys)
        func text(_ key: String) throws(ComposeError) -> String? { try fields[key]?.text(key) }
        func texts(_ key: String) throws(ComposeError) -> [String] {
            try fields[key]?.textOrList(key).map { item throws(ComposeError) in try item.text(key) } ?? []
        }
        func variables(_ key: String) throws(ComposeError) -> [Variable] { try fields[key]?.variables(key) ?? [] }
        entitlements =
            try fields["entitlements"]?.textOrList("entitlements").map { item throws(ComposeError) in
                try item.choice("entitlements", ["network.host", "security.insecure"])
            } ?? []
        // Of the kinds of isolation Linux knows the usual one.
        if let field = fields["privileged"], try field.boolean("privileged") {
            throw field.error(.unsupportedValue(key: "privileged", value: "true"))
        }
        _ = try fields["isolation"]?.choice("isolation", ["default"])
        context = try text("context") ?? "."
        dockerfile = try text("dockerfile")
        inlineDockerfile = try text("dockerfile_inline")
        if dockerfile != nil, let inline = fields["dockerfile_inline"] {
            throw inline.error(.duplicateKey("dockerfile"))
        }
        additionalContexts = try variables("additional_contexts")
        arguments = try variables("args")
        cacheFrom = try texts("cache_from")
        cacheTo = try texts("cache_to")
        extraHosts = try fields["extra_hosts"]?.hostEntries("extra_hosts") ?? []
        labels = try variables("labels")
        network = try fields["network"].map { field throws(ComposeError) in
            try field.choice("network", ["default", "none", "host"])
        }
        noCache = try fields["no_cache"]?.boolean("no_cache") ?? false
        noCacheFilter = try texts("no_cache_filter")
        platforms =
            try fields["platforms"]?.textOrList("platforms").map { item throws(ComposeError) in
                try item.platform("platforms").description
            } ?? []
        provenance = try text("provenance")
        pull = try fields["pull"]?.boolean("pull") ?? false
        sbom = try text("sbom")
        secrets =
            try fields["secrets"]?.items("secrets").map { item throws(ComposeError) in try Self.secret(item) } ?? []
        sharedMemorySize = try fields["shm_size"].map { field throws(ComposeError) in
            String(try field.bytes("shm_size"))
        }
        agents = try fields["ssh"].map { field throws(ComposeError) in try Self.agents(field) } ?? []
        tags = try texts("tags")
        target = try text("target")
        resourceLimits = try fields["ulimits"]?.limits("ulimits") ?? []
    }

    private static func secret(_ node: ComposeNode) throws(ComposeError) -> Variable {
        guard case .mapping = node.content else {
            let name = try node.text("secrets")
            return Variable(name: name, value: name)
        }
        let fields = try node.fields("a build's secret", "secrets", known: ["source", "target", "uid", "gid", "mode"])
        guard let source = fields["source"] else { throw node.error(.missingKey("source", owner: "a build's secret")) }
        let name = try source.text("source")
        return Variable(name: try fields["target"]?.text("target") ?? name, value: name)
    }

    /// `default`, or names with sockets.
    private static func agents(_ node: ComposeNode) throws(ComposeError) -> [String] {
        if case .scalar(let text) = node.content { return [text] }
        return try node.pairs("ssh").map { pair in pair.value.map { "\(pair.name)=\($0)" } ?? pair.name }
    }
}
