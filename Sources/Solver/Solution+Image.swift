public import BuildGraph
public import OCI

extension Solver.Solution {
    /// The image of a stage.
    ///
    /// - Parameter created: RFC 3339; the time of the build.
    public func image(of stage: StageResult, created: String) -> Image {
        var config = stage.config
        let snapshot = stage.vertex.map { snapshots[$0.index] } ?? .empty
        config.layers = snapshot.diffIDs
        config.created = created
        var made = Set<Vertex.ID>()
        for step in stage.history {
            let isNew = step.vertex.map { made.insert($0).inserted && madeLayer($0) } ?? false
            config.history.append(
                HistoryEntry(created: created, createdBy: step.createdBy, comment: "distill", emptyLayer: !isNew))
        }
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

    private func madeLayer(_ vertex: Vertex.ID) -> Bool { layerCounts[vertex.index] > 0 }
}
