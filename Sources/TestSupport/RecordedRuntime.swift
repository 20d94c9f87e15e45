package import Sandbox
internal import Synchronization
package import SystemPackage

/// A runtime that executes nothing and plays what was recorded, so that what stands on it is tested without any right.
package final class RecordedRuntime: ContainerRuntime {
    /// What a process does.
    package struct Recording: Sendable {
        package enum Stream: Sendable { case output, error }

        package enum Ending: Sendable {
            case exits(ProcessExit)
            /// It is there until it is killed, which is told to whoever waits for that.
            case waits
            /// No program is executed.
            case fails(SandboxError)
        }

        package var writes: [(stream: Stream, text: String)]
        package var ending: Ending
        /// What it leaves in its root, by the path there.
        package var files: [String: String]

        package init(
            _ ending: Ending = .exits(.code(0)), writes: [(Stream, String)] = [], files: [String: String] = [:]
        ) {
            (self.ending, self.files) = (ending, files)
            self.writes = writes.map { (stream: $0.0, text: $0.1) }
        }
    }

    package let rootNeed = RootNeed.written
    private let play: @Sendable (ProcessSpec) async -> Recording
    private let seen = Mutex<[ProcessSpec]>([])

    /// - Parameter play: what a process does that is to be executed; asked when it is started.
    package init(_ play: @escaping @Sendable (ProcessSpec) async -> Recording) { self.play = play }

    /// The processes that were started, in their order.
    package var started: [ProcessSpec] { seen.withLock { $0 } }

    package func create(_ process: ProcessSpec, bundle: FilePath, streams: ProcessStreams) async throws
        -> any RuntimeContainer
    {
        RecordedContainer(spec: process, streams: streams, play: play) { [self] in seen.withLock { $0.append(process) }
        }
    }
}

/// A container that plays; a further process of it is one too.
private final class RecordedContainer: RuntimeContainer, RuntimeProcess {
    let process: Int32 = 1
    private let spec: ProcessSpec
    private let streams: ProcessStreams
    private let play: @Sendable (ProcessSpec) async -> RecordedRuntime.Recording
    private let note: @Sendable () -> Void
    private let recording = Mutex<RecordedRuntime.Recording?>(nil)
    private let signals: AsyncStream<Int32>
    private let post: AsyncStream<Int32>.Continuation

    init(
        spec: ProcessSpec, streams: ProcessStreams,
        play: @escaping @Sendable (ProcessSpec) async -> RecordedRuntime.Recording,
        note: @escaping @Sendable () -> Void
    ) {
        (self.spec, self.streams, self.play, self.note) = (spec, streams, play, note)
        (signals, post) = AsyncStream.makeStream()
    }

    func start() async throws {
        note()
        let recording = await play(spec)
        self.recording.withLock { $0 = recording }
        for (stream, text) in recording.writes {
            var text = text
            text.withUTF8 { bytes in write(stream, UnsafeRawBufferPointer(bytes)) }
        }
        for (path, text) in recording.files { try Files.write(text, to: spec.root + path) }
    }

    private func write(_ stream: RecordedRuntime.Recording.Stream, _ bytes: UnsafeRawBufferPointer) {
        switch (streams, stream) {
        case (.together(let sink), _), (.terminal(_, let sink), _), (.apart(_, let sink, _), .output),
            (.apart(_, _, let sink), .error):
            _ = sink(bytes)
        }
    }

    func end() async throws -> ProcessExit {
        switch recording.withLock({ $0 })?.ending ?? .waits {
        case .exits(let exit): return exit
        case .fails(let error): throw error
        case .waits:
            for await signal in signals { return .signal(signal) }
            return .signal(9)
        }
    }

    func execute(_ process: ProcessSpec, streams: ProcessStreams) async throws -> any RuntimeProcess {
        let further = RecordedContainer(spec: process, streams: streams, play: play, note: note)
        try await further.start()
        if case .fails(let error)? = further.recording.withLock({ $0 })?.ending { throw error }
        return further
    }

    func send(_ signal: Int32) { post.yield(signal) }

    func kill() { post.yield(9) }

    func resize(columns: Int, rows: Int) {}

    func delete() async {}
}
