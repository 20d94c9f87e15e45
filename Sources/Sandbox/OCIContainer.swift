internal import LinuxSystem
internal import OCI
internal import Synchronization
internal import SystemPackage

/// A container of an OCI runtime.
struct OCIContainer: RuntimeContainer {
    let place: ContainerPlace
    let child: ChildProcess
    let terminal: DescriptorBox?
    let spec: ProcessSpec
    let processFile: FilePath

    var process: Int32 { child.number }

    func start() async throws {
        do { try await place.command(["start", place.name], for: spec) } catch let error as SandboxError {
            // It may have ended before the runtime could look: then its end says why.
            if case .runtimeFailed = error, child.hasEnded { return }
            throw error
        }
    }

    func end() async throws -> ProcessExit {
        let end = await child.end()
        ProcessGuard.forget(processFile)
        let exit = try ContainerPlace.exit(end, of: spec)
        // A shell tells of its command's end as its own.
        let isKilled = exit == .signal(9) || exit == .code(137)
        return isKilled && place.group?.hasRunOutOfMemory == true ? .outOfMemory : exit
    }

    func execute(_ process: ProcessSpec, streams: ProcessStreams) async throws -> any RuntimeProcess {
        let process = OCIRuntime.completed(process, streams)
        let number = UInt32.random(in: 0 ... .max)
        let (file, processFile) = (
            place.bundle.appending("exec-\(number)"), place.bundle.appending("exec-\(number)-pid")
        )
        defer {
            ContainerPlace.remove(file)
            ContainerPlace.remove(processFile)
        }
        let machine = place.runtime.machine()
        try Directory(opening: place.bundle).createFile(Array("exec-\(number)".utf8), mode: 0o600)
            .write(process.processConfig(machine.grantable).bytes)
        let ends = try StreamEnds(streams, in: place.bundle, socket: "console-\(number)")
        let arguments =
            ["exec", "--detach", "--process", file.string, "--pid-file", processFile.string] + ends.arguments + [
                place.name
            ]
        do {
            try await place.command(
                arguments, streams: ends.theirs, for: process, begins: place.group?.entrances() ?? [])
        } catch {
            ChildProcess.forgetOrphans(of: place.runtime.name)
            throw error
        }
        let child = try place.child(processFile, ends)
        return OCIProcess(child: child.process, terminal: child.terminal, spec: process)
    }

    func send(_ signal: Int32) { child.send(signal) }

    func kill() { child.kill() }

    func resize(columns: Int, rows: Int) { terminal?.setTerminalSize(columns: columns, rows: rows) }

    func delete() async {
        defer { place.group?.remove() }
        // What crun keeps of a container without control groups lies in the bundle.
        if place.runtime.isCrun { return }
        await place.delete()
    }
}

/// A further process of a container.
struct OCIProcess: RuntimeProcess {
    let child: ChildProcess
    let terminal: DescriptorBox?
    let spec: ProcessSpec

    func end() async throws -> ProcessExit { try ContainerPlace.exit(await child.end(), of: spec) }

    func send(_ signal: Int32) { child.send(signal) }

    func kill() { child.kill() }

    func resize(columns: Int, rows: Int) { terminal?.setTerminalSize(columns: columns, rows: rows) }
}

extension ContainerPlace {
    static func exit(_ end: ChildProcess.End, of spec: ProcessSpec) throws(SandboxError) -> ProcessExit {
        switch end {
        case .code(let code): return .code(code)
        case .signal(let signal): return .signal(signal)
        case .neverExecuted(_, let words): throw RuntimeWords(log: words).refusal(spec)
        }
    }
}
