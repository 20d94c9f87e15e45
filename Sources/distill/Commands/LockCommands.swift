import ArgumentParser
import Bases
import Debian
import Engine
import LinuxSystem
import OCI
import Rendering
import Storage
import SystemPackage

/// Options of the commands that ask the archive.
struct AskOptions: ParsableArguments {
    @OptionGroup var archive: ArchiveOptions
    @Option(help: ArgumentHelp("How progress is shown: auto, tty, plain or quiet.", valueName: "kind"))
    var progress: String = "auto"

    /// Does something with the archive while what it tells is shown.
    func asking<Value: Sendable>(_ body: @escaping @Sendable (BaseComposition) async throws -> Value) async throws
        -> Value
    {
        let engine = try Engine.opened(.ofProcess())
        defer { engine.close() }
        let specification = archive.specification()
        return try await withProgress(try ProgressMode(progress, quiet: false)) { events in
            let composition = engine.catalog(specification) { events(.base($0)) }.composition
            return try await withInterruption { try await body(composition) }
        }
    }
}

struct LockBaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lock", abstract: "Write down the packages of a base with their versions and digests.",
        usage: "distill base lock [OPTIONS] NAME|RECIPE.yaml")

    @Option(
        help: ArgumentHelp(
            "A platform to lock; repeatable. (default: the recipe's, else this machine's)",
            valueName: "os/arch[/variant]"))
    var platform: [String] = []
    @Option(
        name: [.short, .long],
        help: ArgumentHelp("The lock to write. (default: the recipe's name with .lock)", valueName: "file"))
    var output: String?
    @OptionGroup var options: AskOptions
    @Argument(
        help: ArgumentHelp("A base that 'distill base ls' lists, or a recipe's file (.yaml).", valueName: "NAME|FILE"))
    var name: String

    func run() async throws {
        let recipes = try BaseComposition.recipes(name)
        let given = try platform.map { try Platform(parsing: $0) }
        let path = output ?? LockFile.defaultPath(name)
        let isFile = name.hasSuffix(".yaml") || name.hasSuffix(".yml")
        let name = name
        let lock = try await options.asking { composition in
            try await composition.first(recipes) { recipe in
                let platforms = !given.isEmpty ? given : !recipe.platforms.isEmpty ? recipe.platforms : [.host]
                let title = isFile ? LockFile.name(of: name, from: path, in: .ofProcess()) : recipe.name
                return try await composition.lock(recipe, platforms, title)
            }
        }
        try HostFiles.write(lock.text, to: path)
        StandardStream.error.show("lock: \(path), \(lock.packages.values.map(\.count).reduce(0, +)) packages\n")
    }
}

extension PackageLock {
    /// What is new in another lock, as a table; empty if nothing is.
    func difference(to other: PackageLock) -> ShownText {
        let changes = changes(to: other)
        guard !changes.isEmpty else { return "" }
        var table = Table(header: ["PACKAGE", "ARCHITECTURE", "LOCKED", "ARCHIVE", "SUITE"])
        for change in changes {
            table.append([change.name, change.architecture, change.old ?? "-", change.new ?? "-", change.suite])
        }
        return table.text
    }
}

struct OutdatedBaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "outdated", abstract: "Tell which packages of a lock the archive has in newer versions.")

    @OptionGroup var options: AskOptions
    @Argument(help: ArgumentHelp("A lock that 'distill base lock' wrote.", valueName: "LOCK"))
    var lock: String

    func run() async throws {
        let file = try LockFile.read(lock)
        let now = try await options.asking { try await $0.renewed(file) }
        let difference = file.lock.difference(to: now)
        StandardStream.output.show(difference.isEmpty ? "\(lock): the archive has nothing newer\n" : difference)
    }
}

struct UpdateBaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "update", abstract: "Write a lock anew with what the archive has now, and tell what changed.")

    @OptionGroup var options: AskOptions
    @Argument(help: ArgumentHelp("A lock that 'distill base lock' wrote.", valueName: "LOCK"))
    var lock: String

    func run() async throws {
        let file = try LockFile.read(lock)
        let now = try await options.asking { try await $0.renewed(file) }
        let difference = file.lock.difference(to: now)
        // An archive that published the same packages anew changes nothing: neither the lock nor the image.
        guard !difference.isEmpty else { return StandardStream.output.show("\(lock): the archive has nothing newer\n") }
        try HostFiles.write(now.text, to: lock)
        StandardStream.output.show(difference)
    }
}

struct WhyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "why", abstract: "Tell why a package is in a base.",
        usage: "distill base why [OPTIONS] NAME|RECIPE.yaml PACKAGE")

    @Option(help: ArgumentHelp("The base's platform.", valueName: "os/arch[/variant]"))
    var platform: String?
    @OptionGroup var options: AskOptions
    @Argument(
        help: ArgumentHelp("A base that 'distill base ls' lists, or a recipe's file (.yaml).", valueName: "NAME|FILE"))
    var name: String
    @Argument(help: ArgumentHelp("The package.", valueName: "PACKAGE"))
    var package: String

    func run() async throws {
        let recipes = try BaseComposition.recipes(name)
        let platform = try platform.map { try Platform(parsing: $0) } ?? .host
        let (recipe, resolution) = try await options.asking { composition in
            try await composition.first(recipes) { recipe in
                let resolution = try await composition.ask(recipe, platform) { composer, request in
                    try await composer.resolve(request) { composition.events(.composing($0)) }
                }
                return (recipe, resolution)
            }
        }
        guard let steps = resolution.why(package) else {
            StandardStream.output.show("\(package) is not in \(recipe.name)\n")
            throw ExitCode(1)
        }
        for step in steps {
            StandardStream.output.show(
                step.package.map { "\($0) needs \(step.relation)\n" } ?? "\(recipe.name) asks for \(step.relation)\n")
        }
    }
}
