import Compose
import Dockerfile

/// The services of Compose files as targets.
struct ComposeTargets {
    private(set) var targets: [BakeTarget] = []
    private(set) var group = BakeGroup(name: "default", members: [])

    init(_ files: [SourceFile], _ environment: [String: String]) throws {
        var interpolation = Interpolation(variables: environment)
        var merged: ComposeNode?
        for file in files {
            do {
                let node = try interpolation.expand(ComposeNode(parsing: file.bytes, file: file.name))
                merged = try merged?.merged(with: node) ?? node.settled
            } catch { throw Self.sourced(error, files) }
        }
        guard let root = merged else { return }
        let project: Project
        do { project = try Project(root.keepingBuilds, name: nil, usualName: "bake") } catch {
            throw Self.sourced(error, files)
        }
        for service in project.services {
            guard let build = service.build else { continue }
            let name = Self.name(service.name)
            guard DefinitionReading.isName(name) else { throw BakeError(.invalidName(name)) }
            var target = Self.target(name, service, build, project, environment)
            if let node = root["services"]?[service.name]?["build"]?["x-bake"] { target.extend(node) }
            targets.append(target)
            group.members.append(name)
        }
    }

    private static func sourced(_ error: ComposeError, _ files: [SourceFile]) -> any Error {
        files.first { $0.name == error.place.file }.map { SourcedError(error: error, source: $0) } ?? error
    }

    /// Names of services may have dots, those of targets may not.
    static func name(_ service: String) -> String { String(service.map { $0 == "." ? "_" : $0 }) }

    private static func target(
        _ name: String, _ service: Service, _ build: BuildSection, _ project: Project, _ environment: [String: String]
    ) -> BakeTarget {
        var target = BakeTarget(name)
        target.context = path(build.context)
        target.dockerfile = build.dockerfile
        target.inlineDockerfile = build.inlineDockerfile
        for context in build.additionalContexts { target.contexts[context.name] = self.context(context.value ?? "") }
        for argument in build.arguments {
            let own = service.environment.first { $0.name == argument.name }?.value
            target.arguments[argument.name] = argument.value ?? own ?? environment[argument.name]
        }
        for label in build.labels { target.labels[label.name] = label.value ?? "" }
        for host in build.extraHosts { target.hosts[host.name] = host.address }
        target.tags = build.tags.isEmpty ? service.image.map { [$0.value] } : build.tags
        target.cacheSources = entries(.cache, build.cacheFrom)
        target.cacheTargets = entries(.cache, build.cacheTo)
        target.stage = build.target
        target.agents = entries(.agent, build.agents)
        target.platforms = build.platforms.isEmpty ? nil : build.platforms
        target.pulls = build.pull ? true : nil
        target.ignoresCache = build.noCache ? true : nil
        target.ignoredStages = build.noCacheFilter.isEmpty ? nil : build.noCacheFilter
        target.network = build.network
        target.sharedMemorySize = build.sharedMemorySize
        target.resourceLimits = build.resourceLimits.isEmpty ? nil : build.resourceLimits
        target.entitlements = build.entitlements.isEmpty ? nil : build.entitlements
        target.secrets = secrets(build, project)
        var attestations: [BakeEntry] = []
        if let sbom = build.sbom { attestations.append(BakeSelection.attestation("sbom", sbom)) }
        if let provenance = build.provenance {
            attestations.append(BakeSelection.attestation("provenance", provenance))
        }
        target.attestations = attestations.isEmpty ? nil : attestations
        return target
    }

    private static func entries(_ kind: BakeEntry.Kind, _ texts: [String]) -> [BakeEntry]? {
        texts.isEmpty ? nil : texts.map { BakeEntry(kind, $0) }
    }

    private static func secrets(_ build: BuildSection, _ project: Project) -> [BakeEntry]? {
        let entries = build.secrets.compactMap { use -> BakeEntry? in
            guard let secret = project.secrets.first(where: { $0.name == use.value }) else { return nil }
            let source =
                switch secret.source {
                case .file(let path): ("src", self.path(path))
                case .environment(let name): ("env", name)
                }
            return BakeEntry(.secret, fields: [("id", use.name), source])
        }
        return entries.isEmpty ? nil : entries
    }

    /// A service's result, a place elsewhere, or a directory.
    static func context(_ text: String) -> String {
        for prefix in ["service:", "target:"] where text.hasPrefix(prefix) {
            return "target:" + name(String(text.dropFirst(prefix.count)))
        }
        return path(text)
    }

    private static func path(_ text: String) -> String {
        text.contains("://") || text.hasPrefix("git@") || text.hasPrefix("github.com/") || text.isEmpty
            ? text : Paths.cleaned(text)
    }
}

extension BakeTarget {
    /// What a Compose file says below `x-bake`.
    fileprivate mutating func extend(_ node: ComposeNode) {
        func texts(_ key: String) -> [String]? {
            switch node[key]?.content {
            case .scalar(let text): text.split(separator: " ").map(String.init)
            case .list(let items):
                items.compactMap { if case .scalar(let text) = $0.content { text } else { nil } }
            case .null, .mapping, nil: nil
            }
        }
        func truth(_ key: String) -> Bool? {
            if case .scalar(let text) = node[key]?.content { text == "true" } else { nil }
        }
        func added(_ kind: BakeEntry.Kind, _ key: String, to entries: [BakeEntry]?) -> [BakeEntry]? {
            guard let texts = texts(key) else { return entries }
            return (entries ?? []) + texts.map { BakeEntry(kind, $0) }
        }
        if let more = texts("tags") { tags = hasOwnTags(more) }
        cacheSources = added(.cache, "cache-from", to: cacheSources)
        cacheTargets = added(.cache, "cache-to", to: cacheTargets)
        secrets = added(.secret, "secret", to: secrets)
        agents = added(.agent, "ssh", to: agents)
        outputs = added(.output, "output", to: outputs)
        if let more = texts("platforms") { platforms = (platforms ?? []) + more }
        if let more = texts("no-cache-filter") { ignoredStages = (ignoredStages ?? []) + more }
        pulls = truth("pull") ?? pulls
        ignoresCache = truth("no-cache") ?? ignoresCache
        if case .mapping(let members) = node["contexts"]?.content {
            for member in members {
                guard case .scalar(let text) = member.value.content, contexts[member.key] == nil else { continue }
                contexts[member.key] = ComposeTargets.context(text)
            }
        }
    }

    /// Names of `x-bake` take the place of the image's, and are added to those of `tags`.
    private func hasOwnTags(_ more: [String]) -> [String] { more }
}
