import ArgumentParser
import Diagnosis
import Engine
import LinuxSystem
import OCI
import Rendering
import Storage

/// What was noted of builds, under buildx's words.
struct BuildHistoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history", abstract: "Look at builds that were done.",
        subcommands: [ListBuildsCommand.self, BuildLogCommand.self, InspectBuildCommand.self, ForgetBuildsCommand.self])

    struct ListBuildsCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "ls", abstract: "List builds, the newest first.", aliases: ["list"])
        @OptionGroup var options: FactOptions
        @Flag(help: "Do not shorten anything.")
        var noTrunc = false

        func run() async throws {
            let records = try StoreLocation.open(.ofProcess()).builds.all()
            if let format = options.format, !["table", ""].contains(format) {
                for record in records { try options.show(record.document) { "" } }
                return
            }
            let now = FileTime.now.seconds
            var table = Table(header: ["BUILD ID", "NAME", "STATUS", "CREATED AT", "DURATION"])
            for record in records {
                let name = ShownText(line: record.text("Name"))
                let start =
                    Timestamp(rfc3339: record.text("StartedAt")).map { HumanDuration.ago(seconds: now - $0.seconds) }
                    ?? "N/A"
                table.append([
                    ShownText(line: record.id), noTrunc ? name : TerminalText.truncated(name, columns: 40),
                    ShownText(line: record.text("Status")),
                    ShownText(line: start),
                    ShownText(line: HumanDuration.elapsed(.nanoseconds(record.document["Duration"]?.integer ?? 0))),
                ])
            }
            StandardStream.output.show(table.text)
        }
    }

    struct BuildLogCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "logs", abstract: "Show a build's log.")
        @Option(help: ArgumentHelp("plain: the only form that is kept.", valueName: "kind"))
        var progress: String = "plain"
        @Argument(
            help: ArgumentHelp("A build's ID or the beginning of it, or ^1 for the last but one.", valueName: "BUILD"))
        var build: String?

        func run() async throws {
            guard ["plain", "auto", "tty"].contains(progress) else {
                throw InvalidOption(name: "--progress", value: progress, reason: "only plain is kept")
            }
            try LogCommand.show(build)
        }
    }

    struct InspectBuildCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "inspect", abstract: "Show what is known of a build.")
        @OptionGroup var options: FactOptions
        @Argument(
            help: ArgumentHelp("A build's ID or the beginning of it, or ^1 for the last but one.", valueName: "BUILD"))
        var build: String?

        func run() async throws {
            guard let record = try StoreLocation.open(.ofProcess()).builds.find(build) else {
                throw UsageError.noSuchBuild(build)
            }
            try options.show(record.document) {
                (record.document.object?.members ?? []).map { member in
                    "\(member.key): \(member.value.string ?? member.value.strings?.joined(separator: " ") ?? member.value.text)\n"
                        as ShownText
                }.joined()
            }
        }
    }

    struct ForgetBuildsCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rm", abstract: "Forget builds; their images stay.", aliases: ["remove"])
        @Flag(name: [.short, .long], help: "Forget all of them.")
        var all = false
        @Argument(help: ArgumentHelp("IDs of builds.", valueName: "BUILD"))
        var builds: [String] = []

        func run() async throws {
            guard all != !builds.isEmpty else {
                throw InvalidOption(name: "BUILD", value: "", reason: "name builds, or give --all")
            }
            let directory = try StoreLocation.open(.ofProcess()).builds
            for word in all ? try directory.all().map(\.id) : builds {
                guard let record = try directory.find(word) else { throw UsageError.noSuchBuild(word) }
                try directory.remove(record.id)
            }
        }
    }
}

struct LogCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log", abstract: "Show the log of the last build, or of another one.")
    @Argument(
        help: ArgumentHelp("A build's ID or the beginning of it, or ^1 for the last but one.", valueName: "BUILD"))
    var build: String?

    func run() async throws { try Self.show(build) }

    static func show(_ build: String?) throws {
        let directory = try StoreLocation.open(.ofProcess()).builds
        guard let record = try directory.find(build) else { throw UsageError.noSuchBuild(build) }
        StandardStream.output.pass(String(decoding: try directory.log(record.id), as: UTF8.self))
    }
}

extension BuildRecordDirectory.Record {
    fileprivate func text(_ name: String) -> String { document[name]?.string ?? "" }
}
