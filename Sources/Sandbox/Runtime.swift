package import OCI
internal import LinuxSystem
internal import Subprocess
package import SystemPackage

/// An OCI runtime that is installed on this machine: crun, runc or youki.
package struct Runtime: Sendable {
    package let path: FilePath

    /// The names that are looked for on PATH, in this order.
    package static let names = ["crun", "runc", "youki"]

    let filters: FilterCache

    package init(path: FilePath, filters: FilterCache = .none) { (self.path, self.filters) = (path, filters) }

    /// Finds a runtime.
    ///
    /// - Parameter searchPath: the value of PATH.
    package static func find(searchPath: String, filters: FilterCache = .none) throws(SandboxError) -> Runtime {
        for name in names {
            for directory in searchPath.split(separator: ":") {
                let path = FilePath(String(directory)).appending(name)
                if ProcessFacts.isExecutable(path) { return Runtime(path: path, filters: filters) }
            }
        }
        throw .noRuntime(searchPath: searchPath)
    }

    /// crun can leave cgroups alone, which a build does not need and some machines do not allow.
    var globalArguments: [String] {
        path.lastComponent?.string == "crun" ? ["--cgroup-manager=disabled"] : []
    }

    /// How a process ended.
    package enum Exit: Hashable, Sendable {
        case code(Int32)
        case signal(Int32)

        /// As a shell reports it: 128 and the signal's number.
        package var status: Int32 {
            switch self {
            case .code(let code): code
            case .signal(let signal): 128 &+ signal
            }
        }
    }

    /// Runs a process to its end and hands over what it writes to both outputs, in the order in which it arrives.
    ///
    /// When the task is cancelled the process and everything that it started are killed.
    /// - Parameter bundle: an empty directory for the runtime's files, removed by the caller.
    /// - Throws: ``SandboxError`` when the runtime cannot be started. A process that fails is an ``Exit``.
    package func run(
        _ spec: ProcessSpec, bundle: FilePath, output: @Sendable (UnsafeRawBufferPointer) -> Void
    ) async throws -> Exit {
        let invocation = try prepare(spec, bundle: bundle)
        return try await withTaskCancellationHandler {
            let status = try await invocation.watchdog.watching {
                try await handOver(invocation, Self.platformOptions, output)
            }
            if Task.isCancelled { invocation.killContainer() }
            try Task.checkCancellation()
            return Exit(status)
        } onCancel: {
            invocation.killContainer()
        }
    }

    /// Runs the runtime without input, and hands over what its process writes to both outputs.
    func handOver(
        _ invocation: Invocation, _ options: PlatformOptions, _ output: @Sendable (UnsafeRawBufferPointer) -> Void
    ) async throws -> TerminationStatus {
        try await Subprocess.run(
            .path(path), arguments: Arguments(invocation.arguments), platformOptions: options,
            input: .none, output: .sequence, error: .combinedWithOutput
        ) { execution in
            for try await buffer in execution.standardOutput {
                buffer.withUnsafeBytes { output($0) }
            }
        }.terminationStatus
    }

    /// Which of this process's standard streams a process has.
    package enum Streams: Sendable {
        case inherited
        /// Output and error; input is empty.
        case withoutInput
    }

    /// Runs a process on this process's own standard streams, a terminal among them.
    ///
    /// - Parameter started: called with the runtime's process number, to which signals can be sent.
    package func runAttached(
        _ spec: ProcessSpec, bundle: FilePath, streams: Streams, started: @Sendable (Int32) -> Void
    ) async throws -> Exit {
        let invocation = try prepare(spec, bundle: bundle)
        return try await withTaskCancellationHandler {
            let status =
                switch streams {
                case .inherited: try await attached(invocation, input: .currentStandardInput, started)
                case .withoutInput: try await attached(invocation, input: .none, started)
                }
            if Task.isCancelled { invocation.killContainer() }
            return Exit(status)
        } onCancel: {
            invocation.killContainer()
        }
    }

    private func attached(
        _ invocation: Invocation, input: some InputProtocol, _ started: @Sendable (Int32) -> Void
    ) async throws -> TerminationStatus {
        try await Subprocess.run(
            .path(path), arguments: Arguments(invocation.arguments), platformOptions: Self.platformOptions,
            input: input, output: .currentStandardOutput, error: .currentStandardError
        ) { execution in
            started(execution.processIdentifier.value)
        }.terminationStatus
    }

    static var platformOptions: PlatformOptions {
        var options = PlatformOptions()
        options.teardownSequence = [.send(signal: .terminate, allowedDurationToNextStep: .milliseconds(500))]
        return options
    }

    func prepare(_ spec: ProcessSpec, bundle: FilePath) throws -> Invocation {
        let directory = try Directory(opening: bundle)
        var spec = spec
        // What this process raised for itself is not the container's.
        if let limit = ProcessFacts.callersDescriptorLimit, !spec.resourceLimits.contains(where: { $0.name == "nofile" }) {
            spec.resourceLimits.append(.init(name: "nofile", soft: limit.soft, hard: limit.hard))
        }
        let machine = machine()
        let config = spec.runtimeConfig(on: machine, filter: try filter(spec, on: machine))
        try directory.createFile(Array("config.json".utf8), mode: 0o600).write(config.bytes)
        let state = bundle.appending("state")
        let processFile = bundle.appending("pid")
        // Runtimes name cgroups and session keyrings by it: of two with one name the second joins the first one's.
        let name = "distill-" + (0..<4).map { _ in Self.hexadecimal(.random(in: 0 ... .max)) }.joined()
        let arguments =
            globalArguments + [
                "--root", state.string, "run", "--bundle", bundle.string, "--pid-file", processFile.string, name,
            ]
        return Invocation(arguments: arguments, bundle: bundle)
    }

    private static func hexadecimal(_ word: UInt32) -> String {
        let digits = String(word, radix: 16)
        return String(repeating: "0", count: 8 - digits.utf8.count) + digits
    }

    private func machine() -> ProcessSpec.Machine {
        var machine = ProcessSpec.Machine()
        machine.grantable = ProcessFacts.boundingCapabilities
        machine.knowsTerminalGroup = UserNamespace.hasGroup(5)
        machine.isInUserNamespace = !UserNamespace.isInitial
        machine.knowsRecursiveFlags = path.lastComponent?.string != "crun" || binaryHas("rnodev")
        // In a user namespace no device of a file system of its own can be opened anyway. The crun 0.17 of Debian 11 and Ubuntu 22.04
        // keeps the flags, and fails at a mount on `/.`.
        machine.losesRootFlags = path.lastComponent?.string == "crun" && UserNamespace.isInitial && machine.knowsRecursiveFlags
        machine.furtherMaskedPaths = ProcessFacts.thermalThrottlePaths
        if let kernel = KernelVersion(ProcessFacts.kernelRelease) { machine.kernel = kernel }
        return machine
    }

    /// A container that is being run.
    struct Invocation: Sendable {
        let arguments: [String]
        let bundle: FilePath

        /// The container's name for the runtime.
        var name: String { arguments.last ?? "" }

        /// The number of the container's first process; nil while there is none.
        var process: Int32? {
            // Without the file there is no process yet, or the bundle is gone.
            guard let directory = try? Directory(opening: bundle), let text = try? directory.read(Array("pid".utf8)) else { return nil }
            return Int32(String(decoding: text, as: UTF8.self)).flatMap { $0 > 1 ? $0 : nil }
        }

        var watchdog: Watchdog { Watchdog(processFile: bundle.appending("pid")) }

        /// Kills the container's first process, and with it, by the rules of PID namespaces, all others.
        func killContainer() {
            guard let process else { return }
            ProcessSignal.kill(process)
            // So that a number that is used again is never killed.
            try? Directory(opening: bundle).removeFile(Array("pid".utf8))
        }
    }
}

extension Runtime.Exit {
    init(_ status: TerminationStatus) {
        switch status {
        case .exited(let code): self = .code(code)
        case .signaled(let signal): self = .signal(signal)
        }
    }
}

package enum SandboxError: Error, Hashable, Sendable {
    /// No OCI runtime on PATH.
    case noRuntime(searchPath: String)
}
