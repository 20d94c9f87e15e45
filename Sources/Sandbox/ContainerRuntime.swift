package import SystemPackage

/// What executes a process in a root file system of its own: an OCI runtime, or whatever else can.
///
/// A container is made before its program is executed, so that it can be put where it belongs, and so that what the runtime
/// cannot do is told apart from what the program says and ends with.
package protocol ContainerRuntime: Sendable {
    /// Where a container's root comes from.
    var rootNeed: RootNeed { get }

    /// Makes a container whose program waits for ``RuntimeContainer/start()``.
    ///
    /// - Parameters:
    ///   - bundle: an empty directory for the runtime's files, removed by the caller.
    ///   - streams: how the process is talked to until it ends.
    /// - Throws: ``SandboxError``.
    func create(_ process: ProcessSpec, bundle: FilePath, streams: ProcessStreams) async throws -> any RuntimeContainer
}

/// What a runtime must find at ``ProcessSpec/root``.
package enum RootNeed: Hashable, Sendable {
    /// All layers, mounted as one file system, which takes a right to mount.
    case mounted
    /// An empty directory for what is written: it mounts nothing, or finds the layers by itself.
    case written
}

/// A container that was made by a ``ContainerRuntime``.
package protocol RuntimeContainer: Sendable {
    /// The number of its first process, for people.
    var process: Int32 { get }

    /// Executes its program.
    ///
    /// - Throws: ``SandboxError`` where the runtime cannot. A program that the kernel does not execute is told by ``end()``.
    func start() async throws

    /// Waits until its first process, and with it all others, has ended, and all that they wrote was handed over.
    ///
    /// - Throws: ``SandboxError/programMissing(_:)`` or ``SandboxError/programNotExecutable(_:)`` where no program was executed.
    func end() async throws -> ProcessExit

    /// Starts a further process with its own user, rights, environment and directory; root and mounts are the container's.
    ///
    /// - Throws: as ``end()``.
    func execute(_ process: ProcessSpec, streams: ProcessStreams) async throws -> any RuntimeProcess

    /// Sends a signal to its first process; one that has ended gets none.
    func send(_ signal: Int32)

    /// Ends all of its processes at once.
    func kill()

    /// Gives its terminal, if it has one, another size.
    func resize(columns: Int, rows: Int)

    /// Removes what the runtime keeps of it. Its processes must have ended.
    func delete() async
}

/// A further process of a container.
package protocol RuntimeProcess: Sendable {
    /// As ``RuntimeContainer/end()``.
    func end() async throws -> ProcessExit
    func send(_ signal: Int32)
    func kill()
    func resize(columns: Int, rows: Int)
}

/// How a process ended.
package enum ProcessExit: Hashable, Sendable {
    case code(Int32)
    case signal(Int32)
    /// The kernel ended it, or another of its container, because the container's memory was used up.
    case outOfMemory

    /// As a shell reports it: 128 and the signal's number.
    package var status: Int32 {
        switch self {
        case .code(let code): code
        case .signal(let signal): 128 &+ signal
        case .outOfMemory: 137
        }
    }
}

package enum SandboxError: Error, Hashable, Sendable {
    /// No OCI runtime on PATH.
    case noRuntime(searchPath: String)
    /// A runtime that was there cannot be executed any more.
    case runtimeVanished(path: String)
    /// The runtime could not make or start a container; its own words.
    case runtimeFailed(runtime: String, words: String)
    /// The program, or what must read or load it, is not there.
    case programMissing(String)
    /// The program is there, and is no program, or may not be executed.
    case programNotExecutable(String)
    /// A limit that this machine does not let this process set, by the kernel's name of what it belongs to.
    case limitUnavailable(controller: String, reason: String)
}

/// How the streams of a process are reached.
package enum ProcessStreams: Sendable {
    /// Takes what arrives, on a thread that waits for it.
    ///
    /// - Returns: whether more is wanted: else whoever writes finds a closed pipe.
    package typealias Sink = @Sendable (UnsafeRawBufferPointer) -> Bool

    /// No input; both outputs in the order in which they arrive.
    case together(Sink)
    /// Both outputs apart.
    case apart(input: ProcessInput?, output: Sink, error: Sink)
    /// A terminal that the process believes to be before it.
    case terminal(input: ProcessInput?, output: Sink)
}

/// Where a process's input comes from.
package struct ProcessInput: Sendable {
    /// A descriptor of this process, which stays open and its owner's.
    package let descriptor: Int32
    /// Looks at what is typed before the process gets it.
    package let pass: @Sendable ([UInt8]) -> [UInt8]

    package init(_ descriptor: Int32, pass: @escaping @Sendable ([UInt8]) -> [UInt8] = { $0 }) {
        (self.descriptor, self.pass) = (descriptor, pass)
    }
}
