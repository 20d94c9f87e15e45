import BuildGraph
import Compose
import LinuxSystem
import Networking
import OCI
import Sandbox
import Storage
import SystemPackage

/// A service whose root file system is mounted, and that can be started and started again.
struct PreparedService: Sendable {
    let service: Service
    let image: String
    let root: RootFileSystem
    let process: ProcessSpec
    let probe: Probe?
    let stopSignal: Int32
    private let held: [TemporaryDirectory]

    /// How a service is examined, with all values in place.
    struct Probe: Sendable {
        let arguments: [String]
        let interval: Duration
        let timeout: Duration
        let retries: Int
        let startPeriod: Duration
        let startInterval: Duration
    }

    /// What is the same for all services of a project.
    struct Surroundings {
        let files: ProjectFiles
        let project: Project
        let store: Store
        let network: PrivateNetwork
        /// The services that have a way out of it.
        let reachingOutside: Set<String>
    }

    init(_ service: Service, _ image: Image, _ around: Surroundings) throws {
        let project = around.project
        self.service = service
        self.image = service.imageName(in: project.name)
        let config = image.config.container
        for layer in image.layers { try around.store.unpack(layer) }
        let layers = image.layers.map(\.diffID)
        let tree = try around.store.layers.tree(layers)
        let mounts = try ServiceMounts(service, config, layers, around)
        held = mounts.held
        let directory = service.workingDirectory ?? ImagePath(config.workingDirectory) ?? .root
        root = try around.store.mount(
            layers, files: Self.hostFiles(service, around), bindings: mounts.bindings,
            directories: [directory] + service.temporaryFileSystems.map(\.target))
        do {
            let accounts = try tree.accounts()
            let spec = try Self.process(service, config, accounts.identity(of: service.user ?? config.user), directory, root, around)
            if mounts.bindings.isEmpty { try Container.findProgram(spec, in: tree) }
            process = spec
        } catch {
            root.discard()
            throw error
        }
        probe = Self.probe(service.healthcheck, config.healthcheck, shell: config.shell)
        stopSignal = service.stopSignal ?? config.stopSignal.flatMap(SignalName.number) ?? 15
    }

    /// A new directory for the runtime's files.
    func makeBundle(_ number: Int) throws -> FilePath {
        let name = "\(service.name)-\(number)"
        try Directory(opening: root.bundle).makeDirectory(Array(name.utf8), mode: 0o700)
        return root.bundle.appending(name)
    }

    private static func process(
        _ service: Service, _ config: ContainerConfig, _ identity: Accounts.Identity, _ directory: ImagePath,
        _ root: RootFileSystem, _ around: Surroundings
    ) throws -> ProcessSpec {
        let arguments = config.arguments(entrypoint: service.entrypoint, command: service.command)
        guard !arguments.isEmpty else { throw UsageError.noCommand(service.imageName(in: around.project.name)) }
        var spec = ProcessSpec(
            arguments: arguments, environment: try environment(service, config, identity, around.files),
            workingDirectory: directory, hostname: service.hostname ?? service.name, root: root.path)
        (spec.user, spec.group) = (identity.user, identity.group)
        spec.additionalGroups = identity.additionalGroups
        spec.isRootReadOnly = service.isReadOnly
        spec.capabilities = .changed(adding: service.addedCapabilities, dropping: service.droppedCapabilities)
        spec.forbidsNewPrivileges = service.forbidsNewPrivileges
        spec.systemCalls = try around.files.systemCalls(of: service)
        spec.mounts = root.mounts
        spec.temporaryMounts = service.temporaryFileSystems.map { system in
            var mount = ProcessSpec.TemporaryMount(target: system.target, size: system.size)
            if let mode = system.mode { mount.mode = mode }
            if let user = system.user { mount.user = user }
            if let group = system.group { mount.group = group }
            return mount
        }
        spec.networkNamespace = around.network.namespace(of: service.name).string
        if let size = service.sharedMemorySize { spec.sharedMemorySize = size }
        spec.resourceLimits = try ContainerWords.resourceLimits(service.resourceLimits)
        return spec
    }

    private static func environment(
        _ service: Service, _ config: ContainerConfig, _ identity: Accounts.Identity, _ files: ProjectFiles
    ) throws -> [String] {
        var result = config.variables(identity, hostname: service.hostname ?? service.name)
        let variables = try files.variables(of: service)
        for variable in variables {
            if let value = variable.value ?? files.environment[variable.name] { result.setEnvironment(variable.name, value) }
        }
        return result.environment
    }

    /// The names by which services reach each other.
    private static func hostFiles(_ service: Service, _ around: Surroundings) -> [RootFileSystem.HostFile] {
        var hosts = "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n"
        for other in around.project.services {
            var names = [other.name, other.containerName(in: around.project.name)] + other.aliases
            if other.name == service.name { names.append(service.hostname ?? service.name) }
            var seen: Set<String> = []
            names.removeAll { !seen.insert($0).inserted }
            hosts += "\(around.network.address(of: other.name))\t\(names.joined(separator: " "))\n"
        }
        for entry in service.extraHosts {
            hosts += "\(entry.address == "host-gateway" ? around.network.router : entry.address)\t\(entry.name)\n"
        }
        var resolver = "# Services reach each other by the names of /etc/hosts.\n"
        if around.reachingOutside.contains(service.name) { resolver += "nameserver \(around.network.nameServer)\n" + HostFiles.resolverOptions() }
        return [("/etc/hosts", hosts), ("/etc/resolv.conf", resolver), ("/etc/hostname", (service.hostname ?? service.name) + "\n")]
            .compactMap { path, text in ImagePath(path).map { .init(target: $0, content: Array(text.utf8)) } }
    }

    /// The file's health check, with the image's values and docker's for what it leaves open.
    static func probe(_ own: HealthProbe?, _ config: ContainerConfig.Healthcheck?, shell: [String]?) -> Probe? {
        let usual = config.flatMap { HealthProbe(words: $0.test) }
        guard own?.isDisabled != true, let test = own?.test ?? usual?.test, own?.test != nil || usual?.isDisabled != true else { return nil }
        func duration(_ value: Duration?, _ image: Int64?, _ seconds: Int) -> Duration {
            let given = value ?? image.flatMap { $0 > 0 ? .nanoseconds($0) : nil } ?? .seconds(seconds)
            return max(given, .milliseconds(1))
        }
        let arguments =
            switch test {
            case .command(let words): words
            case .shell(let text): (shell ?? ["/bin/sh", "-c"]) + [text]
            }
        return Probe(
            arguments: arguments, interval: duration(own?.interval, config?.interval, 30),
            timeout: duration(own?.timeout, config?.timeout, 30),
            retries: own?.retries ?? config?.retries.map { max(1, Int(clamping: $0)) } ?? 3,
            startPeriod: own?.startPeriod ?? config?.startPeriod.map { .nanoseconds($0) } ?? .zero,
            startInterval: duration(own?.startInterval, config?.startInterval, 5))
    }
}

extension ProjectFiles {
    /// Which system calls a service may make.
    func systemCalls(of service: Service) throws -> ProcessSpec.SystemCalls {
        switch service.systemCalls {
        case .standard: return .standard
        case .unrestricted: return .unrestricted
        case .profile(let file):
            do { return .profile(try SecurityOptions.profile(path(file.value)).profile) } catch {
                throw ProjectError.unusableProfile(path: file.value, problem: error.sentence, file.place)
            }
        }
    }

    /// A service's variables: those of its files, then its own.
    func variables(of service: Service) throws -> [Variable] {
        var result: [Variable] = []
        for file in service.environmentFiles {
            let path = path(file.path)
            guard let bytes = HostFiles.read(path) else {
                guard file.isRequired else { continue }
                throw ProjectError.missingEnvironmentFile(path: file.path, file.place)
            }
            let text = String(decoding: bytes, as: UTF8.self)
            if file.isRaw {
                for line in text.split(whereSeparator: \.isNewline) where !line.hasPrefix("#") {
                    let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
                    if let name = parts.first, !name.isEmpty { result.append(Variable(name: name, value: parts.count == 2 ? parts[1] : nil)) }
                }
            } else {
                result += try DotEnvironment(parsing: text, file: file.path, known: environment).variables.map { Variable(name: $0.name, value: $0.value) }
            }
        }
        return result + service.environment
    }
}
