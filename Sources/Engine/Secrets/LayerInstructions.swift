import BuildGraph
import Dockerfile
package import OCI
package import Secrets
import Solver
package import Storage

/// Which of an image's layers the Dockerfile's own instructions made, kept beside the image for whoever pushes it later.
package struct LayerInstructions: Hashable, Sendable {
    let baseLayers: Int
    /// Lines of the history that are the base's.
    let baseHistory: Int
    /// One for each layer; nil where that is not known, as for a base's.
    package let instructions: [SecretReport.Instruction?]

    /// An image of which nothing is known: all of it may be the user's own.
    package init(unknown image: Image) { self.init(baseLayers: 0, baseHistory: 0, instructions: Self.history(image)) }

    private init(baseLayers: Int, baseHistory: Int, instructions: [SecretReport.Instruction?]) {
        (self.baseLayers, self.baseHistory, self.instructions) = (baseLayers, baseHistory, instructions)
    }

    package init(_ result: Build.Result) {
        baseLayers = result.solution.baseLayerCount(of: result.target)
        baseHistory = result.target.config.history.count
        let file = result.dockerfile.name
        instructions = result.solution.steps(of: result.target, in: result.graph).map { origin in
            origin.map { SecretReport.Instruction(file: file, line: $0.range?.start.line, text: $0.text) }
        }
    }

    /// The history's lines that left a layer, from the last: a base may have fewer lines than layers.
    private static func history(_ image: Image) -> [SecretReport.Instruction?] {
        let lines = image.config.history.filter { !$0.emptyLayer }.map {
            SecretReport.Instruction(file: nil, line: nil, text: $0.createdBy ?? "")
        }
        let missing = max(0, image.layers.count - lines.count)
        return [SecretReport.Instruction?](repeating: nil, count: missing) + lines.suffix(image.layers.count)
    }

    private var json: JSON {
        .object([
            "base": .integer(Int64(baseLayers)), "history": .integer(Int64(baseHistory)),
            "layers": .array(
                instructions.map { instruction in
                    guard let instruction else { return .null }
                    var object: JSONObject = ["text": .string(instruction.text)]
                    if let file = instruction.file { object["file"] = .string(file) }
                    if let line = instruction.line { object["line"] = .integer(Int64(line)) }
                    return .object(object)
                }),
        ])
    }

    package func keep(for image: Digest, in store: Store) throws {
        try store.secretNotes.save(json, about: .image(image))
    }

    /// The same for an image that was made of one by giving its files other times: what its layers hold is known, too.
    func keep(for image: Image, madeOf original: Image, in store: Store) throws {
        guard image.id != original.id, image.layers.count == original.layers.count else { return }
        try keep(for: image.id, in: store)
        for (layer, earlier) in zip(image.layers, original.layers) where layer.diffID != earlier.diffID {
            guard let verdict = try store.secretNotes.load(.layer(earlier.diffID, isOwn: true)) else { continue }
            try store.secretNotes.save(verdict, about: .layer(layer.diffID, isOwn: true))
        }
    }

    /// What is kept of an image; nil for one that was not built here.
    package static func kept(of image: Image, in store: Store) throws -> LayerInstructions? {
        guard let json = try store.secretNotes.load(.image(image.id)), let base = json["base"]?.integer,
            let history = json["history"]?.integer,
            let layers = json["layers"]?.array, layers.count == image.layers.count,
            (0...Int64(layers.count)).contains(base), history >= 0
        else { return nil }
        let instructions = layers.map { layer in
            layer["text"]?.string.map {
                SecretReport.Instruction(
                    file: layer["file"]?.string, line: layer["line"]?.integer.map { Int(clamping: $0) }, text: $0)
            }
        }
        return LayerInstructions(baseLayers: Int(base), baseHistory: Int(clamping: history), instructions: instructions)
    }
}
