package import OCI

/// How an image was made: the facts, and the predicate that tells them (SLSA, version 1.0, "Provenance").
///
/// `externalParameters` has the members of BuildKit's ("SLSA definitions"); docs/attestations.md describes the rest.
package struct Provenance: Hashable, Sendable {
    package enum Kind: String, Sendable {
        case dockerfile = "urn:distill:build:v1"
        case base = "urn:distill:base-build:v1"

        fileprivate var frontend: String {
            switch self {
            case .dockerfile: "dockerfile.v0"
            case .base: "recipe.v1"
            }
        }
    }

    /// Something from outside that went into the image.
    package struct Material: Hashable, Sendable {
        package let uri: String
        /// `sha256`, or `sha1` for the commits of most repositories; nil where nothing tells what it was.
        package var digest: (algorithm: String, hex: String)?
        /// Of the document whose digest it is, for an image.
        package var mediaType: MediaType?

        package init(uri: String, digest: (algorithm: String, hex: String)? = nil, mediaType: MediaType? = nil) {
            (self.uri, self.digest, self.mediaType) = (uri, digest, mediaType)
        }

        package static func == (left: Material, right: Material) -> Bool { left.key == right.key }

        package func hash(into hasher: inout Hasher) { hasher.combine(key) }

        fileprivate var key: [String] { [uri, digest?.algorithm ?? "", digest?.hex ?? "", mediaType?.rawValue ?? ""] }
    }

    package struct Step: Hashable, Sendable {
        package let stage: String
        package let text: String
        /// The steps that it stands on, by their places.
        package let inputs: [Int]

        package init(stage: String, text: String, inputs: [Int]) {
            (self.stage, self.text, self.inputs) = (stage, text, inputs)
        }
    }

    /// A secret or an agent that a step may see, by its name.
    package struct Grant: Hashable, Sendable {
        package let id: String
        package let isRequired: Bool

        package init(id: String, isRequired: Bool) {
            (self.id, self.isRequired) = (id, isRequired)
        }
    }

    /// A commit that nobody verified: what a local context is checked out from.
    package struct Revision: Hashable, Sendable {
        /// The repository, without user and password.
        package let source: String?
        package let commit: String

        package init(source: String? = nil, commit: String) {
            (self.source, self.commit) = (source, commit)
        }
    }

    /// One run of the builder.
    package struct Run: Hashable, Sendable {
        package let id: String
        /// Seconds since 1970.
        package let started: Int64
        package let finished: Int64

        package init(id: String, started: Int64, finished: Int64) {
            (self.id, self.started, self.finished) = (id, started, finished)
        }
    }

    package let kind: Kind
    /// The last part of the Dockerfile's or recipe's path, or the name of a base.
    package var path: String
    /// The repository or archive that the context came from.
    package var source: Material?
    /// The options that matter to the result, as BuildKit names them: `target`, `build-arg:NAME`, `label:NAME`.
    package var arguments: [String: String] = [:]
    /// What was read from this machine: `context`, `dockerfile`.
    package var locals: [String] = []
    package var secrets: [Grant] = []
    package var agents: [Grant] = []
    package var steps: [Step] = []
    /// The text that `steps` come from.
    package var text = ""
    package var materials: [Material] = []
    package var revision: Revision?
    /// Whether no command could reach the network.
    package var isHermetic = true
    package var isReproducible = false
    /// nil where the same input must give the same bytes.
    package var run: Run?

    package init(
        kind: Kind, path: String, source: Material? = nil, arguments: [String: String] = [:], locals: [String] = [],
        secrets: [Grant] = [], agents: [Grant] = [], steps: [Step] = [], text: String = "", materials: [Material] = [],
        revision: Revision? = nil, isHermetic: Bool = true, isReproducible: Bool = false, run: Run? = nil
    ) {
        self.kind = kind
        self.path = path
        self.source = source
        self.arguments = arguments
        self.locals = locals
        self.secrets = secrets
        self.agents = agents
        self.steps = steps
        self.text = text
        self.materials = materials
        self.revision = revision
        self.isHermetic = isHermetic
        self.isReproducible = isReproducible
        self.run = run
    }

    package func predicate(_ request: AttestationRequest.ProvenanceRequest) -> JSON {
        var definition: JSONObject = [
            "buildType": .string(kind.rawValue), "externalParameters": externalParameters(request),
            "internalParameters": internalParameters(request),
        ]
        let sorted = Set(materials).sorted { $0.key.lexicographicallyPrecedes($1.key) }
        definition["resolvedDependencies"] = .array(sorted.map(\.json))
        return .object(["buildDefinition": .object(definition), "runDetails": runDetails(request)])
    }

    private func externalParameters(_ request: AttestationRequest.ProvenanceRequest) -> JSON {
        var configSource: JSONObject = [:]
        if let source {
            configSource["uri"] = .string(source.uri)
            if let digest = source.digestJSON { configSource["digest"] = digest }
        }
        configSource["path"] = .string(path)
        let shown = arguments.filter { request.isComplete || !Self.isPrivate($0.key) }
        var parameters: JSONObject = [
            "frontend": .string(kind.frontend), "args": .sorted(shown),
            "locals": .array(locals.sorted().map { .object(["name": .string($0)]) }),
        ]
        if request.isComplete {
            if !secrets.isEmpty { parameters["secrets"] = Self.grants(secrets) }
            if !agents.isEmpty { parameters["ssh"] = Self.grants(agents) }
        }
        return .object(["configSource": .object(configSource), "request": .object(parameters)])
    }

    /// Whether only `mode=max` tells an option's value, as in BuildKit.
    private static func isPrivate(_ name: String) -> Bool { name.hasPrefix("build-arg:") || name.hasPrefix("label:") }

    private static func grants(_ grants: [Grant]) -> JSON {
        .array(
            Set(grants).sorted { $0.id < $1.id }.map { grant in
                var object: JSONObject = ["id": .string(grant.id)]
                if !grant.isRequired { object["optional"] = .bool(true) }
                return .object(object)
            })
    }

    private func internalParameters(_ request: AttestationRequest.ProvenanceRequest) -> JSON {
        var object: JSONObject = ["builderPlatform": .string(Platform.host.description)]
        if request.isComplete, !steps.isEmpty {
            let steps = steps.enumerated().map { index, step in
                JSON.object([
                    "id": .string("step\(index)"), "stage": .string(step.stage), "instruction": .string(step.text),
                    "inputs": .strings(step.inputs.map { "step\($0)" }),
                ])
            }
            object["buildConfig"] = .object(["source": .string(text), "steps": .array(steps)])
        }
        return .object(object)
    }

    private func runDetails(_ request: AttestationRequest.ProvenanceRequest) -> JSON {
        var metadata: JSONObject = [:]
        if let run {
            metadata["invocationId"] = .string(run.id)
            metadata["startedOn"] = .string(Timestamp(seconds: run.started).rfc3339)
            metadata["finishedOn"] = .string(Timestamp(seconds: run.finished).rfc3339)
        }
        if let revision {
            var object: JSONObject = [:]
            if let source = revision.source { object["source"] = .string(source) }
            object["revision"] = .string(revision.commit)
            metadata["distill_vcs"] = .object(object)
        }
        let isComplete = request.isComplete || !arguments.keys.contains(where: Self.isPrivate)
        let hasAllMaterials = isHermetic && locals.isEmpty && materials.allSatisfy { $0.digest != nil }
        metadata["distill_hermetic"] = .bool(isHermetic)
        metadata["distill_completeness"] = .object([
            "request": .bool(isComplete), "resolvedDependencies": .bool(hasAllMaterials),
        ])
        metadata["distill_reproducible"] = .bool(isReproducible || request.isReproducible)
        return .object([
            "builder": .object([
                "id": .string(request.builder ?? "urn:distill:builder"),
                "version": .object(["distill": .string(ToolVersion.text)]),
            ]), "metadata": .object(metadata),
        ])
    }
}

extension Provenance.Material {
    fileprivate var digestJSON: JSON? { digest.map { .object([$0.algorithm: .string($0.hex)]) } }

    fileprivate var json: JSON {
        var object: JSONObject = ["uri": .string(uri)]
        if let digest = digestJSON { object["digest"] = digest }
        if let mediaType { object["mediaType"] = .string(mediaType.rawValue) }
        return .object(object)
    }

    package init(uri: String, _ digest: Digest?, mediaType: MediaType? = nil) {
        self.init(uri: uri, digest: digest.map { ($0.algorithm.rawValue, $0.hex) }, mediaType: mediaType)
    }

    /// A commit of a repository, whose name tells the hash that it is made with.
    package init(repository: String, commit: String?) {
        self.init(uri: repository, digest: commit.map { ($0.utf8.count == 64 ? "sha256" : "sha1", $0) })
    }

    /// An image, by its manifest where it came with one, else by its ID.
    package init(_ reference: ImageReference, _ platform: Platform, _ image: Image) {
        // An OCI layout's image has a name of ours.
        let uri = reference.isOfLayout ? "pkg:oci/\(reference.repository)" : reference.packageURL(platform)
        if let manifest = image.manifestBytes {
            let type = (try? Manifest(bytes: manifest).mediaType) ?? .manifest  // it was read before
            self.init(uri: uri, Digest(sha256: manifest), mediaType: type)
        } else {
            self.init(uri: uri, image.id, mediaType: .config)
        }
    }
}
