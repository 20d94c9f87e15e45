import OCI

/// Where the credentials of a program come from; each is looked up when a registry first asks for it.
package struct Credentials: Sendable {
    private let given: [String: Credential]
    private let asked: Asking?
    private let files: [@Sendable () throws -> CredentialFile?]
    private let helpers: (any CredentialHelperRunner)?
    private let warn: @Sendable (RegistryWarning) -> Void

    /// Somebody who may know a credential, by registry as in an image's name: the client on whose behalf something is done.
    package typealias Asking = @Sendable (_ registry: String) async throws -> Credential?

    /// No credentials at all.
    package static let anonymous = Credentials(files: [])

    /// - Parameters:
    ///   - given: by registry as in an image's name (`docker.io`); they go before the files.
    ///   - files: the first that knows the registry counts.
    ///   - helpers: nil leaves helpers out.
    ///   - warn: hears of helpers that are not there.
    package init(
        given: [String: Credential] = [:], files: [CredentialFile], helpers: (any CredentialHelperRunner)? = nil,
        warn: @escaping @Sendable (RegistryWarning) -> Void = { _ in }
    ) {
        self.init(given: given, reading: files.map { file in { file } }, helpers: helpers, warn: warn)
    }

    /// - Parameters:
    ///   - asked: goes before the files.
    ///   - files: each is read when those before it do not know the registry; nil for one that is not there.
    package init(
        given: [String: Credential] = [:], asking asked: Asking? = nil,
        reading files: [@Sendable () throws -> CredentialFile?],
        helpers: (any CredentialHelperRunner)? = nil, warn: @escaping @Sendable (RegistryWarning) -> Void = { _ in }
    ) {
        (self.given, self.asked, self.files, self.helpers, self.warn) = (given, asked, files, helpers, warn)
    }

    package func credential(for registry: String, repository: String?) async throws -> Credential? {
        if let credential = given[registry] { return credential }
        if let credential = try await asked?(registry) { return credential }
        for read in files {
            guard let file = try read() else { continue }
            for entry in file.entries(registry: registry, repository: repository) {
                switch entry {
                case .credential(let credential): return credential
                case .unreadable(let key): throw RegistryError.unreadableCredential(file: file.source, key: key)
                case .helper(let name, let server):
                    guard let helpers else { continue }
                    switch try await helpers.run(helper: name, verb: .get, input: Array(server.utf8)) {
                    case .missing:
                        // A file that came with a home directory names what another machine has (WSL, containers, CI): most
                        // registries do without, and who does not says so.
                        warn(.missingHelper(MissingProgram(name: name, file: file.source)))
                    case .silent(let time):
                        throw RegistryError.credentialHelper(
                            HelperFailure(name: name, registry: registry, reason: .silent(time)))
                    case .ended(let succeeded, let output):
                        if let found = try Self.credential(succeeded, output, of: name, registry) { return found }
                    }
                }
            }
        }
        return nil
    }

    /// What `docker-credential-NAME get` answered; nil when it knows nothing.
    private static func credential(
        _ succeeded: Bool, _ output: [UInt8], of name: String, _ registry: String
    ) throws(RegistryError) -> Credential? {
        guard succeeded else {
            if HelperFailure.saysNothingIsThere(output) { return nil }
            throw .credentialHelper(
                HelperFailure(name: name, registry: registry, reason: .message(HelperFailure.message(output))))
        }
        let noAnswer = RegistryError.credentialHelper(HelperFailure(name: name, registry: registry, reason: .noAnswer))
        let answer: JSON
        do { answer = try JSON.parse(output) } catch { throw noAnswer }
        guard let user = answer.object?.field("Username")?.string, let secret = answer.object?.field("Secret")?.string
        else { throw noAnswer }
        if user.isEmpty, secret.isEmpty { return nil }
        return user == "<token>" ? .identityToken(secret) : .password(name: user, password: secret)
    }
}
