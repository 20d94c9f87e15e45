import Bases
import Engine
import Inspection
import LinuxSystem
import OCI
import Sandbox
import Solver
import Storage
import Synchronization
import SystemPackage
import TestSupport
import Testing

/// What a build is told that must execute nothing.
private struct NoRuntime: Error {}

/// An engine with a store of its own, and a context that has a `file`.
struct Bench {
    var engine: Engine
    let directory: String

    /// - Returns: what happened, in a word each, and the outcome or the error.
    func build(
        _ dockerfile: String, _ change: (inout BuildSpecification) throws -> Void = { _ in },
        hear: @escaping @Sendable (EngineEvent) -> Void = { _ in }
    ) async throws -> (log: [String], result: Result<BuildOutcome, any Error>) {
        let context = "\(directory)/context"
        var specification = BuildSpecification(
            context: try ContextSource(context, engine.environment), contextName: context)
        specification.dockerfile = .inline(Array(dockerfile.utf8))
        try change(&specification)
        let log = Mutex<[String]>([])
        let result: Result<BuildOutcome, any Error>
        do {
            result = .success(
                try await engine.build(specification) { event in
                    hear(event)
                    if let word = Self.word(event) { log.withLock { $0.append(word) } }
                })
        } catch { result = .failure(error) }
        return (log.withLock { $0 }, result)
    }

    private static func word(_ event: EngineEvent) -> String? {
        switch event {
        case .building: "building"
        case .built: "built"
        case .step(let step):
            switch step.kind {
            case .cached: "cached"
            case .finished: "executed"
            case .failed: "failed"
            default: nil
            }
        case .verified: "verified"
        case .reviewed(let review): "reviewed \(review.report.findings.count)"
        case .warning(.noCache): "no cache"
        case .warning: "warning"
        case .base, .transfer, .secrets, .madeRoom: nil
        }
    }
}

/// Runs a test with an engine in a directory of its own, which executes nothing unless it is given a runtime.
func withBench(_ variables: [String: String] = [:], _ body: (Bench) async throws -> Void) async throws {
    try await Files.withTemporaryDirectory { directory in
        try Files.makeDirectory("\(directory)/context")
        try Files.write("hello\n", to: "\(directory)/context/file")
        let environment = HostEnvironment(variables: variables, workingDirectory: FilePath(directory))
        var engine = Engine(store: try Store(path: FilePath("\(directory)/store")), environment: environment)
        defer { engine.close() }
        engine.runtime = { throw NoRuntime() }
        try await body(Bench(engine: engine, directory: directory))
    }
}

extension Bench {
    /// The files of an image, a line each: `path content`, or `path kind` for what has none.
    func tree(of image: Image) throws -> [String] {
        for layer in image.layers { try engine.store.unpack(layer) }
        return try lines(of: engine.store.layers.tree(image.layers.map(\.diffID)), below: .root).sorted()
    }

    private func lines(of tree: FileTree, below path: ImagePath) throws -> [String] {
        guard let (_, node) = try tree.lookUp(path, links: .keepLast), node.isDirectory else { return [] }
        return try tree.entries(of: node).flatMap { name, child -> [String] in
            let path = path.appending(name)
            let shown = path.description.dropFirst()
            guard child.status.kind == .regular else {
                return ["\(shown) \(child.status.kind)"] + (try lines(of: tree, below: path))
            }
            let text = String(decoding: try tree.read(path), as: UTF8.self)
            return ["\(shown) \(text.hasSuffix("\n") ? String(text.dropLast()) : text)"]
        }
    }
}

extension OutputSpecification {
    init(_ kind: Kind, to path: String, isArchive: Bool = true) {
        self.init(kind)
        (destination, self.isArchive) = (.path(path), isArchive)
    }
}

extension Trait where Self == ConditionTrait {
    /// Mounts need root; in continuous integration a test that lacks it fails instead of being skipped.
    static var needsRoot: Self {
        .enabled(if: ProcessFacts.isRoot || ProcessFacts.environment["CI"] != nil, "needs root")
    }
}
