import Compose
import Dockerfile
import Engine
import LinuxSystem
import OCI
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
            throw UsageError.invalidOption(name: "IMAGE", value: options.words.first ?? "", reason: "the image's name comes before its arguments")
        }
        if options.tty, options.interactive, !Terminal.isTerminal(0) { throw UsageError.needsTerminal }
        let foreground = try foreground()
        try checkVolumeWords()
        let (temporary, security) = (try temporaryMounts(), try options.container.words.security())
        let store = try StoreLocation.open(.ofProcess())
        defer { store.close() }
        let runtime = try OCIRuntime.installed(searchPath: HostEnvironment.ofProcess().searchPath, store: store)
        let image = try store.images.image(store.images.resolve(name))
        let platform = image.config.platform
        guard platform.serves(.host) || (platform.os == Platform.host.os && Emulation.isRegistered(platform.architecture)) else {
            throw UsageError.foreignPlatform(platform)
        }
        for layer in image.layers { try store.unpack(layer) }
        let layers = image.layers.map(\.diffID)
        let tree = try store.layers.tree(layers)
        let accounts = try tree.accounts()
        var volumes = ImageVolumes(layers: layers, store: store)
        let bindings = try bindings(&volumes)
        try volumes.add(of: image.config.container, but: bindings.map(\.target) + temporary.map(\.target))
        let root = try store.mount(
            layers, files: try options.container.words.hostFiles(hostname: hostname), bindings: bindings + volumes.bindings,
            directories: [try workingDirectory(image)] + temporary.map(\.target))
        defer { withExtendedLifetime(volumes.held) { root.discard() } }
        var spec = try process(image.config.container, name, accounts, root)
        spec.temporaryMounts = temporary
        (spec.systemCalls, spec.forbidsNewPrivileges) = (security.systemCalls, security.forbidsNewPrivileges)
        switch try await foreground.run(runtime, spec, bundle: root.bundle) {
        case .exited(.outOfMemory): throw UsageError.outOfMemory(limit: spec.groupLimits.memory)
        case .exited(let exit): return exit.status
        case .detached: throw UsageError.detached
        }
    }

    private func foreground() throws -> Foreground {
        guard let keys = options.detachKeys.map(DetachKeys.init) ?? .usual else {
            throw UsageError.invalidOption(
                name: "--detach-keys", value: options.detachKeys ?? "", reason: "the form is KEY[,KEY…], a letter or ctrl- and a letter")
        }
        return Foreground(isInteractive: options.interactive, hasTerminal: options.tty, detachKeys: keys)
    }

    private func process(
        _ config: ContainerConfig, _ name: String, _ accounts: Accounts, _ root: RootFileSystem
    ) throws -> ProcessSpec {
        let identity = try accounts.identity(of: options.user ?? config.user)
        let given = Array(options.words.dropFirst())
        let arguments = config.arguments(
            entrypoint: options.entrypoint.map { $0.isEmpty ? [] : [$0] }, command: given.isEmpty ? nil : given)
        guard !arguments.isEmpty else { throw UsageError.noCommand(name) }
        let directory = try workingPath(config)
        var spec = ProcessSpec(
            arguments: arguments, environment: environment(config, identity), workingDirectory: directory,
            hostname: hostname, root: root.path)
        (spec.user, spec.group) = (identity.user, identity.group)
        spec.additionalGroups = identity.additionalGroups
        spec.hasTerminal = options.tty
        spec.terminalSize = options.tty ? Terminal.size(0) : nil
        spec.isRootReadOnly = options.readOnly
        guard ["host", "none", "default", "bridge"].contains(options.network) else {
            throw UsageError.invalidOption(name: "--network", value: options.network, reason: "known are host and none")
        }
        spec.sharesNetwork = options.network != "none"
        spec.mounts = root.mounts
        if let size = try options.container.words.sharedMemorySize() { spec.sharedMemorySize = size }
        spec.resourceLimits = try options.container.words.resourceLimits()
        spec.groupLimits = try options.container.words.limits.limits()
        try options.rights.apply(to: &spec, accounts)
        return spec
    }

    /// Looks for the program as execvp(3) would, for runtimes differ in how they say that it is missing.
    static func findProgram(_ spec: ProcessSpec, in tree: FileTree) throws {
        guard let name = spec.arguments.first else { return }
        let path = spec.environment.first { $0.hasPrefix("PATH=") }?.dropFirst("PATH=".count) ?? ""
        let places = name.contains("/") ? [name] : path.split(separator: ":").map { "\($0)/\(name)" }
        var isThere = false
        for place in places {
            guard let path = spec.workingDirectory.resolving(place), let (_, node) = try tree.lookUp(path, links: .followAll)
            else { continue }
            if node.isExecutable { return }
            isThere = true
        }
        throw isThere ? UsageError.notExecutable(name) : UsageError.missingProgram(name)
    }

    private var hostname: String { options.hostname ?? "distill" }

    private func workingPath(_ config: ContainerConfig) throws -> ImagePath {
        // An image may name a relative one, and means it from the root on; a person has likely forgotten the slash.
        guard let path = ImagePath(options.workdir ?? config.workingDirectory), options.workdir?.hasPrefix("/") ?? true else {
            throw UsageError.invalidOption(name: "--workdir", value: options.workdir ?? "", reason: "it is no absolute path")
        }
        return path
    }

    private func workingDirectory(_ image: Image) throws -> ImagePath { try workingPath(image.config.container) }

    private func environment(_ config: ContainerConfig, _ identity: Accounts.Identity) -> [String] {
        var result = config.variables(identity, hostname: hostname, hasTerminal: options.tty)
        let own = ProcessFacts.environment
        for option in options.env {
            let parts = option.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard let name = parts.first, let value = parts.count == 2 ? parts[1] : own[name] else { continue }
            result.setEnvironment(name, value)
        }
        return result.environment
    }

    private func temporaryMounts() throws -> [ProcessSpec.TemporaryMount] {
        try options.tmpfs.map { text in
            let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
            guard let path = parts.first, path.hasPrefix("/"), let target = ImagePath(path) else {
                throw UsageError.invalidOption(name: "--tmpfs", value: text, reason: "the form is /TARGET[:size=BYTES]")
            }
            var size: Int64?
            for option in parts.count == 2 ? parts[1].split(separator: ",") : [] {
                guard option.hasPrefix("size="), let bytes = ByteCount.parse(String(option.dropFirst(5))) else {
                    throw UsageError.invalidOption(name: "--tmpfs", value: text, reason: "'\(option)' is not known; size=BYTES is")
                }
                size = bytes
            }
            return ProcessSpec.TemporaryMount(target: target, size: size)
        }
    }

    /// - Parameter volumes: gets those that are named by their target alone.
    private func bindings(_ volumes: inout ImageVolumes) throws -> [Binding] {
        try options.volume.compactMap { text in
            let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
            if parts.count == 1, text.hasPrefix("/"), let target = ImagePath(text), !target.isRoot {
                try volumes.add(target)
                return nil
            }
            guard (2...3).contains(parts.count), let target = ImagePath(parts[1]), parts[1].hasPrefix("/") else {
                throw UsageError.invalidOption(name: "--volume", value: text, reason: "the form is SOURCE:TARGET[:ro], or TARGET for a volume that goes with the container")
            }
            guard let source = ProcessFacts.realPath(FilePath(parts[0])) else {
                throw UsageError.invalidOption(name: "--volume", value: text, reason: "'\(parts[0])' does not exist")
            }
            let words = VolumeWords(parts.count == 3 ? parts[2] : nil)
            return Binding(source: .host(source.string), target: target, access: words?.isReadOnly == true ? .readOnly : .readWrite)
        }
    }

    /// What is written wrong is told before anything is looked for.
    private func checkVolumeWords() throws {
        for text in options.volume {
            let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 3, VolumeWords(parts[2]) == nil else { continue }
            throw UsageError.invalidOption(
                name: "--volume", value: text, reason: "'\(parts[2])' are not options of a mount: \(VolumeWords.known)")
        }
    }
}
