import ArgumentParser
import Compose
import Debian
import Engine
import LinuxSystem
import Manual
import OCI
import Projects
import Rendering
import Storage
import SystemPackage

extension CommandDescription {
    /// The tree of this program's commands.
    static func ofProgram() throws -> CommandDescription {
        CommandDescription(description: try JSON.parse(Array(Distill._dumpHelp().utf8)))
    }
}

struct CompletionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "completion", abstract: "Print the script by which a shell completes words.")
    @Argument(help: ArgumentHelp("bash, zsh or fish.", valueName: "SHELL"))
    var shell: String

    func run() throws {
        guard let script = CompletionScript(rawValue: shell) else {
            throw InvalidOption(name: "SHELL", value: shell, reason: "known are bash, zsh and fish")
        }
        StandardStream.output.show(ShownText(passedOn: script.text))
    }
}

/// What ``CompletionScript`` asks.
struct CompleteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "__complete", shouldDisplay: false)
    @Argument(parsing: .captureForPassthrough)
    var words: [String] = []

    func run() async throws {
        let completion = Completion(words.isEmpty ? [""] : words, in: try .ofProgram())
        var lines = completion.candidates.map { $0.note.isEmpty ? $0.word : "\($0.word)\t\($0.note)" }
        let typed = words.last ?? ""
        for want in completion.wants {
            switch want {
            case .files: lines.append(":files")
            case .directories: lines.append(":directories")
            default:
                // What cannot be read has nothing to offer.
                let names = (try? Self.names(want)) ?? []
                lines += names.map { completion.prefix + $0 }.filter { $0.hasPrefix(typed) }
            }
        }
        StandardStream.output.show(lines.map { "\(ShownText(sourceLine: $0))\n" }.joined())
    }

    private static func names(_ want: Completion.Want) throws -> [String] {
        let environment = HostEnvironment.ofProcess()
        switch want {
        case .files, .directories: return []
        case .images:
            return try StoreLocation.openExisting(environment)?.images.names().map(\.reference.familiar).sorted() ?? []
        case .cacheMounts:
            return try Set(StoreLocation.openExisting(environment)?.cacheMounts.usage().compactMap(\.id) ?? []).sorted()
        case .bases: return BaseCatalog.all.map(\.name)
        case .stages(let file, let context):
            return DockerfileNames.read(file: file, context: context, environment)?.stages ?? []
        case .buildArguments(let file, let context):
            return (DockerfileNames.read(file: file, context: context, environment)?.arguments ?? []).map { $0 + "=" }
        case .services(let files):
            var selection = ProjectSelection()
            selection.files = files
            return try ProjectFiles.load(selection, environment).project.services.map(\.name).sorted()
        }
    }
}

/// Writes the pages that packages carry and the site shows.
struct ManualCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "__manual", abstract: "Write manual pages, completion and the reference into a directory.",
        shouldDisplay: false)
    @Argument(help: ArgumentHelp("man, markdown or completion.", valueName: "KIND")) var kind: String
    @Argument(help: ArgumentHelp("Where to.", valueName: "DIRECTORY")) var directory: String

    func run() throws {
        let root = try CommandDescription.ofProgram()
        let place = FilePath(directory)
        func write(_ name: String, _ text: String) throws {
            try HostFiles.write(text, to: place.appending(name).string)
        }
        switch kind {
        case "man":
            for (path, command) in root.all {
                let page = ManualPage(command, at: path, version: ToolVersion.text)
                try write(page.fileName, page.text)
            }
        case "markdown":
            for (path, command) in root.all {
                let page = ReferencePage(command, at: path)
                try write(page.fileName, page.text)
            }
        case "completion":
            for script in CompletionScript.allCases { try write("distill.\(script.rawValue)", script.text) }
        default: throw InvalidOption(name: "KIND", value: kind, reason: "known are man, markdown and completion")
        }
    }
}
