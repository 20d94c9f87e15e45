import BuildGraph
import Dockerfile
import LinuxSystem
import OCI
import Sandbox
import Solver
import Storage

/// A build from a Dockerfile's bytes to an image in the store. This is the page to read first: each line is one of the
/// steps that docs/architecture.md draws.
struct Build {
    let dockerfile: SourceFile
    let request: BuildRequest
    let context: SolveContext
    let references: any ReferenceResolver

    struct Result {
        let image: Image
        let graph: BuildGraph
        let solution: Solver.Solution
        let warnings: [Diagnostic]
    }

    func run(events: @escaping @Sendable (BuildEvent) -> Void) async throws -> Result {
        let syntax = try DockerfileSyntax.parse(dockerfile)
        let checks = try CheckReport(
            CheckInput(
                syntax, buildArguments: request.buildArguments, platform: request.platform,
                buildPlatform: request.buildPlatform, target: request.target))
        if checks.failsBuild, let first = checks.findings.first { throw DockerfileError(first) }
        let plan = try StagePlan(syntax, request)
        let graph = try await lower(plan)
        let solution = try await Solver(graph, in: context, events: events).solve()
        guard let target = graph.target else { throw UsageError.emptyGraph }
        let image = solution.image(of: target) { Timestamp(seconds: $0).rfc3339 }
        // An image in the store is whole: layers that no step needed are fetched now.
        for layer in image.layers { try await context.ensure(layer, nil) { _ in } }
        try await context.store.perform { try context.store.adopt(image) }
        return Result(image: image, graph: graph, solution: solution, warnings: syntax.warnings + checks.findings)
    }

    /// Resolves the images from outside; those that ONBUILD triggers name come in a second round.
    private func lower(_ plan: StagePlan) async throws -> BuildGraph {
        var bases: [ImageRequest: Image] = [:]
        var wanted = plan.references
        while true {
            for request in wanted {
                do { bases[request] = try await references.resolve(request) } catch let cause as UsageError {
                    throw UnknownImage(cause: cause, range: plan.place(of: request))
                }
            }
            switch try plan.lower(bases: bases) {
            case .graph(let graph): return graph
            case .needs(let more): wanted = more
            }
        }
    }
}

/// Finds images by name: manifests and configs only, never layers.
protocol ReferenceResolver: Sendable {
    /// - Throws: ``UsageError`` when there is no such image.
    func resolve(_ request: ImageRequest) async throws -> Image
}
