package import BuildGraph
package import OCI

extension Solver.Solution {
    /// The image of a stage. The same results of the same steps give the same image, whenever it is made.
    ///
    /// - Parameters:
    ///   - epoch: the moment at which everything was done, in seconds since 1970, whenever that was; nil tells the truth.
    ///   - timestamp: writes seconds since 1970 as RFC 3339.
    package func image(of stage: StageResult, epoch: Int64? = nil, timestamp: (Int64) -> String) -> Image {
        var config = stage.config
        let snapshot = stage.vertex.map { snapshots[$0.index] } ?? .empty
        config.layers = snapshot.diffIDs
        var time = epoch.map(timestamp) ?? config.history.last?.created ?? timestamp(0)
        var latest: Int64 = 0
        var made = Set<Vertex.ID>()
        for step in stage.history {
            let isNew = step.vertex.map { made.insert($0).inserted && layerCounts[$0.index] > 0 } ?? false
            if epoch == nil, let seconds = step.vertex.flatMap({ created[$0.index] }), seconds >= latest {
                latest = seconds
                time = timestamp(seconds)
            }
            config.history.append(
                HistoryEntry(created: time, createdBy: step.createdBy, comment: "distill", emptyLayer: !isNew))
        }
        config.created = time
        return Image(config: config, layers: snapshot.layers.map(\.layer))
    }

    /// How many of a stage's layers are those of its base image.
    package func baseLayerCount(of stage: StageResult) -> Int { stage.vertex.map { baseLayerCounts[$0.index] } ?? 0 }

    /// The layers that a vertex added to its parent's.
    package func layers(addedBy vertex: Vertex.ID) -> [DiffID] {
        Array(snapshots[vertex.index].diffIDs.suffix(max(0, layerCounts[vertex.index])))
    }

    /// The step that made each of a stage's layers; nil for those of its base image.
    package func steps(of stage: StageResult, in graph: BuildGraph) -> [Origin?] {
        var result: [Origin?] = []
        var current = stage.vertex
        while let id = current {
            let vertex = graph.vertices[id.index]
            let isBase = vertex.operation.isBase
            let count = isBase ? snapshots[id.index].layers.count : layerCounts[id.index]
            result += [Origin?](repeating: isBase ? nil : vertex.origin, count: count)
            current = vertex.parent
        }
        return result.reversed()
    }

    /// Bytes in the files of a stage's layers; nil if one was never unpacked.
    package func size(of stage: StageResult) -> Int64? {
        let layers = stage.vertex.map { snapshots[$0.index].layers } ?? []
        var sum: Int64 = 0
        for layer in layers {
            guard let size = layer.size else { return nil }
            sum += size
        }
        return sum
    }
}
