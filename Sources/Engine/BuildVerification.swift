package import BuildGraph
import OCI
import Solver
package import Storage

/// Two builds of the same input that came to different images: where they part.
package struct BuildDifference: Error {
    /// One file that differs, and the step that wrote it.
    package struct Place {
        package let origin: Origin
        /// nil: all files are the same, and the layers' order or number is not.
        package let file: FileDifference?
    }

    /// Counted from 1, and how many there are.
    package let layer: Int
    package let layerCount: Int
    /// In the image.
    package let place: Place?
    /// In an earlier stage, from which the difference may come.
    package let earlier: Place?
}

/// `build --verify`.
package struct BuildVerification {
    package let store: Store

    /// Compares what two builds of the same input came to; times of files count up to the epoch.
    ///
    /// - Throws: ``BuildDifference``.
    package func compare(_ first: Build.Result, _ second: Build.Result) throws {
        let images = try [first, second].map { result in
            try store.clamping(
                result.image, latest: result.epoch ?? .max, from: result.solution.baseLayerCount(of: result.target))
        }
        guard images[0].id != images[1].id else { return }
        let layers = images.map { $0.layers.map(\.diffID) }
        let steps = first.solution.steps(of: first.target, in: first.graph)
        let index =
            zip(layers[0], layers[1]).enumerated().first { $1.0 != $1.1 }?.offset
            ?? min(layers[0].count, layers[1].count)
        var place: BuildDifference.Place?
        if index < layers[0].count, index < layers[1].count, let origin = steps[index] {
            place = .init(
                origin: origin,
                file: try store.firstDifference(
                    between: layers[0][index], and: layers[1][index], latest: first.epoch ?? .max))
        }
        throw BuildDifference(
            layer: index + 1, layerCount: layers[0].count, place: place, earlier: try earliest(first, second, place))
    }

    /// The first step of all whose files differ, unless it is the one that is known.
    private func earliest(
        _ first: Build.Result, _ second: Build.Result, _ known: BuildDifference.Place?
    ) throws -> BuildDifference.Place? {
        for vertex in first.graph.vertices {
            let (a, b) = (first.solution.layers(addedBy: vertex.id), second.solution.layers(addedBy: vertex.id))
            for (a, b) in zip(a, b) where a != b {
                guard let file = try store.firstDifference(between: a, and: b, latest: first.epoch ?? .max) else {
                    continue
                }
                return vertex.origin == known?.origin ? nil : .init(origin: vertex.origin, file: file)
            }
        }
        return nil
    }
}
