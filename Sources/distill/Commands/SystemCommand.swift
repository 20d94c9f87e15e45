import ArgumentParser
import LinuxSystem
import Storage

struct SystemCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "system", abstract: "Look after the store.", subcommands: [PruneCommand.self])

    struct PruneCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "prune", abstract: "Remove the build cache and everything that no image needs.")
        @Flag(name: [.short, .long], help: "Do not ask.")
        var force = false
        @Flag(help: "Remove kept downloads of packages too.")
        var downloads = false

        func run() async throws {
            if !force, Terminal.isTerminal(0) {
                StandardStream.error.write("This removes the build cache and what no image needs. Continue? [y/N] ")
                guard readLine()?.lowercased().hasPrefix("y") == true else { return }
            }
            let store = try StoreLocation.open()
            guard let reclaimed = try store.prune(downloads ? .withDownloads : .keepingDownloads) else {
                StandardStream.error.write("Another distill uses the store; nothing was removed.\n")
                throw ExitCode(1)
            }
            StandardStream.output.write("Total reclaimed space: \(HumanSize.text(reclaimed))\n")
        }
    }
}
