import ArgumentParser
import Diagnosis
import Dockerfile
import Engine
import LinuxSystem
import OCI
import Sandbox
import Storage
import SystemPackage

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run an image's program. Its container is removed when it ends.",
        usage: "distill run [OPTIONS] IMAGE [ARG…]",
        // The short one is the host's name, as in docker.
        helpNames: .long)

    @Flag(help: "Accepted as in docker: containers are always removed.")
    var rm = false
    @Flag(name: [.short, .long], help: "Pass standard input on.")
    var interactive = false
    @Flag(name: [.short, .long], help: "Give the program a terminal.")
    var tty = false
    @Option(
        help: ArgumentHelp(
            "The keys that leave the program's terminal, and end it (usually ctrl-p,ctrl-q).", valueName: "keys"))
    var detachKeys: String?
    @Option(
        name: [.short, .long],
        help: ArgumentHelp("An environment variable; without '=value' it is passed on.", valueName: "name=value"))
    var env: [String] = []
    @Option(
        help: ArgumentHelp(
            "A file with a variable a line, NAME=VALUE or NAME; those of --env go before; repeatable.",
            valueName: "file"))
    var envFile: [String] = []
    @Option(
        name: [.short, .long],
        help: ArgumentHelp("Mount a directory or file of this machine.", valueName: "source:target[:ro]"))
    var volume: [String] = []
    @Option(
        help: ArgumentHelp(
            "A mount in docker's long form: type=bind,source=…,target=…[,readonly], type=volume,target=… or type=tmpfs,target=…[,tmpfs-size=…][,tmpfs-mode=…]; repeatable.",
            valueName: "fields"))
    var mount: [String] = []
    @Option(name: [.short, .long], help: ArgumentHelp("The working directory.", valueName: "path"))
    var workdir: String?
    @Option(name: [.short, .long], help: ArgumentHelp("The user, by name or number.", valueName: "user[:group]"))
    var user: String?
    @Option(help: ArgumentHelp("The program, in place of the image's; '' removes it.", valueName: "program"))
    var entrypoint: String?
    @Option(
        help: ArgumentHelp("The program's network: default (one of its own), none or host.", valueName: "mode"))
    var network: String = "default"
    @Option(
        help: ArgumentHelp("A name server, in place of this machine's; repeatable.", valueName: "address"))
    var dns: [String] = []
    @Option(
        help: ArgumentHelp("A domain in which names are looked up, '.' for none; repeatable.", valueName: "domain"))
    var dnsSearch: [String] = []
    @Option(
        name: [.customLong("dns-option"), .customLong("dns-opt")],
        help: ArgumentHelp("A word of resolv.conf's options; repeatable.", valueName: "option"))
    var dnsOption: [String] = []
    @Option(
        name: [.customShort("h"), .long],
        help: ArgumentHelp("The host name that the program sees.", valueName: "name"))
    var hostname: String?
    @Option(help: ArgumentHelp("Mount an empty file system in memory; repeatable.", valueName: "target[:words]"))
    var tmpfs: [String] = []
    @Option(help: ArgumentHelp("When the image is fetched: missing, always or never.", valueName: "when"))
    var pull: String = "missing"
    @OptionGroup var credentials: CredentialOptions
    @OptionGroup var container: ContainerOptions
    @OptionGroup var rights: RightsOptions
    @Flag(help: "Let the program write nowhere but into volumes.")
    var readOnly = false
    @Argument(
        parsing: .captureForPassthrough,
        help: ArgumentHelp("An image's name or ID, and arguments for its program.", valueName: "IMAGE"))
    var words: [String]

    func run() async throws {
        // Everything from the image's name on is the program's; in its place these words are ours.
        if words.first == "--help" { throw CleanExit.helpRequest(self) }
        do { throw ExitCode(try await Container(options: self).run()) } catch let exit as ExitCode {
            throw exit
        } catch let error as InvalidOption where error.name == "IMAGE" && error.value.hasPrefix("-") {
            // An option that is not known: whoever called this command looks for what is meant.
            throw error
        } catch {
            let report = ErrorReport(error) ?? .unknown
            StandardStream.error.show(report.text(Distill.errorStyle))
            // docker's status for what fails before the program starts.
            throw ExitCode(report.status >= 126 ? report.status : 125)
        }
    }
}
