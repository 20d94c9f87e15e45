import ArgumentParser
import Attestation
import Bases
import Debian
import Engine
import LinuxSystem
import Manual
import OCI
import Rendering
import Storage

struct BaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "base", abstract: "Compose base images from signed Debian packages, with no registry.",
        subcommands: [
            BuildBaseCommand.self, ListBasesCommand.self, SuggestBaseCommand.self, WhyCommand.self,
            LockBaseCommand.self,
            OutdatedBaseCommand.self, UpdateBaseCommand.self,
        ])
}

struct BuildBaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "build", abstract: "Compose a base image and store it under its name.",
        usage: "distill base build [OPTIONS] [NAME|RECIPE.yaml]")

    @Option(
        name: [.short, .long], help: ArgumentHelp("A further name for the image; repeatable.", valueName: "name[:tag]"))
    var tag: [String] = []
    @Option(
        help: ArgumentHelp(
            "The image's platforms; repeatable, or parted by commas. Distroless bases can be made for any, and several become one list. (default: this machine's)",
            valueName: "os/arch[/variant]"))
    var platform: [String] = []
    @OptionGroup var archive: ArchiveOptions
    @Option(help: ArgumentHelp("How progress is shown: auto, tty, plain or quiet.", valueName: "kind"))
    var progress: String = "auto"
    @Flag(name: [.short, .long], help: "Print the image's ID and nothing else.")
    var quiet = false
    @Option(
        help: ArgumentHelp("Take the packages that a lock names, which 'distill base lock' writes.", valueName: "file"))
    var lock: String?
    @OptionGroup var attestations: AttestationOptions
    @Argument(
        help: ArgumentHelp(
            "A base that 'distill base ls' lists, or a recipe's file (.yaml). (default: what the lock is of)",
            valueName: "NAME|FILE"))
    var givenName: String?

    func run() async throws {
        let locked = try lock.map { try LockFile.read($0) }
        guard let name = givenName ?? locked?.recipe else {
            throw ArgumentMistake.missingOperand(
                "NAME|FILE", abstract: "A base that 'distill base ls' lists, or a recipe's file.",
                synopsis: "distill base build NAME|FILE")
        }
        var recipes = try BaseComposition.recipes(name)
        if let locked {
            recipes = recipes.filter { $0.suite == locked.lock.suite }
            guard !recipes.isEmpty else {
                throw InvalidOption(name: "--lock", value: lock ?? "", reason: "it is of \(locked.lock.suite)")
            }
        }
        // A file's name is no name of an image.
        let names = (BaseCatalog.recipes(named: name).isEmpty ? [] : [name]) + tag
        for name in names { _ = try ImageReference(name) }
        let platforms = try BuildWords.platforms(platform)
        let mode = try ProgressMode(progress, quiet: quiet)
        let attested = try attestations.request()
        guard !attested.explains else {
            throw InvalidOption(
                name: "--attest", value: "type=explanation", reason: "no line of a Dockerfile makes a base's layers")
        }
        let engine = try Engine.opened(.ofProcess())
        defer { engine.close() }
        let (store, specification, lock, candidates, wanted) = (
            engine.store, archive.specification(), locked?.lock, recipes, platforms
        )
        @Sendable func composition(_ events: @escaping @Sendable (EngineEvent) -> Void) -> BaseComposition {
            var composition = engine.catalog(specification) { events(.base($0)) }.composition
            (composition.lock, composition.attestations) = (lock, attested)
            return composition
        }
        let results = try await withProgress(mode) { events in
            try await withInterruption { try await composition(events).compose(candidates, wanted) }
        }
        let id = try composition({ _ in }).tag(results, names)
        _ = try store.collect()
        if mode == .quiet { return StandardStream.output.show("\(id)\n") }
        for result in results {
            let size = try result.image.layers.reduce(Int64(0)) { try $0 + (store.layers.facts($1.diffID)?.size ?? 0) }
            let place = results.count == 1 ? "" : " \(result.image.config.platform)"
            StandardStream.error.show("image: \(result.recipe.name)\(place) \(HumanSize.text(size))\n")
        }
    }
}

struct ListBasesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ls", abstract: "List the bases that can be composed, and those that are there.", aliases: ["list"]
    )

    func run() async throws {
        let store = try StoreLocation.open(.ofProcess())
        let present = try store.images.list()
        let now = FileTime.now.seconds
        var table = Table(header: ["NAME", "SUITE", "IMAGE ID", "CREATED", "SIZE"])
        for recipe in BaseCatalog.all {
            let reference = try ImageReference(recipe.name)
            guard let image = present.first(where: { $0.references.contains(reference) }) else {
                table.append([recipe.name, recipe.suite, "-", "-", "-"])
                continue
            }
            let created = image.created.flatMap(Timestamp.init(rfc3339:)).map {
                HumanDuration.ago(seconds: now - $0.seconds)
            }
            table.append([recipe.name, recipe.suite, image.id.short, created ?? "N/A", HumanSize.text(image.size)])
        }
        StandardStream.output.show(table.text)
    }
}
