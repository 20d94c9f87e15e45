import OCI

extension CredentialFile {
    /// Remembers a credential, in the file or with the helper that the file names.
    ///
    /// - Returns: the file to write.
    /// - Throws: ``RegistryError/credentialHelper(name:registry:)``, and what the runner throws.
    package func remembering(
        _ credential: Credential, for registry: String, helpers: any CredentialHelperRunner
    ) async throws -> CredentialFile {
        var file = self
        guard let helper = helper(for: registry) else {
            file.set(credential, for: registry)
            return file
        }
        let (name, secret) =
            switch credential {
            case .password(let name, let password): (name, password)
            case .identityToken(let token), .registryToken(let token): ("<token>", token)
            }
        let input = JSON.object([
            "ServerURL": .string(helper.server), "Username": .string(name), "Secret": .string(secret),
        ])
        let result = try await helpers.run(helper: helper.name, verb: .store, input: input.bytes)
        guard result.succeeded else { throw RegistryError.credentialHelper(name: helper.name, registry: registry) }
        // A secret that the file had before is not left behind.
        file.set(nil, for: registry)
        return file
    }

    /// Forgets a registry's credential, in the file and with the helper that the file names.
    ///
    /// - Returns: the file to write.
    package func forgetting(_ registry: String, helpers: any CredentialHelperRunner) async throws -> CredentialFile {
        var file = self
        file.set(nil, for: registry)
        if let helper = helper(for: registry) {
            let result = try await helpers.run(helper: helper.name, verb: .erase, input: Array(helper.server.utf8))
            guard result.succeeded else { throw RegistryError.credentialHelper(name: helper.name, registry: registry) }
        }
        return file
    }

    /// Whether the file or a helper is asked for the registry.
    package func mentions(_ registry: String) -> Bool { !entries(registry: registry, repository: nil).isEmpty }
}
