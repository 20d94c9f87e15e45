import OCI
import Solver
import Storage

/// Where what a build's steps came to is written.
struct CacheExport: Sendable {
    let cache: CacheSpecification
    /// Have the layers of steps that nobody executed here.
    let imported: [ImportedCache]
    /// What was sent while the steps were done.
    let arrived: CacheHeadStart.Arrived

    func early(_ place: BuildCachePlace) -> Set<Digest> {
        if case .registry(let reference) = place.location { arrived[reference] ?? [] } else { [] }
    }
}

extension Engine {
    /// The results with the cache of their own layers in their configs.
    func inliningCache(_ results: [Build.Result]) async throws -> [Build.Result] {
        try await store.perform {
            try results.map { result in
                var result = result
                var steps = result.solution.steps(.minimal, of: result.target, in: result.graph)
                if let epoch = result.epoch {
                    steps = steps.map { .init(key: $0.key, layer: $0.layer, created: epoch) }
                }
                result.image = try store.inliningCache(steps, in: result.image)
                return result
            }
        }
    }

    /// Writes what a build's steps came to.
    func export(_ results: [Build.Result], _ export: CacheExport, _ events: @escaping Events) async throws {
        let cache = export.cache
        for place in cache.targets where place.location != .image {
            var seen: Set<Digest> = []
            let steps = results.flatMap { $0.solution.steps(place.extent, of: $0.target, in: $0.graph) }
                .filter { seen.insert($0.key).inserted }
            do {
                let exported = try await store.perform {
                    try store.exportCache(steps, place.compression, borrowing: export.imported)
                }
                for case .registry(let source) in cache.sources.map(\.location) {
                    // Another repository of the same registry can take them over from there.
                    SeenBlobs.remember(exported.absent.map(\.blob.digest), in: source, store)
                }
                try await place.write(exported, from: self, early: export.early(place)) { events(.transfer($0)) }
            } catch  where place.isOptional && !(error is CancellationError) {
                events(.warning(.unwrittenCache(place, error)))
            }
        }
    }
}
