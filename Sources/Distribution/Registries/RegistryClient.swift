import NIOHTTP1
package import OCI

/// The client side of the OCI distribution specification: asks registries for images, and sends them there.
///
/// Whatever it hands out or keeps has the digest and the length that it should have.
package struct RegistryClient: Sendable {
    let session: RegistrySession

    var configuration: Configuration { session.configuration }

    /// Runs `body` with a client and closes its connections afterwards. Tokens live as long as the client.
    ///
    /// - Parameter environment: where `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy` are read.
    /// - Throws: what the body throws.
    package static func withClient<Result>(
        configuration: Configuration = Configuration(), environment: [String: String],
        credentials: Credentials = .anonymous, _ body: (RegistryClient) async throws -> Result
    ) async throws -> Result {
        let client = RegistryClient(configuration, environment: environment, credentials: credentials)
        let result: Result
        do { result = try await client.run(body) } catch {
            await client.close()
            throw error
        }
        await client.close()
        return result
    }

    /// A client whose connections and tokens several operations share, at once too; ``close()`` ends it.
    ///
    /// - Parameter environment: as for ``withClient(configuration:environment:credentials:_:)``.
    package init(_ configuration: Configuration, environment: [String: String], credentials: Credentials) {
        let connections = Connections(configuration.policy, ProxySettings(environment: environment))
        session = RegistrySession(configuration, connections: connections, credentials: credentials)
    }

    /// Runs one operation.
    ///
    /// - Throws: what the body throws; what interrupted a transfer for good.
    package func run<Result>(_ body: (RegistryClient) async throws -> Result) async throws -> Result {
        do { return try await body(self) } catch let interruption as Interruption { throw interruption.error }
    }

    /// Ends its connections.
    package func close() async { await session.connections.shutdown() }

    /// Asks a registry whether it takes the credentials (OCI distribution specification, "Determining Support").
    ///
    /// - Parameter registry: as in an image's name, `docker.io`.
    /// - Throws: ``RegistryError/unauthorized(_:tried:)`` when it does not.
    package func checkLogin(to registry: String) async throws {
        let endpoint = try await session.endpoint(of: registry)
        let answer = try await session.fetch(.question(to: endpoint), limit: 1 << 20)
        if answer.response.isWebPage { throw answer.response.notARegistry }
    }

    /// A request about the place where a repository is written.
    func request(
        _ method: HTTPMethod, _ repository: RemoteRepository, _ path: String, reference: String? = nil,
        access: TokenScope.Access = .pull, headers: [(String, String)] = []
    ) async throws -> RegistryRequest {
        try await request(
            method, at: try primary(of: repository), path, reference: reference, access: access, headers: headers)
    }

    /// What all requests about a repository have in common.
    ///
    /// - Parameter repository: a place, after the rules.
    func request(
        _ method: HTTPMethod, at repository: RemoteRepository, _ path: String, reference: String? = nil,
        access: TokenScope.Access = .pull, headers: [(String, String)] = []
    ) async throws -> RegistryRequest {
        let endpoint = try await session.endpoint(of: repository)
        return RegistryRequest(
            method: method, url: endpoint.url("\(repository.path)/\(path)"), headers: headers, endpoint: endpoint,
            target: RegistryTarget(registry: repository.registry, repository: repository.path, reference: reference),
            scopes: [TokenScope(repository.path, access)])
    }
}

/// A repository of a registry: where blobs and manifests are, without a tag or a digest.
package struct RemoteRepository: Hashable, Sendable, CustomStringConvertible {
    package let registry: String
    /// `library/ubuntu`.
    package let path: String

    package init(_ reference: ImageReference) { (registry, path) = (reference.domain, reference.repository) }

    package var description: String { "\(registry)/\(path)" }
}
