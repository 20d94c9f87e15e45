package import Dockerfile
package import OCI

/// Everything because of which a Dockerfile cannot be built, in one pass: what keeps it from being read, what names of stages and
/// images mean, and what each instruction comes to. A build throws the same.
package struct BuildFaults: Sendable {
    /// What a build ends with, in the order of the file.
    package let errors: [Diagnostic]
    /// The same of stages that the target does not need, as warnings: a build of theirs would end so.
    package let warnings: [Diagnostic]
    /// What stages begin with, by the stage's number, as far as it is known.
    package let bases: [Int: CheckInput.Base]

    /// - Parameter images: what is known of an image; nil where nothing is: what depends on it is not told then.
    package init(_ source: SourceFile, _ request: BuildRequest, images: (ImageRequest) -> Image?) {
        let (syntax, unreadable) = DockerfileSyntax.read(source)
        guard let syntax else {
            (errors, warnings, bases) = (DockerfileError(unreadable)?.diagnostics ?? [], [], [:])
            return
        }
        var faults: [Diagnostic] = []
        let plan = StagePlan(syntax, request, &faults)
        let found = plan.faults(images)
        // Behind an instruction that cannot be read, nothing is certain.
        let end = unreadable.map(\.range.start).min()
        func isCertain(_ diagnostic: Diagnostic) -> Bool { end.map { diagnostic.range.start < $0 } ?? true }
        errors = DockerfileError(unreadable + (faults + found.errors).filter(isCertain))?.diagnostics ?? []
        let known = Set(errors)
        warnings = (DockerfileError(found.others)?.diagnostics ?? []).filter { isCertain($0) && !known.contains($0) }
            .map { fault in
                var warning = fault
                warning.severity = .warning
                return warning
            }
        bases = plan.bases(images)
    }
}

extension StagePlan {
    /// What is wrong with instructions: of the stages that the target needs, and of the others.
    fileprivate func faults(_ images: (ImageRequest) -> Image?) -> (errors: [Diagnostic], others: [Diagnostic]) {
        var stages = syntax.stages
        var bases: [ImageRequest: Image] = [:]
        var unknown: Set<ImageRequest> = []
        var found: [(stage: Int, diagnostic: Diagnostic)] = []
        let names = baseNames.map(\.text)
        func dependencies() -> StageDependencies {
            StageDependencies(stages, baseNames: names, aliases: contexts.stageAliases, replaced: contexts.replacements)
        }
        func resolver() -> SourceResolver {
            SourceResolver(request, contexts, dependencies(), stages, baseNames, platforms)
        }
        var sources = resolver()
        for index in stages.indices {
            var faults: [Diagnostic] = []
            look(for: sources.images(of: [index], &faults), images, &bases, &unknown)
            do throws(DockerfileError) {
                let triggers = try OnBuildTriggers.instructions(for: index, stages, sources, bases)
                if !triggers.isEmpty {
                    stages[index] = stages[index].prepending(triggers)
                    sources = resolver()
                    look(for: sources.images(of: [index], &faults), images, &bases, &unknown)
                }
            } catch {
                faults += error.diagnostics
            }
            found += faults.map { (index, $0) }
        }
        let reached = dependencies().reach(from: target)
        let needed = Set(reached.stages)
        var lowering = Lowering(plan: self, stages: stages, sources: sources, bases: bases, unknown: unknown)
        _ = lowering.lower(Array(stages.indices))
        found += lowering.faults
        let errors = found.filter { needed.contains($0.stage) }.map(\.diagnostic)
        return (reached.faults + errors, found.filter { !needed.contains($0.stage) }.map(\.diagnostic))
    }

    private func look(
        for requests: [ImageRequest], _ images: (ImageRequest) -> Image?, _ bases: inout [ImageRequest: Image],
        _ unknown: inout Set<ImageRequest>
    ) {
        for request in requests where bases[request] == nil {
            if let image = images(request) {
                bases[request] = image
            } else {
                bases[request] = Image(config: ImageConfig(platform: request.platform), layers: [])
                unknown.insert(request)
            }
        }
    }

    /// What stages begin with, by the stage's number.
    package func bases(_ images: (ImageRequest) -> Image?) -> [Int: CheckInput.Base] {
        let dependencies = StageDependencies(
            syntax.stages, baseNames: baseNames.map(\.text), aliases: contexts.stageAliases,
            replaced: contexts.replacements)
        let sources = SourceResolver(request, contexts, dependencies, syntax.stages, baseNames, platforms)
        var result: [Int: CheckInput.Base] = [:]
        for stage in syntax.stages {
            // What means nothing is told elsewhere.
            guard case .image(let request)? = try? sources.base(of: stage.index), let image = images(request) else {
                continue
            }
            result[stage.index] = CheckInput.Base(image.config)
        }
        return result
    }
}
