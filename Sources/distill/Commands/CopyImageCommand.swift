import ArgumentParser
import Distribution
import Engine
import LinuxSystem
import OCI
import Rendering

struct CopyImageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "copy", abstract: "Send an image from one registry to another, past this machine's store.",
        aliases: ["cp"])
    @Option(
        help: ArgumentHelp(
            "Only the image for this platform; without it an index goes with all its images.",
            valueName: "os/arch[/variant]"))
    var platform: String?
    @Flag(name: [.short, .long], help: "Print the digest and nothing else.")
    var quiet = false
    @OptionGroup var credentials: CredentialOptions
    @Argument(help: ArgumentHelp("An image of a registry.", valueName: "SOURCE")) var source: String
    @Argument(help: ArgumentHelp("Its new name.", valueName: "DESTINATION")) var destination: String

    func run() async throws {
        let (from, to) = (try ImageReference(source).withDefaultTag, try ImageReference(destination).withDefaultTag)
        let selection = try platform.map { PlatformSelection.one(try Platform(parsing: $0)) } ?? .all
        let observer = TransferLines.observer(isQuiet: quiet)
        let root = try await credentials.registries().withSession { registries in
            try await registries.asMeant(from) { meaning in
                try await registries.withClient {
                    try await $0.copy(meaning, selection, to: to, observer: observer)
                }
            }
        }
        StandardStream.output.show("\(root.descriptor.digest)\n")
    }
}
