package import Dockerfile
package import OCI

/// Which stages a target needs, and which images from outside must be known before the graph can be made.
package struct StagePlan: Sendable {
    /// The images that the Dockerfile itself names. ONBUILD triggers in them may need more.
    package let references: [ImageRequest]

    /// SOURCE_DATE_EPOCH as `--build-arg` or an ARG in front of the first FROM gives it.
    package var sourceDateEpoch: String? {
        request.buildArguments["SOURCE_DATE_EPOCH"] ?? globals.values["SOURCE_DATE_EPOCH"]
    }

    let syntax: DockerfileSyntax
    let request: BuildRequest
    let globals: GlobalArguments
    let contexts: NamedContexts
    /// For each stage: the name behind FROM and the platform behind `--platform`, expanded.
    let baseNames: [Word]
    let platforms: [Platform]
    let target: Int
    /// Stages of whose base nothing is known, for its name means nothing.
    let stagesWithoutBase: Set<Int>

    /// - Throws: for variables, names and platforms in FROM that mean nothing, and for a target that does not exist.
    package init(_ syntax: DockerfileSyntax, _ request: BuildRequest) throws(DockerfileError) {
        var faults: [Diagnostic] = []
        self.init(syntax, request, &faults)
        if let error = DockerfileError(faults) { throw error }
    }

    /// The same with all that is wrong: a stage whose base means nothing begins with nothing.
    init(_ syntax: DockerfileSyntax, _ request: BuildRequest, _ faults: inout [Diagnostic]) {
        let globals = GlobalArguments(syntax, request, buildArguments: request.buildArguments, &faults)
        var names: [Word] = []
        var platforms: [Platform] = []
        var unknown: Set<Int> = []
        for stage in syntax.stages {
            do throws(Diagnostic) { names.append(try Self.baseName(stage, globals, syntax.escape)) } catch {
                names.append(Word("scratch", at: stage.from.base.range))
                unknown.insert(stage.index)
                faults.append(error)
            }
            do throws(Diagnostic) {
                platforms.append(try Self.platform(stage, globals, syntax.escape) ?? request.platform)
            } catch {
                platforms.append(request.platform)
                faults.append(error)
            }
        }
        (self.syntax, self.request, self.globals, stagesWithoutBase) = (syntax, request, globals, unknown)
        (baseNames, self.platforms, contexts) = (names, platforms, NamedContexts(request.namedContexts))
        let dependencies = StageDependencies(
            syntax.stages, baseNames: baseNames.map(\.text), aliases: contexts.stageAliases,
            replaced: contexts.replacements)
        do throws(DockerfileError) { target = try dependencies.buildTarget(request.target) } catch {
            target = syntax.stages.count - 1
            faults += error.diagnostics
        }
        let reached = dependencies.reach(from: target)
        faults += reached.faults
        let sources = SourceResolver(request, contexts, dependencies, syntax.stages, baseNames, platforms)
        references = sources.images(of: reached.stages, &faults)
    }

    private static func baseName(
        _ stage: StageSyntax, _ globals: GlobalArguments, _ escape: EscapeCharacter
    ) throws(Diagnostic) -> Word {
        let base = stage.from.base
        let name = try globals.expand(base, escape)
        guard !name.isEmpty else {
            throw Diagnostic(
                .error(.invalidBaseName), at: base.range, "the base name '\(base)' is empty when expanded",
                hint: "give the ARG a default, or pass --build-arg")
        }
        return Word(name, at: base.range)
    }

    private static func platform(
        _ stage: StageSyntax, _ globals: GlobalArguments, _ escape: EscapeCharacter
    ) throws(Diagnostic) -> Platform? {
        guard let word = stage.from.platform else { return nil }
        let expansion = try WordExpander(escape: escape, variables: globals.values).expansion(of: word)
        let hint = expansion.undefined.first.flatMap { Suggestion.hint(for: $0, among: globals.values.keys.sorted()) }
        guard !expansion.text.isEmpty else {
            throw Diagnostic(
                .error(.invalidPlatform), at: word.range, "the platform '\(word)' is empty when expanded", hint: hint)
        }
        do { return try Platform(parsing: expansion.text) } catch {
            throw Diagnostic(
                .error(.invalidPlatform), at: word.range, "'\(expansion.text)' is no platform",
                hint: hint ?? "write os/architecture, such as linux/amd64")
        }
    }
}

extension StagePlan {
    /// Makes the graph, or says which images are still missing.
    ///
    /// - Parameter bases: what became of ``references`` and of everything that an earlier call asked for.
    package func lower(bases: [ImageRequest: Image]) throws(DockerfileError) -> LoweringResult {
        var stages = syntax.stages
        var triggered: Set<Int> = []
        while true {
            let dependencies = StageDependencies(
                stages, baseNames: baseNames.map(\.text), aliases: contexts.stageAliases,
                replaced: contexts.replacements)
            let reachable = try dependencies.reachable(from: target)
            let sources = SourceResolver(request, contexts, dependencies, stages, baseNames, platforms)
            var faults: [Diagnostic] = []
            let missing = sources.images(of: reachable, &faults).filter { bases[$0] == nil }
            if let error = DockerfileError(faults) { throw error }
            guard missing.isEmpty else { return .needs(missing) }
            let fresh = reachable.filter { !triggered.contains($0) }
            guard !fresh.isEmpty else {
                return .graph(try Lowering(plan: self, stages: stages, sources: sources, bases: bases).graph(reachable))
            }
            for index in fresh {
                let triggers = try OnBuildTriggers.instructions(for: index, stages, sources, bases)
                stages[index] = stages[index].prepending(triggers)
                triggered.insert(index)
            }
        }
    }
}

extension StagePlan {
    /// Where the Dockerfile names an image, for an error about it; nil for one that an ONBUILD trigger names.
    package func place(of image: ImageRequest) -> SourceRange? {
        let dependencies = StageDependencies(
            syntax.stages, baseNames: baseNames.map(\.text), aliases: contexts.stageAliases,
            replaced: contexts.replacements)
        let sources = SourceResolver(request, contexts, dependencies, syntax.stages, baseNames, platforms)
        for stage in syntax.stages {
            // A name that means nothing was an error when the plan was made, or belongs to a stage that is not needed.
            if (try? sources.base(of: stage.index)) == .image(image) { return stage.from.base.range }
            for from in stage.instructions.flatMap(\.froms) {
                // The same holds here.
                if (try? sources.source(of: from)) == .image(image) { return from.range }
            }
        }
        return nil
    }
}
