import ArgumentParser
import Diagnosis
import Dockerfile
import Engine
import LinuxSystem
import Manual
import OCI
import Rendering

/// The command `distill`. Its spelling is docker's wherever docker has a word for a thing.
@main
struct Distill: AsyncParsableCommand {

    static let configuration = CommandConfiguration(
        commandName: "distill",
        abstract: "Turns a Dockerfile into a container image that holds only what the program needs.",
        version: "distill \(ToolVersion.text)",
        groupedSubcommands: [
            CommandGroup(
                name: "Build",
                subcommands: [
                    BuildCommand.self, BakeCommand.self, CheckCommand.self, SecretsCommand.self, BaseCommand.self,
                    LogCommand.self,
                ]),
            CommandGroup(
                name: "Use",
                subcommands: [
                    RunCommand.self, ComposeCommand.self, ServeCommand.self, SaveCommand.self, LoadCommand.self,
                ]),
            CommandGroup(
                name: "Registry",
                subcommands: [
                    PullCommand.self, PushCommand.self, LoginCommand.self, LogoutCommand.self, ManifestCommand.self,
                ]),
            CommandGroup(
                name: "Look", subcommands: [ExplainCommand.self, WhyImageCommand.self, DiffImagesCommand.self]),
            CommandGroup(
                name: "Images",
                subcommands: [ImageCommand.self, SystemCommand.self, CacheCommand.self, BuilderCommand.self]),
            CommandGroup(
                name: "This machine",
                subcommands: [
                    DoctorCommand.self, InfoCommand.self, VersionCommand.self, CompletionCommand.self,
                    CompleteCommand.self, ManualCommand.self,
                ]),
            CommandGroup(
                name: "As in docker",
                subcommands: [
                    ImagesCommand.self, RemoveImagesCommand.self, TagCommand.self, InspectCommand.self,
                    HistoryCommand.self,
                ]),
        ])

    static func main() async {
        ProcessFacts.usePlainNameService()
        _ = ProcessFacts.fileModeMask
        ProcessFacts.raiseDescriptorLimit()
        ProcessSignal.ignoreBrokenPipes()
        let command = CommandLine.arguments.dropFirst().first
        do { try Rootless.enter(for: command) } catch { fail(error) }
        let mounts = command.map(mountingCommands.contains) ?? false
        // Of the commands for images one starts a program, and only where it is asked to.
        if mounts || (command == "image" && CommandLine.arguments.contains("--start")) { prepareMounts() }
        await execute()
    }

    /// The commands that mount file systems.
    private static let mountingCommands: Set = [
        "build", "bake", "run", "base", "compose", "serve", "doctor", "explain",
    ]

    /// A namespace of our own for mounts, before there is a second thread. Without the right to it commands that mount
    /// nothing work all the same, and a mount says what is missing.
    private static func prepareMounts() {
        guard ProcessFacts.isRoot else { return }
        // Told when something is mounted: `mount` fails then with the same error.
        try? Mount.enterPrivateNamespace()
        try? Mount.maskHybridControlGroups()
    }

    @concurrent
    private static func execute() async {
        do {
            var command = try parsed(BareOptions.spelledOut(Array(CommandLine.arguments.dropFirst())))
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch let exit as ExitCode {
            end(exit)
        } catch let error as SourcedError where error.error is ExitCode {
            // A signal ended the build: there is nothing to say about the Dockerfile.
            end(error.error)
        } catch {
            fail(mistake(behind: error) ?? error)
        }
    }

    /// What of the words is not known, where a command complains of one that it took for something else.
    private static func mistake(behind error: any Error) -> ArgumentMistake? {
        switch error {
        case let error as InvalidOption: guard error.name == "IMAGE", error.value.hasPrefix("-") else { return nil }
        default: guard exitCode(for: error) == .validationFailure, ErrorReport(error) == nil else { return nil }
        }
        // Without the description the parser's own words have to do.
        guard let root = try? CommandDescription.ofProgram() else { return nil }
        return ArgumentMistake.find(in: Array(CommandLine.arguments.dropFirst()), of: root)
    }

    /// The examples of the command whose help is shown.
    private static func examples() -> String {
        let words = CommandLine.arguments.dropFirst().filter { $0 != "help" }
        // Help without examples is better than none.
        guard let root = try? CommandDescription.ofProgram() else { return "" }
        let path = CommandPath(Array(words), in: root)
        return Example.block(for: path.names, path.command) ?? ""
    }

    /// Reads the arguments; in docker's spelling where the parser's own could mean, or means, something else.
    private static func parsed(_ arguments: [String]) throws -> any ParsableCommand {
        // The parser would show help of something else.
        if arguments.first == "help", arguments.count > 1,
            let mistake = ArgumentMistake.find(in: arguments, of: try .ofProgram())
        {
            throw mistake
        }
        if OptionSpelling.mayDiffer(arguments) {
            let spelled = try NamedCommand.spelledOut(arguments, in: Distill.self)
            return try NamedCommand.parse(spelled, in: Distill.self) ?? parseAsRoot(spelled)
        }
        if let command = NamedCommand.parse(arguments, in: Distill.self) { return command }
        do { return try parseAsRoot(arguments) } catch {
            // A single word has no other spelling: `--version` need not wait for the parser's description of every option.
            guard arguments.count > 1 else { throw error }
            // Help is such an error too, and says the same again.
            let spelled = try NamedCommand.spelledOut(arguments, in: Distill.self)
            guard spelled != arguments else { throw error }
            return try parseAsRoot(spelled)
        }
    }

    /// Ends the process with an error that is not the parser's own, or lets the parser tell its own.
    private static func fail(_ error: any Error) -> Never {
        guard let report = ErrorReport(error) ?? (isParsers(error) ? nil : .unknown) else { end(error) }
        StandardStream.error.show(report.text(Self.errorStyle))
        end(ExitCode(report.status))
    }

    /// Whether an error is the parser's own: it has its exit code, or ends with success.
    private static func isParsers(_ error: any Error) -> Bool { error is ExitCode || exitCode(for: error) != .failure }

    /// Ends the process with what the parser says: help, or which argument it cannot read.
    private static func end(_ error: any Error) -> Never {
        var code = exitCode(for: error)
        var text = fullMessage(for: error)
        // The parser's own word for it; ours is the program's name, as everywhere.
        if text.hasPrefix("Error: ") { text = "distill: " + text.dropFirst("Error: ".count) }
        // docker's status for what fails before a container is there.
        if code == .validationFailure, CommandLine.arguments.dropFirst().first == "run" { code = ExitCode(125) }
        if code.isSuccess, text.hasPrefix("OVERVIEW:") { text += examples() }
        let stream: StandardStream = code.isSuccess ? .output : .error
        if !text.isEmpty { stream.show("\(ShownText(lines: text))\n") }
        // Nothing more is said of a code alone.
        exit(withError: code)
    }

    static var errorStyle: Style {
        Terminal.isTerminal(2) ? Style.forTerminal(environment: ProcessFacts.environment) : .plain
    }

    static var outputStyle: Style {
        Terminal.isTerminal(1) ? Style.forTerminal(environment: ProcessFacts.environment) : .plain
    }
}
