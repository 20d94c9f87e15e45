import ArgumentParser
import Compose
import Engine
import LinuxSystem
import OCI
import Projects
import Rendering
import Storage
import SystemPackage

struct ComposeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compose", abstract: "Build and run an application of several services.",
        usage: "distill compose [-f FILE]… [-p NAME] COMMAND",
        subcommands: [
            UpCommand.self, DownCommand.self, ListCommand.self, LogsCommand.self, ImagesBuildCommand.self,
            CheckProjectCommand.self,
            ConfigCommand.self,
        ])

    @OptionGroup var options: ProjectOptions

    struct ImagesBuildCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "build", abstract: "Build the services' images.")
        @ParentCommand var parent: ComposeCommand
        @Flag(help: "Execute every step.")
        var noCache = false
        @Flag(help: "Ask registries for newer versions of the base images.")
        var pull = false
        @Option(help: ArgumentHelp("How progress is shown: auto, tty, plain, quiet or rawjson.", valueName: "kind"))
        var progress: String = "auto"
        @OptionGroup var gate: SecretOptions
        @OptionGroup var closure: ClosureOptions
        @OptionGroup var credentials: CredentialOptions
        @Argument(help: ArgumentHelp("Services; all where none is named.", valueName: "SERVICE"))
        var services: [String] = []

        func run() async throws {
            let check = try closure.image()
            let files = try parent.options.load()
            var project = try files.selecting(services)
            if !services.isEmpty {
                let wanted = Set(services + services.flatMap { project.service($0)?.build?.contextServices ?? [] })
                project.services.removeAll { !wanted.contains($0.name) }
                for index in project.services.indices { project.services[index].dependencies = [] }
            }
            var images = ProjectImages(
                files: files, project: project, progress: progress, noCache: noCache, pulls: pull)
            images.check = check
            images.secretPolicy = try gate.policy()
            images.credentialFile = try credentials.file(files.host)
            let (order, isLint, all) = (try project.buildOrder(), closure.check == .lint, images)
            let fails = try await images.withEngine { engine in
                var fails = false
                for name in order {
                    guard let service = all.project.service(name), let section = service.build else { continue }
                    if isLint {
                        fails = try await all.lint(service, section, on: engine) || fails
                    } else {
                        try await all.build(service, section, on: engine)
                    }
                }
                return fails
            }
            if fails { throw ExitCode(1) }
        }
    }

    struct ConfigCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "config", abstract: "Check the files, and show what they come to.")
        @ParentCommand var parent: ComposeCommand
        @Flag(name: [.short, .long], help: "Only check.")
        var quiet = false
        @Flag(help: "Print the services' names.")
        var services = false
        @Flag(help: "Print the volumes' names.")
        var volumes = false
        @Flag(help: "Print the images' names.")
        var images = false

        func run() async throws {
            let files = try parent.options.load()
            let project = try files.selecting([])
            if quiet { return }
            let names: [String]? =
                services
                ? try project.startOrder()
                : volumes
                    ? project.volumes.map(\.key)
                    : images ? project.services.map { $0.imageName(in: project.name) } : nil
            if let names { return StandardStream.output.show(names.map { "\($0)\n" }.joined()) }
            StandardStream.output.pass("# project \(project.name)\n" + files.root.yaml)
        }
    }

    struct ListCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "ps", abstract: "List the services that run or ran.")
        @ParentCommand var parent: ComposeCommand
        @Flag(name: [.short, .long], help: "Accepted as in docker: all services are listed.")
        var all = false
        @Option(help: ArgumentHelp("table or json.", valueName: "format"))
        var format: String = "table"
        @Argument(help: ArgumentHelp("Services; all where none is named.", valueName: "SERVICE"))
        var services: [String] = []

        func run() async throws {
            guard ["table", "json"].contains(format) else {
                throw InvalidOption(name: "--format", value: format, reason: "known are table and json")
            }
            let files = try parent.options.load()
            let store = try StoreLocation.open(files.host)
            defer { store.close() }
            let directory = try ProjectDirectory(files.project.name, in: store)
            // Whoever looks after them holds the lock.
            let isAbandoned = try !directory.isLocked()
            var states = (directory.state?.services ?? []).map { isAbandoned ? $0.abandoned : $0 }
            if !services.isEmpty { states.removeAll { !services.contains($0.service) } }
            if format == "json" {
                return StandardStream.output.show("\(ShownText(json: JSON.array(states.map(\.json)).text))\n")
            }
            var table = Table(header: ["NAME", "SERVICE", "IMAGE", "STATE", "HEALTH", "PORTS"])
            for state in states {
                table.append([
                    state.container, state.service, state.image, state.status,
                    state.health.isEmpty ? "-" : state.health,
                    state.ports.joined(separator: ", "),
                ])
            }
            StandardStream.output.show(table.text)
        }
    }

    struct LogsCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "logs", abstract: "Show what services wrote.")
        @ParentCommand var parent: ComposeCommand
        @Flag(name: [.short, .long], help: "Show what comes, until the services end.")
        var follow = false
        @Option(
            name: [.customShort("n"), .long],
            help: ArgumentHelp("How many lines of each service, or all.", valueName: "number"))
        var tail: String = "all"
        @Flag(help: "Print lines alone, without their services' names.")
        var noLogPrefix = false
        @Argument(help: ArgumentHelp("Services; all where none is named.", valueName: "SERVICE"))
        var services: [String] = []

        func run() async throws {
            let lines = tail == "all" ? nil : Int(tail)
            guard tail == "all" || lines.map({ $0 >= 0 }) == true else {
                throw InvalidOption(name: "--tail", value: tail, reason: "it is a number or all")
            }
            let files = try parent.options.load()
            _ = try files.selecting(services)
            let store = try StoreLocation.open(files.host)
            defer { store.close() }
            let directory = try ProjectDirectory(files.project.name, in: store)
            guard let state = directory.state else { throw ProjectError.notRunning(files.project.name) }
            let printer = LogPrinter(state.services.map(\.service), hasPrefix: !noLogPrefix)
            let reader = LogReader(project: directory, services: Set(services)) { printer.print($0, of: $1) }
            let follows = follow
            try await withInterruption { try await reader.run(tail: lines, follows: follows) }
        }
    }

    struct DownCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "down", abstract: "Stop the services, and remove all that they left but volumes.")
        @ParentCommand var parent: ComposeCommand
        @Flag(name: [.short, .long], help: "Remove the project's volumes, and what is in them.")
        var volumes = false
        @Option(
            name: [.short, .long],
            help: ArgumentHelp("How long services have to end, in place of their own times.", valueName: "seconds"))
        var timeout: Int?

        func run() async throws {
            let files = try parent.options.load()
            guard ProcessFacts.isRoot else { throw ProjectError.needsRoot }
            let store = try StoreLocation.open(files.host)
            defer { store.close() }
            let project = files.project
            if let timeout, !(0...1_000_000).contains(timeout) {
                throw InvalidOption(
                    name: "--timeout", value: "\(timeout)", reason: "it is a number of seconds up to a million")
            }
            try await ProjectEnd(name: project.name, store: store, timeout: timeout) { $0.show() }.run()
            guard volumes else { return }
            for volume in project.volumes where !volume.isExternal {
                let name = volume.storedName(in: project.name)
                if try store.volumes.remove(name) { StandardStream.error.show("volume \(name): removed\n") }
            }
        }
    }
}
