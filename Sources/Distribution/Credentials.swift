import OCI

/// Where the credentials of a program come from; each is looked up when a registry first asks for it.
package struct Credentials: Sendable {
    private let given: [String: Credential]
    private let files: [CredentialFile]
    private let helpers: (any CredentialHelperRunner)?

    /// No credentials at all.
    package static let anonymous = Credentials(files: [])

    /// - Parameters:
    ///   - given: by registry as in an image's name (`docker.io`); they go before the files.
    ///   - files: the first that knows the registry counts.
    ///   - helpers: nil leaves helpers out.
    package init(
        given: [String: Credential] = [:], files: [CredentialFile], helpers: (any CredentialHelperRunner)? = nil
    ) {
        (self.given, self.files, self.helpers) = (given, files, helpers)
    }

    func credential(for registry: String, repository: String?) async throws -> Credential? {
        if let credential = given[registry] { return credential }
        for file in files {
            for entry in file.entries(registry: registry, repository: repository) {
                switch entry {
                case .credential(let credential): return credential
                case .helper(let name, let server):
                    guard let helpers else { continue }
                    if let found = try await ask(name, for: server, registry, helpers) { return found }
                }
            }
        }
        return nil
    }

    /// Asks `docker-credential-NAME get`; nil when it knows nothing.
    private func ask(
        _ name: String, for server: String, _ registry: String, _ helpers: any CredentialHelperRunner
    ) async throws -> Credential? {
        let result = try await helpers.run(helper: name, verb: .get, input: Array(server.utf8))
        guard result.succeeded else {
            // The protocol has no exit code for this; all helpers write docker's sentence.
            let text = String(decoding: result.output.prefix(1 << 10), as: UTF8.self)
            if text.contains("credentials not found") { return nil }
            throw RegistryError.credentialHelper(name: name, registry: registry)
        }
        let answer: JSON
        do { answer = try JSON.parse(result.output) } catch {
            throw RegistryError.credentialHelper(name: name, registry: registry)
        }
        guard let user = answer["Username"]?.string, let secret = answer["Secret"]?.string else {
            throw RegistryError.credentialHelper(name: name, registry: registry)
        }
        if user.isEmpty, secret.isEmpty { return nil }
        return user == "<token>" ? .identityToken(secret) : .password(name: user, password: secret)
    }
}
