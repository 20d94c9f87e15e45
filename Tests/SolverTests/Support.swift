import BuildGraph
import Dockerfile
import LinuxSystem
import OCI
import Sandbox
import Solver
import Storage
import Synchronization
import SystemPackage
import TestSupport

/// A store, a context in a directory beside it, and what a Dockerfile comes to in them.
struct World {
    let store: Store
    let directory: String
    /// What FROM finds, by its name.
    var bases: [String: Image] = [:]
    /// Hears what is told of steps while it is.
    var hear: @Sendable (String) -> Void = { _ in }

    init(store: Store, directory: String) { (self.store, self.directory) = (store, directory) }

    struct Built {
        let image: Image
        let solution: Solver.Solution
        let graph: BuildGraph
        /// What was told of steps, in its order: `STAGE-STEP word`.
        let log: [String]
    }

    private struct UnexpectedBase: Error {}

    static func with(_ body: (World) async throws -> Void) async throws {
        try await Files.withTemporaryDirectory { directory in
            try Files.makeDirectory("\(directory)/context")
            let store = try Store(path: FilePath("\(directory)/store"))
            try await body(World(store: store, directory: directory))
            store.close()
        }
    }

    /// - Parameter runtime: plays the commands; nil for a build that may have none.
    func build(
        _ dockerfile: String, _ runtime: RecordedRuntime? = nil,
        _ change: (inout SolveContext, inout BuildRequest) -> Void = { _, _ in }
    ) async throws -> Built {
        let syntax = try DockerfileSyntax.parse(SourceFile(name: "Dockerfile", text: dockerfile))
        var context = SolveContext(store: store) {
            guard let runtime else { throw SandboxError.noRuntime(searchPath: "") }
            return runtime
        }
        let files = FileTree(layers: [try Directory(opening: FilePath("\(directory)/context"))])
        context.contexts[.main] = .init(files: files, filter: .everything, path: "\(directory)/context")
        context.memoryName = directory
        context.fixedTime = 1_000_000_000
        var request = BuildRequest()
        change(&context, &request)
        let known = try bases.map { (ImageRequest(reference: try ImageReference($0), platform: .host), $1) }
        guard
            case .graph(let graph) = try StagePlan(syntax, request).lower(
                bases: Dictionary(uniqueKeysWithValues: known)),
            let target = graph.target
        else { throw UnexpectedBase() }
        let log = Mutex<[String]>([])
        let solution = try await Solver(graph, in: context) { event in
            guard let id = event.vertex, let word = Self.word(event.kind) else { return }
            let origin = graph.vertices[id.index].origin
            let line = "\(origin.stage)-\(origin.step) \(word)"
            log.withLock { $0.append(line) }
            hear(line)
        }.solve()
        return Built(
            image: solution.image(of: target) { "t\($0)" }, solution: solution, graph: graph, log: log.withLock { $0 })
    }

    private static func word(_ kind: BuildEvent.Kind) -> String? {
        switch kind {
        case .started: "started"
        case .missed(let miss): "missed \(miss)"
        case .cached: "cached"
        case .output(let bytes): "output \(String(decoding: bytes, as: UTF8.self))"
        case .errorOutput(let bytes): "error \(String(decoding: bytes, as: UTF8.self))"
        case .foundNothing(let pattern): "nothing \(pattern)"
        case .progress(let label, let completed, let total): "\(label) \(completed) of \(total.map(String.init) ?? "?")"
        case .finished: "finished"
        case .failed: "failed"
        case .planned, .phase: nil
        }
    }

    /// The files of an image, a line each: `path mode time content`, or `path mode kind` for what has none.
    func lines(of image: Image) throws -> [String] {
        let tree = try store.layers.tree(image.layers.map(\.diffID))
        func walk(_ path: ImagePath) throws -> [String] {
            guard let (_, node) = try tree.lookUp(path, links: .keepLast), node.isDirectory else { return [] }
            return try tree.entries(of: node).flatMap { name, child -> [String] in
                let (path, status) = (path.appending(name), child.status)
                let line = "\(path) \(String(status.mode, radix: 8))"
                guard status.kind == .regular else { return ["\(line) \(status.kind)"] + (try walk(path)) }
                return ["\(line) \(status.modified.seconds) \(String(decoding: try tree.read(path), as: UTF8.self))"]
            }
        }
        return try walk(.root)
    }
}
