import Agents
import Attestation
import BuildGraph
package import Compose
package import Engine
import LinuxSystem
import OCI
import Solver
import Storage
import SystemPackage

/// What the `build` section of a service asks the engine for.
package struct ServiceBuild {
    private let files: ProjectFiles
    private let project: Project

    package init(_ project: Project, of files: ProjectFiles) { (self.project, self.files) = (project, files) }

    /// The build that a section means.
    package func specification(_ service: Service, _ section: BuildSection) throws -> BuildSpecification {
        let context = isRemote(section.context) ? section.context : files.path(section.context).string
        let environment = files.host
        var result = BuildSpecification(context: try ContextSource(context, environment), contextName: context)
        result.namedContexts = try section.additionalContexts.map { context in
            try NamedContextOption.read("\(context.name)=\(additionalContext(context.value ?? ""))", environment)
        }
        if let inline = section.inlineDockerfile {
            result.dockerfile = .inline(Array(inline.utf8))
        } else if let dockerfile = section.dockerfile {
            let path =
                isRemote(section.context)
                ? dockerfile : FilePath(context).pushing(FilePath(dockerfile)).lexicallyNormalized().string
            result.dockerfile = .file(path)
        }
        result.request = try request(section, environment)
        result.platforms = try BuildWords.platforms(
            section.platforms.isEmpty ? service.platform.map { [$0.description] } ?? [] : section.platforms)
        result.names = try ([service.imageName(in: project.name)] + section.tags).map(BuildWords.name)
        result.attestations = try AttestationRequest(sbom: section.sbom, provenance: section.provenance)
        result.cache.sources = try BuildWords.cacheSources(section.cacheFrom)
        result.cache.targets = try BuildWords.cacheTargets(section.cacheTo)
        let filter = Set(section.noCacheFilter.flatMap { $0.split(separator: ",").map(String.init) })
        result.cache.ignored = section.noCache ? .all : filter.isEmpty ? .none : .stages(filter)
        result.renewsBases = section.pull
        result.secrets = Dictionary(section.secrets.compactMap(secret)) { $1 }
        result.agents = try BuildAgents(options: section.agents, environment: environment)
        result.processes = try words(section).processes()
        return result
    }

    private func words(_ section: BuildSection) -> ContainerWords {
        ContainerWords(
            addHost: section.extraHosts.map { "\($0.name):\($0.address)" }, shmSize: section.sharedMemorySize,
            ulimit: section.resourceLimits)
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
