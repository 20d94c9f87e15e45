import ArgumentParser
import BuildGraph
import Dockerfile
import LinuxSystem
import OCI
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
    @Option(help: ArgumentHelp("The image's platform.", valueName: "os/arch[/variant]"))
    var platform: String?
    @Option(help: ArgumentHelp("The network of RUN instructions: default, none or host.", valueName: "mode"))
    var network: String = "default"
    @Option(help: ArgumentHelp("How progress is shown: auto, tty, plain, quiet or rawjson.", valueName: "kind"))
    var progress: String = "auto"
    @Flag(name: [.short, .long], help: "Print the image's ID and nothing else.")
    var quiet = false
    @Option(help: ArgumentHelp("Write the image's ID to a file.", valueName: "file"))
    var iidfile: String?
    @Option(help: ArgumentHelp("A further context: a directory, docker-image://REFERENCE or target:STAGE.", valueName: "name=value"))
    var buildContext: [String] = []
    @Option(help: ArgumentHelp("A secret for RUN --mount=type=secret: id=NAME,src=FILE or id=NAME,env=VARIABLE.", valueName: "secret"))
    var secret: [String] = []
    @Option(help: ArgumentHelp("An SSH agent for RUN --mount=type=ssh: default, or NAME=SOCKET.", valueName: "agent"))
    var ssh: [String] = []
    @OptionGroup var container: ContainerOptions
    @OptionGroup var catalog: CatalogOptions
    @Flag(help: "Keep the file system of a command that fails, and tell how to look into it.")
    var keepFailed = false
    @OptionGroup var closure: ClosureOptions
    @Option(help: ArgumentHelp("How many steps are worked on at once.", valueName: "number"))
    var jobs: Int = 4
    @Argument(help: ArgumentHelp("A directory, the URL of an archive or a git repository, or '-' for an archive or a Dockerfile on standard input.", valueName: "CONTEXT"))
    var context: String

    func run() async throws {
        let names = try tag.map { try Self.reference($0) }
        let store = try StoreLocation.open()
        defer { store.close() }
        let contexts = try await BuildContexts(main: context, named: buildContext, store: store)
        let dockerfile = try DockerfileSource.read(file, context: contexts.main)
        if closure.check == .lint { return try runChecks(dockerfile.file) }
        var solveContext = SolveContext(store: store) { try Runtime.find(searchPath: ProcessFacts.environment["PATH"] ?? "") }
        solveContext.contexts = try contexts.opened(dockerfile: dockerfile)
        solveContext.hostFiles = try container.hostFiles()
        solveContext.sharedMemorySize = try container.sharedMemorySize()
        solveContext.resourceLimits = try container.resourceLimits()
        solveContext.keepsFailed = keepFailed
        solveContext.remoteFiles = SharedRemoteFiles()
        solveContext.checkOutRepository = { source, directory, keepsHistory, commit in
            try await GitCheckout(source).fetch(into: directory, history: keepsHistory ? .kept : .removed, commit: commit)
        }
        solveContext.secret = try BuildSecrets(options: secret).provider
        solveContext.agents = try BuildSecrets.agents(options: ssh)
        let filter = Set(noCacheFilter.flatMap { $0.split(separator: ",").map(String.init) })
        solveContext.ignoredCache = noCache ? .all : filter.isEmpty ? .none : .stages(filter)
        let place = contexts.main.remembers ? contexts.main.path.string : context
        solveContext.memoryName = [place, dockerfile.file.name, platform ?? "", target ?? ""].joined(separator: "\n")
        solveContext.jobs = max(1, jobs)
        let mode = try ProgressMode(progress, quiet: quiet)
        var references = StoreReferences(store: store, pulls: pull ? .newer : .missing)
        references.catalog = catalog.catalog(store, mode)
        let bases = references
        solveContext.fetchLayer = { layer, progress in try await bases.fetch(layer, progress: progress) }
        let build = Build(
            dockerfile: dockerfile.file, request: try request(contexts), context: solveContext, references: bases)
        let result = try await withProgress(mode, dockerfile: dockerfile.file, explainsCache: explainCache) { events in
            try await withInterruption { try await build.run(events: events) }
        }
        try await closure.check(result.image, in: store, mode)
        for name in names { try store.images.tag(result.image.id, name) }
        try report(result, names, mode)
    }

    private func runChecks(_ source: SourceFile) throws {
        var request = BuildRequest()
        try setArguments(&request)
        let result = CheckResult(
            source, buildArguments: request.buildArguments, platform: try platform.map { try Platform(parsing: $0) } ?? .host,
            target: target)
        StandardStream.output.write(CheckFormat.plain.text([result], Distill.outputStyle))
        if result.fails { throw ExitCode(1) }
    }

    private static func reference(_ text: String) throws -> ImageReference {
        let reference = try ImageReference(text).withDefaultTag
        guard reference.digest == nil else {
            throw UsageError.invalidOption(name: "--tag", value: text, reason: "a tag cannot have a digest")
        }
        return reference
    }

    private func request(_ contexts: BuildContexts) throws -> BuildRequest {
        var request = BuildRequest(platform: try platform.map { try Platform(parsing: $0) } ?? .host)
        request.target = target
        guard let network = Network(rawValue: network) else {
            throw UsageError.invalidOption(name: "--network", value: network, reason: "known are default, none and host")
        }
        request.network = network
        try setArguments(&request)
        for option in label {
            let parts = option.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard let name = parts.first, !name.isEmpty else {
                throw UsageError.invalidOption(name: "--label", value: option, reason: "it needs a name")
            }
            request.labels[name] = parts.count == 2 ? parts[1] : ""
        }
        request.namedContexts = contexts.named
        return request
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
    }

    private func report(_ result: Build.Result, _ references: [ImageReference], _ mode: ProgressMode) throws {
        if let iidfile { try HostFiles.write(result.image.id.description, to: iidfile) }
        if mode == .quiet {
            StandardStream.output.write(result.image.id.description + "\n")
            return
        }
        if let first = result.warnings.first {
            let count = result.warnings.count == 1 ? "1 warning" : "\(result.warnings.count) warnings"
            StandardStream.error.write("\(count), the first: \(first.code): \(first.message); --check shows all\n")
        }
        StandardStream.error.write(BuildSummary.text(result, references) + "\n")
    }
}
