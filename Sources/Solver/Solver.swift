package import BuildGraph
internal import OCI
internal import Storage

/// Walks a graph: looks steps up in the cache, executes what misses, and keeps the results.
package struct Solver: Sendable {
    let context: SolveContext
    let graph: BuildGraph
    let events: @Sendable (BuildEvent) -> Void
    let memory: BuildMemory

    package init(_ graph: BuildGraph, in context: SolveContext, events: @escaping @Sendable (BuildEvent) -> Void) {
        (self.graph, self.context, self.events) = (graph, context, events)
        memory = BuildMemory(store: context.store, name: context.memoryName)
    }

    /// What every vertex came to.
    package struct Solution: Sendable {
        package let snapshots: [Snapshot]
        /// How many steps were found in the cache, and how many were executed.
        package let cachedCount: Int
        package let executedCount: Int
        /// How many layers each vertex added to its parent's.
        let layerCounts: [Int]
        /// How many layers of each vertex are a base image's.
        let baseLayerCounts: [Int]
        /// When each vertex was executed, in seconds since 1970; nil for a base.
        let created: [Int64?]
        /// The cache keys that lead to each vertex.
        let keys: [[Digest]]
    }

    /// The result of one vertex.
    struct Outcome: Sendable {
        let snapshot: Snapshot
        let isCached: Bool
        /// Seconds since 1970; nil for a base.
        let created: Int64?
        /// The cache keys that lead to it.
        var keys: [Digest] = []
    }

    /// Solves every vertex, as many at once as there may be, each as soon as its inputs are there.
    ///
    /// - Throws: ``BuildError`` of the first step that fails; the others are cancelled.
    package func solve() async throws -> Solution {
        do {
            let solution = try await solveAll()
            try memory.save()
            return solution
        } catch {
            // The first error is the one to tell; without this the next build explains less.
            try? memory.save()
            throw error
        }
    }

    private func solveAll() async throws -> Solution {
        events(BuildEvent(.planned(graph.vertices)))
        var outcomes = [Outcome?](repeating: nil, count: graph.vertices.count)
        var waiting = graph.vertices.map { Set($0.inputs) }
        var ready = graph.vertices.filter { $0.inputs.isEmpty }
        var running = 0
        let own = graph.target.map { graph.ancestry(of: $0) } ?? []
        try await withThrowingTaskGroup(of: (Vertex.ID, Outcome).self) { group in
            while true {
                while running < context.jobs, !ready.isEmpty {
                    let vertex = ready.removeFirst()
                    let inputs = Inputs(vertex, outcomes)
                    running += 1
                    group.addTask { (vertex.id, try await step(vertex, inputs)) }
                }
                guard let (id, outcome) = try await group.next() else { break }
                running -= 1
                outcomes[id.index] = outcome
                tell(outcome, of: graph.vertices[id.index], outcomes, isOwn: own.contains(id))
                for vertex in graph.vertices where waiting[vertex.id.index].remove(id) != nil {
                    if waiting[vertex.id.index].isEmpty { ready.append(vertex) }
                }
            }
        }
        let done = outcomes.compactMap { $0 }
        let steps = zip(graph.vertices, done).filter { !$0.0.operation.isBase }.map(\.1)
        return Solution(
            snapshots: done.map(\.snapshot), cachedCount: steps.filter(\.isCached).count,
            executedCount: steps.filter { !$0.isCached }.count,
            layerCounts: zip(graph.vertices, done).map { vertex, outcome in
                outcome.snapshot.layers.count - (vertex.parent.map { done[$0.index].snapshot.layers.count } ?? 0)
            },
            baseLayerCounts: baseLayerCounts(done), created: done.map(\.created), keys: done.map(\.keys))
    }

    private func tell(_ outcome: Outcome, of vertex: Vertex, _ outcomes: [Outcome?], isOwn: Bool) {
        let below = vertex.parent.flatMap { outcomes[$0.index] }?.snapshot.layers.count ?? 0
        guard !vertex.operation.isBase, outcome.snapshot.layers.count > below else { return }
        context.layerMade(.init(stack: outcome.snapshot.layers.map(\.layer), isOwn: isOwn))
    }

    private func baseLayerCounts(_ outcomes: [Outcome]) -> [Int] {
        var counts: [Int] = []
        for (vertex, outcome) in zip(graph.vertices, outcomes) {
            counts.append(
                vertex.operation.isBase ? outcome.snapshot.layers.count : vertex.parent.map { counts[$0.index] } ?? 0)
        }
        return counts
    }

    /// The snapshots that a vertex stands on.
    struct Inputs: Sendable {
        let parent: Snapshot
        private let snapshots: [Vertex.ID: Snapshot]

        init(_ vertex: Vertex, _ outcomes: [Outcome?]) {
            var snapshots: [Vertex.ID: Snapshot] = [:]
            for input in vertex.inputs { snapshots[input] = outcomes[input.index]?.snapshot }
            self.snapshots = snapshots
            parent = vertex.parent.flatMap { snapshots[$0] } ?? .empty
        }

        /// An empty file system where no vertex is named.
        func snapshot(_ id: Vertex.ID?) -> Snapshot { id.flatMap { snapshots[$0] } ?? .empty }
    }

    private func step(_ vertex: Vertex, _ inputs: Inputs) async throws -> Outcome {
        do {
            let outcome =
                switch vertex.operation {
                case .base(_, let image): try base(image)
                case .run(let run): try await self.run(run, vertex, inputs)
                case .copy(let copy): try await self.copy(copy, vertex, inputs)
                case .makeDirectory(let path, let owner): try await makeDirectory(path, owner: owner, vertex, inputs)
                }
            events(BuildEvent(outcome.isCached ? .cached : .finished, vertex.id))
            return outcome
        } catch let error as CancellationError {
            throw error
        } catch {
            events(BuildEvent(.failed, vertex.id))
            throw Self.buildError(error, vertex.origin)
        }
    }

    /// The one place where an error learns which step it belongs to.
    private static func buildError(_ error: any Error, _ origin: Origin) -> BuildError {
        switch error {
        case let cause as StepFailure:
            BuildError(origin, cause.cause, kept: cause.kept, keepingFailure: cause.keepingFailure)
        case let error as AccountError: BuildError(origin, .account(error))
        case let error as FileModeError: BuildError(origin, .invalidMode(error.text))
        default: BuildError(origin, .other(error))
        }
    }

    /// Fetches the layers that a step is executed on, as far as they are not here.
    func fetch(_ snapshot: Snapshot, _ vertex: Vertex) async throws {
        try await context.ensure(snapshot.layers.map(\.layer), vertex.id, events: events)
    }

    // MARK: Cache

    /// A layer that an earlier build made under a key, here or where the cache is imported from.
    func cached(_ key: Digest, _ vertex: Vertex, _ inputs: Inputs) throws -> Outcome? {
        guard !context.ignoredCache.contains(vertex.origin.stage) else { return nil }
        if context.ignoredCache != .own, let outcome = try kept(key, inputs) { return outcome }
        for cache in context.importedCaches where try cache.adopt(key, into: context.store) {
            if let outcome = try kept(key, inputs) { return outcome }
        }
        return nil
    }

    /// Looks a step up, and executes it where it was not done yet: of all builds that stand before it at once, one does
    /// so, and the others take its result. Where the cache is ignored, each build executes it.
    func once(
        _ key: Digest, _ vertex: Vertex, _ inputs: Inputs, _ execute: () async throws -> Outcome
    ) async throws -> Outcome {
        if context.ignoredCache.contains(vertex.origin.stage) { return try await execute() }
        var pause = Duration.milliseconds(5)
        while true {
            if let outcome = try cached(key, vertex, inputs) { return outcome }
            if let claim = try context.store.cache.claim(key) {
                defer { withExtendedLifetime(claim) {} }
                // It may have been done between the look and the claim.
                if let outcome = try cached(key, vertex, inputs) { return outcome }
                return try await execute()
            }
            events(BuildEvent(.progress(label: "waiting for another build", completed: 0, total: nil), vertex.id))
            try await Task.sleep(for: pause)
            pause = min(pause * 2, .milliseconds(100))
        }
    }

    /// A layer that the store has a record of, and that is here or can be fetched.
    private func kept(_ key: Digest, _ inputs: Inputs) throws -> Outcome? {
        guard let record = try context.store.cache.record(for: key) else { return nil }
        try context.store.cache.touch(key)
        guard let layer = record.layer else {
            return Outcome(snapshot: inputs.parent, isCached: true, created: record.created, keys: [key])
        }
        guard let facts = try context.store.layers.facts(layer) else { return nil }
        var blobs: [Descriptor] = []
        if try !context.store.layers.hasFiles(layer) {
            blobs = try context.store.blobs(of: layer) + context.importedCaches.compactMap { $0.blob(of: layer) }
            if blobs.isEmpty { return nil }
        }
        return Outcome(
            snapshot: inputs.parent.adding(facts, blobs), isCached: true, created: record.created, keys: [key])
    }

    /// Tells why a step must be executed.
    ///
    /// - Parameter changes: finds out which files changed, where that is the reason.
    func explain(
        _ description: StepDescription, _ vertex: Vertex, changes: () throws -> [CacheMiss.FileChange] = { [] }
    ) throws {
        if context.ignoredCache.contains(vertex.origin.stage) {
            return events(BuildEvent(.missed(.ignored), vertex.id))
        }
        let standsOnBase = vertex.parent.map { graph.vertices[$0.index].operation.isBase } ?? false
        var miss = description.hidingSecrets(of: vertex.origin.text).miss(
            since: try memory.earlier(vertex), standsOnBase: standsOnBase)
        if case .files = miss { miss = .files(try changes()) }
        events(BuildEvent(.missed(miss), vertex.id))
    }

    /// Tells how long a part of a step takes.
    func measured<Result>(_ phase: String, _ vertex: Vertex, _ body: () throws -> Result) rethrows -> Result {
        let start = ContinuousClock.now
        defer { events(BuildEvent(.phase(phase, since: start), vertex.id)) }
        return try body()
    }

    /// Keeps what a step came to.
    func keep(_ facts: LayerDirectory.Facts?, keys: [Digest], _ inputs: Inputs) throws -> Outcome {
        let record = CacheDirectory.Record.now(layer: facts?.diffID)
        for key in keys { try context.store.cache.put(record, for: key) }
        let snapshot = facts.map { inputs.parent.adding($0) } ?? inputs.parent
        return Outcome(snapshot: snapshot, isCached: false, created: record.created, keys: keys)
    }

    private func base(_ image: Image) throws -> Outcome {
        let layers = try image.layers.map { layer in
            // The diffID even where more is known: a key must not change when a base is unpacked.
            let size = try context.store.layers.facts(layer.diffID)?.size
            return Snapshot.Layer(layer: layer, content: layer.diffID.digest, size: size)
        }
        return Outcome(snapshot: Snapshot(layers: layers), isCached: true, created: nil)
    }
}

/// A cause that is thrown inside a step, before it is known which one that is.
struct StepFailure: Error {
    let cause: BuildError.Cause
    var kept: KeptStep?
    /// Why what the step left could not be kept.
    var keepingFailure: (any Error)?
}

extension Operation {
    var isBase: Bool { if case .base = self { true } else { false } }
}

extension Snapshot {
    func adding(_ facts: LayerDirectory.Facts, _ blobs: [Descriptor] = []) -> Snapshot {
        var copy = self
        copy.layers.append(
            Layer(layer: Image.Layer(diffID: facts.diffID, blobs: blobs), content: facts.content, size: facts.size))
        return copy
    }
}
