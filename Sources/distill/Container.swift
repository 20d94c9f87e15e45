import Compose
import Containers
import Diagnosis
import Dockerfile
import Engine
import LinuxSystem
import OCI
import Sandbox
import Solver
import Storage
import Synchronization
import SystemPackage

/// One run of an image's program.
struct Container {
    let options: RunCommand

    /// - Returns: the program's exit status.
    func run() async throws -> Int32 {
        guard let name = options.words.first, !name.hasPrefix("-") else {
            throw InvalidOption(name: "IMAGE", value: options.words.first ?? "", reason: "the image's name comes before its arguments")
        }
        if options.tty, !Terminal.isTerminal(0) { throw UsageError.needsTerminal }
        let specification = try specification(name)
        let store = try StoreLocation.open(.ofProcess())
        defer { store.close() }
        let runtime = try Runtime.installed(searchPath: HostEnvironment.ofProcess().searchPath, store: store)
        let image = try store.images.image(store.images.resolve(name))
        let platform = image.config.platform
        guard platform.serves(.host) || (platform.os == Platform.host.os && Emulation.isRegistered(platform.architecture)) else {
            throw ContainerError.foreignPlatform(platform)
        }
        let container = try MountedContainer(specification, of: image, in: store)
        defer { container.discard() }
        return try await start(runtime, container.process, container.root).status
    }

    /// What the options say; what is written wrong is told before anything is looked for.
    private func specification(_ name: String) throws -> ContainerSpecification {
        var result = ContainerSpecification(imageName: name, hostname: options.hostname ?? "distill")
        try setMounts(&result)
        let words = options.container.words
        let security = try words.security()
        (result.systemCalls, result.forbidsNewPrivileges) = (security.systemCalls, security.forbidsNewPrivileges)
        result.hostFiles = try words.hostFiles(hostname: result.hostname)
        result.sharedMemorySize = try words.sharedMemorySize()
        result.resourceLimits = try words.resourceLimits()
        let given = Array(options.words.dropFirst())
        result.entrypoint = options.entrypoint.map { $0.isEmpty ? [] : [$0] }
        result.command = given.isEmpty ? nil : given
        result.user = options.user
        result.workingDirectory = try workingDirectory()
        result.variables = variables()
        result.network = try network()
        result.hasTerminal = options.tty
        result.terminalSize = options.tty ? Terminal.size(0) : nil
        result.isRootReadOnly = options.readOnly
        return result
    }

    /// The runtime's process, once it is there.
    private final class ProcessNumber: Sendable {
        let value = Mutex<Int32?>(nil)
    }

    private func start(_ runtime: Runtime, _ spec: ProcessSpec, _ root: RootFileSystem) async throws -> Runtime.Exit {
        let process = ProcessNumber()
        let streams: Runtime.Streams = options.interactive ? .inherited : .withoutInput
        return try await withThrowingTaskGroup(of: Runtime.Exit?.self) { group in
            group.addTask {
                try await runtime.runAttached(spec, bundle: root.bundle, streams: streams) { number in
                    process.value.withLock { $0 = number }
                }
            }
            group.addTask {
                // A signal from a terminal reaches the runtime by itself; one that is sent to us alone is passed on.
                for await signal in ProcessSignal.received() where !(Terminal.isTerminal(0) && signal == 2) {
                    if let number = process.value.withLock({ $0 }) { ProcessSignal.send(signal, to: number) }
                }
                return nil
            }
            while let event = try await group.next() {
                if let exit = event {
                    group.cancelAll()
                    return exit
                }
            }
            throw CancellationError()
        }
    }

    private func network() throws -> ContainerNetwork {
        switch options.network {
        case "host", "default", "bridge": return .host
        case "none": return .none
        case let other: throw InvalidOption(name: "--network", value: other, reason: "known are host and none")
        }
    }

    /// A person who names a relative one has likely forgotten the slash.
    private func workingDirectory() throws -> ImagePath? {
        guard let text = options.workdir else { return nil }
        guard let path = ImagePath(text), text.hasPrefix("/") else {
            throw InvalidOption(name: "--workdir", value: text, reason: "it is no absolute path")
        }
        return path
    }

    /// `NAME=VALUE`, or `NAME` for this process's own.
    private func variables() -> [(name: String, value: String)] {
        let own = ProcessFacts.environment
        return options.env.compactMap { option in
            let parts = option.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard let name = parts.first, let value = parts.count == 2 ? parts[1] : own[name] else { return nil }
            return (name, value)
        }
    }

    private func temporaryMounts() throws -> [ProcessSpec.TemporaryMount] {
        try options.tmpfs.map { text in
            let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
            guard let path = parts.first, path.hasPrefix("/"), let target = ImagePath(path) else {
                throw InvalidOption(name: "--tmpfs", value: text, reason: "the form is /TARGET[:size=BYTES]")
            }
            var size: Int64?
            for option in parts.count == 2 ? parts[1].split(separator: ",") : [] {
                guard option.hasPrefix("size="), let bytes = ByteCount.parse(String(option.dropFirst(5))) else {
                    throw InvalidOption(name: "--tmpfs", value: text, reason: "'\(option)' is not known; size=BYTES is")
                }
                size = bytes
            }
            return ProcessSpec.TemporaryMount(target: target, size: size)
        }
    }

    /// Volumes by their target alone, and directories and files of this machine; and what is in memory.
    private func setMounts(_ result: inout ContainerSpecification) throws {
        for text in options.volume {
            let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
            if parts.count == 1, text.hasPrefix("/"), let target = ImagePath(text), !target.isRoot {
                result.volumes.append((target, .readWrite))
                continue
            }
            guard (2...3).contains(parts.count), let target = ImagePath(parts[1]), parts[1].hasPrefix("/") else {
                throw InvalidOption(name: "--volume", value: text, reason: "the form is SOURCE:TARGET[:ro], or TARGET for a volume that goes with the container")
            }
            guard let words = VolumeWords(parts.count == 3 ? parts[2] : nil) else {
                throw InvalidOption(name: "--volume", value: text, reason: "'\(parts[2])' are not options of a mount: \(VolumeWords.known)")
            }
            guard let source = ProcessFacts.realPath(FilePath(parts[0])) else {
                throw InvalidOption(name: "--volume", value: text, reason: "'\(parts[0])' does not exist")
            }
            result.bindings.append(Binding(source: .host(source.string), target: target, access: words.isReadOnly ? .readOnly : .readWrite))
        }
        result.temporaryMounts = try temporaryMounts()
    }
}
