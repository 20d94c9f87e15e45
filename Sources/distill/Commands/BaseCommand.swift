import ArgumentParser
import Debian
import LinuxSystem
import OCI
import Storage
import SystemPackage

struct BaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "base", abstract: "Compose base images from signed Debian packages, with no registry.",
        subcommands: [BuildBaseCommand.self, ListBasesCommand.self])
}

struct BuildBaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "build", abstract: "Compose a base image and store it under its name.",
        usage: "distill base build [OPTIONS] NAME")

    @Option(name: [.short, .long], help: ArgumentHelp("A further name for the image; repeatable.", valueName: "name[:tag]"))
    var tag: [String] = []
    @Option(help: ArgumentHelp("The Debian mirror. (default: $DISTILL_DEBIAN_MIRROR, else this machine's apt sources)", valueName: "url"))
    var mirror: String?
    @Option(help: ArgumentHelp("The archive's public keys.", valueName: "file"))
    var keyring: String = "/usr/share/keyrings/debian-archive-keyring.gpg"
    @Option(help: ArgumentHelp("How progress is shown: auto, tty, plain or quiet.", valueName: "kind"))
    var progress: String = "auto"
    @Flag(name: [.short, .long], help: "Print the image's ID and nothing else.")
    var quiet = false
    @Argument(help: ArgumentHelp("A base that 'distill base ls' lists: debian:bookworm.", valueName: "NAME"))
    var name: String

    func run() async throws {
        let recipe = try BaseRecipe.named(name)
        let references = try ([recipe.name, name] + tag).map { try ImageReference($0).withDefaultTag }
        let mode = try ProgressMode(progress, quiet: quiet)
        let store = try StoreLocation.open()
        defer { store.close() }
        let build = BaseBuild(
            recipe: recipe, sources: try HostMirrors.configuration(option: mirror).sources(for: recipe.suite),
            keyring: FilePath(keyring), store: store, mode: mode)
        let image = try await withInterruption { try await build.run() }
        for reference in references { try store.images.tag(image.id, reference) }
        _ = try store.collect()
        if mode == .quiet {
            StandardStream.output.write(image.id.description + "\n")
        } else {
            let size = try image.layers.reduce(Int64(0)) { try $0 + (store.layers.facts($1.diffID)?.size ?? 0) }
            StandardStream.error.write("image: \(recipe.name) \(HumanSize.text(size))\n")
        }
    }
}

struct ListBasesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ls", abstract: "List the bases that can be composed, and those that are there.", aliases: ["list"])

    func run() async throws {
        let store = try StoreLocation.open()
        let present = try store.images.list()
        let now = FileTime.now.seconds
        var table = Table(header: ["NAME", "SUITE", "IMAGE ID", "CREATED", "SIZE"])
        for recipe in BaseRecipe.catalog {
            let reference = try ImageReference(recipe.name)
            guard let image = present.first(where: { $0.references.contains(reference) }) else {
                table.append([recipe.name, recipe.suite, "-", "-", "-"])
                continue
            }
            let created = image.created.flatMap(Timestamp.init(rfc3339:)).map { HumanDuration.ago(seconds: now - $0.seconds) }
            table.append([recipe.name, recipe.suite, image.id.short, created ?? "N/A", HumanSize.text(image.size)])
        }
        StandardStream.output.write(table.text)
    }
}
