import ArgumentParser
import Distribution
import Engine
import LinuxSystem
import OCI
import Rendering
import Storage

struct InspectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "Show what is known of images, as JSON.")
    @Option(name: [.short, .long], help: ArgumentHelp("'json', or a template of {{.Field}}.", valueName: "format"))
    var format: String?
    @Flag(help: "Ask the images' registries, and fetch no layer; sizes are those of the packed layers.")
    var remote = false
    @Option(help: ArgumentHelp("With --remote, the image's platform.", valueName: "os/arch[/variant]"))
    var platform: String?
    @OptionGroup var credentials: CredentialOptions
    @Argument(help: ArgumentHelp("Names or IDs of images.", valueName: "IMAGE"))
    var images: [String]

    func run() async throws {
        let store = try StoreLocation.open(.ofProcess())
        defer { store.close() }
        let platform = try platform.map { try Platform(parsing: $0) } ?? .host
        let registries = try credentials.registries()
        var documents: [JSON] = []
        var failure: (any Error)?
        for text in images {
            do {
                documents.append(
                    remote
                        ? try await ImageDocument.inspectRemote(text, platform, store, registries)
                        : try ImageDocument.inspect(text, store))
            } catch { failure = failure ?? error }
        }
        if let format, format != "json" {
            let template = try GoTemplate(parsing: format)
            for document in documents { StandardStream.output.pass(try template.render(document) + "\n") }
        } else if format == "json" {
            StandardStream.output.show("\(ShownText(json: JSON.array(documents).text))\n")
        } else {
            StandardStream.output.show("\(ShownText(json: JSON.array(documents).indentedText))\n")
        }
        if let failure { throw failure }
    }
}
