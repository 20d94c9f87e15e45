import ArgumentParser
import Diagnosis
import Distribution
import Engine
import LinuxSystem
import OCI
import Rendering
import Storage
import SystemPackage

/// The cache mounts of RUN --mount=type=cache, which are no part of any image.
struct CacheCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cache", abstract: "List cache mounts, and carry them to another machine.",
        subcommands: [
            ListCachesCommand.self, RemoveCachesCommand.self, ExportCachesCommand.self, ImportCachesCommand.self,
            PushCachesCommand.self,
            PullCachesCommand.self,
        ])

    struct ListCachesCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "ls", abstract: "List cache mounts.", aliases: ["list"])
        @Flag(name: [.short, .long], help: "Print IDs only.")
        var quiet = false

        func run() async throws {
            let store = try StoreLocation.open(.ofProcess())
            let entries = try store.cacheMounts.usage().sorted {
                ($0.id ?? "", $0.lastUsed) < ($1.id ?? "", $1.lastUsed)
            }
            if quiet {
                var seen: Set<String> = []
                StandardStream.output.show(
                    entries.compactMap(\.id).filter { seen.insert($0).inserted }.map { "\($0)\n" }.joined())
                return
            }
            var table = Table(header: ["CACHE ID", "LAST USED", "SIZE"])
            let now = FileTime.now.seconds
            for entry in entries {
                table.append([
                    entry.id ?? "<unknown>", HumanDuration.ago(seconds: now - entry.lastUsed),
                    HumanSize.text(entry.size),
                ])
            }
            StandardStream.output.show(table.text)
        }
    }

    struct RemoveCachesCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rm", abstract: "Remove cache mounts.", aliases: ["remove"])
        @Flag(name: [.short, .long], help: "Remove all of them.")
        var all = false
        @Flag(name: [.short, .long], help: "Do not mind missing ones.")
        var force = false
        @Argument(help: ArgumentHelp("IDs of cache mounts.", valueName: "ID"))
        var ids: [String] = []

        func run() async throws {
            guard all != !ids.isEmpty else {
                throw InvalidOption(name: "ID", value: "", reason: "name cache mounts, or give --all")
            }
            let caches = try StoreLocation.open(.ofProcess()).cacheMounts
            var (bytes, isComplete): (Int64, Bool) = (0, true)
            for id in all ? try caches.identifiers() : ids {
                guard let result = try caches.remove(id: id) else {
                    if force { continue }
                    StandardStream.error.show(
                        ErrorReport("there is no cache mount '\(id)'", hint: "'distill cache ls' lists them").text(
                            Distill.errorStyle))
                    isComplete = false
                    continue
                }
                bytes += result.bytes
                if result.removed > 0 { StandardStream.output.show("removed \(id)\n") }
                guard result.inUse > 0 else { continue }
                StandardStream.error.show(
                    ErrorReport("the cache mount '\(id)' is in use by a build").text(Distill.errorStyle))
                isComplete = false
            }
            StandardStream.output.show("Total reclaimed space: \(HumanSize.text(bytes))\n")
            if !isComplete { throw ExitCode(1) }
        }
    }

    struct ExportCachesCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "export", abstract: "Write cache mounts into one archive.")
        @Option(
            name: [.short, .long],
            help: ArgumentHelp("The archive; standard output if it is missing.", valueName: "file"))
        var output: String?
        @Argument(help: ArgumentHelp("IDs of cache mounts; all if none is named.", valueName: "ID"))
        var ids: [String] = []

        func run() async throws {
            let store = try StoreLocation.open(.ofProcess())
            var written: [String] = []
            if let output {
                try OutputFile.write(output) { written = try store.exportCacheMounts(ids, $0) }
            } else {
                try OutputFile.writeToStandardOutput { written = try store.exportCacheMounts(ids, $0) }
            }
            StandardStream.error.show(written.map { "exported \($0)\n" }.joined())
        }
    }

    struct ImportCachesCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "import",
            abstract: "Read cache mounts from an archive; those that are here already are replaced.")
        @Option(
            name: [.short, .long],
            help: ArgumentHelp("The archive; standard input if it is missing.", valueName: "file"))
        var input: String?

        func run() async throws {
            if input == nil, Terminal.isTerminal(0) { throw NamedFileError.terminal }
            let store = try StoreLocation.open(.ofProcess())
            defer { store.close() }
            let ids = try store.importCacheMounts { try InputFile.forEachPiece(of: input, $0) }
            StandardStream.error.show(ids.map { "imported \($0)\n" }.joined())
        }
    }

    struct PushCachesCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "push", abstract: "Send cache mounts to a registry.")
        @Flag(name: [.short, .long], help: "Print nothing.")
        var quiet = false
        @OptionGroup var credentials: CredentialOptions
        @Argument(help: ArgumentHelp("Where to, in the form of an image's name.", valueName: "NAME[:TAG]"))
        var name: String
        @Argument(help: ArgumentHelp("IDs of cache mounts; all if none is named.", valueName: "ID"))
        var ids: [String] = []

        func run() async throws {
            let reference = try ImageReference(name).withDefaultTag
            let engine = try credentials.engine()
            defer { engine.close() }
            let store = engine.store
            let packed = try await store.perform { try store.packCacheMounts(ids) }
            try await engine.push(
                packed.manifest, to: reference, observer: TransferLines.observer(isQuiet: quiet))
            if !quiet { StandardStream.error.show(packed.ids.map { "pushed \($0)\n" }.joined()) }
        }
    }

    struct PullCachesCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "pull",
            abstract: "Fetch cache mounts from a registry; those that are here already are replaced.")
        @Flag(name: [.short, .long], help: "Print nothing.")
        var quiet = false
        @OptionGroup var credentials: CredentialOptions
        @Argument(help: ArgumentHelp("Where they were pushed.", valueName: "NAME[:TAG]"))
        var name: String
        @Argument(help: ArgumentHelp("IDs of cache mounts; all if none is named.", valueName: "ID"))
        var ids: [String] = []

        func run() async throws {
            let reference = try ImageReference(name).withDefaultTag
            let engine = try credentials.engine()
            defer { engine.close() }
            let store = engine.store
            let observer = TransferLines.observer(isQuiet: quiet)
            let root = try await engine.registries.withClient {
                try await $0.pull(reference, .all, into: store.content, observer: observer)
            }
            let manifest = try Manifest(bytes: root.bytes)
            let read = try await store.perform { try store.unpackCacheMounts(ids, of: manifest) }
            if !quiet { StandardStream.error.show(read.map { "pulled \($0)\n" }.joined()) }
        }
    }
}
