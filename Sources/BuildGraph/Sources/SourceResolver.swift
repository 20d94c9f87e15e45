internal import Dockerfile
internal import OCI

/// What the names of a Dockerfile mean outside of it.
struct SourceResolver: Sendable {
    /// A file system to begin with, or to copy from.
    enum Source: Hashable, Sendable {
        case scratch
        case stage(Int)
        case image(ImageRequest)
        /// A named context of a directory, by its name.
        case directory(String)
    }

    private let request: BuildRequest
    private let contexts: NamedContexts
    private let dependencies: StageDependencies
    private let stages: [StageSyntax]
    private let baseNames: [Word]
    private let platforms: [Platform]

    init(
        _ request: BuildRequest, _ contexts: NamedContexts, _ dependencies: StageDependencies, _ stages: [StageSyntax],
        _ baseNames: [Word], _ platforms: [Platform]
    ) {
        (self.request, self.contexts, self.dependencies) = (request, contexts, dependencies)
        (self.stages, self.baseNames, self.platforms) = (stages, baseNames, platforms)
    }

    /// Whether a named context stands in for the stage: its own instructions are not executed then.
    func isReplaced(_ stage: Int) -> Bool { stages[stage].name.map(contexts.replacements.contains) ?? false }

    /// What a stage starts from.
    func base(of stage: Int) throws(Diagnostic) -> Source {
        if isReplaced(stage), let name = stages[stage].from.alias { return try outside(name, platforms[stage]) }
        if let base = dependencies.bases[stage] { return .stage(base) }
        return try outside(baseNames[stage], platforms[stage])
    }

    /// What the `from` of COPY or of a mount means.
    func source(of from: Word) throws(Diagnostic) -> Source {
        switch try dependencies.target(from) {
        case .stage(let index): .stage(index)
        case .outside(let name): try outside(name, request.platform)
        }
    }

    private func outside(_ name: Word, _ platform: Platform) throws(Diagnostic) -> Source {
        if name.text == "scratch" { return .scratch }
        if let (key, context) = contexts.find(name.text) {
            switch context {
            case .image(let reference):
                return .image(ImageRequest(reference: reference.withDefaultTag, platform: platform))
            case .directory: return .directory(key)
            case .stage(let stage):
                throw Diagnostic(
                    .error(.unknownStage), at: name.range,
                    "the context '\(key)' is the stage '\(stage)', which does not exist",
                    hint: Suggestion.hint(for: stage, among: stages.compactMap(\.name)))
            }
        }
        do {
            let reference = try ImageReference(name.text)
            return .image(ImageRequest(reference: reference.withDefaultTag, platform: platform))
        } catch {
            throw Diagnostic(
                .error(.invalidBaseName), at: name.range,
                "'\(name)' is no stage and no image name: \(Self.lacksPart(name.text) ?? error.reason.sentence)",
                hint: Suggestion.hint(for: name.text, among: stages.compactMap(\.name))
                    ?? Self.lacksPart(name.text).map { _ in
                        "where a variable stands there, it is empty: give it a value with --build-arg NAME=VALUE, or ARG NAME=VALUE before the first FROM"
                    })
        }
    }

    /// What a name lacks whose variable is empty, as in `debian:$VERSION`; nil for other names.
    private static func lacksPart(_ name: String) -> String? {
        if name.isEmpty { return "it is empty" }
        if name.hasSuffix(":") { return "there is no tag behind the colon" }
        if name.hasSuffix("@") { return "there is no digest behind the @" }
        return name.hasPrefix(":") || name.hasPrefix("/") ? "there is no name in front of '\(name)'" : nil
    }

    /// The images that some stages name, each once, in the order of the file.
    ///
    /// - Parameter faults: gets what is wrong with names.
    func images(of reachable: [Int], _ faults: inout [Diagnostic]) -> [ImageRequest] {
        var images: [ImageRequest] = []
        for index in reachable {
            var sources: [Source] = []
            do throws(Diagnostic) { sources.append(try base(of: index)) } catch { faults.append(error) }
            for from in isReplaced(index) ? [] : stages[index].instructions.flatMap(\.froms) {
                do throws(Diagnostic) { sources.append(try source(of: from)) } catch { faults.append(error) }
            }
            for case .image(let image) in sources where !images.contains(image) { images.append(image) }
        }
        return images
    }
}

extension ImageReferenceError.Reason {
    fileprivate var sentence: String {
        switch self {
        case .empty: "the name is empty"
        case .invalidDigest: "the digest is malformed"
        case .invalidTag: "the tag is malformed"
        case .invalidDomain: "the registry's host is malformed"
        case .upperCase: "repository names are lower case"
        case .invalidRepository: "the repository name is malformed"
        }
    }
}
