import ArgumentParser
import Diagnosis
import Engine
import LinuxSystem
import OCI
import Rendering
import Storage

struct SystemCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "system", abstract: "Look after the store.",
        subcommands: [DiskUsageCommand.self, PruneCommand.self, CheckStoreCommand.self, ResetCommand.self])

    struct PruneCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "prune",
            abstract: "Remove images without a name, the build cache, and what no image needs then.")
        @Flag(name: [.short, .long], help: "Do not ask.")
        var force = false
        @Flag(name: [.short, .long], help: "Remove images with a name too.")
        var all = false
        @Flag(help: "Remove kept downloads of packages too.")
        var downloads = false
        @Option(
            help: ArgumentHelp("until=24h: only what was last used longer ago; s, m, h and d.", valueName: "filter"))
        var filter: [String] = []
        @Option(help: ArgumentHelp("Bytes of the build cache that stay, those used last.", valueName: "bytes"))
        var keepStorage: String?

        func run() async throws {
            var policy = try PruneWords(filters: filter, keptBytes: keepStorage).policy()
            policy.includesNamedImages = all
            policy.includesDownloads = downloads
            let images = all ? "ALL images" : "images without a name"
            guard Consent.isGiven(force, "This removes \(images), the build cache and what no image needs.") else {
                return
            }
            try Removal.show(Removal.prune(policy))
        }
    }

    struct ResetCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "reset", abstract: "Remove the store: all images, caches, and volumes of applications.")
        @Flag(name: [.short, .long], help: "Do not ask.")
        var force = false

        func run() async throws {
            let environment = HostEnvironment.ofProcess()
            guard let path = StoreLocation.path(environment) else { throw EngineError.noHome }
            guard ProcessFacts.realPath(path) != nil else {
                return StandardStream.output.show("There is no store at \(path).\n")
            }
            guard Consent.isGiven(force, "This removes \(path): all images, caches, and volumes of applications.")
            else { return }
            guard try StoreLocation.open(environment).removeEverything() else { throw Removal.isInUse() }
            StandardStream.output.show("removed \(path)\n")
        }
    }

    struct CheckStoreCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "check",
            abstract: "Verify every digest and reference of the store, and repair what can be repaired.")
        @Flag(help: "Change nothing.")
        var dryRun = false

        func run() async throws {
            let store = try StoreLocation.open(.ofProcess())
            guard let report = try store.check(repairing: !dryRun) else {
                StandardStream.error.show("Another distill uses the store; nothing was checked.\n")
                throw ExitCode(1)
            }
            for finding in report.findings { StandardStream.output.show("\(finding.sentence)\n") }
            let read =
                "\(report.blobs) blobs, \(report.layers) layers and \(report.images) images (\(HumanSize.text(report.bytes)))"
            StandardStream.output.show(
                report.findings.isEmpty
                    ? "Checked \(read): nothing is wrong.\n" : "Checked \(read): \(report.findings.count) found.\n")
            if report.uncompared > 0 {
                StandardStream.output.show(
                    "\(report.uncompared) of the layers could not be compared: other programs wrote them, and their archives are gone.\n"
                )
            }
            if report.findings.contains(where: { $0.outcome == .lost || $0.outcome == .left }) { throw ExitCode(1) }
        }
    }
}
