import ArgumentParser
import Diagnosis
import Dockerfile
import Engine
import EngineAPI
import LinuxSystem
import Rendering
import SystemPackage

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Answer docker's own clients: docker build, buildx, bake and compose build.")

    @Option(help: ArgumentHelp("Where clients connect; /run/distill.sock, or that of the user.", valueName: "path"))
    var socket: String?
    @Option(
        help: ArgumentHelp(
            "The group whose members may connect, beside root and the server's user.", valueName: "group"))
    var group: String?
    @Option(help: ArgumentHelp("A TCP port for clients that have a certificate.", valueName: "address:port"))
    var tcp: String?
    @Option(help: ArgumentHelp("Who signs the clients' certificates, in PEM.", valueName: "file"))
    var tlscacert: String?
    @Option(help: ArgumentHelp("The server's certificate, in PEM.", valueName: "file"))
    var tlscert: String?
    @Option(help: ArgumentHelp("The server's private key, in PEM.", valueName: "file"))
    var tlskey: String?
    @Option(
        help: ArgumentHelp(
            "End when there was nothing to do for as long; 0 never. (default: 0, 60 where systemd starts it)",
            valueName: "seconds"))
    var idle: Int?
    @OptionGroup var credentials: CredentialOptions

    @Option(
        help: ArgumentHelp(
            "What is kept of clients' directories for their next builds; 0 nothing.", valueName: "size"))
    var keepContexts = "2GiB"

    func run() async throws {
        let environment = HostEnvironment.ofProcess()
        let inherited = ListeningAddress.inherited(environment)
        let path = try socketPath(environment, isNeeded: inherited.isEmpty)
        let addresses = try inherited + (path.map { [.socket($0, group: try groupNumber())] } ?? []) + secured()
        let patience = idle ?? (inherited.isEmpty ? 0 : 60)
        guard (0...31_536_000).contains(patience) else {
            throw InvalidOption(name: "--idle", value: "\(patience)", reason: "it is a number of seconds, 0 for ever")
        }
        guard let keptBytes = ByteCount.parse(keepContexts) else {
            throw InvalidOption(name: "--keep-contexts", value: keepContexts, reason: "the form is 2GB")
        }
        var configuration = APIServer.Configuration(
            addresses: addresses, environment: environment, idle: patience == 0 ? nil : .seconds(patience),
            describe: { FailureText(ErrorReport($0)?.message ?? "\($0)") },
            ready: { if let path { StandardStream.output.show("DOCKER_HOST=unix://\(path.string)\n") } })
        configuration.keptBytes = keptBytes
        configuration.credentialFile = try credentials.file(environment)
        try await serve(APIServer(configuration))
    }

    /// SIGTERM and its kin end the server in order.
    private func serve(_ server: APIServer) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            group.addTask { for await _ in ProcessSignal.received() { return } }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func socketPath(_ environment: HostEnvironment, isNeeded: Bool) throws -> FilePath? {
        if let socket {
            return environment.absolute(FilePath(socket.hasPrefix("unix://") ? String(socket.dropFirst(7)) : socket))
        }
        guard isNeeded, tcp == nil else { return nil }
        guard let usual = ListeningAddress.usualSocket(environment) else {
            throw InvalidOption(
                name: "--socket", value: "", reason: "XDG_RUNTIME_DIR is not set, so a path must be named")
        }
        return usual
    }

    private func groupNumber() throws -> UInt32? {
        guard let group else { return nil }
        guard let number = ListeningAddress.group(group) else {
            throw InvalidOption(name: "--group", value: group, reason: "there is no such group")
        }
        return number
    }

    private func secured() throws -> [ListeningAddress] {
        guard let tcp else { return [] }
        let text = tcp.hasPrefix("tcp://") ? String(tcp.dropFirst(6)) : tcp
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (0...65_535).contains(port)
        else {
            throw InvalidOption(name: "--tcp", value: tcp, reason: "the form is ADDRESS:PORT")
        }
        guard let tlscacert, let tlscert, let tlskey else {
            throw InvalidOption(
                name: "--tcp", value: tcp,
                reason: "whoever connects is the server's user: it needs --tlscacert, --tlscert and --tlskey")
        }
        let host = text[..<colon].filter { $0 != "[" && $0 != "]" }
        let certificates = ListeningAddress.Certificates(
            authority: FilePath(tlscacert), certificate: FilePath(tlscert), key: FilePath(tlskey))
        return [.secured(host: host.isEmpty ? "0.0.0.0" : host, port: port, certificates)]
    }
}
