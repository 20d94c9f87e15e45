internal import LinuxSystem
internal import OCI
package import SystemPackage

extension OCIRuntime {
    package var rootNeed: RootNeed { .mounted }

    package func create(_ process: ProcessSpec, bundle: FilePath, streams: ProcessStreams) async throws
        -> any RuntimeContainer
    {
        ChildProcess.becomeSubreaper()
        let process = Self.completed(process, streams)
        let name = try await blocking { try prepare(process, bundle: bundle) }
        let group = try process.groupLimits.makeGroup(named: name)
        let place = ContainerPlace(runtime: self, bundle: bundle, name: name, group: group)
        let processFile = bundle.appending("pid")
        ProcessGuard.watch(processFile)
        do {
            let ends = try StreamEnds(streams, in: bundle, socket: "console")
            let arguments =
                ["create", "--bundle", bundle.string, "--pid-file", processFile.string] + ends.arguments + [name]
            try await place.command(arguments, streams: ends.theirs, for: process)
            let child = try place.child(processFile, ends)
            // It waits for its start, and has started nothing yet.
            try group?.add(child.process.number)
            return OCIContainer(
                place: place, child: child.process, terminal: child.terminal, spec: process, processFile: processFile)
        } catch {
            // One that is half made has a process that waits.
            if let number = ContainerPlace.number(in: processFile) { ProcessSignal.kill(number) }
            ProcessGuard.forget(processFile)
            group?.remove()
            throw error
        }
    }

    /// A process has a terminal if its streams are one.
    static func completed(_ process: ProcessSpec, _ streams: ProcessStreams) -> ProcessSpec {
        var process = process
        if case .terminal = streams { process.hasTerminal = true } else { process.hasTerminal = false }
        // What this process raised for itself is not the container's.
        if let limit = ProcessFacts.callersDescriptorLimit,
            !process.resourceLimits.contains(where: { $0.name == "nofile" })
        {
            process.resourceLimits.append(.init(name: "nofile", soft: limit.soft, hard: limit.hard))
        }
        return process
    }

    /// - Returns: the container's name for the runtime.
    func prepare(_ process: ProcessSpec, bundle: FilePath) throws -> String {
        let machine = machine()
        let config = process.runtimeConfig(on: machine, filter: try filter(process, on: machine))
        try Directory(opening: bundle).createFile(Array("config.json".utf8), mode: 0o600).write(config.bytes)
        // Runtimes name cgroups and session keyrings by it: of two with one name the second joins the first one's.
        return "distill-" + (0..<4).map { _ in Self.hexadecimal(.random(in: 0 ... .max)) }.joined()
    }

    private static func hexadecimal(_ word: UInt32) -> String {
        let digits = String(word, radix: 16)
        return String(repeating: "0", count: 8 - digits.utf8.count) + digits
    }

    func machine() -> ProcessSpec.Machine {
        var machine = ProcessSpec.Machine()
        machine.grantable = ProcessFacts.boundingCapabilities
        machine.knowsTerminalGroup = UserNamespace.hasGroup(5)
        machine.isInUserNamespace = !UserNamespace.isInitial
        machine.knowsRecursiveFlags = !isCrun || binaryHas("rnodev")
        // In a user namespace no device of a file system of its own can be opened anyway. The crun 0.17 of Debian 11 and Ubuntu 22.04
        // keeps the flags, and fails at a mount on `/.`.
        machine.losesRootFlags = isCrun && UserNamespace.isInitial && machine.knowsRecursiveFlags
        machine.hasControlGroupNamespaces = ProcessFacts.hasNamespaces(of: "cgroup")
        machine.furtherMaskedPaths = ProcessFacts.thermalThrottlePaths
        if let kernel = KernelVersion(ProcessFacts.kernelRelease) { machine.kernel = kernel }
        return machine
    }
}
