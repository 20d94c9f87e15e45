public import BuildGraph
public import OCI

extension Solver.Solution {
    /// The image of a stage. The same results of the same steps give the same image, whenever it is made.
    ///
    /// - Parameter timestamp: writes seconds since 1970 as RFC 3339.
    public func image(of stage: StageResult, timestamp: (Int64) -> String) -> Image {
        var config = stage.config
        let snapshot = stage.vertex.map { snapshots[$0.index] } ?? .empty
        config.layers = snapshot.diffIDs
        var time = config.history.last?.created ?? timestamp(0)
        var latest: Int64 = 0
        var made = Set<Vertex.ID>()
        for step in stage.history {
            let isNew = step.vertex.map { made.insert($0).inserted && layerCounts[$0.index] > 0 } ?? false
            if let seconds = step.vertex.flatMap({ created[$0.index] }), seconds >= latest {
                latest = seconds
                time = timestamp(seconds)
            }
            config.history.append(
                HistoryEntry(created: time, createdBy: step.createdBy, comment: "distill", emptyLayer: !isNew))
        }
        config.created = time
        return Image(config: config, layers: snapshot.layers.map(\.layer))
    }

    /// Bytes in the files of a stage's layers; nil if one was never unpacked.
    public func size(of stage: StageResult) -> Int64? {
        let layers = stage.vertex.map { snapshots[$0.index].layers } ?? []
        var sum: Int64 = 0
        for layer in layers {
            guard let size = layer.size else { return nil }
            sum += size
        }
        return sum
    }
}
