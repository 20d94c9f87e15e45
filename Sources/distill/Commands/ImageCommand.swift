import ArgumentParser
import Engine
import LinuxSystem
import OCI
import Rendering
import Storage

struct ImageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "image", abstract: "List, inspect, name and remove images.",
        subcommands: [
            ListImagesCommand.self, InspectCommand.self, HistoryCommand.self, RemoveImageCommand.self, TagCommand.self,
            PruneImagesCommand.self, CheckImageCommand.self, SecretsCommand.self, SbomCommand.self, SaveCommand.self,
            LoadCommand.self,
            CopyImageCommand.self,
        ])
}

/// What `image ls` and `images` share.
struct ImageListOptions: ParsableArguments {
    @Flag(name: [.short, .long], help: "Print image IDs only.")
    var quiet = false
    @Flag(name: [.short, .long], help: "Show all images; there are no intermediate ones to hide.")
    var all = false
    @Flag(help: "Show the digests of manifests.")
    var digests = false
    @Flag(help: "Do not shorten IDs.")
    var noTrunc = false
    @Option(
        name: [.short, .long],
        help: ArgumentHelp(
            "dangling=true|false, reference=PATTERN, label=NAME[=VALUE], before=IMAGE or since=IMAGE.",
            valueName: "name=value"))
    var filter: [String] = []
    @Option(help: ArgumentHelp("'table', 'json', or a template of {{.Field}}.", valueName: "format"))
    var format: String?
    @Argument(help: ArgumentHelp("Only images of this repository or name.", valueName: "REPOSITORY[:TAG]"))
    var name: String?

    func run() throws {
        let store = try StoreLocation.open(.ofProcess())
        let listing = try ImageListing(store: store, options: self)
        try listing.show()
    }
}

struct ListImagesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "ls", abstract: "List images.", aliases: ["list"])
    @OptionGroup var options: ImageListOptions

    func run() async throws { try options.run() }
}

struct ImagesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "images", abstract: "List images.")
    @OptionGroup var options: ImageListOptions

    func run() async throws { try options.run() }
}

struct TagCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "tag", abstract: "Give an image another name.")
    @Argument(help: ArgumentHelp("An image's name or ID.", valueName: "SOURCE")) var source: String
    @Argument(help: ArgumentHelp("The new name.", valueName: "TARGET")) var target: String

    func run() async throws {
        let reference = try ImageReference(target).withDefaultTag
        guard reference.digest == nil else {
            throw InvalidOption(name: "TARGET", value: target, reason: "a tag cannot have a digest")
        }
        let store = try StoreLocation.open(.ofProcess())
        try store.withNames { try store.images.tag(store.images.resolve(source), reference) }
    }
}

struct PruneImagesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune", abstract: "Remove images that have no name, or with --all every image.")
    @Flag(name: [.short, .long], help: "Remove named images too.")
    var all = false
    @Flag(name: [.short, .long], help: "Do not ask.")
    var force = false
    @Option(
        help: ArgumentHelp("until=24h, label=NAME[=VALUE] or label!=NAME[=VALUE]; repeatable.", valueName: "filter"))
    var filter: [String] = []

    func run() async throws {
        let store = try StoreLocation.open(.ofProcess())
        let isChosen = try PruneWords(filters: filter).images(all: all, in: store)
        guard Consent.isGiven(force, "This removes \(all ? "all images" : "all images without a name").") else {
            return
        }
        let removal = try store.pruneImages(where: isChosen)
        var text: ShownText = ""
        if !removal.deleted.isEmpty {
            text = "Deleted Images:\n\(removal.deleted.map { "deleted: \($0)\n" as ShownText }.joined())\n"
        }
        StandardStream.output.show("\(text)Total reclaimed space: \(HumanSize.text(removal.reclaimed))\n")
    }
}
