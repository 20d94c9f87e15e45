import Bases
package import BuildGraph
package import Dockerfile
import LinuxSystem
package import OCI
import Sandbox
package import Solver
import Storage

/// A build from a Dockerfile's bytes to an image in the store. This is the page to read first: each line is one of the
/// steps that docs/architecture.md draws.
package struct Build {
    package let dockerfile: SourceFile
    package let request: BuildRequest
    package let context: SolveContext
    package let references: any ReferenceResolver
    /// What git is given where a repository's time is asked for.
    package let git: GitAccess
    /// What the main context's ignore file leaves out, for the checks.
    package var ignore: IgnorePatterns?
    /// The moment that takes the place of all times where the Dockerfile and the arguments give none; nil tells the truth.
    var usualEpoch: Int64?
    /// When the commit of the main context was made, if that was fetched; in seconds since 1970.
    var fetchedCommitTime: Int64?

    package struct Result {
        package var image: Image
        package let graph: BuildGraph
        package let target: StageResult
        package let solution: Solver.Solution
        package let dockerfile: SourceFile
        /// What was written with a doubt, then what the checks found, the most harmful first.
        package let warnings: [Diagnostic]
        /// SOURCE_DATE_EPOCH, in seconds since 1970, as far as there is one.
        package let epoch: Int64?
        /// The time of every file where files leave a build, in seconds since 1970: what SOURCE_DATE_EPOCH says; nil leaves them
        /// their own.
        package let fileTime: Int64?
        /// Build arguments that no ARG takes; none are told of where a base has triggers, which may take them.
        package let unusedArguments: [UnusedArgument]
    }

    package func run(events: @escaping @Sendable (BuildEvent) -> Void) async throws -> Result {
        let syntax: DockerfileSyntax
        let plan: StagePlan
        do {
            syntax = try DockerfileSyntax.parse(dockerfile)
            plan = try await self.plan(syntax)
        } catch let error as DockerfileError {
            throw whole(error, [:])
        }
        var context = context
        context.ignoredCache = try ignoredCache(syntax)
        let epoch = try plan.sourceDateEpoch.flatMap { try Self.epoch($0, at: plan.epochDefinition) }
        context.fixedTime = epoch.map { isUsual($0) ? max($0, Self.firstTimeOfArchives) : $0 }
        let (graph, bases) = try await lower(plan)
        let checks = try check(syntax, plan.bases { bases[$0] })
        let solution = try await Solver(graph, in: context, events: events).solve()
        guard let target = graph.target else { throw EngineError.nothing }
        let image = solution.image(of: target, epoch: epoch) { Timestamp(seconds: $0).rfc3339 }
        // What leaves a build is whole: layers that no step needed are fetched now.
        try await context.ensure(image.layers, nil) { _ in }
        let hasTriggers = bases.values.contains { !$0.config.container.onBuild.isEmpty }
        let unused = hasTriggers ? [] : DockerfileNames(syntax).unused(of: request.buildArguments.keys)
        return Result(
            image: image, graph: graph, target: target, solution: solution, dockerfile: dockerfile,
            warnings: syntax.warnings + checks.findings,
            epoch: epoch, fileTime: epoch.flatMap { isUsual($0) ? nil : $0 }, unusedArguments: unused)
    }

    /// What is worth a warning, with what is known of the bases.
    ///
    /// - Throws: where the file asks to fail because of it.
    private func check(_ syntax: DockerfileSyntax, _ bases: [Int: CheckInput.Base]) throws -> CheckReport {
        let checks = try CheckReport(
            CheckInput(
                syntax, buildArguments: request.buildArguments, platform: request.platform,
                buildPlatform: request.buildPlatform, target: request.target, ignore: ignore, bases: bases))
        if var failure = checks.failure {
            failure.message = "\(failure.code): \(failure.message)"
            throw DockerfileError(failure)
        }
        return checks
    }

    /// All that is wrong with the file, beside what ended the build.
    private func whole(_ error: DockerfileError, _ bases: [ImageRequest: Image]) -> DockerfileError {
        DockerfileError(error.diagnostics + BuildFaults(dockerfile, request) { bases[$0] }.errors) ?? error
    }

    /// 2 January 1980: zip and what is made of it know no earlier time than the day before, in any time zone (PKWARE's
    /// APPNOTE, 4.4.6). What leaves a reproducible build is set to its epoch at the end.
    private static let firstTimeOfArchives: Int64 = 315_619_200

    /// Whether an epoch is one that nobody asked for by number.
    private func isUsual(_ epoch: Int64) -> Bool {
        usualEpoch == epoch && request.buildArguments["SOURCE_DATE_EPOCH"] == nil
    }

    /// The stages of `--no-cache-filter` as their steps name them: by name, else by number.
    ///
    /// - Throws: for one that the file does not have: a step that was to be executed must not come from the cache.
    private func ignoredCache(_ syntax: DockerfileSyntax) throws -> SolveContext.IgnoredCache {
        guard case .stages(let wanted) = context.ignoredCache else { return context.ignoredCache }
        let names = syntax.stages.compactMap(\.name)
        return .stages(
            Set(
                try wanted.sorted().map { text in
                    if names.contains(text.lowercased()) { return text.lowercased() }
                    if let number = Int(text), syntax.stages.indices.contains(number) {
                        return syntax.stages[number].name ?? String(number)
                    }
                    throw EngineError.invalid(.stagesWithoutCache, value: text, .noStage(known: names))
                }))
    }

    /// The stages, with the usual moment as SOURCE_DATE_EPOCH where neither the arguments nor the Dockerfile name one: a
    /// stage that declares it sees what the image's times will be.
    private func plan(_ syntax: DockerfileSyntax) async throws -> StagePlan {
        var plan = try StagePlan(syntax, request)
        var request = request
        if let source = try plan.epochSource() {
            request.buildArguments["SOURCE_DATE_EPOCH"] = try await time(of: source).map(String.init) ?? ""
            plan = try StagePlan(syntax, request)
        }
        // One that is no time is told before anything is done.
        _ = try plan.sourceDateEpoch.flatMap { try Self.epoch($0, at: plan.epochDefinition) }
        guard let usualEpoch, plan.sourceDateEpoch?.isEmpty != false else { return plan }
        request.buildArguments["SOURCE_DATE_EPOCH"] = String(usualEpoch)
        return try StagePlan(syntax, request)
    }

    /// The time of a source, in seconds since 1970; nil where it has none.
    private func time(of source: EpochSource) async throws -> Int64? {
        switch source {
        case .mainContext: return fetchedCommitTime
        case .namedContext: return nil
        case .git(let reference, let commit):
            let directory = try context.store.makeTemporaryDirectory()
            return try await GitCheckout(reference, git).fetch(into: directory.path, commit: commit).time
        case .url(let url):
            guard let files = context.remoteFiles else { return nil }
            return try await files.fetch(url, maximumSize: 16 << 30, progress: { _, _ in }, restart: {}, body: { _ in })
                .modified
        }
    }

    /// SOURCE_DATE_EPOCH as a number; an empty one is none (reproducible-builds.org, "SOURCE_DATE_EPOCH").
    ///
    /// - Parameter place: where the Dockerfile says it, for an error.
    private static func epoch(_ text: String, at place: SourceRange?) throws -> Int64? {
        if text.isEmpty { return nil }
        // Beyond the year 9999 RFC 3339 has no form.
        guard let seconds = Int64(text), (0..<253_402_300_800).contains(seconds) else {
            guard let place else {
                throw EngineError.invalid(.sourceDateEpoch, value: text, .noTime)
            }
            throw DockerfileError(
                Diagnostic(
                    .error(.invalidArguments), at: place,
                    "SOURCE_DATE_EPOCH is '\(text)', which is no number of seconds since 1970"))
        }
        return seconds
    }

    /// All at once; of several that are not there, the first is told.
    private func resolve(
        _ wanted: [ImageRequest], _ plan: StagePlan, _ bases: inout [ImageRequest: Image]
    ) async throws {
        let found = await references.resolve(wanted)
        for request in wanted {
            do { bases[request] = try found[request]?.get() } catch let cause
                where cause is EngineError || cause is BaseError
            {
                throw UnknownImage(cause: cause, range: plan.place(of: request))
            }
        }
    }

    /// Resolves the images from outside; those that ONBUILD triggers name come in a second round.
    private func lower(_ plan: StagePlan) async throws -> (graph: BuildGraph, bases: [ImageRequest: Image]) {
        var bases: [ImageRequest: Image] = [:]
        var wanted = plan.references
        while true {
            try await resolve(wanted, plan, &bases)
            do throws(DockerfileError) {
                switch try plan.lower(bases: bases) {
                case .graph(let graph): return (graph, bases)
                case .needs(let more): wanted = more
                }
            } catch {
                throw whole(error, bases)
            }
        }
    }
}

/// Finds images by name: manifests and configs only, never layers.
package protocol ReferenceResolver: Sendable {
    /// All at once, as far as they do not compute.
    ///
    /// - Returns: for each its image, or why there is none: ``EngineError`` or ``BaseError`` where there is no such image.
    func resolve(_ requests: [ImageRequest]) async -> [ImageRequest: Result<Image, any Error>]
}
