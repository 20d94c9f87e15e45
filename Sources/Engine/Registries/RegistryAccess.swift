import Bases
package import Distribution
package import LinuxSystem
package import OCI

/// What this machine knows of registries: credentials, rules, authorities.
package struct RegistryAccess: Sendable {
    package let environment: HostEnvironment
    /// Hears of what goes on without something; the same may be told several times.
    let warn: @Sendable (RegistryWarning) -> Void
    let helpers: CredentialPrograms
    let places: CredentialPlaces
    /// Who is asked before this machine's files.
    private let asked: Credentials.Asking?

    package init(
        _ environment: HostEnvironment, asking asked: Credentials.Asking? = nil,
        warn: @escaping @Sendable (RegistryWarning) -> Void = { _ in }
    ) {
        (self.environment, self.asked, self.warn) = (environment, asked, warn)
        helpers = CredentialPrograms(environment)
        places = CredentialPlaces(environment)
    }

    /// Runs an operation with a client that has this machine's settings.
    ///
    /// - Parameter given: credentials that go before those of files.
    package func withClient<Result>(
        given: [String: Credential] = [:], _ body: (RegistryClient) async throws -> Result
    ) async throws -> Result {
        var configuration = RegistryClient.Configuration()
        configuration.policy.authorities = TrustedAuthorities(environment)
        let rules = try rules()
        configuration.rules = rules
        configuration.transports = transports()
        let credentials = Credentials(
            given: given, asking: asked, reading: credentialFiles(rules), helpers: helpers, warn: warn)
        return try await RegistryClient.withClient(
            configuration: configuration, environment: environment.variables, credentials: credentials, body)
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
