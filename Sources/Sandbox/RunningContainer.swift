internal import LinuxSystem
package import OCI
internal import Subprocess
internal import Synchronization
package import SystemPackage

/// A container whose first process is there.
package struct RunningContainer: Sendable {
    let runtime: Runtime
    let invocation: Runtime.Invocation
    package let process: Int32

    /// Sends a signal to the first process.
    package func send(_ signal: Int32) { ProcessSignal.send(signal, to: process) }

    /// Ends all processes at once.
    package func kill() { ProcessSignal.kill(process) }

    /// Waits until the runtime has finished starting it and takes further processes; without end if it has ended before.
    package func waitUntilReady() async throws {
        let command = runtime.globalArguments + ["--root", invocation.bundle.appending("state").string, "state", invocation.name]
        while true {
            let result = try await Subprocess.run(
                .path(runtime.path), arguments: Arguments(command), platformOptions: Runtime.sessionOptions,
                input: .none, output: .bytes(limit: 1 << 20), error: .discarded)
            // One that is not known yet is described by nothing.
            if let state = try? JSON.parse(result.standardOutput), state["status"]?.string == "running" { return }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    /// What a further process came to.
    package struct Execution: Sendable {
        /// Nil for one that was killed because its time was over.
        package let exit: Runtime.Exit?
        /// The end of what it wrote.
        package let output: [UInt8]
    }

    private static let outputLimit = 4096

    private final class Tail: Sendable {
        let bytes = Mutex<[UInt8]>([])
    }

    /// Runs a further process in the container, with its user, environment and working directory.
    ///
    /// - Parameter number: one that no other process of this container has at the same time.
    package func execute(_ arguments: [String], number: Int, timeout: Duration) async throws -> Execution {
        let processFile = invocation.bundle.appending("exec-\(number)")
        let output = Tail()
        let exit = try await withThrowingTaskGroup(of: Runtime.Exit?.self) { group in
            group.addTask {
                let command =
                    runtime.globalArguments + [
                        "--root", invocation.bundle.appending("state").string, "exec", "--pid-file", processFile.string,
                        invocation.name,
                    ] + arguments
                let status = try await Subprocess.run(
                    .path(runtime.path), arguments: Arguments(command), platformOptions: Runtime.sessionOptions,
                    input: .none, output: .sequence, error: .combinedWithOutput
                ) { execution in
                    for try await buffer in execution.standardOutput {
                        buffer.withUnsafeBytes { bytes in output.bytes.withLock { $0 = Array(($0 + bytes).suffix(Self.outputLimit)) } }
                    }
                }.terminationStatus
                return Runtime.Exit(status)
            }
            group.addTask {
                try await Task.sleep(for: timeout)
                return nil
            }
            var isOver = false
            defer {
                Self.forget(processFile, kills: !isOver)
                group.cancelAll()
            }
            let first = try await group.next() ?? nil
            isOver = first != nil
            return first
        }
        return Execution(exit: exit, output: output.bytes.withLock { $0 })
    }

    /// Forgets a further process' number, and kills it if it is still there.
    private static func forget(_ file: FilePath, kills: Bool) {
        // Without the file or its directory there is nothing to kill.
        guard let name = file.lastComponent?.string, let directory = try? Directory(opening: file.removingLastComponent()),
            let text = try? directory.read(Array(name.utf8)), let process = Int32(String(decoding: text, as: UTF8.self)), process > 1
        else { return }
        if kills { ProcessSignal.kill(process) }
        // What stays goes with the bundle.
        try? directory.removeFile(Array(name.utf8))
    }
}

extension Runtime {
    /// Runs a process to its end in a session of its own, so that a terminal's keys do not reach it, and hands over what it
    /// writes to both outputs.
    ///
    /// When the task is cancelled the process and everything that it started are killed.
    /// - Parameter started: called when its first process is there.
    package func runObserved(
        _ spec: ProcessSpec, bundle: FilePath, output: @escaping @Sendable (UnsafeRawBufferPointer) -> Void,
        started: @escaping @Sendable (RunningContainer) -> Void
    ) async throws -> Exit {
        let invocation = try prepare(spec, bundle: bundle)
        return try await withTaskCancellationHandler {
            let exit = try await withThrowingTaskGroup(of: Exit?.self) { group in
                group.addTask {
                    try await invocation.watchdog.watching { Exit(try await handOver(invocation, Self.sessionOptions, output)) }
                }
                group.addTask {
                    // The runtime tells nobody that it has written the file.
                    while true {
                        if let process = invocation.process {
                            started(RunningContainer(runtime: self, invocation: invocation, process: process))
                            return nil
                        }
                        try await Task.sleep(for: .milliseconds(5))
                    }
                }
                while let event = try await group.next() {
                    if let exit = event {
                        group.cancelAll()
                        return exit
                    }
                }
                throw CancellationError()
            }
            if Task.isCancelled { invocation.killContainer() }
            return exit
        } onCancel: {
            invocation.killContainer()
        }
    }

    static var sessionOptions: PlatformOptions {
        var options = platformOptions
        options.createSession = true
        return options
    }
}
