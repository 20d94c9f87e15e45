package import BuildGraph
internal import OCI
package import Storage

extension Solver.Solution {
    /// Which steps an exported cache has.
    package enum CacheExtent: String, Sendable {
        /// Those that the image's own layers come from.
        case minimal = "min"
        /// All, those of other stages too.
        case maximal = "max"
    }

    /// What the steps of a build came to, by their cache keys.
    package func steps(_ extent: CacheExtent, of target: StageResult, in graph: BuildGraph) -> [BuildCacheDocument.Step]
    {
        var included = Set(graph.vertices.map(\.id))
        if extent == .minimal { included = graph.ancestry(of: target) }
        return graph.vertices.filter { included.contains($0.id) }.flatMap { vertex -> [BuildCacheDocument.Step] in
            guard let created = created[vertex.id.index] else { return [] }
            let layer = layers(addedBy: vertex.id).last
            return keys[vertex.id.index].map { .init(key: $0, layer: layer, created: created) }
        }
    }
}

extension BuildGraph {
    /// The vertices that a stage's own layers come from.
    func ancestry(of stage: StageResult) -> Set<Vertex.ID> {
        var result: Set<Vertex.ID> = []
        var current = stage.vertex
        while let id = current {
            result.insert(id)
            current = vertices[id.index].parent
        }
        return result
    }
}
