import Distribution
import Engine
import LinuxSystem
import NIOCore
import NIOHTTP1
import OCI
import Storage
import SystemPackage

/// What stands behind the socket: an engine for each request, and what lives longer than one.
struct ServedEngine: Sendable {
    let environment: HostEnvironment
    let credentialFile: FilePath?
    let describe: @Sendable (any Error) -> FailureText
    let events = EventHub()
    /// What clients offer while they build.
    let sessions = Arrivals<ClientSession>()
    let jobs = Arrivals<SolveJob>()
    /// Builds that have ended, and are known still.
    let finished = Shared<[String]>([])
    /// Ends builds, by the IDs that clients gave them.
    let cancellations = Shared<[String: Arrival<Void>]>([:])
    /// What clients have prepared to be built, by their IDs.
    let results = Shared<[String: PreparedResult]>([:])
    /// The directories that clients sent.
    let trees: KeptTrees
    /// Who is answered; nobody before there is a connection.
    private(set) var peer = Peer.stranger(0)

    /// - Parameter keptBytes: of the directories that clients sent.
    init(
        environment: HostEnvironment, credentialFile: FilePath? = nil, keptBytes: Int64,
        describe: @escaping @Sendable (any Error) -> FailureText
    ) {
        (self.environment, self.credentialFile, self.describe) = (environment, credentialFile, describe)
        trees = KeptTrees(limit: keptBytes)
    }

    /// The same for one connection.
    func facing(_ peer: Peer) -> ServedEngine {
        var served = self
        served.peer = peer
        return served
    }

    /// Runs a function with an engine of its own: the store is opened and closed as by a command, so that another command
    /// can have it for itself in between.
    func withEngine<Result>(
        given: [String: Credential] = [:], asking asked: Credentials.Asking? = nil,
        _ body: (Engine) async throws -> Result
    ) async throws -> Result {
        let known: Credentials.Asking = { given[$0] }
        let engine = try Engine.open(
            environment, asking: asked ?? (given.isEmpty ? nil : known), credentialFile: credentialFile)
        defer { engine.close() }
        return try await body(engine)
    }

    // MARK: One request

    /// - Returns: whether the connection goes on.
    func answer(_ head: HTTPRequestHead, on connection: HTTPConnection) async throws -> Bool {
        let request: APIRequest
        do {
            request = try APIRequest(method: head.method.rawValue, target: head.uri, headers: head.valuesByName)
        } catch {
            let plain = try APIRequest(method: head.method.rawValue, target: "/")
            let exchange = Exchange(head, plain, on: connection)
            try await exchange.answer(error.status, message(error))
            return try await exchange.finish()
        }
        let exchange = Exchange(head, request, on: connection)
        do {
            try await serve(exchange)
        } catch {
            try await tell(error, exchange)
        }
        if exchange.isUpgraded { return false }
        return try await exchange.finish()
    }

    /// Runs the route, for as long as the client is there.
    private func serve(_ exchange: Exchange) async throws {
        guard let (route, words) = Route.find(exchange.request.method, exchange.request.path) else {
            throw APIError.pageNotFound
        }
        switch route.action {
        case .refuse(let error): throw error
        case .answer(let body): try await body(self, exchange, words)
        case .follow(let body):
            try await exchange.whileClientIsThere { try await body(self, exchange, words) }
        }
    }

    private func tell(_ error: any Error, _ exchange: Exchange) async throws {
        if exchange.isUpgraded { throw error }
        if !exchange.hasBegun { return try await exchange.answer(Self.status(error), message(error)) }
        guard exchange.isStream else { throw error }
        let sentence = sentence(error)
        var detail: JSONObject = ["message": .string(sentence)]
        // Clients end with it: only a command's own status is given, as the reference does.
        if case APIError.commandFailed(let status, _) = error { detail["code"] = .integer(Int64(status)) }
        try await exchange.write(
            .object([
                "errorDetail": .object(detail),
                "error": .string(sentence),
            ]))
    }

    /// What is said of an image that is not there: clients look for docker's words.
    private func sentence(_ error: any Error) -> String {
        guard case StorageError.noSuchImage(let name) = error else { return describe(error).sentence }
        return describe(APIError.noSuchImage(name)).sentence
    }

    private func message(_ error: any Error) -> JSON { .object(["message": .string(sentence(error))]) }
}
