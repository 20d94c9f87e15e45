import ArgumentParser
import Bases
import BuildGraph
import Diagnosis
import Engine
import Inspection
import LinuxSystem
import OCI
import Rendering
import Solver
import Storage

/// What `build` looks for: mistakes in the Dockerfile, and what the final image's entry point lacks.
struct ClosureOptions: ParsableArguments {
    enum Mode: String, ExpressibleByArgument, CaseIterable {
        /// Look for mistakes in the Dockerfile and build nothing.
        case lint
        case warn, error, off
    }

    @Option(
        help: ArgumentHelp(
            "Without a value: look for mistakes and build nothing. Else what to do when the image cannot start: warn, error (fail), off. (default: warn)",
            valueName: "mode"))
    var check: Mode?

    var image: ImageCheck {
        switch check {
        case .off: .off
        case .error: .error
        case .warn, .lint, nil: .warn
        }
    }
}

struct CheckImageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Tell what an image's entry point needs and the image does not have.",
        usage: "distill image check [OPTIONS] IMAGE [COMMAND…]")

    enum Format: String, ExpressibleByArgument, CaseIterable { case plain, json }

    @Option(help: ArgumentHelp("plain or json.", valueName: "kind"))
    var format: Format = .plain
    @Flag(name: .shortAndLong, help: "Show what files cannot tell, too.")
    var verbose = false
    @Argument(help: ArgumentHelp("An image's name or ID.", valueName: "IMAGE"))
    var name: String
    @Argument(
        parsing: .captureForPassthrough,
        help: ArgumentHelp("What to start instead of the image's ENTRYPOINT and CMD.", valueName: "COMMAND"))
    var command: [String] = []

    func run() async throws {
        let store = try StoreLocation.open(.ofProcess())
        defer { store.close() }
        let image = try store.images.image(store.images.resolve(name))
        let arguments =
            command.isEmpty
            ? (image.config.container.entrypoint ?? []) + (image.config.container.command ?? []) : command
        let report = try await store.perform {
            try ClosureCheck.run(image.config, StoredTree.open(image, in: store), arguments: arguments)
        }
        switch format {
        case .json: StandardStream.output.show("\(ShownText(json: report.json(name).indentedText))\n")
        case .plain:
            let lines = report.findings.map { $0.line(nil, Distill.outputStyle) }
            StandardStream.output.show(
                report.cannotStart ? lines.joined() : lines.joined() + "\(report.summary(name))\n")
            if verbose { for item in report.unknown { StandardStream.output.show("unknown: \(item.sentence)\n") } }
        }
        if report.cannotStart { throw ExitCode(1) }
    }
}
