import ArgumentParser
import LinuxSystem
import Projects
import Rendering

/// Which application is meant.
struct ProjectOptions: ParsableArguments {
    @Option(
        name: [.short, .long],
        help: ArgumentHelp("A Compose file; several are merged. (default: compose.yaml)", valueName: "file"))
    var file: [String] = []
    @Option(
        name: [.short, .long],
        help: ArgumentHelp("The project's name. (default: the file's, or the directory's)", valueName: "name"))
    var projectName: String?
    @Option(
        help: ArgumentHelp(
            "What relative paths begin at. (default: the first file's directory)", valueName: "directory"))
    var projectDirectory: String?
    @Option(help: ArgumentHelp("A file with variables; repeatable. (default: .env)", valueName: "file"))
    var envFile: [String] = []
    @Option(help: ArgumentHelp("Enable the services of a profile; repeatable.", valueName: "name"))
    var profile: [String] = []

    /// The application's files, with a warning for what they leave open.
    func load() throws -> ProjectFiles {
        var selection = ProjectSelection()
        (selection.files, selection.name, selection.directory) = (file, projectName, projectDirectory)
        (selection.environmentFiles, selection.profiles) = (envFile, profile)
        let files = try ProjectFiles.load(selection, .ofProcess())
        for name in files.unset {
            StandardStream.error.show("warning: the variable '\(name)' is not set; it is taken as empty\n")
        }
        return files
    }

    /// The options as a command line has them, for the process that is left behind.
    var arguments: [String] {
        file.flatMap { ["--file", $0] } + (projectName.map { ["--project-name", $0] } ?? [])
            + (projectDirectory.map { ["--project-directory", $0] } ?? []) + envFile.flatMap { ["--env-file", $0] }
            + profile.flatMap { ["--profile", $0] }
    }
}
