import ArgumentParser
import Compose
import Diagnosis
import Engine
import Inspection
import LinuxSystem
import OCI
import Projects
import Rendering
import Storage

/// What the services' images lack to start as the files say.
struct CheckProjectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Tell what the services' images lack to start as the files say.",
        discussion: "Exits with 1 where a service cannot start. Images are not built or pulled.")

    @ParentCommand var parent: ComposeCommand
    @Option(help: ArgumentHelp("plain or json.", valueName: "kind"))
    var format: CheckImageCommand.Format = .plain
    @Flag(name: .shortAndLong, help: "Show what files cannot tell, too.")
    var verbose = false
    @Argument(help: ArgumentHelp("Services; all where none is named.", valueName: "SERVICE"))
    var services: [String] = []

    func run() async throws {
        let files = try parent.options.load()
        var project = try files.selecting(services)
        if !services.isEmpty { project.services.removeAll { !services.contains($0.name) } }
        let check = ProjectCheck(files: files, project: project)
        let reports = try await check.reports(of: project.services)
        switch format {
        case .json:
            let items = reports.map { service, report in
                var object: JSONObject = ["service": .string(service.name)]
                for (name, value) in report.object(service.imageName(in: project.name)).members { object[name] = value }
                return JSON.object(object)
            }
            StandardStream.output.show("\(ShownText(json: JSON.array(items).indentedText))\n")
        case .plain:
            for (service, report) in reports {
                let item = PlatformReport(platform: nil, report: report)
                let name = service.imageName(in: project.name)
                StandardStream.output.show(
                    item.text(name, of: service.name, showsUnknown: verbose, Distill.outputStyle))
            }
        }
        if reports.contains(where: \.report.cannotStart) { throw ExitCode(1) }
    }
}

/// The check of services whose images are there.
struct ProjectCheck {
    let files: ProjectFiles
    let project: Project

    /// - Throws: ``ProjectError/noImage(_:service:cause:_:)`` for an image that is not there.
    func reports(of services: [Service]) async throws -> [(service: Service, report: ClosureCheck.Report)] {
        let engine = try Engine.opened(files.host)
        defer { engine.close() }
        var result: [(service: Service, report: ClosureCheck.Report)] = []
        for service in services {
            guard let image = try service.storedImage(in: project, engine.store) else {
                throw files.explained(
                    ProjectError.noImage(
                        service.imageName(in: project.name), service: service.name, cause: nil,
                        service.image?.place ?? service.place))
            }
            do {
                result.append(
                    (service, try await engine.review(image, files.start(of: service, in: project, engine.store))))
            } catch { throw files.explained(error) }
        }
        return result
    }

    /// Warns of what services lack; or fails where they cannot start.
    func warn(of services: [Service], _ check: ImageCheck) async throws {
        guard check != .off, !services.isEmpty else { return }
        var lacksSomething = false
        for (service, report) in try await reports(of: services) {
            lacksSomething = lacksSomething || report.cannotStart
            for finding in report.findings {
                StandardStream.error.show(
                    "\(service.name): \(finding.line(check.isFatal ? nil : .warning, Distill.errorStyle))")
            }
        }
        if check.isFatal, lacksSomething { throw ExitCode(1) }
    }
}
