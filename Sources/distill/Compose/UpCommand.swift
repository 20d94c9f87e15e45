import ArgumentParser
import Compose
import Engine
import LinuxSystem
import OCI
import Projects
import Rendering
import Storage
import Subprocess
import SystemPackage

/// What is done about services that lack something, by those who start them.
enum StartCheckMode: String, ExpressibleByArgument, CaseIterable {
    case warn, error, off

    var image: ImageCheck {
        switch self {
        case .warn: .warn
        case .error: .error
        case .off: .off
        }
    }
}

struct UpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up", abstract: "Start the services, and show what they write until Ctrl-C ends them.")

    @ParentCommand var parent: ComposeCommand
    @Flag(name: [.short, .long], help: "Leave the services running, and return when they are there.")
    var detach = false
    @Flag(help: "Build all images first.")
    var build = false
    @Flag(help: "Build no image, not even a missing one.")
    var noBuild = false
    @Flag(help: "Replace services that run, whether anything changed or not.")
    var forceRecreate = false
    @Flag(help: "As --detach, and return when all services with a health check are healthy.")
    var wait = false
    @Flag(help: "End all services when one ends.")
    var abortOnContainerExit = false
    @Option(
        help: ArgumentHelp("Return a service's exit code. Implies --abort-on-container-exit.", valueName: "service"))
    var exitCodeFrom: String?
    @Flag(help: "Print lines alone, without their services' names.")
    var noLogPrefix = false
    @Option(
        help: ArgumentHelp("How a build's progress is shown: auto, tty, plain, quiet or rawjson.", valueName: "kind"))
    var progress: String = "auto"
    @Option(
        help: ArgumentHelp(
            "What to do when a service's image cannot start: warn, error (start nothing), off. (default: warn)",
            valueName: "mode"))
    var check: StartCheckMode = .warn
    @OptionGroup var credentials: CredentialOptions
    /// The process that a detached one leaves behind.
    @Flag(name: .customLong("supervise"), help: .hidden)
    var isSupervisor = false
    @Argument(
        help: ArgumentHelp(
            "Services; all where none is named. What they depend on is started too.", valueName: "SERVICE"))
    var services: [String] = []

    func run() async throws {
        let files = try parent.options.load()
        let project = try files.selecting(services)
        if let exitCodeFrom, project.service(exitCodeFrom) == nil {
            throw ProjectError.unknownServices([exitCodeFrom], known: project.services.map(\.name))
        }
        do {
            guard ProcessFacts.isRoot else { throw ProjectError.needsRoot }
            // What is wrong with these files is told before anything is built.
            for service in project.services { _ = try files.variables(of: service) }
            let status = isSupervisor ? try await runSupervisor(files, project) : try await start(files, project)
            throw ExitCode(status)
        } catch { throw files.explained(error) }
    }

    private func start(_ files: ProjectFiles, _ project: Project) async throws -> Int32 {
        var images = ProjectImages(files: files, project: project, progress: progress)
        images.check = check.image
        images.credentialFile = try credentials.file(files.host)
        let built = try await images.ensure(noBuild ? .never : build ? .all : .missing)
        try await ProjectCheck(files: files, project: project).warn(
            of: project.services.filter { !built.contains($0.name) }, check.image)
        let store = try StoreLocation.open(files.host)
        defer { store.close() }
        let digest = try digest(files, project, store)
        let directory = try ProjectDirectory(project.name, in: store)
        if try directory.isLocked(), let state = directory.state {
            let isSame = state.digest == digest && !forceRecreate
            if detach || wait, isSame {
                StandardStream.error.show("\(project.name): running already, and nothing has changed\n")
                return 0
            }
            guard detach || wait || forceRecreate else {
                throw ProjectError.alreadyRunning(project.name, process: state.process)
            }
            try await ProjectEnd(name: project.name, store: store) { $0.show() }.run()
        }
        return detach || wait ? try await leaveBehind() : try await supervise(files, project, store, directory, digest)
    }

    private func supervise(
        _ files: ProjectFiles, _ project: Project, _ store: Store, _ directory: ProjectDirectory, _ digest: String
    ) async throws -> Int32 {
        guard let lock = try directory.lock() else {
            throw ProjectError.alreadyRunning(project.name, process: directory.state?.process ?? 0)
        }
        defer { withExtendedLifetime(lock) {} }
        // Nothing of an earlier run is taken for this one's: its process number may be somebody else's by now.
        try directory.clear()
        let printer = LogPrinter(project.services.map(\.name), hasPrefix: !noLogPrefix)
        let log =
            isSupervisor ? try ProjectLog(in: directory) : try ProjectLog(in: directory) { printer.print($0, of: $1) }
        var run = ProjectRun(
            project, of: files, kept: .init(store: store, directory: directory, log: log, digest: digest)
        ) { $0.show() }
        run.ending = abortOnContainerExit || exitCodeFrom != nil ? .whenOneHasEnded : .whenAllHaveEnded
        run.exitCodeFrom = exitCodeFrom
        run.waitsForHealth = wait
        if isSupervisor {
            run.ready = {
                StandardStream.output.show("\(Self.readyLine)\n")
                StandardStream.detach()
            }
        }
        return try await run.run()
    }

    // MARK: Leaving a process behind

    private static let readyLine = "ready"

    private func runSupervisor(_ files: ProjectFiles, _ project: Project) async throws -> Int32 {
        let store = try StoreLocation.open(files.host)
        defer { store.close() }
        return try await supervise(
            files, project, store, ProjectDirectory(project.name, in: store), digest(files, project, store))
    }

    /// Starts this program again in a session of its own, and waits until it says that the services are there; its errors
    /// go where ours go.
    private func leaveBehind() async throws -> Int32 {
        var arguments = ["compose"] + parent.options.arguments + ["up", "--supervise"]
        if wait { arguments.append("--wait") }
        if abortOnContainerExit { arguments.append("--abort-on-container-exit") }
        arguments += exitCodeFrom.map { ["--exit-code-from", $0] } ?? []
        arguments += ["--"] + services
        let command = arguments
        return try await withThrowingTaskGroup(of: Int32?.self) { group in
            let child = SupervisorNumber()
            group.addTask { try await Self.awaitReady(command, child) }
            group.addTask {
                for await signal in ProcessSignal.received() { child.send(signal) }
                return nil
            }
            while let result = try await group.next() {
                if let result {
                    group.cancelAll()
                    return result
                }
            }
            throw ProjectError.notSupervised
        }
    }

    private static func awaitReady(_ arguments: [String], _ child: SupervisorNumber) async throws -> Int32 {
        var options = PlatformOptions()
        options.createSession = true
        let result = try await Subprocess.run(
            // Not by its name, which can mean something else in the namespace that this process is in.
            .path("/proc/self/exe"),
            arguments: Arguments(executablePathOverride: "distill", remainingValues: arguments),
            platformOptions: options, input: .none, output: .sequence,
            error: .currentStandardError
        ) { execution in
            child.set(execution.processIdentifier.value)
            for try await line in execution.standardOutput.strings() where line.hasPrefix(readyLine) {
                // Not by returning: whoever has started a process waits for it.
                UpCommand.exit(withError: ExitCode.success)
            }
        }
        // What went wrong has been told by the process itself.
        guard case .exited(let code) = result.terminationStatus, code != 0 else { throw ProjectError.notSupervised }
        return code
    }

    /// What was asked for: the same digest again means that nothing has to be done.
    private func digest(_ files: ProjectFiles, _ project: Project, _ store: Store) throws -> String {
        var text = files.root.yaml + project.services.map(\.name).joined(separator: "\n")
        for service in project.services {
            text += try service.storedImage(in: project, store)?.id.description ?? ""
            for variable in try files.variables(of: service) {
                text += "\n\(variable.name)=\(variable.value ?? files.environment[variable.name] ?? "")"
            }
        }
        return Digest(sha256: text.utf8).hex
    }
}
