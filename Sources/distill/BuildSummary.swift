import BuildGraph
import Engine
import OCI
import Rendering
import Solver

/// The closing line of a build: what each stage weighs, and what the image weighs.
enum BuildSummary {
    static func text(_ result: Build.Result, _ references: [ImageReference]) -> String {
        let stages = result.graph.stages.dropLast().map { stage in
            "\(stage.name) \(size(result.solution.size(of: stage)))"
        }
        let name = references.first?.familiar ?? "sha256:" + result.image.id.short
        let final = result.solution.size(of: result.target)
        let layers = result.image.layers.count == 1 ? "1 layer" : "\(result.image.layers.count) layers"
        let image = "\(name) \(size(final)) in \(layers)"
        return stages.isEmpty ? "image: \(image)" : "stages: \(stages.joined(separator: ", ")) → image: \(image)"
    }

    private static func size(_ bytes: Int64?) -> String { bytes.map { HumanSize.text($0) } ?? "not unpacked" }
}
