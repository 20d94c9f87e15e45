import ArgumentParser
import Diagnosis
import Engine
import Inspection
import LinuxSystem
import OCI
import Rendering
import Storage

struct CheckImageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Tell what an image's entry point needs and the image does not have.",
        usage: "distill image check [OPTIONS] IMAGE [COMMAND…]")

    enum Format: String, ExpressibleByArgument, CaseIterable { case plain, json }

    @Option(help: ArgumentHelp("plain or json.", valueName: "kind"))
    var format: Format = .plain
    @Flag(name: .shortAndLong, help: "Show what files cannot tell, too.")
    var verbose = false
    @Flag(help: "Start it once, without a network, and believe what comes of that.")
    var start = false
    @OptionGroup var time: StartTimeOptions
    @Option(
        help: ArgumentHelp(
            "Of an image for several platforms, this one alone; all are checked without it.",
            valueName: "os/arch[/variant]"))
    var platform: String?
    @Argument(help: ArgumentHelp("An image's name or ID.", valueName: "IMAGE"))
    var name: String
    @Argument(
        parsing: .captureForPassthrough,
        help: ArgumentHelp("What to start instead of the image's ENTRYPOINT and CMD.", valueName: "COMMAND"))
    var command: [String] = []

    func run() async throws {
        let limit = start ? try time.seconds() : nil
        let wanted = try platform.map { try Platform(parsing: $0) }
        var change = StartChange()
        if !command.isEmpty { (change.entrypoint, change.command, change.healthcheck) = ([], command, ["NONE"]) }
        let engine = try Engine.opened(.ofProcess())
        defer { engine.close() }
        let id = try engine.store.images.resolve(name)
        let members =
            try wanted.map { [try engine.store.images.image(id, for: $0)] }
            ?? engine.store.images.members(of: id).map { try engine.store.images.image($0) }
        var reports: [PlatformReport] = []
        for image in members {
            let report = try await engine.review(image, change, limit: limit)
            reports.append(PlatformReport(platform: members.count > 1 ? image.config.platform : nil, report: report))
        }
        switch format {
        case .json: StandardStream.output.show("\(ShownText(json: reports.json(name).indentedText))\n")
        case .plain:
            for item in reports {
                StandardStream.output.show(item.text(name, showsUnknown: verbose, Distill.outputStyle))
            }
        }
        if reports.contains(where: \.report.cannotStart) { throw ExitCode(1) }
    }
}
