import ArgumentParser

struct BaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "base", abstract: "Compose base images from Debian packages.", subcommands: [])
}
