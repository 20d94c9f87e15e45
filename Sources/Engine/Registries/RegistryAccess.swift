import Bases
package import Distribution
package import LinuxSystem
package import OCI
package import SystemPackage

/// What this machine knows of registries: credentials, rules, authorities.
package struct RegistryAccess: Sendable {
    package let environment: HostEnvironment
    /// Hears of what goes on without something; the same may be told several times.
    let warn: @Sendable (RegistryWarning) -> Void
    let helpers: CredentialPrograms
    let places: CredentialPlaces
    private var session: SharedClient?
    /// Registries that are spoken to with any certificate, or none, whatever the rules say.
    private var insecure: Set<String> = []
    /// Who is asked before this machine's files.
    private let asked: Credentials.Asking?

    /// - Parameter credentialFile: the one file of credentials; nil for those of docker and podman.
    package init(
        _ environment: HostEnvironment, asking asked: Credentials.Asking? = nil, credentialFile: FilePath? = nil,
        warn: @escaping @Sendable (RegistryWarning) -> Void = { _ in }
    ) {
        (self.environment, self.asked, self.warn) = (environment, asked, warn)
        helpers = CredentialPrograms(environment)
        places = CredentialPlaces(environment, only: credentialFile, warn: warn)
    }

    /// Runs what consists of several operations: they share one client, with its connections and tokens. It is made when it is
    /// first needed; a session within a session is the same one.
    package func withSession<Result>(_ body: (RegistryAccess) async throws -> Result) async throws -> Result {
        guard session == nil else { return try await body(self) }
        let shared = SharedClient()
        var access = self
        access.session = shared
        let result: Result
        do { result = try await body(access) } catch {
            await shared.close()
            throw error
        }
        await shared.close()
        return result
    }

    /// The same, but with some registries that need no certificate that is believed; it shares no client with others.
    func allowingInsecure(_ registries: Set<String>) -> RegistryAccess {
        var access = self
        (access.session, access.insecure) = (nil, insecure.union(registries))
        return access
    }

    /// Runs an operation with a client that has this machine's settings: the session's, if there is one.
    ///
    /// - Parameters:
    ///   - given: credentials that go before those of files, and which no session has.
    ///   - body: works with the session, which ends with it.
    package func withClient<Result>(
        given: [String: Credential] = [:], _ body: (RegistryClient) async throws -> Result
    ) async throws -> Result {
        if given.isEmpty, let session { return try await session.client(making: { try self.client() }).run(body) }
        let client = try client(given: given)
        let result: Result
        do { result = try await client.run(body) } catch {
            await client.close()
            throw error
        }
        await client.close()
        return result
    }

    private func client(given: [String: Credential] = [:]) throws -> RegistryClient {
        var configuration = RegistryClient.Configuration()
        configuration.policy.authorities = TrustedAuthorities(environment)
        let rules = try rules()
        configuration.rules = rules
        configuration.transports = transports()
        for registry in insecure {
            configuration.transports[registry, default: RegistryTransport()].security = .unverified
        }
        let credentials = Credentials(
            given: given, asking: asked, reading: credentialFiles(rules), helpers: helpers, warn: warn)
        return RegistryClient(configuration, environment: environment.variables, credentials: credentials)
    }

    /// What the files themselves hold for a registry: no helper is asked, for it may ask a person.
    func keptCredential(for registry: String) async throws -> Credential? {
        try await Credentials(reading: credentialFiles(rules())).credential(for: registry, repository: nil)
    }

    /// The files, unless `credential-helpers` of registries.conf say otherwise.
    private func credentialFiles(_ rules: RegistryRules) -> [@Sendable () throws -> CredentialFile?] {
        guard let names = rules.credentialHelpers, !names.isEmpty else { return places.all }
        return names.flatMap { name -> [@Sendable () throws -> CredentialFile?] in
            name == "containers-auth.json"
                ? places.all : [{ CredentialFile(askingFirst: name, named: "registries.conf") }]
        }
    }

    /// Runs an operation with a name, or, where it has no registry, with what this machine's rules say that it means: the
    /// first of these that is there.
    package func asMeant<Result>(
        _ reference: ImageReference, _ body: (ImageReference) async throws -> Result
    ) async throws -> Result {
        guard reference.isShort else { return try await body(reference) }
        let rules = try rules()
        let meanings = rules.meanings(of: reference)
        if meanings.count > 1, rules.refusesAmbiguity { throw EngineError.ambiguousName(reference, meanings) }
        for meaning in meanings.dropLast() {
            do { return try await body(meaning) } catch let error as RegistryError where error.leavesOthers {
                try Task.checkCancellation()
            }
        }
        return try await body(meanings.last ?? reference)
    }
}
