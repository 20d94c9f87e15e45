import Compose
import Containers
import Diagnosis
import Dockerfile
import Engine
import LinuxSystem
import OCI
import Rendering
import Sandbox
import Solver
import Storage
import SystemPackage

/// One run of an image's program.
struct Container {
    let options: RunCommand

    /// - Returns: the program's exit status.
    func run() async throws -> Int32 {
        guard let name = options.words.first, !name.hasPrefix("-") else {
            throw InvalidOption(
                name: "IMAGE", value: options.words.first ?? "", reason: "the image's name comes before its arguments")
        }
        if options.tty, options.interactive, !Terminal.isTerminal(0) { throw UsageError.needsTerminal }
        let foreground = try foreground()
        let specification = try specification(name)
        let store = try StoreLocation.open(.ofProcess())
        defer { store.close() }
        let runtime = try OCIRuntime.installed(searchPath: HostEnvironment.ofProcess().searchPath, store: store)
        let image = try store.images.image(try await resolved(name, store))
        let platform = image.config.platform
        guard
            platform.serves(.host) || (platform.os == Platform.host.os && Emulation.isRegistered(platform.architecture))
        else {
            throw ContainerError.foreignPlatform(platform)
        }
        let hosts = try options.container.words.hosts()
        let resolver = try ResolverWords(
            servers: options.dns, domains: options.dnsSearch, options: options.dnsOption)
        let networks = ContainerNetworks(hosts: hosts, variables: specification.variables, environment: .ofProcess()) {
            StandardStream.error.show("distill: warning: \($0.sentence)\n")
        }
        return try await networks.around {
            var specification = specification
            let network = try await network(networks, &specification, hosts)
            specification.hostFiles = resolver.applied(to: specification.hostFiles)
            let container = try MountedContainer(specification, of: image, in: store)
            defer { container.discard() }
            let end = try await foreground.run(runtime, container.process, bundle: container.root.bundle) {
                try await network?.ready()
            }
            switch end {
            case .exited(.outOfMemory): throw UsageError.outOfMemory(limit: container.process.groupLimits.memory)
            case .exited(let exit): return exit.status
            case .detached: throw UsageError.detached
            }
        }
    }

    /// Puts the container where the options say, and its names with it.
    private func network(
        _ networks: ContainerNetworks, _ specification: inout ContainerSpecification,
        _ hosts: [RootFileSystem.HostEntry]
    ) async throws -> StepNetwork? {
        var network: StepNetwork?
        if isAlone {
            network = try await networks.take(hostname: specification.hostname)
            specification.network = network.map { .namespace($0.namespace) } ?? .host
            if network == nil, let name = specification.kernelSettings.keys.first(where: { $0.hasPrefix("net.") }) {
                throw InvalidOption(name: "--sysctl", value: name, reason: RightsOptions.sharedNetwork)
            }
        }
        specification.hostFiles =
            network?.hostFiles
            ?? RootFileSystem.HostFile.forProcesses(hostname: specification.hostname, furtherHosts: hosts)
        return network
    }

    /// The image; fetched first where it is not there, or where `--pull` asks for it.
    private func resolved(_ name: String, _ store: Store) async throws -> Digest {
        let kinds = ["always", "missing", "never"]
        guard kinds.contains(options.pull) else {
            throw InvalidOption(name: "--pull", value: options.pull, reason: "known are always, missing and never")
        }
        if options.pull != "always" {
            do { return try store.images.resolve(name) } catch StorageError.noSuchImage(_)
                where options.pull == "missing"
            {
                // Something that is no name has nowhere to be fetched from.
                guard (try? ImageReference(name)) != nil else { throw StorageError.noSuchImage(name) }
            }
        }
        var engine = Engine(store: store, environment: .ofProcess())
        engine.registries = try options.credentials.registries()
        let (reference, _) = try await engine.pull(
            ImageReference(name).withDefaultTag, for: .host,
            observer: TransferLines.observer(isQuiet: !Terminal.isTerminal(2)))
        return try store.images.resolve(reference.description)
    }

    /// What the options say; what is written wrong is told before anything is looked for.
    private func specification(_ name: String) throws -> ContainerSpecification {
        var result = ContainerSpecification(imageName: name, hostname: options.hostname ?? "distill")
        try setMounts(&result)
        let words = options.container.words
        let security = try words.security()
        (result.systemCalls, result.forbidsNewPrivileges) = (security.systemCalls, security.forbidsNewPrivileges)
        result.sharedMemorySize = try words.sharedMemorySize()
        result.resourceLimits = try words.resourceLimits()
        let given = Array(options.words.dropFirst())
        result.entrypoint = options.entrypoint.map { $0.isEmpty ? [] : [$0] }
        result.command = given.isEmpty ? nil : given
        result.user = options.user
        result.workingDirectory = try workingDirectory()
        try setVariables(&result)
        if !isAlone { result.network = try sharedNetwork() }
        result.hasTerminal = options.tty
        result.terminalSize = options.tty ? Terminal.size(0) : nil
        result.isRootReadOnly = options.readOnly
        result.groupLimits = try words.limits.limits()
        try options.rights.apply(to: &result, hasOwnNetwork: options.network != "host")
        return result
    }

    private func foreground() throws -> Foreground {
        guard let keys = options.detachKeys.map(DetachKeys.init) ?? .usual else {
            throw InvalidOption(
                name: "--detach-keys", value: options.detachKeys ?? "",
                reason: "the form is KEY[,KEY…], a letter or ctrl- and a letter")
        }
        return Foreground(isInteractive: options.interactive, hasTerminal: options.tty, detachKeys: keys)
    }

    /// Whether the container has a network to itself that leads outside.
    private var isAlone: Bool { ["default", "bridge"].contains(options.network) }

    private func sharedNetwork() throws -> ContainerNetwork {
        switch options.network {
        case "host": return .host
        case "none": return .none
        case let other:
            throw InvalidOption(name: "--network", value: other, reason: "known are default, none and host")
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

    /// `NAME=VALUE`, or `NAME` for this process's own: where it has none, the image's goes too.
    private func setVariables(_ result: inout ContainerSpecification) throws {
        let own = ProcessFacts.environment
        for path in options.envFile {
            for variable in try variables(of: path) {
                // A name that is not set here is passed over, as docker does.
                guard let value = variable.value ?? own[variable.name] else { continue }
                result.variables.append((variable.name, value))
            }
        }
        for option in options.env {
            let parts = option.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard let name = parts.first, !name.isEmpty else {
                throw InvalidOption(name: "--env", value: option, reason: "the form is NAME=VALUE, or NAME")
            }
            if let value = parts.count == 2 ? parts[1] : own[name] {
                result.variables.append((name, value))
            } else {
                result.removedVariables.append(name)
            }
        }
    }

    private func variables(of path: String) throws -> [DotEnvironment.Variable] {
        guard let bytes = HostFiles.read(FilePath(path)) else {
            throw InvalidOption(name: "--env-file", value: path, reason: "there is no such file, or it cannot be read")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw InvalidOption(name: "--env-file", value: path, reason: "it is no text in UTF-8")
        }
        return try DotEnvironment(plain: text, file: path).variables
    }

    private func temporaryMounts() throws -> [ProcessSpec.TemporaryMount] {
        try options.tmpfs.map { text in
            let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
            guard let path = parts.first, path.hasPrefix("/"), let target = ImagePath(path) else {
                throw InvalidOption(name: "--tmpfs", value: text, reason: "the form is /TARGET[:WORD,…]")
            }
            var mount = ProcessSpec.TemporaryMount(target: target, size: nil)
            for word in parts.count == 2 ? parts[1].split(separator: ",").map(String.init) : [] {
                if word.hasPrefix("size="), let bytes = ByteCount.parse(String(word.dropFirst(5))) {
                    mount.size = bytes
                } else if !mount.set(word) {
                    throw InvalidOption(
                        name: "--tmpfs", value: text,
                        reason: "'\(word)' is not known: \(ProcessSpec.TemporaryMount.knownWords) are")
                }
            }
            return mount
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
                throw InvalidOption(
                    name: "--volume", value: text,
                    reason: "the form is SOURCE:TARGET[:ro], or TARGET for a volume that goes with the container")
            }
            guard let words = VolumeWords(parts.count == 3 ? parts[2] : nil) else {
                throw InvalidOption(
                    name: "--volume", value: text,
                    reason: "'\(parts[2])' are not options of a mount: \(VolumeWords.known)")
            }
            guard let source = ProcessFacts.realPath(FilePath(parts[0])) else {
                throw InvalidOption(name: "--volume", value: text, reason: "'\(parts[0])' does not exist")
            }
            result.bindings.append(
                Binding(source: .host(source.string), target: target, access: words.isReadOnly ? .readOnly : .readWrite)
            )
        }
        result.temporaryMounts = try temporaryMounts()
        for text in options.mount {
            let words = try MountWords(text)
            let access: Binding.Access = words.isReadOnly ? .readOnly : .readWrite
            switch words.mount {
            case .host(let source, let target):
                result.bindings.append(Binding(source: .host(source), target: target, access: access))
            case .volume(let target): result.volumes.append((target, access))
            case .temporary(let mount): result.temporaryMounts.append(mount)
            }
        }
    }
}
