import OCI

extension CredentialFile {
    /// Remembers a credential, in the file or with the helper that the file names.
    ///
    /// - Returns: the file to write.
    /// - Throws: ``RegistryError/credentialHelper(_:)``, ``RegistryError/missingHelper(_:)``, and what the runner throws.
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
        try check(await helpers.run(helper: helper.name, verb: .store, input: input.bytes), of: helper.name, registry)
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
            // What it does not have is forgotten already.
            if case .ended(false, let output) = result, HelperFailure.saysNothingIsThere(output) { return file }
            try check(result, of: helper.name, registry)
        }
        return file
    }

    private func check(_ result: CredentialHelperResult, of name: String, _ registry: String) throws(RegistryError) {
        switch result {
        case .ended(succeeded: true, _): break
        case .missing: throw .missingHelper(MissingProgram(name: name, file: source))
        case .ended(succeeded: false, let output):
            throw .credentialHelper(
                HelperFailure(name: name, registry: registry, reason: .message(HelperFailure.message(output))))
        case .silent(let time):
            throw .credentialHelper(HelperFailure(name: name, registry: registry, reason: .silent(time)))
        }
    }

    /// Whether the file or a helper is asked for the registry.
    package func mentions(_ registry: String) -> Bool { !entries(registry: registry, repository: nil).isEmpty }
}
