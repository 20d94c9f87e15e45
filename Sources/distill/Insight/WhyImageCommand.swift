import ArgumentParser
import Engine
import Insight
import Inspection
import LinuxSystem
import OCI
import Rendering

/// How reports about images are printed.
enum ReportFormat: String, ExpressibleByArgument, CaseIterable { case text, json }

struct WhyImageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "why", abstract: "Tell why a file or a package is in an image.",
        usage: "distill why [OPTIONS] IMAGE PATH|PACKAGE")

    @Option(help: ArgumentHelp("text or json.", valueName: "kind"))
    var format: ReportFormat = .text
    @OptionGroup var source: InsightOptions
    @Argument(help: ArgumentHelp("The image, as for explain.", valueName: "IMAGE"))
    var name: String
    @Argument(help: ArgumentHelp("A path, or a package's name or URL.", valueName: "PATH|PACKAGE"))
    var subject: String

    func run() async throws {
        let engine = try source.credentials.engine()
        defer { engine.close() }
        let opened = try await source.open(name, in: engine)
        try Self.show(subject, try await engine.explain(opened), opened, format)
    }

    static func show(_ subject: String, _ explanation: Explanation, _ opened: OpenedImage, _ format: ReportFormat)
        throws
    {
        let report = try WhyReport(subject, explanation, opened)
        switch format {
        case .text: StandardStream.output.show(report.text(Distill.outputStyle))
        case .json: StandardStream.output.show("\(ShownText(json: report.json.indentedText))\n")
        }
    }
}

struct DiffImagesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "Tell what differs between two images: files, packages, config, sizes.",
        usage: "distill diff [OPTIONS] IMAGE IMAGE",
        discussion: "Exits with 0 where nothing differs, and with 1 where something does.")

    @Option(help: ArgumentHelp("text or json.", valueName: "kind"))
    var format: ReportFormat = .text
    @Flag(help: "Leave out times and history.")
    var semantic = false
    @Option(help: ArgumentHelp("Lines of each part; 0 shows all.", valueName: "number"))
    var top: Int = 20
    @Option(help: ArgumentHelp("Write a report for browsers, in one file that needs no network.", valueName: "file"))
    var html: String?
    @OptionGroup var source: InsightOptions
    @Argument(help: ArgumentHelp("The former image, as for explain.", valueName: "IMAGE"))
    var left: String
    @Argument(help: ArgumentHelp("The other image.", valueName: "IMAGE"))
    var right: String

    func run() async throws {
        guard top >= 0 else { throw InvalidOption(name: "--top", value: "\(top)", reason: "it is a number from 0 on") }
        let engine = try source.credentials.engine()
        defer { engine.close() }
        let former = try await engine.explain(source.open(left, in: engine), followsProgram: false)
        let other = try await engine.explain(source.open(right, in: engine), followsProgram: false)
        let difference = ImageDifference(former, other, isSemantic: semantic)
        if let html { try HostFiles.write(DifferencePage(difference).text, to: html) }
        switch format {
        case .text:
            StandardStream.output.show(
                DifferenceText(difference, Distill.outputStyle, limit: top == 0 ? nil : top).text)
        case .json: StandardStream.output.show("\(ShownText(json: DifferenceDocument(difference).json.indentedText))\n")
        }
        if !difference.isSame { throw ExitCode(1) }
    }
}
