import Agents
import ArgumentParser
import Attestation
import BuildGraph
import Compose
import Diagnosis
import Engine
import LinuxSystem
import OCI
import Projects
import Rendering
import Solver
import Storage
import SystemPackage

/// Makes sure that the services' images are there.
struct ProjectImages {
    let files: ProjectFiles
    let project: Project
    var progress = "auto"
    var noCache = false
    var pulls = false
    var secretPolicy = SecretPolicy()
    /// The one file of credentials; nil for those of docker and podman.
    var credentialFile: FilePath?
    /// What is done about an image that its service cannot start.
    var check = ImageCheck.warn

    enum Building { case missing, all, never }

    /// Builds and pulls what is missing.
    ///
    /// - Returns: the services whose images were built, and thereby looked at.
    func ensure(_ building: Building) async throws -> Set<String> {
        try await withEngine { try await ensure(building, on: $0) }
    }

    /// Runs what is done for several services: they share connections to registries and what was learnt there.
    func withEngine<Result>(_ body: (Engine) async throws -> Result) async throws -> Result {
        let engine = try Engine.opened(files.host, credentialFile: credentialFile)
        defer { engine.close() }
        return try await engine.withSession(body)
    }

    private func ensure(_ building: Building, on engine: Engine) async throws -> Set<String> {
        var built: Set<String> = []
        for name in try project.buildOrder() {
            guard let service = project.service(name), let section = service.build, building != .never else { continue }
            let isThere = try service.storedImage(in: project, engine.store) != nil
            guard building == .all || !isThere || service.pullPolicy == .build else { continue }
            try await build(service, section, on: engine)
            built.insert(name)
        }
        for service in project.services where service.build == nil || building == .never {
            let name = service.imageName(in: project.name)
            let place = service.image?.place ?? service.place
            let isThere = try service.storedImage(in: project, engine.store) != nil
            if isThere, service.pullPolicy != .always { continue }
            guard service.build == nil, service.pullPolicy != .never else {
                throw files.explained(ProjectError.noImage(name, service: service.name, cause: nil, place))
            }
            do {
                try await ShownPull(isQuiet: false, stream: .error)
                    .run(name, for: service.platform ?? .host, on: engine)
            } catch let error where !(error is CancellationError) {
                throw files.explained(
                    ProjectError.noImage(name, service: service.name, cause: error, place))
            }
        }
        return built
    }

    /// Looks for mistakes in a service's Dockerfile.
    ///
    /// - Returns: whether it cannot be built.
    func lint(_ service: Service, _ section: BuildSection, on engine: Engine) async throws -> Bool {
        let specification = try ServiceBuild(project, of: files).specification(service, section)
        let review = try await engine.review(specification)
        StandardStream.output.show(CheckFormat.plain.text([review], Distill.outputStyle))
        return review.fails
    }

    func build(_ service: Service, _ section: BuildSection, on engine: Engine) async throws {
        var specification = try ServiceBuild(project, of: files).specification(service, section)
        specification.check = check
        if noCache { specification.cache.ignored = .all }
        if pulls { specification.renewsBases = true }
        specification.secretPolicy = secretPolicy
        do { specification.start = try files.start(of: service, in: project, engine.store) } catch {
            throw files.explained(error)
        }
        StandardStream.error.show("\(service.name): building \(service.imageName(in: project.name))\n")
        let shown = ShownBuild(mode: try ProgressMode(progress, quiet: false))
        let outcome: BuildOutcome
        do { outcome = try await shown.run(specification, on: engine) } catch {
            guard !(error is CancellationError), ErrorReport(error) != nil else { throw error }
            throw ProjectError.build(service.name, context: section.context, cause: error)
        }
        if shown.mode == .quiet { StandardStream.output.show("\(outcome.receipt.id)\n") }
        shown.summarize(outcome, specification.names)
    }
}
