import ArgumentParser
import Diagnosis
import Engine
import LinuxSystem
import OCI
import Rendering
import Storage

/// docker's word for what looks after the build cache.
struct BuilderCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "builder", abstract: "Look after the build cache and the records of builds.",
        subcommands: [PruneCacheCommand.self, CacheUsageCommand.self, BuildHistoryCommand.self])

    struct PruneCacheCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "prune", abstract: "Remove the build cache; images stay.")
        @Flag(name: [.short, .long], help: "Do not ask.")
        var force = false
        @Flag(name: [.short, .long], help: "Accepted as in docker: all of it is removed that no image needs.")
        var all = false
        @Option(help: ArgumentHelp("until=24h, type=exec.cachemount or type=regular; repeatable.", valueName: "filter"))
        var filter: [String] = []
        @Option(
            name: [.customLong("keep-storage"), .customLong("reserved-space"), .customLong("max-used-space")],
            help: ArgumentHelp("Bytes of the build cache that stay, those used last.", valueName: "bytes"))
        var keepStorage: String?

        func run() async throws {
            var policy = try PruneWords(filters: filter, keptBytes: keepStorage).policy()
            policy.includesImages = false
            guard Consent.isGiven(force, "This removes the build cache that no image needs.") else { return }
            try Removal.show(Removal.prune(policy))
        }
    }

    struct CacheUsageCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "du", abstract: "List what the build cache holds.")
        @OptionGroup var options: FactOptions
        @Flag(help: "Accepted as in docker: all that is known is shown.")
        var verbose = false

        func run() async throws {
            let store = try StoreLocation.open(.ofProcess())
            let usage = try store.detailedUsage()
            try UsageTables(usage: usage, now: FileTime.now.seconds).showCache(options)
        }
    }
}

/// The question before something is removed.
enum Consent {
    /// - Parameter force: whether nobody is asked; nobody is either where there is no terminal.
    static func isGiven(_ force: Bool, _ sentence: ShownText) -> Bool {
        guard !force, Terminal.isTerminal(0) else { return true }
        StandardStream.error.show("\(sentence) Continue? [y/N] ")
        return readLine()?.lowercased().hasPrefix("y") == true
    }
}

/// What was removed, and what kept it from that.
enum Removal {
    static func prune(_ policy: Store.PrunePolicy) throws -> Store.Removal {
        guard let removal = try StoreLocation.open(.ofProcess()).prune(policy) else { throw isInUse() }
        return removal
    }

    static func isInUse() -> ExitCode {
        StandardStream.error.show("Another distill uses the store; nothing was removed.\n")
        return ExitCode(1)
    }

    static func show(_ removal: Store.Removal) throws {
        for reference in removal.untagged { StandardStream.output.show("untagged: \(reference.familiar)\n") }
        for id in removal.deleted { StandardStream.output.show("deleted: \(id)\n") }
        StandardStream.output.show("Total reclaimed space: \(HumanSize.text(removal.reclaimed))\n")
    }
}
