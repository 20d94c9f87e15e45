import ArgumentParser
import Compose
import LinuxSystem
import OCI
import Rendering
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
        let store = try StoreLocation.open()
        defer { store.close() }
        return try Self.image(of: service, in: project, store) != nil
    }

    static func image(of service: Service, in project: Project, _ store: Store) throws -> Image? {
        let name = service.imageName(in: project.name)
        let reference = try ImageReference(name).withDefaultTag
        return try store.images.image(named: reference, for: service.platform ?? .host)
    }

    func build(_ service: Service, _ section: BuildSection) async throws {
        var temporary: TemporaryDirectory?
        var arguments = try arguments(service, section)
        let store = try StoreLocation.open()
        defer { store.close() }
        if let inline = section.inlineDockerfile {
            let made = try store.makeTemporaryDirectory()
            temporary = made
            let path = made.path.appending("Dockerfile").string
            try HostFiles.write(inline, to: path)
            arguments = ["--file", path] + arguments
        }
        let command = try BuildCommand.parse(arguments)
        StandardStream.error.show("\(service.name): building \(service.imageName(in: project.name))\n")
        defer { withExtendedLifetime(temporary) {} }
        try await command.run()
    }

    /// The words of the `distill build` that a section means.
    private func arguments(_ service: Service, _ section: BuildSection) throws -> [String] {
        var words = ["--progress", progress]
        func add(_ option: String, _ values: [String]) { words += values.map { "\(option)=\($0)" } }
        func assigned(_ variables: [Variable], separator: String = "=") -> [String] {
            variables.compactMap { variable in
                if let value = variable.value { return "\(variable.name)=\(value)" }
                return files.environment[variable.name].map { "\(variable.name)=\($0)" }
            }
        }
        add("--tag", [service.imageName(in: project.name)] + section.tags)
        let context = isRemote(section.context) ? section.context : files.path(section.context).string
        if let dockerfile = section.dockerfile {
            let path = isRemote(section.context) ? dockerfile : FilePath(context).pushing(FilePath(dockerfile)).lexicallyNormalized().string
            add("--file", [path])
        }
        add("--target", section.target.map { [$0] } ?? [])
        add("--build-arg", assigned(section.arguments))
        add("--label", section.labels.map { "\($0.name)=\($0.value ?? "")" })
        add("--build-context", section.additionalContexts.map { "\($0.name)=\(additionalContext($0.value ?? ""))" })
        add("--cache-from", section.cacheFrom)
        add("--cache-to", section.cacheTo)
        add("--add-host", section.extraHosts.map { "\($0.name):\($0.address)" })
        add("--network", section.network.map { [$0] } ?? [])
        add("--no-cache-filter", section.noCacheFilter)
        add("--platform", section.platforms.isEmpty ? service.platform.map { [$0.description] } ?? [] : section.platforms)
        add("--provenance", section.provenance.map { [$0] } ?? [])
        add("--sbom", section.sbom.map { [$0] } ?? [])
        add("--secret", section.secrets.compactMap(secret))
        add("--shm-size", section.sharedMemorySize.map { [$0] } ?? [])
        add("--ssh", section.agents)
        add("--ulimit", section.resourceLimits)
        add("--allow", section.entitlements)
        if section.noCache || noCache { words.append("--no-cache") }
        if section.pull || pulls { words.append("--pull") }
        return words + ["--", context]
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

    private func secret(_ use: Variable) -> String? {
        guard let secret = project.secrets.first(where: { $0.name == use.value }) else { return nil }
        return switch secret.source {
        case .file(let path): "id=\(use.name),src=\(files.path(path).string)"
        case .environment(let name): "id=\(use.name),env=\(name)"
        }
    }
}
