import ArgumentParser
import Bases
import BuildGraph
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

}

/// Looks at what a build made before anything is made of it.
struct ClosureReview {
    /// nil: as usual.
    let mode: ClosureOptions.Mode?

    private var check: ClosureOptions.Mode? { mode }

    /// Checks the image that was built, and tells what is missing, or what a second stage would leave out.
    ///
    /// - Throws: an exit code when something is missing and that is an error.
    func check(_ result: Build.Result, in store: Store, _ progress: ProgressMode) async throws {
        let image = result.image
        guard check != .off, image.config.platform.os == "linux" else { return }
        let report: ClosureCheck.Report
        var alone: LoneProgram?
        do {
            (report, alone) = try await store.perform {
                let tree = try StoredTree.open(image, in: store)
                let report = try ClosureCheck.run(image.config, tree)
                return (report, try LoneProgram(result, report, tree))
            }
        } catch where check != .error {
            // The image is built; a layer that cannot be looked into is for those to tell who use it.
            let reason = ErrorReport(error)?.sentence ?? "\(error)"
            if progress != .quiet { StandardStream.error.show("warning: what the image starts could not be checked: \(reason)\n") }
            return
        }
        let isError = check == .error
        guard progress != .quiet || isError else { return }
        for finding in report.findings { StandardStream.error.show(finding.line(isError ? .error : .warning, Distill.errorStyle)) }
        if let alone { StandardStream.error.show("\(alone.sentence)\n") }
        if isError, !report.findings.isEmpty { throw ExitCode(1) }
    }
}

/// A build of one stage whose entry point is one file that needs no other: the tutorial's lesson.
private struct LoneProgram {
    let path: ImagePath
    /// Bytes of the image that are not the program.
    let surplus: Int64

    /// - Returns: nil where the lesson does not hold, or is not worth a word.
    init?(_ result: Build.Result, _ report: ClosureCheck.Report, _ tree: ImageTree) throws {
        guard result.graph.stages.count == 1, report.findings.isEmpty, report.needs.runtime == nil, let program = report.program,
            report.files == [program], let size = try tree.lookUp(program)?.size,
            let total = result.solution.size(of: result.target), total - size >= 1 << 20
        else { return nil }
        (path, surplus) = (program, total - size)
    }

    var sentence: String {
        "note: \(path) is one static file: a second stage FROM scratch that copies it alone would be "
            + "\(HumanSize.text(surplus)) smaller"
    }
}

struct CheckImageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Tell what an image's entry point needs and the image does not have.",
        usage: "distill image check [OPTIONS] IMAGE [COMMAND…]")

    enum Format: String, ExpressibleByArgument, CaseIterable { case plain, json }

    @Option(help: ArgumentHelp("plain or json.", valueName: "kind"))
    var format: Format = .plain
    @Argument(help: ArgumentHelp("An image's name or ID.", valueName: "IMAGE"))
    var name: String
    @Argument(parsing: .captureForPassthrough, help: ArgumentHelp("What to start instead of the image's ENTRYPOINT and CMD.", valueName: "COMMAND"))
    var command: [String] = []

    func run() async throws {
        let store = try StoreLocation.open(.ofProcess())
        defer { store.close() }
        let image = try store.images.image(store.images.resolve(name))
        let arguments = command.isEmpty ? (image.config.container.entrypoint ?? []) + (image.config.container.command ?? []) : command
        let report = try await store.perform {
            try ClosureCheck.run(image.config, StoredTree.open(image, in: store), arguments: arguments)
        }
        switch format {
        case .json: StandardStream.output.show("\(ShownText(json: report.json(name).indentedText))\n")
        case .plain:
            let lines = report.findings.map { $0.line(nil, Distill.outputStyle) }
            StandardStream.output.show(lines.isEmpty ? "\(report.summary(name))\n" : lines.joined())
        }
        if !report.findings.isEmpty { throw ExitCode(1) }
    }
}
