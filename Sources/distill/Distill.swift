import ArgumentParser
import Diagnosis
import Dockerfile
import Engine
import LinuxSystem
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
                subcommands: [BuildCommand.self, CheckCommand.self, SecretsCommand.self, BaseCommand.self]),
            CommandGroup(
                name: "Use", subcommands: [RunCommand.self, ComposeCommand.self, SaveCommand.self, LoadCommand.self]),
            CommandGroup(
                name: "Registry",
                subcommands: [
                    PullCommand.self, PushCommand.self, LoginCommand.self, LogoutCommand.self, ManifestCommand.self,
                ]),
            CommandGroup(name: "Look", subcommands: [ExplainCommand.self, WhyImageCommand.self, DiffImagesCommand.self]),
            CommandGroup(name: "Images", subcommands: [ImageCommand.self, SystemCommand.self, CacheCommand.self]),
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
        if command.map(mountingCommands.contains) == true { prepareMounts() }
        await execute()
    }

    /// The commands that mount file systems.
    private static let mountingCommands: Set = ["build", "run", "base", "compose", "explain"]

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
            fail(error)
        }
    }

    /// Reads the arguments; in docker's spelling where the parser's own could mean, or means, something else.
    private static func parsed(_ arguments: [String]) throws -> any ParsableCommand {
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
        guard let report = ErrorReport(error) else { end(error) }
        StandardStream.error.show(report.text(Self.errorStyle))
        end(ExitCode(report.status))
    }

    /// Ends the process with what the parser says: help, or which argument it cannot read.
    private static func end(_ error: any Error) -> Never {
        var code = exitCode(for: error)
        var text = fullMessage(for: error)
        // The parser's own word for it; ours is the program's name, as everywhere.
        if text.hasPrefix("Error: ") { text = "distill: " + text.dropFirst("Error: ".count) }
        // docker's status for what fails before a container is there.
        if code == .validationFailure, CommandLine.arguments.dropFirst().first == "run" { code = ExitCode(125) }
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
