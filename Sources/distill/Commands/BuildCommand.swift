import ArgumentParser
import Attestation
import BuildGraph
import Dockerfile
import LinuxSystem
import OCI
import Rendering
import Sandbox
import Solver
import Storage
import SystemPackage

struct BuildCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "build", abstract: "Build an image from a Dockerfile.",
        usage: "distill build [OPTIONS] CONTEXT")

    @Option(name: [.short, .long], help: ArgumentHelp("Name of the image; repeatable.", valueName: "name[:tag]"))
    var tag: [String] = []
    @Option(name: [.short, .long], help: ArgumentHelp("The Dockerfile; '-' reads standard input. (default: CONTEXT/Dockerfile)", valueName: "file"))
    var file: String?
    @Option(help: ArgumentHelp("The stage to build, by name or number.", valueName: "stage"))
    var target: String?
    @Option(help: ArgumentHelp("Set a build argument; without '=value' it is taken from the environment.", valueName: "name=value"))
    var buildArg: [String] = []
    @Option(help: ArgumentHelp("Set a label on the image.", valueName: "name=value"))
    var label: [String] = []
    @Flag(help: "Execute every step.")
    var noCache = false
    @Option(help: ArgumentHelp("Execute every step of a stage, by its name or number; repeatable.", valueName: "stage"))
    var noCacheFilter: [String] = []
    @Flag(help: "Tell why each step that is executed is not in the cache.")
    var explainCache = false
    @Flag(help: "Ask registries for newer versions of the base images.")
    var pull = false
    @Option(help: ArgumentHelp("The image's platforms, with commas between them.", valueName: "os/arch[/variant]"))
    var platform: [String] = []
    @Option(
        help: ArgumentHelp(
            "A right over this machine that steps may ask for: network.host, security.insecure; repeatable.", valueName: "right"))
    var allow: [String] = []
    @Option(help: ArgumentHelp("The network of RUN instructions: default, none or host.", valueName: "mode"))
    var network: String = "default"
    @Option(help: ArgumentHelp("How progress is shown: auto, tty, plain, quiet or rawjson.", valueName: "kind"))
    var progress: String = "auto"
    @Flag(name: [.short, .long], help: "Print the image's ID and nothing else.")
    var quiet = false
    @Option(help: ArgumentHelp("A further context: a directory, an archive's or a repository's URL, docker-image://REFERENCE, oci-layout://PATH[:TAG] or target:STAGE.", valueName: "name=value"))
    var buildContext: [String] = []
    @Option(help: ArgumentHelp("A secret for RUN --mount=type=secret: id=NAME,src=FILE or id=NAME,env=VARIABLE.", valueName: "secret"))
    var secret: [String] = []
    @Option(help: ArgumentHelp("An SSH agent for RUN --mount=type=ssh: default, NAME=SOCKET, or NAME=KEY[,KEY] for private keys.", valueName: "agent"))
    var ssh: [String] = []
    @OptionGroup var container: ContainerOptions
    @OptionGroup var outcome: OutputOptions
    @OptionGroup var attestations: AttestationOptions
    @OptionGroup var cache: CacheOptions
    @OptionGroup var catalog: CatalogOptions
    @Flag(help: "Keep the file system of a command that fails, and tell how to look into it.")
    var keepFailed = false
    @OptionGroup var closure: ClosureOptions
    @Option(help: ArgumentHelp("How many steps are worked on at once.", valueName: "number"))
    var jobs: Int = 4
    @OptionGroup var legacy: LegacyOptions
    @Argument(help: ArgumentHelp("A directory, the URL of an archive or a git repository, or '-' for an archive or a Dockerfile on standard input.", valueName: "CONTEXT"))
    var givenContext: String?

    func run() async throws {
        guard let context = givenContext else { throw UsageError.noContext }
        legacy.tell()
        guard (1...1024).contains(jobs) else {
            throw UsageError.invalidOption(name: "--jobs", value: "\(jobs)", reason: "it is a number from 1 to 1024")
        }
        try checkOptions()
        let agents = try BuildAgents(options: ssh)
        let store = try StoreLocation.open()
        defer { store.close() }
        try await agents.around(store) { try await build(context, in: store, agents: $0) }
    }

    /// What is written wrong is told before anything is made.
    private func checkOptions() throws {
        _ = try (tag.map(Self.reference), outcome.outputs(), outcome.annotations(), attestations.request(), platforms(), cache.targets())
    }

    private func build(_ context: String, in store: Store, agents: BuildAgents.Makers) async throws {
        let names = try tag.map { try Self.reference($0) }
        let started = FileTime.now.seconds
        let outputs = try outcome.outputs()
        let annotations = try outcome.annotations()
        let attested = try attestations.request()
        let platforms = try platforms()
        let contexts = try await BuildContexts(
            main: context, named: buildContext, store: store, keepsHistory: try flagArgument("BUILDKIT_CONTEXT_KEEP_GIT_DIR"))
        let dockerfile = try DockerfileSource.read(file, context: contexts.main)
        if closure.check == .lint { return try runChecks(dockerfile) }
        var solveContext = SolveContext(store: store) { try Runtime.installed(environment: .ofProcess(), store: store) }
        solveContext.contexts = try contexts.opened(dockerfile: dockerfile)
        solveContext.hostFiles = try container.hostFiles()
        solveContext.sharedMemorySize = try container.sharedMemorySize()
        solveContext.resourceLimits = try container.resourceLimits()
        let security = try container.security()
        (solveContext.systemCalls, solveContext.forbidsNewPrivileges) = (security.systemCalls, security.forbidsNewPrivileges)
        solveContext.keepsFailed = keepFailed
        let fetched = FetchedSources(SharedRemoteFiles())
        solveContext.remoteFiles = fetched
        solveContext.checkOutRepository = { source, directory, keepsHistory, commit in
            let checkout = try await GitCheckout(source, keepsHistory: keepsHistory).fetch(into: directory, commit: commit)
            fetched.remember(commit: checkout.commit, of: source.text)
            return checkout.path
        }
        solveContext.secret = try BuildSecrets(options: secret).provider
        solveContext.agents = agents
        let filter = Set(noCacheFilter.flatMap { $0.split(separator: ",").map(String.init) })
        solveContext.ignoredCache = noCache || outcome.verify ? .all : filter.isEmpty ? .none : .stages(filter)
        solveContext.executes = { $0.distance(to: .host) != nil || Emulation.isRegistered($0.architecture) }
        solveContext.importedCaches = try await cache.imported(into: store)
        solveContext.jobs = jobs
        let mode = try ProgressMode(progress, quiet: quiet)
        var references = StoreReferences(store: store, pulls: pull ? .newer : .missing, layouts: contexts.layouts)
        references.catalog = catalog.catalog(store, mode)
        let bases = references
        solveContext.fetchLayer = { layer, progress in try await bases.fetch(layer, progress: progress) }
        let usualEpoch = outcome.isReproducible ? await contexts.main.commitTime(store) ?? 0 : nil
        let place = contexts.main.remembers ? contexts.main.path.string : context
        var results: [Build.Result] = []
        var provenances: [Provenance] = []
        for platform in platforms {
            solveContext.memoryName = [place, dockerfile.file.name, platform.description, target ?? ""].joined(separator: "\n")
            let request = try request(contexts, platform)
            let build = Build(
                dockerfile: dockerfile.file, request: request, context: solveContext,
                references: bases, ignore: try dockerfile.ignorePatterns(), usualEpoch: usualEpoch,
                fetchedCommitTime: contexts.main.fetchedCommitTime)
            @Sendable func run() async throws -> Build.Result {
                try await withProgress(mode, dockerfile: dockerfile.file, explainsCache: explainCache) { events in
                    try await withInterruption { try await build.run(events: events) }
                }
            }
            results.append(try await run())
            provenances.append(Provenance(results[results.count - 1], dockerfile, request, contexts.main, fetched))
            if outcome.verify {
                let again = try await run()
                let first = results[results.count - 1]
                try await store.perform {
                    do { try BuildVerification(store: store).compare(first, again) } catch {
                        throw SourcedError(error: error, source: dockerfile.file)
                    }
                }
                if mode != .quiet { StandardStream.error.show("built twice, and nothing differs\n") }
            }
        }
        for result in results { try await closure.check(result, in: store, mode) }
        results = try await cache.inlining(results, in: store, isAsked: try flagArgument("BUILDKIT_INLINE_CACHE"))
        if attested.provenance != nil {
            let revision = await contexts.main.revision(store)
            let isTimeless = results.contains { $0.epoch != nil }
            let invocation = isTimeless ? nil : Provenance.Run.new(started: started)
            for index in provenances.indices {
                provenances[index].revision = revision
                provenances[index].isReproducible = outcome.isReproducible
                provenances[index].run = invocation
            }
        }
        let export = OutputExport(
            store: store, results: results, tags: names, outputs: outputs, isReproducible: outcome.isReproducible,
            annotations: annotations, attestations: attested, provenances: provenances, transferObserver: TransferLines.observer(isQuiet: quiet))
        let receipt = try await export.run()
        try outcome.write(receipt)
        try await cache.export(results, from: store, isQuiet: mode == .quiet)
        report(results, receipt, names, mode)
    }

    private func platforms() throws -> [Platform] {
        var result: [Platform] = []
        for text in platform.flatMap({ $0.split(separator: ",") }) {
            let platform = try Platform(parsing: String(text))
            if !result.contains(platform) { result.append(platform) }
        }
        return result.isEmpty ? [.host] : result
    }

    private func runChecks(_ source: DockerfileSource) throws {
        var request = BuildRequest()
        try setArguments(&request)
        let result = CheckResult(
            source.file, buildArguments: request.buildArguments, platform: try platforms().first ?? .host,
            target: target, ignore: try source.ignorePatterns())
        StandardStream.output.show(CheckFormat.plain.text([result], Distill.outputStyle))
        if result.fails { throw ExitCode(1) }
    }

    private static func reference(_ text: String) throws -> ImageReference {
        let reference = try ImageReference(text).withDefaultTag
        guard reference.digest == nil else {
            throw UsageError.invalidOption(name: "--tag", value: text, reason: "a tag cannot have a digest")
        }
        return reference
    }

    private func request(_ contexts: BuildContexts, _ platform: Platform) throws -> BuildRequest {
        var request = BuildRequest(platform: platform)
        request.target = target
        guard let network = Network(rawValue: network) else {
            throw UsageError.invalidOption(name: "--network", value: network, reason: "known are default, none and host")
        }
        request.network = network
        request.entitlements = try entitlements()
        try setArguments(&request)
        for option in label {
            let parts = option.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard let name = parts.first, !name.isEmpty else {
                throw UsageError.invalidOption(name: "--label", value: option, reason: "it needs a name")
            }
            request.labels[name] = parts.count == 2 ? parts[1] : ""
        }
        request.namedContexts = contexts.named
        request.surroundings = try container.surroundings()
        return request
    }

    private func entitlements() throws -> Set<Entitlement> {
        let words = allow.flatMap { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
        return Set(
            try words.map { word in
                guard let right = Entitlement(rawValue: word) else {
                    let known = Entitlement.allCases.map(\.rawValue).joined(separator: ", ")
                    throw UsageError.invalidOption(name: "--allow", value: word, reason: "known are \(known)")
                }
                return right
            })
    }

    /// A build argument that is yes or no; no where it is not given.
    private func flagArgument(_ name: String) throws -> Bool {
        var request = BuildRequest()
        try setArguments(&request)
        guard let text = request.buildArguments[name] else { return false }
        guard let isOn = text.isEmpty ? false : SwitchWord.value(text) else {
            throw UsageError.invalidOption(name: "--build-arg", value: "\(name)=\(text)", reason: "the value is true or false")
        }
        return isOn
    }

    private func setArguments(_ request: inout BuildRequest) throws {
        let environment = ProcessFacts.environment
        for option in buildArg {
            let parts = option.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard let name = parts.first, !name.isEmpty else {
                throw UsageError.invalidOption(name: "--build-arg", value: option, reason: "it needs a name")
            }
            if let value = parts.count == 2 ? parts[1] : environment[name] { request.buildArguments[name] = value }
        }
        if let epoch = environment["SOURCE_DATE_EPOCH"], request.buildArguments["SOURCE_DATE_EPOCH"] == nil {
            request.buildArguments["SOURCE_DATE_EPOCH"] = epoch
        }
    }

    private func report(
        _ results: [Build.Result], _ receipt: OutputExport.Receipt, _ references: [ImageReference], _ mode: ProgressMode
    ) {
        if mode == .quiet {
            // Standard output may be the image itself.
            if !outcome.usesStandardOutput { StandardStream.output.show("\(receipt.id)\n") }
            return
        }
        for result in results {
            if let first = result.warnings.first {
                let count = result.warnings.count == 1 ? "1 warning" : "\(result.warnings.count) warnings"
                StandardStream.error.show("\(count), the first: \(first.code): \(first.message); --check shows all\n")
            }
            let platform = results.count == 1 ? "" : "\(result.image.config.platform): "
            StandardStream.error.show("\(platform)\(BuildSummary.text(result, references))\n")
        }
    }
}
