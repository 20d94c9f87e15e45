import Agents
import Attestation
package import Bases
import BuildGraph
import Dockerfile
import Inspection
import LinuxSystem
import OCI
import Sandbox
import Solver
import Storage
import Synchronization
import SystemPackage

/// What became of a build.
package struct BuildOutcome: Sendable {
    /// One for each platform.
    package let results: [Build.Result]
    package let receipt: OutputExport.Receipt
}

extension Engine {
    package typealias Events = @Sendable (EngineEvent) -> Void

    /// Builds what a specification says, and makes its outputs.
    ///
    /// - Throws: ``EngineError``; ``SourcedError`` for what concerns the Dockerfile.
    package func build(_ specification: BuildSpecification, events: @escaping Events) async throws -> BuildOutcome {
        let work = WorkSeen()
        let outcome = try await together { engine in
            try await specification.agents.around(store) { makers in
                let networks = ContainerNetworks(
                    hosts: specification.processes.hosts,
                    variables: specification.request.buildArguments.map { ($0, $1) },
                    environment: environment
                ) { events(.warning(.network($0))) }
                return try await networks.around {
                    var run = try await BuildRun(specification, in: engine, agents: makers) { event in
                        work.take(event)
                        events(event)
                    }
                    run.context.network = { try await networks.take() }
                    return try await run.outcome()
                }
            }
        }
        if work.isSeen { try await keepRoom(events) }
        return outcome
    }

    /// Removes what was used the longest ago where the store is above its limit.
    private func keepRoom(_ events: @escaping Events) async throws {
        let limit = try StoreSettings(environment, store: store.path).limit
        let removal: Store.Removal?
        // The image is there, whatever becomes of this; the next build tries again.
        do { removal = try await store.perform { [store] in try store.keep(below: limit) } } catch { return }
        guard let removal, removal.reclaimed > 0 else { return }
        let isFirst = try await store.perform { [store] in try store.isFirst("limit") }
        events(.madeRoom(bytes: removal.reclaimed, limit: limit, isFirst: isFirst))
    }

    /// The Dockerfile of a specification, and what its ignore file leaves out.
    package func dockerfile(of specification: BuildSpecification) async throws -> DockerfileSource {
        try DockerfileSource.read(
            specification.dockerfile, context: await specification.context.open(in: self, git: gitAccess(specification))
        )
    }
}

/// Whether a build executed a step: one that came from the cache whole has made nothing.
private final class WorkSeen: Sendable {
    private let seen = Atomic(false)

    var isSeen: Bool { seen.load(ordering: .relaxed) }

    func take(_ event: EngineEvent) {
        if case .step(let event) = event, case .started = event.kind { seen.store(true, ordering: .relaxed) }
    }
}

/// One build on its way: the contexts are open, and nothing is solved yet.
private struct BuildRun: Sendable {
    let engine: Engine
    let specification: BuildSpecification
    let contexts: BuildContexts
    let dockerfile: DockerfileSource
    let references: StoreReferences
    let fetched: FetchedSources
    var context: SolveContext
    let events: Engine.Events
    /// Seconds since 1970.
    let started: Int64

    init(
        _ specification: BuildSpecification, in engine: Engine, agents: BuildAgents.Makers,
        events: @escaping Engine.Events
    ) async throws {
        (self.engine, self.specification, self.events) = (engine, specification, events)
        started = FileTime.now.seconds
        contexts = try await BuildContexts(
            specification, engine: engine, git: engine.gitAccess(specification),
            keepsHistory: specification.request.isOn("BUILDKIT_CONTEXT_KEEP_GIT_DIR"))
        for (repository, file) in contexts.placeholders { events(.warning(.placeholder(file, in: repository))) }
        dockerfile = try DockerfileSource.read(specification.dockerfile, context: contexts.main)
        fetched = FetchedSources(SharedRemoteFiles(environment: engine.environment))
        var references = StoreReferences(
            store: engine.store, pulls: specification.renewsBases ? .newer : .missing, registries: engine.registries,
            layouts: contexts.layouts)
        references.catalog = engine.catalog(specification.bases) { events(.base($0)) }
        self.references = references
        var context = try engine.solveContext(specification, fetched, events)
        context.contexts = try contexts.opened(dockerfile: dockerfile)
        context.agents = agents
        let bases = references
        context.fetchLayer = { layer, progress in try await bases.fetch(layer, progress: progress) }
        context.importedCaches = try await engine.imported(specification, events)
        self.context = context
    }

    func outcome() async throws -> BuildOutcome {
        let secrets = BuildSecrets(engine: engine, specification: specification, context: contexts.main.path)
        // A build that is verified makes each layer twice.
        let places = specification.isVerified ? [] : specification.cache.targets.filter(\.isRegistry)
        let headStart = CacheHeadStart(
            engine: engine, places: places, gate: await places.isEmpty ? nil : secrets.gate(),
            observer: { events(.transfer($0)) })
        let (made, arrived) = try await headStart.run { hear in
            var run = self
            run.context.layerMade = hear
            return try await run.made(secrets)
        }
        let export = OutputExport(
            engine: engine, results: made.results, tags: specification.names, outputs: specification.outputs,
            isReproducible: specification.isReproducible, annotations: specification.annotations,
            attestations: specification.attestations,
            knowledge: made.knowledge, transferObserver: { events(.transfer($0)) })
        let receipt = try await export.run()
        try await keep(made.knowledge.map(\.record), of: made.results, receipt)
        let cache = CacheExport(
            cache: specification.cache, imported: context.importedCaches, arrived: arrived)
        try await engine.export(made.results, cache, events)
        return BuildOutcome(results: made.results, receipt: receipt)
    }

    /// What the steps came to, and that nothing speaks against making something of it.
    private func made(_ secrets: BuildSecrets) async throws -> (results: [Build.Result], knowledge: [BuildKnowledge]) {
        let usualEpoch = specification.isReproducible ? await contexts.main.commitTime(engine.store) ?? 0 : nil
        var results: [Build.Result] = []
        var provenances: [Provenance] = []
        for platform in specification.platforms {
            let build = try build(for: platform, usualEpoch: usualEpoch)
            let result = try await solved(build)
            provenances.append(Provenance(result, dockerfile, build.request, contexts.main, fetched))
            if specification.isVerified { try await verify(result, build) }
            results.append(result)
        }
        for argument in results.first?.unusedArguments ?? [] { events(.warning(.unusedArgument(argument))) }
        try await engine.review(results, specification.check, specification.start, events)
        let inlines = specification.cache.targets.contains { $0.location == .image }
        if try inlines || specification.request.isOn("BUILDKIT_INLINE_CACHE") {
            results = try await engine.inliningCache(results)
        }
        if specification.attestations.provenance != nil { provenances = await completed(provenances, of: results) }
        let knowledge = zip(results, provenances).map { BuildKnowledge(provenance: $1, record: record(of: $0)) }
        try await secrets.check(results, knowledge, events)
        return (results, knowledge)
    }

    /// Which line of the Dockerfile made each layer.
    private func record(of result: Build.Result) -> BuildRecord {
        let file = dockerfile.file
        var record = BuildRecord(file: file.name, digest: Digest(sha256: file.bytes), steps: result.layerSteps)
        (record.path, record.context) = dockerfilePlace
        record.target = specification.request.target
        record.isRepeatable = isRepeatable
        return record
    }

    /// Keeps records beside their images.
    private func keep(_ records: [BuildRecord], of results: [Build.Result], _ receipt: OutputExport.Receipt)
        async throws
    {
        let store = engine.store
        try await store.perform {
            for (result, record) in zip(results, records) {
                store.buildNotes.keep(record.json.bytes, under: result.image.id)
            }
            // Files whose times were set make another image of the same steps.
            if let only = records.first, records.count == 1 {
                store.buildNotes.keep(only.json.bytes, under: receipt.configDigest)
            }
        }
    }

    /// Whether the same Dockerfile and context are all that another build needs.
    private var isRepeatable: Bool {
        let request = specification.request
        return request.buildArguments.keys.allSatisfy(BuildRequest.isProxy) && request.labels.isEmpty
            && specification.secrets.isEmpty
            && specification.namedContexts.isEmpty
            && specification.platforms.count == 1 && request.entitlements.isEmpty
    }

    /// Where the Dockerfile and the context are on this machine; nil for those that were fetched.
    private var dockerfilePlace: (file: String?, context: String?) {
        guard contexts.main.remembers else { return (nil, nil) }
        let context = contexts.main.path
        switch specification.dockerfile {
        case .usual: return (context.appending(dockerfile.file.name).string, context.string)
        case .file("-"), .inline, .received: return (nil, context.string)
        case .file(let path): return (engine.environment.absolute(FilePath(path)).string, context.string)
        }
    }

    private func build(for platform: Platform, usualEpoch: Int64?) throws -> Build {
        var request = specification.request
        request.platform = platform
        request.namedContexts = contexts.named
        var context = context
        let place = contexts.main.remembers ? contexts.main.path.string : specification.contextName
        context.memoryName = [place, dockerfile.file.name, platform.description, request.target ?? ""].joined(
            separator: "\n")
        return Build(
            dockerfile: dockerfile.file, request: request, context: context, references: references,
            git: engine.gitAccess(specification), ignore: try dockerfile.ignorePatterns(), usualEpoch: usualEpoch,
            fetchedCommitTime: contexts.main.fetchedCommitTime)
    }

    private func solved(_ build: Build) async throws -> Build.Result {
        events(.building(dockerfile.file))
        defer { events(.built) }
        do { return try await build.run { [events] in events(.step($0)) } } catch {
            throw SourcedError(error: error, source: dockerfile.file)
        }
    }

    private func verify(_ first: Build.Result, _ build: Build) async throws {
        let again = try await solved(build)
        try await engine.store.perform {
            do { try BuildVerification(store: engine.store).compare(first, again) } catch {
                throw SourcedError(error: error, source: dockerfile.file)
            }
        }
        events(.verified(first.image.config.platform))
    }

    /// With what is known at the end alone.
    private func completed(_ provenances: [Provenance], of results: [Build.Result]) async -> [Provenance] {
        let revision = await contexts.main.revision(engine.store)
        let invocation = results.contains { $0.epoch != nil } ? nil : Provenance.Run.new(started: started)
        return provenances.map { provenance in
            var provenance = provenance
            provenance.revision = revision
            provenance.isReproducible = specification.isReproducible
            provenance.run = invocation
            return provenance
        }
    }
}

extension Engine {
    /// What does not depend on a context or a platform.
    fileprivate func solveContext(
        _ specification: BuildSpecification, _ fetched: FetchedSources, _ events: @escaping Events
    ) throws -> SolveContext {
        var context = SolveContext(store: store, runtime: runtime)
        context.hostFiles = RootFileSystem.HostFile.forProcesses(furtherHosts: specification.processes.hosts)
        context.sharedMemorySize = specification.processes.sharedMemorySize
        context.resourceLimits = specification.processes.resourceLimits
        context.groupLimits = specification.processes.groupLimits
        context.systemCalls = specification.processes.systemCalls
        context.forbidsNewPrivileges = specification.processes.forbidsNewPrivileges
        context.tellsErrorsApart = specification.processes.tellsErrorsApart
        context.keepsFailed = specification.keepsFailed
        context.remoteFiles = fetched
        let access = gitAccess(specification)
        context.checkOutRepository = { source, directory, keepsHistory, commit in
            let checkout = try await GitCheckout(source, keepsHistory: keepsHistory, access).fetch(
                into: directory, commit: commit)
            fetched.remember(commit: checkout.commit, of: source.text)
            if let file = checkout.placeholder {
                events(.warning(.placeholder(file, in: PublicURL.text(of: source.text))))
            }
            return checkout.path
        }
        context.secret = access.secret
        context.ignoredCache = specification.isVerified ? .all : specification.cache.ignored
        context.executes = { $0.distance(to: .host) != nil || Emulation.isRegistered($0.architecture) }
        context.jobs = specification.jobs
        return context
    }

    /// What git is given: the secrets of a specification, which are read when they are needed.
    fileprivate func gitAccess(_ specification: BuildSpecification) -> GitAccess {
        let (secrets, environment) = (specification.secrets, environment)
        return GitAccess(environment, secretNames: Array(secrets.keys)) { id in try secrets[id]?.read(id, environment) }
    }

    /// The bases of the catalog, composed as a specification says.
    package func catalog(_ specification: BaseSpecification, events: @escaping @Sendable (BaseEvent) -> Void)
        -> CatalogBases
    {
        CatalogBases(
            composition: BaseComposition(
                store: store, mirror: specification.mirror, keyring: FilePath(specification.keyring),
                environment: environment, events: events),
            redirectsPublicNames: specification.redirectsPublicNames ?? !["", "0", "false"].contains(
                environment["DISTILL_REDIRECT_DISTROLESS"] ?? ""))
    }

    /// The caches that can be read; one that is not there is told of, and no error, as in docker.
    fileprivate func imported(_ specification: BuildSpecification, _ events: Events) async throws -> [ImportedCache] {
        var result: [ImportedCache] = []
        for place in specification.cache.sources {
            do {
                let caches = try await place.read(for: specification.platforms, in: self)
                if caches.isEmpty { events(.warning(.noCache(place))) }
                result += caches
            } catch let error where !(error is CancellationError) {
                events(.warning(.unusableCache(place, error)))
            }
        }
        return result
    }
}

extension Build.Result {
    /// The instruction behind each layer.
    fileprivate var layerSteps: [LayerStep] {
        solution.steps(of: target, in: graph).map { origin in
            guard let origin else {
                var step = LayerStep()
                step.isBase = true
                return step
            }
            var step = LayerStep(text: origin.text)
            (step.file, step.lines, step.stage, step.isBase) = (
                dockerfile.name, origin.range?.lines, origin.stage, false
            )
            return step
        }
    }
}

extension SecretSource {
    /// - Returns: nil for a variable that is not set.
    func read(_ id: String, _ environment: HostEnvironment) throws -> [UInt8]? {
        switch self {
        case .bytes(let bytes): return bytes
        case .variable(let name): return environment[name].map { Array($0.utf8) }
        case .file(let path):
            guard let bytes = HostFiles.read(FilePath(path)) else {
                throw EngineError.unusableFile(path: path, .secret(id))
            }
            return bytes
        }
    }
}

extension BuildRequest {
    /// A build argument that is yes or no; no where it is not given.
    fileprivate func isOn(_ name: String) throws -> Bool {
        guard let text = buildArguments[name], !text.isEmpty else { return false }
        guard let isOn = SwitchWord.value(text) else {
            throw EngineError.invalid(.buildArgument(name), value: text, .noSwitch)
        }
        return isOn
    }
}
