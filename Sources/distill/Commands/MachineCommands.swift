import ArgumentParser
import Diagnosis
import Engine
import LinuxSystem
import Machine
import OCI
import Rendering
import Storage

/// What a command that tells facts prints: lines for people, JSON, or a template.
struct FactOptions: ParsableArguments {
    @Option(name: [.short, .long], help: ArgumentHelp("'json', or a template of {{.Field}}.", valueName: "format"))
    var format: String?

    func show(_ document: JSON, text: () -> ShownText) throws {
        switch format {
        case nil, "", "text", "table": StandardStream.output.show(text())
        case "json": StandardStream.output.show("\(ShownText(json: document.text))\n")
        case let format?:
            StandardStream.output.pass(
                try GoTemplate(parsing: GoTemplate.expandingEscapes(format)).render(document) + "\n")
        }
    }
}

struct VersionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "version", abstract: "Show the version.")
    @OptionGroup var options: FactOptions

    func run() async throws {
        let document = MachineFacts.version()
        try options.show(document) { FactSheet.version(document) }
    }
}

struct InfoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "info", abstract: "Show what is known of this machine and the store.")
    @OptionGroup var options: FactOptions

    func run() async throws {
        let environment = HostEnvironment.ofProcess()
        let store = StoreLocation.openExisting(environment)
        defer { store?.close() }
        let document = try MachineFacts.document(environment, store: store)
        try options.show(document) { FactSheet.information(document) }
    }
}

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Try what Distill needs of this machine, and tell the line that mends what is missing.")
    @OptionGroup var options: FactOptions

    func run() async throws {
        let environment = HostEnvironment.ofProcess()
        let report = MachineReport(await MachineTrials(environment).run(), .ofMachine(environment))
        try options.show(report.json) { report.text(Distill.outputStyle) }
        if !report.isUsable { throw ExitCode(1) }
    }
}
