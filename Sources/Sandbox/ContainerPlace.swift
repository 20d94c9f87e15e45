internal import LinuxSystem
internal import OCI
internal import SystemPackage

/// Where an OCI runtime keeps a container, and how it is asked for something about it.
struct ContainerPlace: Sendable {
    let runtime: OCIRuntime
    let bundle: FilePath
    /// The container's name for the runtime.
    let name: String
    /// The one that limits it; nil for none.
    let group: ControlGroup?

    /// Executes the runtime to its end.
    ///
    /// - Parameters:
    ///   - streams: what become the container's; nil for none.
    ///   - process: the one that is about to be executed.
    ///   - begins: the groups that the runtime, and what it starts, begin in.
    /// - Throws: ``SandboxError`` with what the runtime said in its log.
    func command(
        _ arguments: [String], streams: [DescriptorBox?] = [nil, nil, nil], for process: ProcessSpec,
        begins: [DescriptorBox] = []
    ) async throws {
        let log = bundle.appending("log-\(UInt32.random(in: 0 ... .max))")
        var program = program(arguments, log: log)
        program.streams = streams
        program.groups = begins
        let child: ChildProcess
        do { child = try ChildProcess(starting: program) } catch {
            throw SandboxError.runtimeVanished(path: runtime.path.string)
        }
        let end = await withTaskCancellationHandler {
            await child.end()
        } onCancel: {
            child.kill()
        }
        try Task.checkCancellation()
        defer { Self.remove(log) }
        guard end == .code(0) else { throw RuntimeWords(log: Self.read(log)).error(runtime, process) }
    }

    /// Lets the runtime forget the container, in a task that is cancelled too. Best effort: what stays is the runtime's.
    func delete() async {
        let log = bundle.appending("log-delete")
        // A runtime that has vanished forgets nothing.
        guard let child = try? ChildProcess(starting: program(["delete", "--force", name], log: log)) else { return }
        _ = await child.end()
    }

    private func program(_ arguments: [String], log: FilePath) -> ChildProcess.Program {
        ChildProcess.Program(
            arguments: [runtime.path.string] + runtime.globalArguments
                + ["--log", log.string, "--log-format", "json", "--root", bundle.appending("state").string] + arguments,
            directory: bundle)
    }

    /// The process that the runtime has left to us, with its streams.
    func child(_ file: FilePath, _ ends: StreamEnds) throws -> (process: ChildProcess, terminal: DescriptorBox?) {
        guard let number = Self.number(in: file) else {
            throw SandboxError.runtimeFailed(runtime: runtime.name, words: "it has told no process")
        }
        let terminal = try ends.receiveTerminal()
        return (try ChildProcess(adopting: number, observing: ends.ours(terminal)), terminal)
    }

    /// The number in a runtime's `--pid-file`; nil while there is none.
    static func number(in file: FilePath) -> Int32? {
        Int32(String(decoding: read(file), as: UTF8.self)).flatMap { $0 > 1 ? $0 : nil }
    }

    private static let readLimit = 1 << 20

    /// What is in a file; nothing without it.
    private static func read(_ file: FilePath) -> [UInt8] {
        guard let name = file.lastComponent?.string,
            let directory = try? Directory(opening: file.removingLastComponent()),  // gone
            let bytes = try? directory.read(Array(name.utf8), limit: readLimit)  // not made
        else { return [] }
        return bytes
    }

    static func remove(_ file: FilePath) {
        guard let name = file.lastComponent?.string else { return }
        // Best effort: what stays goes with the bundle.
        try? Directory(opening: file.removingLastComponent()).removeFile(Array(name.utf8))
    }
}
