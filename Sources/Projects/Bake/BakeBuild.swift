import Agents
import Attestation
package import Bake
import BuildGraph
package import Engine
package import LinuxSystem
package import OCI
import Solver
import Storage
import SystemPackage

/// What a target of a bake file asks the engine for.
package struct BakeBuild {
    private let target: BakeTarget
    private let environment: HostEnvironment
    private let rights: Set<String>

    /// - Parameter rights: those over this machine that the caller gives: `network.host`, `security.insecure`.
    package init(_ target: BakeTarget, _ environment: HostEnvironment, rights: Set<String>) {
        (self.target, self.environment, self.rights) = (target, environment, rights)
    }

    /// The build that the target means.
    ///
    /// - Parameter results: the images of the targets that it stands on, by their names.
    package func specification(_ results: [String: [Image]]) throws -> BuildSpecification {
        let context = Self.path(target.context ?? ".")
        var result = BuildSpecification(context: try ContextSource(context, environment), contextName: context)
        result.namedContexts = try target.contexts.sorted { $0.key < $1.key }.map { name, value in
            if let other = BakeTarget.target(of: value), let images = results[other] {
                return (name.lowercased(), .results(images))
            }
            return try NamedContextOption.read("\(name)=\(Self.path(value))", environment)
        }
        result.dockerfile = dockerfile(context)
        result.request = try request()
        result.platforms = try BuildWords.platforms(target.platforms ?? [])
        result.names = try (target.tags ?? []).map(BuildWords.name)
        result.outputs = try outputs(result.names)
        result.annotations = try (target.annotations ?? []).flatMap(AnnotationOption.notes)
        result.attestations = try AttestationRequest(
            attest: (target.attestations ?? []).map(\.text), sbom: nil, provenance: nil)
        result.cache.sources = try BuildWords.cacheSources((target.cacheSources ?? []).map(\.text))
        result.cache.targets = try BuildWords.cacheTargets((target.cacheTargets ?? []).map(\.text))
        let filter = Set(target.ignoredStages ?? [])
        result.cache.ignored = target.ignoresCache == true ? .all : filter.isEmpty ? .none : .stages(filter)
        result.renewsBases = target.pulls ?? false
        result.secrets = try SecretOption.read((target.secrets ?? []).map(\.text), environment)
        result.agents = try BuildAgents(options: (target.agents ?? []).map(\.text), environment: environment)
        result.processes = try words.processes()
        return result
    }

    private var words: ContainerWords {
        ContainerWords(
            addHost: target.hosts.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" },
            shmSize: target.sharedMemorySize, ulimit: target.resourceLimits ?? [])
    }

    /// A path of this machine may say so.
    private static func path(_ text: String) -> String {
        text.hasPrefix("cwd://") ? String(text.dropFirst("cwd://".count)).nonEmpty ?? "." : text
    }

    private func dockerfile(_ context: String) -> DockerfilePlace {
        if let inline = target.inlineDockerfile { return .inline(Array(inline.utf8)) }
        guard let name = target.dockerfile, name != "Dockerfile" else { return .usual }
        if name.hasPrefix("cwd://") { return .file(Self.path(name)) }
        let isRemote = context.contains("://") || context.hasPrefix("git@") || context.hasPrefix("github.com/")
        return .file(isRemote ? name : FilePath(context).pushing(FilePath(name)).lexicallyNormalized().string)
    }

    private func request() throws -> BuildRequest {
        var request = BuildRequest()
        request.target = target.stage?.nonEmpty
        request.buildArguments = try BuildWords.arguments(
            target.arguments.map { "\($0.key)=\($0.value)" }, environment)
        request.labels = target.labels
        request.network = try BuildWords.network(target.network ?? "default")
        let asked = target.entitlements ?? []
        request.entitlements = try BuildWords.entitlements(asked)
        if let missing = asked.first(where: { !rights.contains($0) }) {
            throw BakeFilesError.missingRight(missing, target: target.name)
        }
        request.surroundings = try words.surroundings()
        return request
    }

    private func outputs(_ names: [ImageReference]) throws -> [OutputSpecification] {
        let outputs = try (target.outputs ?? []).map { try OutputSpecification(parsing: $0.text) }
        if names.isEmpty, outputs.contains(where: { $0.pushes && $0.names.isEmpty }) {
            throw BakeFilesError.noName(target: target.name)
        }
        return outputs.isEmpty ? [OutputSpecification(.image)] : outputs
    }
}

extension String {
    fileprivate var nonEmpty: String? { isEmpty ? nil : self }
}
