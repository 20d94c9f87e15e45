package import OCI

/// The instruction that made a layer, as far as the image or the store tells it.
package struct LayerStep: Hashable, Sendable {
    /// As it is shown: `COPY --from=build /app /app`; nil where nothing says.
    package var text: String?
    /// Of the Dockerfile, where Distill built it; lines count from 1.
    package var file: String?
    package var lines: ClosedRange<Int>?
    package var stage: String?
    /// Whether it is a layer of the base image; nil where nothing says.
    package var isBase: Bool?

    package init(text: String? = nil) { self.text = text }

    package enum Kind: Hashable, Sendable { case run, copy, other }

    /// What kind of instruction it is, by its text.
    package var kind: Kind {
        guard let text else { return .other }
        let words = text.split(separator: " ", maxSplits: 3).map { $0.uppercased() }
        let first = words.first ?? ""
        if first == "COPY" || first == "ADD" { return .copy }
        if first == "RUN" || first == "/BIN/SH" && !text.contains("#(nop)") || first == "|" || first.hasPrefix("|") {
            return .run
        }
        if text.contains("#(nop)") { return text.contains("COPY ") || text.contains("ADD ") ? .copy : .other }
        return .other
    }

    /// Whether COPY brought it from another stage or image, and not from the context.
    package var isFromStage: Bool { kind == .copy && text?.contains("--from=") == true }

    /// The steps that an image's history tells; one for each layer.
    package static func steps(of config: ImageConfig) -> [LayerStep] {
        let told = config.history.filter { !$0.emptyLayer }
        // Counts that differ cannot be put together without guessing.
        guard told.count == config.layers.count else { return config.layers.map { _ in LayerStep() } }
        return told.map { LayerStep(text: $0.createdBy.map(shown)) }
    }

    /// Without what builders write around an instruction.
    private static func shown(_ text: String) -> String {
        var text = text[...]
        if let end = text.firstRange(of: "#(nop) ") { text = text[end.upperBound...].drop { $0 == " " } }
        // Build arguments that stand before it: `|2 A=1 B=2 /bin/sh -c …`.
        if text.hasPrefix("|"), let shell = text.firstRange(of: "/bin/sh -c ") { text = text[shell.lowerBound...] }
        if text.hasPrefix("/bin/sh -c ") { return "RUN " + text.dropFirst("/bin/sh -c ".count) }
        for end in [" # buildkit"] where text.hasSuffix(end) { text = text.dropLast(end.count) }
        return String(text).replacing("RUN /bin/sh -c ", with: "RUN ")
    }

    /// `Dockerfile:7`, `Dockerfile:7-9`.
    package var place: String? {
        guard let lines else { return nil }
        let range = lines.count == 1 ? "\(lines.lowerBound)" : "\(lines.lowerBound)-\(lines.upperBound)"
        return "\(file ?? "Dockerfile"):\(range)"
    }
}

/// What a build knew of an image, kept beside it.
package struct BuildRecord: Hashable, Sendable {
    private static let version: Int64 = 1
    /// The type of a statement that tells it of an image, wherever that is.
    package static let predicateType = "urn:distill:build-record:v1"

    /// The Dockerfile's name as a person wrote it.
    package var file: String
    /// Where the Dockerfile and the context are on this machine; nil for those that were fetched.
    package var path: String?
    package var context: String?
    /// Of the Dockerfile's bytes.
    package var digest: Digest
    /// `--target`.
    package var target: String?
    /// Whether the Dockerfile and the context are all that the build was given: no arguments, secrets or further contexts.
    package var isRepeatable = false
    /// One for each layer.
    package var steps: [LayerStep]

    package init(file: String, digest: Digest, steps: [LayerStep]) {
        (self.file, self.digest, self.steps) = (file, digest, steps)
    }

    /// Without what means something on the machine of the build alone.
    package var forOthers: BuildRecord {
        var record = self
        (record.path, record.context, record.isRepeatable) = (nil, nil, false)
        return record
    }

    package var json: JSON {
        var object: JSONObject = [
            "version": .integer(Self.version), "file": .string(file), "digest": .string(digest.description),
        ]
        if let path { object["path"] = .string(path) }
        if let context { object["context"] = .string(context) }
        if let target { object["target"] = .string(target) }
        if isRepeatable { object["repeatable"] = .bool(true) }
        object["layers"] = .array(steps.map(Self.json))
        return .object(object)
    }

    private static func json(_ step: LayerStep) -> JSON {
        var object: JSONObject = [:]
        if let text = step.text { object["text"] = .string(text) }
        if let stage = step.stage { object["stage"] = .string(stage) }
        if let lines = step.lines {
            object["line"] = .integer(Int64(lines.lowerBound))
            object["end"] = .integer(Int64(lines.upperBound))
        }
        if let isBase = step.isBase { object["base"] = .bool(isBase) }
        return .object(object)
    }

    /// Nil for what is no such record.
    package init?(_ json: JSON) {
        guard json["version"]?.integer == Self.version, let file = json["file"]?.string,
            // Damaged: none.
            let digest = json["digest"]?.string.flatMap({ try? Digest($0) }), let layers = json["layers"]?.array
        else { return nil }
        self.init(file: file, digest: digest, steps: layers.map { Self.step($0, file) })
        path = json["path"]?.string
        context = json["context"]?.string
        target = json["target"]?.string
        isRepeatable = json["repeatable"]?.bool ?? false
    }

    private static func step(_ json: JSON, _ file: String) -> LayerStep {
        var step = LayerStep(text: json["text"]?.string)
        step.stage = json["stage"]?.string
        step.isBase = json["base"]?.bool
        if let first = json["line"]?.integer.flatMap(Int.init(exactly:)), first > 0 {
            step.file = file
            step.lines = first...max(first, json["end"]?.integer.flatMap(Int.init(exactly:)) ?? first)
        }
        return step
    }

    /// The steps that a history tells, with what the build knew on top.
    package func completing(_ told: [LayerStep]) -> [LayerStep] {
        guard told.count == steps.count else { return told }
        return zip(told, steps).map { told, own in
            var step = own
            step.text = own.text ?? told.text
            return step
        }
    }
}
