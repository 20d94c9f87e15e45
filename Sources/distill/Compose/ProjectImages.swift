import Agents
import ArgumentParser
import Attestation
import BuildGraph
import Compose
import Engine
import LinuxSystem
import OCI
import Rendering
import Solver
import Storage
import SystemPackage

/// Makes sure that the services' images are there.
struct ProjectImages {
    let files: ProjectFiles
    let project: Project
    var progress = "auto"
    var noCache = false
    var pulls = false

    enum Building { case missing, all, never }

    /// Builds and pulls what is missing.
    func ensure(_ building: Building) async throws {
        for name in try project.buildOrder() {
            guard let service = project.service(name), let section = service.build, building != .never else { continue }
            let isThere = try hasImage(of: service)
            guard building == .all || !isThere || service.pullPolicy == .build else { continue }
            try await build(service, section)
        }
        for service in project.services where service.build == nil || building == .never {
            let name = service.imageName(in: project.name)
            let place = service.image?.place ?? service.place
            let isThere = try hasImage(of: service)
            if isThere, service.pullPolicy != .always { continue }
            guard service.build == nil, service.pullPolicy != .never else {
                throw files.explained(ProjectError.noImage(name, service: service.name, reason: nil, place))
            }
            do {
                try await PullCommand.parse([name] + (service.platform.map { ["--platform", $0.description] } ?? [])).run()
            } catch let error where !(error is CancellationError) {
                throw files.explained(
                    ProjectError.noImage(name, service: service.name, reason: ErrorReport(error)?.sentence ?? "\(error)", place))
            }
        }
    }

    private func hasImage(of service: Service) throws -> Bool {
        let store = try StoreLocation.open(.ofProcess())
        defer { store.close() }
        return try Self.image(of: service, in: project, store) != nil
    }

    static func image(of service: Service, in project: Project, _ store: Store) throws -> Image? {
        let name = service.imageName(in: project.name)
        let reference = try ImageReference(name).withDefaultTag
        return try store.images.image(named: reference, for: service.platform ?? .host)
    }

    func build(_ service: Service, _ section: BuildSection) async throws {
        let environment = HostEnvironment.ofProcess()
        let specification = try specification(service, section, environment)
        let engine = try Engine.opened(environment)
        defer { engine.close() }
        StandardStream.error.show("\(service.name): building \(service.imageName(in: project.name))\n")
        let shown = ShownBuild(mode: try ProgressMode(progress, quiet: false))
        let outcome = try await shown.run(specification, on: engine)
        if shown.mode == .quiet { StandardStream.output.show("\(outcome.receipt.id)\n") }
        shown.summarize(outcome, specification.names)
    }

    /// The build that a section means.
    private func specification(
        _ service: Service, _ section: BuildSection, _ environment: HostEnvironment
    ) throws -> BuildSpecification {
        let context = isRemote(section.context) ? section.context : files.path(section.context).string
        var result = BuildSpecification(context: try ContextSource(context, environment), contextName: context)
        result.namedContexts = try section.additionalContexts.map { context in
            try NamedContextOption.read("\(context.name)=\(additionalContext(context.value ?? ""))", environment)
        }
        if let inline = section.inlineDockerfile {
            result.dockerfile = .inline(Array(inline.utf8))
        } else if let dockerfile = section.dockerfile {
            let path = isRemote(section.context) ? dockerfile : FilePath(context).pushing(FilePath(dockerfile)).lexicallyNormalized().string
            result.dockerfile = .file(path)
        }
        result.request = try request(section, environment)
        result.platforms = try BuildWords.platforms(
            section.platforms.isEmpty ? service.platform.map { [$0.description] } ?? [] : section.platforms)
        result.names = try ([service.imageName(in: project.name)] + section.tags).map(BuildWords.name)
        result.attestations = try AttestationRequest(sbom: section.sbom, provenance: section.provenance)
        result.cache.sources = try CacheOptions.sources(section.cacheFrom)
        result.cache.targets = try CacheOptions.targets(section.cacheTo)
        let filter = Set(section.noCacheFilter.flatMap { $0.split(separator: ",").map(String.init) })
        result.cache.ignored = section.noCache || noCache ? .all : filter.isEmpty ? .none : .stages(filter)
        result.renewsBases = section.pull || pulls
        result.secrets = Dictionary(section.secrets.compactMap(secret)) { $1 }
        result.agents = try BuildAgents(options: section.agents, environment: environment)
        result.processes = try words(section).processes()
        return result
    }

    private func words(_ section: BuildSection) -> ContainerWords {
        ContainerWords(
            addHost: section.extraHosts.map { "\($0.name):\($0.address)" }, shmSize: section.sharedMemorySize, ulimit: section.resourceLimits)
    }

    private func request(_ section: BuildSection, _ environment: HostEnvironment) throws -> BuildRequest {
        var request = BuildRequest()
        request.target = section.target
        // A variable without a value is that of the project's environment.
        let assigned = section.arguments.compactMap { variable in
            (variable.value ?? files.environment[variable.name]).map { "\(variable.name)=\($0)" }
        }
        request.buildArguments = try BuildWords.arguments(assigned, environment)
        request.labels = try BuildWords.labels(section.labels.map { "\($0.name)=\($0.value ?? "")" })
        request.network = try BuildWords.network(section.network ?? "default")
        request.entitlements = try BuildWords.entitlements(section.entitlements)
        request.surroundings = try words(section).surroundings()
        return request
    }

    private func isRemote(_ context: String) -> Bool {
        context.contains("://") || context.hasPrefix("git@") || context.hasPrefix("github.com/")
    }

    private func additionalContext(_ value: String) -> String {
        if value.hasPrefix("service:"), let other = project.service(String(value.dropFirst("service:".count))) {
            return "docker-image://" + other.imageName(in: project.name)
        }
        if value.hasPrefix("target:") || isRemote(value) { return value }
        return files.path(value).string
    }

    private func secret(_ use: Variable) -> (String, SecretSource)? {
        guard let secret = project.secrets.first(where: { $0.name == use.value }) else { return nil }
        return switch secret.source {
        case .file(let path): (use.name, .file(files.path(path).string))
        case .environment(let name): (use.name, .variable(name))
        }
    }
}
