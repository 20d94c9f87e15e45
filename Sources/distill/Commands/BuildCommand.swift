import Agents
import ArgumentParser
import Attestation
import BuildGraph
import Diagnosis
import Dockerfile
import Engine
import Insight
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
    @Option(
        name: [.short, .long],
        help: ArgumentHelp("The Dockerfile; '-' reads standard input. (default: CONTEXT/Dockerfile)", valueName: "file")
    )
    var file: String?
    @Option(help: ArgumentHelp("The stage to build, by name or number.", valueName: "stage"))
    var target: String?
    @Option(
        help: ArgumentHelp(
            "Set a build argument; without '=value' it is taken from the environment.", valueName: "name=value"))
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
            "A right over this machine that steps may ask for: network.host, security.insecure; repeatable.",
            valueName: "right"))
    var allow: [String] = []
    @Option(help: ArgumentHelp("The network of RUN instructions: default, none or host.", valueName: "mode"))
    var network: String = "default"
    @Option(help: ArgumentHelp("How progress is shown: auto, tty, plain, quiet or rawjson.", valueName: "kind"))
    var progress: String = "auto"
    @Flag(name: [.short, .long], help: "Print the image's ID and nothing else.")
    var quiet = false
    @Option(
        help: ArgumentHelp(
            "A further context: a directory, an archive's or a repository's URL, docker-image://REFERENCE, oci-layout://PATH[:TAG] or target:STAGE.",
            valueName: "name=value"))
    var buildContext: [String] = []
    @Option(
        help: ArgumentHelp(
            "A secret for RUN --mount=type=secret: id=NAME,src=FILE or id=NAME,env=VARIABLE.", valueName: "secret"))
    var secret: [String] = []
    @Option(
        help: ArgumentHelp(
            "An SSH agent for RUN --mount=type=ssh: default, NAME=SOCKET, or NAME=KEY[,KEY] for private keys.",
            valueName: "agent"))
    var ssh: [String] = []
    @Option(
        help: ArgumentHelp(
            "What to do: build, or check, outline or targets, which tell of the Dockerfile; ',format=json' may follow.",
            valueName: "method"))
    var call: String?
    @OptionGroup var container: ContainerOptions
    @OptionGroup var outcome: OutputOptions
    @OptionGroup var attestations: AttestationOptions
    @OptionGroup var cache: CacheOptions
    @OptionGroup var catalog: CatalogOptions
    @Flag(help: "Keep the file system of a command that fails, and tell how to look into it.")
    var keepFailed = false
    @OptionGroup var closure: ClosureOptions
    @OptionGroup var gate: SecretOptions
    @OptionGroup var credentials: CredentialOptions
    @Option(help: ArgumentHelp("How many steps are worked on at once.", valueName: "number"))
    var jobs: Int = 4
    @OptionGroup var budget: BudgetOptions
    @Flag(help: "Say nothing about what would make the image smaller.")
    var noAdvice = false
    @OptionGroup var legacy: LegacyOptions
    @Argument(
        help: ArgumentHelp(
            "A directory, the URL of an archive or a git repository, or '-' for an archive or a Dockerfile on standard input.",
            valueName: "CONTEXT"))
    var givenContext: String?

    func run() async throws {
        let question = try TargetQuestion(call: call)
        if question == nil { try outcome.discardEarlier() }
        guard let context = givenContext else { throw UsageError.noContext }
        legacy.tell()
        guard (1...1024).contains(jobs) else {
            throw InvalidOption(name: "--jobs", value: "\(jobs)", reason: "it is a number from 1 to 1024")
        }
        let environment = HostEnvironment.ofProcess()
        let specification = try specification(context, environment)
        let rules = try budget.words(environment)
        _ = try Budget(rules)
        let engine = try credentials.engine(environment)
        defer { engine.close() }
        if let question {
            let answer = try await question.answer(specification, on: engine)
            StandardStream.output.show(answer.text)
            if answer.fails { throw ExitCode(1) }
            return
        }
        if closure.check == .lint { return try show(await engine.review(specification)) }
        let shown = ShownBuild(mode: try ProgressMode(progress, quiet: quiet), explainsCache: explainCache)
        let done = try await shown.run(specification, on: engine)
        try outcome.write(done.receipt)
        // Standard output may be the image itself.
        if shown.mode == .quiet, !outcome.usesStandardOutput { StandardStream.output.show("\(done.receipt.id)\n") }
        shown.summarize(done, specification.names)
        shown.tellNext(specification.names, engine.store)
        let advice = BuiltImageAdvice(engine: engine, words: rules, tellsFix: !noAdvice && shown.mode != .quiet)
        try await advice.tell(done, name: specification.names.first?.familiar)
    }

    /// What the options say; what is written wrong is told before anything is made.
    private func specification(_ context: String, _ environment: HostEnvironment) throws -> BuildSpecification {
        let names = try tag.map(BuildWords.name)
        let outputs = try outcome.outputs()
        if names.isEmpty, outputs.contains(where: { $0.pushes && $0.names.isEmpty }) {
            throw InvalidOption(
                name: outcome.push ? "--push" : "--output", value: "", reason: "a name says where to push: --tag NAME")
        }
        let annotations = try outcome.annotations()
        let attested = try attestations.request()
        let platforms = try BuildWords.platforms(platform)
        var cache = try cache.specification()
        let filter = Set(noCacheFilter.flatMap { $0.split(separator: ",").map(String.init) })
        cache.ignored = noCache ? .all : filter.isEmpty ? .none : .stages(filter)
        let agents = try BuildAgents(options: ssh, environment: environment)
        var specification = BuildSpecification(context: try ContextSource(context, environment), contextName: context)
        specification.namedContexts = try buildContext.map { try NamedContextOption.read($0, environment) }
        specification.dockerfile = DockerfilePlace(option: file)
        specification.request = try request(environment)
        specification.platforms = platforms
        specification.names = names
        specification.outputs = outputs
        specification.annotations = annotations
        specification.attestations = attested
        specification.isReproducible = outcome.isReproducible
        specification.isVerified = outcome.verify
        specification.cache = cache
        specification.renewsBases = pull
        specification.bases = catalog.specification()
        specification.secrets = try SecretOption.read(secret, environment)
        specification.agents = agents
        specification.processes = try container.words.processes()
        specification.check = try closure.image()
        specification.secretPolicy = try gate.policy()
        specification.keepsFailed = keepFailed
        specification.jobs = jobs
        return specification
    }

    private func request(_ environment: HostEnvironment) throws -> BuildRequest {
        var request = BuildRequest()
        request.target = target
        request.network = try BuildWords.network(network)
        request.entitlements = try BuildWords.entitlements(allow)
        request.buildArguments = try BuildWords.arguments(buildArg, environment)
        request.labels = try BuildWords.labels(label)
        request.surroundings = try container.words.surroundings()
        return request
    }

    private func show(_ review: DockerfileReview) throws {
        StandardStream.output.show(CheckFormat.plain.text([review], Distill.outputStyle))
        if review.fails { throw ExitCode(1) }
    }
}
