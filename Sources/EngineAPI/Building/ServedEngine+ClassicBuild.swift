import BuildGraph
import Dockerfile
import Engine
import OCI
import Solver
import Storage

extension ServedEngine {
    /// POST /build
    func build(_ exchange: Exchange) async throws {
        let query = exchange.request.query
        if query["version"] == "2" { return try await buildWithSession(exchange) }
        let request = ClassicBuildRequest(query: query, version: exchange.request.version)
        let credentials = try RegistryAuthorization.credentials(exchange.request.header("x-registry-config"))
        try await withEngine(given: credentials) { engine in
            let (context, name) = try await context(exchange, engine)
            let specification = try request.specification(context, name: name, engine.store)
            try await exchange.followedProgress { backlog in
                let log = ClassicLog(backlog, isQuiet: request.isQuiet, target: request.query["target"])
                let outcome: BuildOutcome
                do { outcome = try await engine.build(specification) { log.take($0) } } catch {
                    throw Self.classic(error)
                }
                log.finish()
                let id = outcome.receipt.id
                if request.isQuiet {
                    backlog.tell(.object(["stream": .string("\(id)\n")]))
                } else {
                    backlog.tell(.object(["aux": .object(["ID": .string(id.description)])]))
                    log.tell("Successfully built \(id.short)\n")
                    for name in outcome.receipt.names { log.tell("Successfully tagged \(name.familiar)\n") }
                }
                for name in outcome.receipt.names { events.tell("tag", image: id.description, ["name": name.familiar]) }
            }
        }
    }

    /// The build context: the body, an archive; or what `remote` names.
    private func context(_ exchange: Exchange, _ engine: Engine) async throws -> (ContextSource, name: String) {
        if let remote = exchange.request.query["remote"] {
            _ = try await exchange.body()
            return (try Self.remoteContext(remote), remote)
        }
        let archive = ContextArchive(engine.store)
        try await exchange.forEachPiece { try archive.consume($0) }
        return (.opened(try OpenedContext(archive.finish(), engine.store)), "client")
    }

    /// A repository or an archive elsewhere; never a directory of this machine.
    static func remoteContext(_ text: String) throws -> ContextSource {
        if let repository = try GitReference(text) { return .repository(repository) }
        if text.hasPrefix("github.com/"), let repository = try GitReference("https://\(text)") {
            return .repository(repository)
        }
        guard text.hasPrefix("http://") || text.hasPrefix("https://") else {
            throw APIError.badParameter("remote", value: text)
        }
        return .url(text)
    }

    /// A command that ended with something else than 0, and a mistake, in the first builder's words.
    private static func classic(_ error: any Error) -> any Error {
        if let mistake = mistake(error) { return mistake }
        guard let sourced = error as? SourcedError, let step = sourced.error as? BuildError,
            case .commandFailed(let status, let arguments, _) = step.cause
        else { return error }
        return APIError.commandFailed(status: status, command: arguments.joined(separator: " "))
    }
}
