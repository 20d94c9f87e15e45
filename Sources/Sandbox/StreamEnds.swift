internal import LinuxSystem
internal import SystemPackage

/// Both ends of what a process reads and writes.
struct StreamEnds {
    /// What become the process's streams; nil is `/dev/null`.
    private(set) var theirs: [DescriptorBox?] = [nil, nil, nil]
    /// What the runtime is told.
    private(set) var arguments: [String] = []
    private let streams: ProcessStreams
    private var outputs: [DescriptorBox] = []
    private var input: DescriptorBox?
    private let console: ConsoleSocket?

    /// - Parameter socket: a name in the bundle that is not taken.
    init(_ streams: ProcessStreams, in bundle: FilePath, socket: String) throws {
        self.streams = streams
        switch streams {
        case .together:
            let pipe = try DescriptorBox.pipe()
            (theirs[1], theirs[2], outputs) = (pipe.writing, pipe.writing, [pipe.reading])
            console = nil
        case .apart(let source, _, _):
            let (output, error) = (try DescriptorBox.pipe(), try DescriptorBox.pipe())
            (theirs[1], theirs[2], outputs) = (output.writing, error.writing, [output.reading, error.reading])
            if source != nil {
                let pipe = try DescriptorBox.pipe()
                (theirs[0], input) = (pipe.reading, pipe.writing)
            }
            console = nil
        case .terminal:
            console = try ConsoleSocket(in: bundle, name: socket)
            // Relative to the bundle, in which the runtime works: a socket's path has 107 bytes at most (unix(7)).
            arguments = ["--console-socket", socket]
        }
    }

    /// The terminal's other side; nil for a process without one.
    func receiveTerminal() throws(SystemCallError) -> DescriptorBox? {
        try console?.receive()
    }

    /// What is read and written here while the process lives.
    func ours(_ terminal: DescriptorBox?) -> ChildStreams {
        switch streams {
        case .together(let sink):
            return ChildStreams(outputs: outputs.map { .init($0, take: sink) }, beginsInRuntime: true)
        case .apart(let source, let output, let error):
            return ChildStreams(
                outputs: zip(outputs, [output, error]).map { .init($0, take: $1) }, input: Self.input(source, input),
                beginsInRuntime: true)
        case .terminal(let source, let output):
            return ChildStreams(
                outputs: terminal.map { [.init($0, take: output)] } ?? [], input: Self.input(source, terminal),
                beginsInRuntime: true)
        }
    }

    private static func input(_ source: ProcessInput?, _ target: DescriptorBox?) -> ChildStreams.Input? {
        guard let source, let target else { return nil }
        return ChildStreams.Input(from: source.descriptor, to: target, pass: source.pass)
    }
}
