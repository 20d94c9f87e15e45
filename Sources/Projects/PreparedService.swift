import BuildGraph
import Compose
import Containers
import Engine
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
    let probe: Probe?
    let stopSignal: Int32
    private let container: MountedContainer

    var process: ProcessSpec { container.process }

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
        self.service = service
        self.image = service.imageName(in: around.project.name)
        let config = image.config.container
        container = try MountedContainer(
            Self.specification(service, config, image.layers.map(\.diffID), around), of: image, in: around.store)
        probe = Self.probe(service.healthcheck, config.healthcheck, shell: config.shell)
        stopSignal = service.stopSignal ?? config.stopSignal.flatMap(SignalName.number) ?? 15
    }

    /// A new directory for the runtime's files.
    func makeBundle(_ number: Int) throws -> FilePath {
        let name = "\(service.name)-\(number)"
        try Directory(opening: container.root.bundle).makeDirectory(Array(name.utf8), mode: 0o700)
        return container.root.bundle.appending(name)
    }

    func discard() { container.discard() }

    private static func specification(
        _ service: Service, _ config: ContainerConfig, _ layers: [DiffID], _ around: Surroundings
    ) throws -> ContainerSpecification {
        var result = ContainerSpecification(
            imageName: service.imageName(in: around.project.name), hostname: service.hostname ?? service.name)
        let mounts = try ServiceMounts(service, layers, around)
        (result.bindings, result.volumes) = (mounts.bindings, mounts.volumes)
        result.temporaryMounts = service.temporaryFileSystems.map { system in
            var mount = ProcessSpec.TemporaryMount(target: system.target, size: system.size)
            if let mode = system.mode { mount.mode = mode }
            if let user = system.user { mount.user = user }
            if let group = system.group { mount.group = group }
            return mount
        }
        result.hostFiles = hostFiles(service, around)
        (result.entrypoint, result.command) = (service.entrypoint, service.command)
        (result.user, result.workingDirectory) = (service.user, service.workingDirectory)
        // Of a name that nobody sets the image's value goes too.
        for variable in try around.files.variables(of: service) {
            if let value = variable.value ?? around.files.environment[variable.name] {
                result.variables.append((variable.name, value))
            } else {
                result.removedVariables.append(variable.name)
            }
        }
        if let namespace = around.network.namespace(of: service.name) { result.network = .namespace(namespace.string) }
        result.isRootReadOnly = service.isReadOnly
        if service.hasInit { result.initProgram = try InitProgram.binding(around.files.host) }
        result.capabilities = .changed(adding: service.addedCapabilities, dropping: service.droppedCapabilities)
        result.forbidsNewPrivileges = service.forbidsNewPrivileges
        result.systemCalls = try around.files.systemCalls(of: service)
        result.sharedMemorySize = service.sharedMemorySize
        result.groupLimits = try groupLimits(service.limits)
        result.resourceLimits = try ContainerWords.resourceLimits(service.resourceLimits)
        return result
    }

    /// As the options of `run` that mean the same.
    private static func groupLimits(_ limits: ServiceLimits) throws -> GroupLimits {
        var words = LimitWords()
        (words.memory, words.memorySwap) = (limits.memory?.value, limits.memoryAndSwap?.value)
        (words.cpus, words.cpuShares) = (limits.processors?.value, limits.processorWeight?.value)
        (words.cpusetCpus, words.pidsLimit) = (limits.processorSet?.value, limits.processes?.value)
        do { return try words.limits() } catch {
            let keys = [
                "--memory": "mem_limit", "--memory-swap": "memswap_limit", "--cpus": "cpus",
                "--cpu-shares": "cpu_shares", "--cpuset-cpus": "cpuset", "--pids-limit": "pids_limit",
            ]
            // The longest first, for one begins as another does.
            let reason = keys.sorted { $0.key.utf8.count > $1.key.utf8.count }
                .reduce(error.reason) { $0.replacing($1.key, with: $1.value) }
            throw InvalidOption(name: keys[error.name] ?? error.name, value: error.value, reason: reason)
        }
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
            hosts += "\(entry.address == "host-gateway" ? around.network.gateway : entry.address)\t\(entry.name)\n"
        }
        var resolver = "# Services reach each other by the names of /etc/hosts.\n"
        if around.reachingOutside.contains(service.name) {
            let host = HostFiles.read("/etc/resolv.conf").map { String(decoding: $0, as: UTF8.self) } ?? ""
            resolver += ResolverText.make(from: host, nameServer: around.network.nameServer)
        }
        return [
            ("/etc/hosts", hosts), ("/etc/resolv.conf", resolver),
            ("/etc/hostname", (service.hostname ?? service.name) + "\n"),
        ]
        .compactMap { path, text in ImagePath(path).map { .init(target: $0, content: Array(text.utf8)) } }
    }

    /// The file's health check, with the image's values and docker's for what it leaves open.
    static func probe(_ own: HealthProbe?, _ config: ContainerConfig.Healthcheck?, shell: [String]?) -> Probe? {
        let usual = config.flatMap { HealthProbe(words: $0.test) }
        guard own?.isDisabled != true, let test = own?.test ?? usual?.test,
            own?.test != nil || usual?.isDisabled != true
        else { return nil }
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
