import ArgumentParser
import Diagnosis
import Dockerfile
import Engine
import LinuxSystem
import OCI
import Rendering
import Storage

struct SystemCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "system", abstract: "Look after the store.",
        subcommands: [DiskUsageCommand.self, PruneCommand.self, CheckStoreCommand.self])

    struct DiskUsageCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "df", abstract: "Show what the store holds, and what can go.")

        func run() async throws {
            let store = try StoreLocation.open(.ofProcess())
            var table = Table(header: ["TYPE", "TOTAL", "ACTIVE", "SIZE", "RECLAIMABLE"])
            for usage in try store.usage() {
                let share = usage.size > 0 ? " (\(usage.reclaimable * 100 / usage.size)%)" : ""
                table.append([
                    usage.kind.rawValue, String(usage.count), String(usage.active), HumanSize.text(usage.size),
                    HumanSize.text(usage.reclaimable) + share,
                ])
            }
            StandardStream.output.show(table.text)
        }
    }

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
            let policy = try policy()
            if !force, Terminal.isTerminal(0) {
                let images = all ? "ALL images" : "images without a name"
                StandardStream.error.show(
                    "This removes \(images), the build cache and what no image needs. Continue? [y/N] ")
                guard readLine()?.lowercased().hasPrefix("y") == true else { return }
            }
            let store = try StoreLocation.open(.ofProcess())
            guard let removal = try store.prune(policy) else {
                StandardStream.error.show("Another distill uses the store; nothing was removed.\n")
                throw ExitCode(1)
            }
            for reference in removal.untagged { StandardStream.output.show("untagged: \(reference.familiar)\n") }
            for id in removal.deleted { StandardStream.output.show("deleted: \(id)\n") }
            StandardStream.output.show("Total reclaimed space: \(HumanSize.text(removal.reclaimed))\n")
        }

        private func policy() throws -> Store.PrunePolicy {
            var policy = Store.PrunePolicy()
            policy.includesNamedImages = all
            policy.includesDownloads = downloads
            for option in filter {
                guard option.hasPrefix("until="), let age = Self.seconds(option.dropFirst("until=".count)) else {
                    throw InvalidOption(name: "--filter", value: option, reason: "the form is until=24h")
                }
                policy.lastUsedBefore = FileTime.now.seconds - age
            }
            policy.keptBytes = try keepStorage.map { text in
                guard let bytes = ByteCount.parse(text) else {
                    throw InvalidOption(name: "--keep-storage", value: text, reason: "the form is 10GB")
                }
                return bytes
            }
            return policy
        }

        /// `1h30m` in seconds; nil for anything else.
        static func seconds(_ text: Substring) -> Int64? {
            let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86400]
            var sum: Int64 = 0
            var digits = ""
            for character in text {
                if character.isASCII, character.isNumber, digits.count < 9 {
                    digits.append(character)
                } else {
                    guard let factor = units[character], let value = Int64(digits) else { return nil }
                    sum += value * factor
                    digits = ""
                }
            }
            return digits.isEmpty && !text.isEmpty ? sum : nil
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
